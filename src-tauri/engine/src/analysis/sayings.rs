//! What advice says. The codes and what stands in them are all here: the window has a sentence for each (`ui/src/shared/i18n`).
//!
//! Names, numbers and times; never anything that was written to a model or came from one.
//!
//! | code | values |
//! |---|---|
//! | `advice_demo` (evidence: the figures are the demo's) | none |
//! | `advice_cache_deterministic`, `advice_cache_always` (titles) | none |
//! | `advice_cache_repeats` | `repeats`, `requests`, `usd`, `ttl_hours` |
//! | `advice_cache_deterministic_effect`, `advice_cache_always_effect` | `ttl_hours` |
//! | `advice_timeout_raise`, `advice_timeout_lower` (titles, whole call) | `subject`, `after_ms` |
//! | `advice_timeout_raise_first`, `advice_timeout_lower_first` (titles, first word) | `subject`, `after_ms` |
//! | `advice_timeout_cut`, `advice_timeout_hung` | `cut`, `calls`, `limit_ms` |
//! | `advice_timeout_close` | `p95_ms`, `answered` |
//! | `advice_timeout_usual` | `p99_ms`, `answered` |
//! | `advice_timeout_raise_effect`, `advice_timeout_lower_effect` | `before_ms`, `after_ms` |
//! | `advice_retry` (title) | `subject` |
//! | `advice_retry_failures` | `failures`, `calls` |
//! | `advice_retry_elsewhere` | `answered`, `retries` |
//! | `advice_retry_effect` | none |
//! | `advice_simple` (title) | `model`, `cheaper` |
//! | `advice_simple_share` | `simple`, `answers`, `model`, `usd` |
//! | `advice_simple_replay` | `cheaper`, `replay_usd`, `percent` |
//! | `advice_simple_rule_effect` | `cheaper` |
//! | `advice_simple_by_hand_effect` | `cheaper`, `model` |
//! | `advice_fallback` (title) | `subject` |
//! | `advice_fallback_failures` | `failures`, `calls`, `percent` (answered) |
//! | `advice_fallback_alone` | `subject` |
//! | `advice_fallback_effect` | none |
//! | `advice_key_refused`, `advice_key_credit` (titles) | `key`, `provider` |
//! | `advice_key_refusals` | `refusals` |
//! | `advice_key_effect` | `provider` |
//! | `advice_price` (title) | `model` |
//! | `advice_price_unpriced` | `unpriced`, `calls`, `tokens` |
//! | `advice_price_effect` | none |
//! | `advice_budget` (title) | `limit_usd` |
//! | `advice_budget_spent` | `usd`, `days` |
//! | `advice_budget_effect` | none |
//! | `advice_undo_changed` (cannot be undone) | `place`, `found` (empty: nothing), `applied` |
//! | `advice_undo_gone` | `place` |
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

/// A share in percent with one decimal at most, rounded half up.
pub(super) fn percent(part: i128, whole: i128) -> String {
    let thousandths = (part * 2_000 + whole).checked_div(whole * 2).unwrap_or(0);
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
    }
}
