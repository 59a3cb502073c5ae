//! How long a provider asks to wait (PROTOCOLS, sections 1 and 7). All results are in milliseconds.

use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// Longer waits are not believed: a day.
pub const MAX_RETRY_AFTER_MS: u64 = 24 * 60 * 60 * 1000;

/// The wait the headers of a refused reply ask for: `retry-after-ms`, else `retry-after` in seconds or as an HTTP date.
///
/// `None` for a 2xx (some providers send the header with every reply) and for waits that are not positive. A date counts
/// from the reply's own `date` header, else from `now`; without either it says nothing.
pub fn from_headers(status: u16, headers: &HeaderMap, now: Option<SystemTime>) -> Option<u64> {
    if (200..300).contains(&status) {
        return None;
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let milliseconds = text("retry-after-ms").and_then(|text| text.parse().ok()).and_then(clamp);
    milliseconds.or_else(|| {
        let value = text(RETRY_AFTER.as_str())?;
        if let Ok(seconds) = value.parse::<f64>() {
            return clamp(seconds * 1000.0);
        }
        let until = httpdate::parse_http_date(value).ok()?;
        let now = text(DATE.as_str()).and_then(|date| httpdate::parse_http_date(date).ok()).or(now)?;
        clamp(until.duration_since(now).ok()?.as_secs_f64() * 1000.0)
    })
}

/// The wait a message asks for in words: `Please try again in 174ms`, `3.89s`, `1m12s`.
pub fn from_text(message: &str) -> Option<u64> {
    const MARKS: &[&str] = &["try again in ", "retry in ", "retry after "];
    let lower = message.to_ascii_lowercase();
    MARKS.iter().find_map(|mark| {
        let rest = lower.split_once(mark)?.1;
        let (number, unit) = rest.split_once(' ').unwrap_or((rest, ""));
        if let Some(wait) = parse_duration(number.trim_end_matches(['.', ',', ';', ')'])) {
            return clamp(wait.as_secs_f64() * 1000.0);
        }
        let number: f64 = number.parse().ok()?;
        if unit.starts_with("ms") || unit.starts_with("millisecond") {
            clamp(number)
        } else if unit.starts_with("second") {
            clamp(number * 1000.0)
        } else if unit.starts_with("minute") {
            clamp(number * 60_000.0)
        } else {
            None
        }
    })
}

/// Gemini's `RetryInfo.retryDelay`: `"34.4s"`.
pub fn from_retry_delay(delay: &str) -> Option<u64> {
    clamp(parse_duration(delay.trim())?.as_secs_f64() * 1000.0)
}

/// A duration as Go writes it: `6ms`, `1s`, `2m59.56s`, `1h0m5s`. Needs a unit after each number.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let unit_at = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let (number, after) = rest.split_at_checked(unit_at)?;
        let number: f64 = number.parse().ok()?;
        let unit_end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(unit_end)?;
        seconds += number
            * match unit {
                "h" => 3600.0,
                "m" => 60.0,
                "s" => 1.0,
                "ms" => 1e-3,
                "us" | "µs" => 1e-6,
                "ns" => 1e-9,
                _ => return None,
            };
        rest = after;
    }
    if text.is_empty() { None } else { Duration::try_from_secs_f64(seconds).ok() }
}

/// Whole milliseconds, rounded up so as not to come too early; `None` for nothing, nonsense and the past.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, and clamped to a day before the cast")]
fn clamp(milliseconds: f64) -> Option<u64> {
    if milliseconds > 0.0 {
        Some(milliseconds.ceil().min(MAX_RETRY_AFTER_MS as f64) as u64)
    } else {
        None
    }
}
