//! Whether to send a failed request again, and when.

use roundtable_domain::ErrorCategory;

use crate::attempt::Backoff;

/// What an error category calls for. One row each: this is the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// The same target again, after a wait.
    SameTarget,
    /// Another key or another target may work; the same one will not.
    OtherTarget,
    /// Nothing helps but a different request.
    Nothing,
}

/// The reaction to a category, before anything was shown to the reader.
pub const fn on_category(category: ErrorCategory) -> Reaction {
    match category {
        ErrorCategory::RateLimited
        | ErrorCategory::Unavailable
        | ErrorCategory::Network
        | ErrorCategory::Timeout
        | ErrorCategory::Truncated => Reaction::SameTarget,
        ErrorCategory::QuotaExceeded
        | ErrorCategory::Authentication
        | ErrorCategory::Permission
        | ErrorCategory::ModelNotFound
        | ErrorCategory::WrongAddress => Reaction::OtherTarget,
        ErrorCategory::InvalidRequest
        | ErrorCategory::ContextLength
        | ErrorCategory::ContentFilter
        | ErrorCategory::Cancelled => Reaction::Nothing,
    }
}

/// How much a request may try. One budget per request, so that nesting cannot multiply it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Attempts in all, the first included.
    pub max_attempts: u32,
    /// The first backoff's upper bound, in milliseconds; doubles with each attempt.
    pub base_ms: u64,
    /// The largest backoff, in milliseconds.
    pub cap_ms: u64,
    /// The longest single wait worth waiting, in milliseconds; a provider that asks for more is given up, and the time shown.
    pub longest_wait_ms: u64,
    /// All attempts and waits together, in milliseconds from the start of the first.
    pub total_ms: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self { max_attempts: 3, base_ms: 500, cap_ms: 8_000, longest_wait_ms: 20_000, total_ms: 600_000 }
    }
}

impl Patience {
    /// One attempt and no more.
    pub fn once() -> Self {
        Self { max_attempts: 1, ..Self::default() }
    }
}

/// A failed attempt, as far as policy needs to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastAttempt {
    /// What failed.
    pub category: ErrorCategory,
    /// The earliest time the provider allows another, in milliseconds from the failure.
    pub retry_after_ms: Option<u64>,
    /// Whether anything of meaning had been shown: after the commit nothing is sent again silently.
    pub committed: bool,
}

/// Why no further attempt is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GiveUp {
    /// The reader has seen part of the answer.
    Committed,
    /// The same request would fail the same way.
    Hopeless,
    /// All attempts are used.
    OutOfAttempts,
    /// The wait the provider asks for is longer than anybody waits.
    WaitTooLong,
    /// The request's time is used up.
    OutOfTime,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Send it again after `wait_ms`.
    Retry {
        /// Milliseconds from now.
        wait_ms: u64,
    },
    /// Stop here.
    Stop(GiveUp),
}

/// Plans what follows the failed attempts so far, the latest last. `elapsed_ms` counts from the start of the first attempt;
/// `jitter` is uniform over the whole `u64` and makes the backoff fully random below its bound (never below Retry-After).
pub fn plan_next(patience: &Patience, past: &[PastAttempt], elapsed_ms: u64, jitter: u64) -> Next {
    let Some(last) = past.last() else { return Next::Retry { wait_ms: 0 } };
    if last.committed {
        return Next::Stop(GiveUp::Committed);
    }
    if on_category(last.category) != Reaction::SameTarget {
        return Next::Stop(GiveUp::Hopeless);
    }
    if past.len() >= usize::try_from(patience.max_attempts).unwrap_or(usize::MAX) {
        return Next::Stop(GiveUp::OutOfAttempts);
    }
    let wait_ms = backoff_ms(patience, past.len(), jitter).max(last.retry_after_ms.unwrap_or(0));
    if wait_ms > patience.longest_wait_ms {
        return Next::Stop(GiveUp::WaitTooLong);
    }
    if elapsed_ms.saturating_add(wait_ms) >= patience.total_ms {
        return Next::Stop(GiveUp::OutOfTime);
    }
    Next::Retry { wait_ms }
}

/// Full jitter: uniform from 0 to the exponential bound of the n-th retry.
fn backoff_ms(patience: &Patience, retries: usize, jitter: u64) -> u64 {
    let backoff = Backoff { base_ms: patience.base_ms, cap_ms: patience.cap_ms };
    backoff.wait_ms(u32::try_from(retries).unwrap_or(u32::MAX), jitter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn failed(category: ErrorCategory) -> PastAttempt {
        PastAttempt { category, retry_after_ms: None, committed: false }
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let patience = Patience::default();
        let next = |category| plan_next(&patience, &[failed(category)], 0, 7);
        assert_eq!(next(ErrorCategory::Unavailable), Next::Retry { wait_ms: 7 });
        assert_eq!(next(ErrorCategory::RateLimited), Next::Retry { wait_ms: 7 });
        assert_eq!(next(ErrorCategory::Truncated), Next::Retry { wait_ms: 7 });
        for hopeless in [
            ErrorCategory::QuotaExceeded,
            ErrorCategory::Authentication,
            ErrorCategory::ModelNotFound,
            ErrorCategory::WrongAddress,
            ErrorCategory::ContextLength,
            ErrorCategory::ContentFilter,
            ErrorCategory::InvalidRequest,
            ErrorCategory::Cancelled,
        ] {
            assert_eq!(next(hopeless), Next::Stop(GiveUp::Hopeless), "{hopeless:?}");
        }
    }

    #[test]
    fn nothing_is_sent_again_once_the_reader_saw_a_word() {
        let past = [PastAttempt { committed: true, ..failed(ErrorCategory::Network) }];
        assert_eq!(plan_next(&Patience::default(), &past, 0, 0), Next::Stop(GiveUp::Committed));
    }

    #[test]
    fn retry_after_is_a_floor_and_too_long_a_wait_ends_it() {
        let patience = Patience::default();
        let after = |ms| [PastAttempt { retry_after_ms: Some(ms), ..failed(ErrorCategory::RateLimited) }];
        assert_eq!(plan_next(&patience, &after(3_000), 0, 0), Next::Retry { wait_ms: 3_000 });
        assert_eq!(plan_next(&patience, &after(60_000), 0, 0), Next::Stop(GiveUp::WaitTooLong));
    }

    #[test]
    fn attempts_and_time_are_bounded() {
        let past = [failed(ErrorCategory::Unavailable); 3];
        assert_eq!(plan_next(&Patience::default(), &past, 0, 0), Next::Stop(GiveUp::OutOfAttempts));
        assert_eq!(plan_next(&Patience::default(), &past[..1], 600_000, 0), Next::Stop(GiveUp::OutOfTime));
        assert_eq!(plan_next(&Patience::once(), &past[..1], 0, 0), Next::Stop(GiveUp::OutOfAttempts));
    }

    proptest! {
        #[test]
        fn waits_stay_between_retry_after_and_the_cap(attempts in 1_usize..40, jitter: u64, floor in 0_u64..30_000) {
            let patience = Patience { max_attempts: u32::MAX, ..Patience::default() };
            let past = vec![PastAttempt { retry_after_ms: Some(floor), ..failed(ErrorCategory::Unavailable) }; attempts];
            match plan_next(&patience, &past, 0, jitter) {
                Next::Retry { wait_ms } => prop_assert!(wait_ms >= floor && wait_ms <= patience.cap_ms.max(floor)),
                Next::Stop(reason) => prop_assert!(reason == GiveUp::WaitTooLong && floor > patience.longest_wait_ms),
            }
        }
    }
}
