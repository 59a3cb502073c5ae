//! How long a provider asks to wait (PROTOCOLS, sections 1 and 7). All results are in milliseconds.

use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// Longer waits are not believed: a day.
pub const MAX_RETRY_AFTER_MS: u64 = MAX_SECONDS as u64 * 1000;

const MAX_SECONDS: u32 = 24 * 60 * 60;

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
        let until = parse_date(value)?;
        let now = text(DATE.as_str()).and_then(parse_date).or(now)?;
        clamp(until.duration_since(now).ok()?.as_secs_f64() * 1000.0)
    })
}

/// An HTTP date (RFC 9110, section 5.6.7). One whose day of the week is wrong is taken too: servers write such dates.
fn parse_date(text: &str) -> Option<SystemTime> {
    let exact = httpdate::parse_http_date(text).ok();
    exact.or_else(|| {
        let parser = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true);
        parser.parse_timestamp(text).ok().map(SystemTime::from)
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
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "positive, and clamped to a day before the cast"
)]
fn clamp(milliseconds: f64) -> Option<u64> {
    if milliseconds > 0.0 {
        Some(milliseconds.ceil().min(f64::from(MAX_SECONDS) * 1000.0) as u64)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    fn wait(pairs: &[(&'static str, &'static str)]) -> Option<u64> {
        let pair =
            |(n, v): &(&'static str, &'static str)| (HeaderName::from_static(n), HeaderValue::from_static(v));
        let now = httpdate::parse_http_date("Sat, 21 Nov 2026 07:27:30 GMT").unwrap();
        from_headers(429, &pairs.iter().map(pair).collect(), Some(now))
    }

    #[test]
    fn reads_every_form_of_the_headers() {
        assert_eq!(wait(&[("retry-after", "46")]), Some(46_000));
        assert_eq!(wait(&[("retry-after", "1.5")]), Some(1500));
        assert_eq!(
            wait(&[("retry-after", "4"), ("retry-after-ms", "3890")]),
            Some(3890),
            "the finer one wins"
        );
        assert_eq!(
            wait(&[("retry-after", "1"), ("retry-after-ms", "0")]),
            Some(1000),
            "Azure sends 0 milliseconds"
        );
        assert_eq!(wait(&[("retry-after", "Sat, 21 Nov 2026 07:28:00 GMT")]), Some(30_000));
        assert_eq!(
            wait(&[("retry-after", "Fri, 21 Nov 2026 07:28:00 GMT")]),
            Some(30_000),
            "it is a Saturday"
        );
        let own_date =
            [("retry-after", "Fri, 21 Nov 2026 07:28:00 GMT"), ("date", "Fri, 21 Nov 2026 07:27:55 GMT")];
        assert_eq!(wait(&own_date), Some(5000), "the reply's clock, not ours");
        assert_eq!(wait(&[("retry-after", "Fri, 21 Nov 2026 07:00:00 GMT")]), None, "past");
        assert_eq!(wait(&[("retry-after", "99999999")]), Some(MAX_RETRY_AFTER_MS));
        for nonsense in ["-1", "0", "NaN", "inf", "soon", ""] {
            let expected = (nonsense == "inf").then_some(MAX_RETRY_AFTER_MS);
            assert_eq!(wait(&[("retry-after", nonsense)]), expected, "{nonsense}");
        }
    }

    #[test]
    fn a_successful_reply_asks_for_no_wait() {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static("5"))]);
        assert_eq!(from_headers(200, &headers, None), None, "Anthropic sends it with some 200s");
        assert_eq!(from_headers(503, &headers, None), Some(5000));
    }

    #[test]
    fn reads_the_words_of_messages() {
        assert_eq!(from_text("Limit 30000. Please try again in 174ms. Visit"), Some(174));
        assert_eq!(from_text("Please try again in 3.89s."), Some(3890));
        assert_eq!(from_text("please try again in 1m12s"), Some(72_000));
        assert_eq!(from_text("Please try again in 7m12.5s. Need"), Some(432_500));
        assert_eq!(from_text("Please retry in 34.074824224s."), Some(34_075));
        assert_eq!(from_text("Try again in 5 seconds"), Some(5000));
        assert_eq!(from_text("Please retry after 2 minutes"), Some(120_000));
        assert_eq!(from_text("Please try again later."), None);
        assert_eq!(from_text("try again in a while"), None);
    }

    #[test]
    fn durations_need_units() {
        assert_eq!(parse_duration("2m59.56s"), Some(Duration::from_millis(179_560)));
        assert_eq!(parse_duration("1h0m5s"), Some(Duration::from_secs(3605)));
        assert_eq!(parse_duration("6ms"), Some(Duration::from_millis(6)));
        assert_eq!(from_retry_delay("34.4s"), Some(34_400));
        for nonsense in ["", "5", "s", "1.2.3s", "5x", "-1s", "m5s"] {
            assert_eq!(parse_duration(nonsense), None, "{nonsense}");
        }
    }
}
