//! What a balance says: what is left, how much of the limit is used, which step of the alert is reached, where the pace leads.

use roundtable_domain::budget::Window;
use roundtable_domain::{PicoUsd, UnixMs};

/// A pace is worth telling when at least one part in so many of the period has passed,
const LEAST_PART: i128 = 12;
/// and at least so many calls were made.
const LEAST_CALLS: u64 = 3;

/// What is left of a limit; nothing when more is spent and set aside. A credit is not more than nothing spent: what it would let through
/// may outlive the period it belongs to.
pub fn compute_left(limit: PicoUsd, settled: PicoUsd, reserved: PicoUsd) -> PicoUsd {
    let left = wide(limit) - wide(settled).max(0) - wide(reserved);
    PicoUsd::from_pico_i128(left.max(0)).unwrap_or(limit)
}

/// How much of a limit is used, in hundredths of a per cent, rounded down. What was refunded beyond what was spent is nothing used.
pub fn compute_basis_points(limit: PicoUsd, used: PicoUsd) -> u32 {
    let limit = wide(limit).max(1);
    u32::try_from(wide(used).max(0) * 10_000 / limit).unwrap_or(u32::MAX)
}

/// The steps, in per cent of the limit, that `used` has reached, in the order given.
pub fn reached_steps(limit: PicoUsd, used: PicoUsd, steps: &[u16]) -> impl Iterator<Item = u16> {
    let (limit, used) = (wide(limit), wide(used));
    steps.iter().copied().filter(move |step| used * 100 >= limit * i128::from(*step))
}

/// The highest step that `used` has reached.
pub fn highest_step(limit: PicoUsd, used: PicoUsd, steps: &[u16]) -> Option<u16> {
    reached_steps(limit, used, steps).max()
}

/// What it comes to by the end of the window when it goes on like this: what was spent, times the whole window over the part of it
/// that has passed, rounded down, and never less than what was spent. `None` while that would be a guess (less than a twelfth of
/// the window has passed, or fewer than three calls were made), for a window without end, and for a rolling one, whose next day
/// takes an old one away.
pub fn compute_forecast(spent: PicoUsd, calls: u64, window: &Window, now: UnixMs) -> Option<PicoUsd> {
    if window.counts_from != window.starts_at || calls < LEAST_CALLS {
        return None;
    }
    let ends_at = window.ends_at?;
    let whole = i128::from(ends_at.since_ms(window.starts_at));
    let passed = i128::from(now.since_ms(window.starts_at)).min(whole);
    if whole == 0 || passed * LEAST_PART < whole {
        return None;
    }
    let forecast = wide(spent).checked_mul(whole)? / passed;
    PicoUsd::from_pico_i128(forecast.max(wide(spent))).ok()
}

fn wide(amount: PicoUsd) -> i128 {
    i128::from(amount.as_pico())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn usd(text: &str) -> PicoUsd {
        text.parse().unwrap()
    }

    fn day() -> Window {
        Window { starts_at: UnixMs(0), ends_at: Some(UnixMs(24 * HOUR)), counts_from: UnixMs(0) }
    }

    #[test]
    fn what_is_left_is_never_negative_and_never_wraps() {
        assert_eq!(compute_left(usd("10"), usd("3"), usd("2.5")), usd("4.5"));
        assert_eq!(compute_left(usd("10"), usd("9"), usd("2")), PicoUsd::ZERO);
        assert_eq!(
            compute_left(usd("10"), usd("-1"), PicoUsd::ZERO),
            usd("10"),
            "a credit is no room beyond the limit"
        );
        let most = PicoUsd::from_pico(i64::MAX);
        assert_eq!(compute_left(most, PicoUsd::from_pico(i64::MIN), PicoUsd::ZERO), most);
        assert_eq!(compute_left(PicoUsd::from_pico(1), most, most), PicoUsd::ZERO);
    }

    #[test]
    fn a_step_is_reached_at_its_very_amount_and_not_a_pico_dollar_before() {
        let steps = [50, 80, 100, 120];
        let limit = usd("10");
        assert_eq!(highest_step(limit, PicoUsd::from_pico(4_999_999_999_999), &steps), None);
        assert_eq!(highest_step(limit, usd("5"), &steps), Some(50));
        assert_eq!(highest_step(limit, usd("11.999999999999"), &steps), Some(100));
        assert_eq!(reached_steps(limit, usd("12"), &steps).collect::<Vec<_>>(), steps);
        assert_eq!(highest_step(PicoUsd::from_pico(i64::MAX), PicoUsd::from_pico(i64::MAX), &[1000]), None);
    }

    #[test]
    fn a_share_is_rounded_down_so_that_full_means_full() {
        assert_eq!(compute_basis_points(usd("3"), usd("2.999999999999")), 9_999);
        assert_eq!(compute_basis_points(usd("3"), usd("3")), 10_000);
        assert_eq!(compute_basis_points(usd("3"), usd("-1")), 0);
        assert_eq!(compute_basis_points(PicoUsd::from_pico(1), PicoUsd::from_pico(i64::MAX)), u32::MAX);
    }

    #[test]
    fn a_pace_is_told_once_there_is_evidence() {
        let at = |hours: i64| UnixMs(hours * HOUR);
        assert_eq!(compute_forecast(usd("1"), 9, &day(), at(1)), None, "an hour is no day");
        assert_eq!(compute_forecast(usd("1"), 2, &day(), at(12)), None, "two calls are no pace");
        assert_eq!(compute_forecast(usd("1"), 3, &day(), at(2)), Some(usd("12")));
        assert_eq!(compute_forecast(usd("1"), 3, &day(), at(7)), Some(PicoUsd::from_pico(3_428_571_428_571)));
        assert_eq!(compute_forecast(usd("1"), 3, &day(), at(24)), Some(usd("1")));
        assert_eq!(compute_forecast(usd("1"), 3, &day(), at(90)), Some(usd("1")), "a day that was left open");
        assert_eq!(compute_forecast(usd("0"), 3, &day(), at(9)), Some(PicoUsd::ZERO), "free calls");
        assert_eq!(compute_forecast(usd("1"), 3, &day(), UnixMs(-HOUR)), None, "a clock set back");
    }

    #[test]
    fn what_rolls_or_never_ends_has_no_forecast() {
        let endless = Window { ends_at: None, ..day() };
        assert_eq!(compute_forecast(usd("1"), 9, &endless, UnixMs(20 * HOUR)), None);
        let rolling = Window { counts_from: UnixMs(-48 * HOUR), ..day() };
        assert_eq!(compute_forecast(usd("1"), 9, &rolling, UnixMs(20 * HOUR)), None);
        let most = PicoUsd::from_pico(i64::MAX);
        assert_eq!(compute_forecast(most, 9, &day(), UnixMs(2 * HOUR)), None, "more than the books can hold");
    }
}
