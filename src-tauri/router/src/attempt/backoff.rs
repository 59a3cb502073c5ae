//! How long to wait before the same target is tried again.

/// Exponential backoff with full jitter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The first wait's upper bound, in milliseconds; doubles with each retry.
    pub base_ms: u64,
    /// The largest bound, in milliseconds.
    pub cap_ms: u64,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { base_ms: 500, cap_ms: 8_000 }
    }
}

impl Backoff {
    /// The wait before the n-th retry (from 1), in milliseconds: uniform from 0 to the bound when `jitter` is uniform over
    /// the whole `u64`.
    pub fn wait_ms(&self, retry: u32, jitter: u64) -> u64 {
        let doublings = retry.saturating_sub(1).min(32);
        let bound = self.base_ms.saturating_mul(1_u64 << doublings).min(self.cap_ms);
        jitter.checked_rem(bound.saturating_add(1)).unwrap_or(jitter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_bound_doubles_up_to_the_cap() {
        let backoff = Backoff::default();
        let bounds: Vec<u64> = (1..8)
            .map(|retry| (0..20_000).map(|jitter| backoff.wait_ms(retry, jitter)).max().unwrap())
            .collect();
        assert_eq!(bounds, [500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
        assert_eq!(backoff.wait_ms(1, 501), 0, "full jitter: no wait is as likely as the longest");
    }

    proptest! {
        #[test]
        fn no_wait_is_longer_than_the_cap(base in 0_u64..=u64::MAX, cap: u64, retry: u32, jitter: u64) {
            let backoff = Backoff { base_ms: base, cap_ms: cap };
            prop_assert!(backoff.wait_ms(retry, jitter) <= cap);
        }
    }
}
