//! What advice says. The codes and what stands in them are all here: the window has a sentence for each (`ui/src/shared/i18n`).
//!
//! Names, numbers and times; never anything that was written to a model or came from one.
//!
//! | code | values |
//! |---|---|
//! | `advice_demo` (evidence: the figures are the demo's) | none |
//! | `advice_cache_deterministic`, `advice_cache_always` (titles) | none |
//! | `advice_cache_repeats` | `repeats`, `requests`, `ttl_hours` |
//! | `advice_cache_cost` (left out where none is known) | `priced` (repeats of known cost), `usd` |
//! | `advice_cache_deterministic_effect`, `advice_cache_always_effect` | `ttl_hours` |
//! | `advice_timeout_raise`, `advice_timeout_lower` (titles, whole call) | `subject`, `after_ms` |
//! | `advice_timeout_raise_first`, `advice_timeout_lower_first` (titles, first word) | `subject`, `after_ms` |
//! | `advice_timeout_cut`, `advice_timeout_hung` | `cut`, `calls`, `limit_ms` |
//! | `advice_timeout_close` | `p95_ms`, `answered` |
//! | `advice_timeout_usual` | `p99_ms`, `answered` |
//! | `advice_timeout_raise_effect` | `before_ms`, `after_ms` |
//! | `advice_timeout_lower_effect` | `before_ms`, `after_ms`, `spared_ms` |
//! | `advice_retry` (title) | `subject` |
//! | `advice_retry_failures` | `failures`, `calls` |
//! | `advice_retry_elsewhere` | `answered`, `retries` |
//! | `advice_retry_effect` | none |
//! | `advice_retry_effect_of` | `answered`, `failures` |
//! | `advice_simple_auto` (title) | `cheaper` |
//! | `advice_simple_auto_share` | `simple`, `answers`, `models`, `usd` |
//! | `advice_simple` (title) | `model`, `cheaper` |
//! | `advice_simple_share` | `simple`, `answers`, `model`, `usd` |
//! | `advice_simple_replay` | `cheaper`, `replay_usd`, `percent` |
//! | `advice_simple_rule_effect` | `cheaper` |
//! | `advice_simple_by_hand_effect` | `cheaper`, `model` |
//! | `advice_fallback` (title) | `subject` |
//! | `advice_fallback_failures` | `failures`, `calls`, `percent` (answered) |
//! | `advice_fallback_alone` | `subject` |
//! | `advice_fallback_effect` | none |
//! | `advice_fallback_effect_of` | `answered`, `failures` |
//! | `advice_key_refused`, `advice_key_credit` (titles) | `key`, `provider` |
//! | `advice_key_refusals` | `refusals` |
//! | `advice_key_effect` | `provider` |
//! | `advice_price` (title) | `model` |
//! | `advice_price_unpriced` | `unpriced`, `calls`, `tokens` |
//! | `advice_price_effect` | none |
//! | `advice_budget` (title) | `limit_usd` |
//! | `advice_budget_spent` | `usd`, `days` |
//! | `advice_budget_effect` | none |
//!
//! What a change is about, and what stands there:
//!
//! | code | values |
//! |---|---|
//! | `place_kept_answers` | none |
//! | `place_first_word`, `place_whole_call` (timers of a provider) | `provider` |
//! | `place_rung_timeout`, `place_rung_retries`, `place_group_attempts` | `subject`, `file` |
//! | `place_rule` | `file`, `rule` (its name) |
//! | `value_kept_answers` | `mode` (off, deterministic, always) |
//! | `value_time` | `limit_ms` |
//! | `value_count` | `count` |
//! | `value_unset`, `value_no_rule`, `value_rule_off`, `value_rule_amended` | none |
//! | `value_unset_usual` (what holds then) | `limit_ms` |
//! | `value_rule` | `rule` (what it says, in the words of its file) |
//!
//! `*_ms` are whole milliseconds, `*usd` exact decimal text, `percent` has one decimal at most.

use crate::view::{Said, Saying};

/// A sentence: its code, what stands in it, and the same in English.
pub(super) fn said(code: &str, values: &[(&str, &str)], text: impl Into<String>) -> Said {
    let saying = values.iter().fold(Saying::new(code), |saying, (name, value)| saying.with(name, *value));
    Said { text: text.into(), saying }
}

/// A duration for people: `45 s`, `1.5 s`, `2 min`.
pub(super) fn duration(ms: u64) -> String {
    let (minutes, seconds) = (ms / 60_000, (ms % 60_000).div_ceil(100));
    let seconds = match (seconds / 10, seconds % 10) {
        (whole, 0) => format!("{whole} s"),
        (whole, tenth) => format!("{whole}.{tenth} s"),
    };
    match (minutes, ms % 60_000) {
        (0, _) => seconds,
        (minutes, 0) => format!("{minutes} min"),
        (minutes, _) => format!("{minutes} min {seconds}"),
    }
}

/// The same to the millisecond, for what is set.
pub(super) fn exact_duration(ms: u64) -> String {
    let (minutes, rest) = (ms / 60_000, ms % 60_000);
    let seconds = match rest % 1_000 {
        0 => (rest / 1_000).to_string(),
        part => format!("{}.{part:03}", rest / 1_000).trim_end_matches('0').to_owned(),
    };
    match (minutes, rest) {
        (0, _) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, _) => format!("{minutes} min {seconds} s"),
    }
}

/// A share in percent with one decimal at most, rounded down: 100 % is all of them.
pub(super) fn percent(part: i128, whole: i128) -> String {
    let thousandths = (part * 1_000).checked_div(whole).unwrap_or(0);
    match (thousandths / 10, (thousandths % 10).abs()) {
        (whole, 0) => whole.to_string(),
        (whole, tenth) => format!("{whole}.{tenth}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_shares_are_short() {
        let durations = [900, 1_500, 45_000, 60_000, 90_000, 600_000].map(duration);
        assert_eq!(durations, ["0.9 s", "1.5 s", "45 s", "1 min", "1 min 30 s", "10 min"]);
        assert_eq!([percent(1, 3), percent(1, 2), percent(0, 5), percent(0, 0)], ["33.3", "50", "0", "0"]);
        assert_eq!(percent(9_996, 10_000), "99.9", "it is not all of them");
    }
}
