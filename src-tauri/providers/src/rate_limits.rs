//! What providers say about their limits with every reply (PROTOCOLS, section 7), in one shape.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::header::HeaderMap;

use crate::retry_after::parse_duration;

/// One limit over one window of time, whose length providers do not state reliably.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateWindow {
    /// How many are allowed.
    pub limit: Option<u64>,
    /// How many are left.
    pub remaining: Option<u64>,
    /// Until it is full again, in milliseconds from the reply.
    pub reset_ms: Option<u64>,
    /// What is known of the window.
    pub span: Span,
}

/// What the names of the headers tell about a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Span {
    /// Nothing: a second, a minute or a day, and full again all at once.
    #[default]
    Unknown,
    /// A minute or longer, filling up bit by bit.
    Bucket,
    /// A minute.
    Minute,
    /// Ten seconds.
    TenSeconds,
}

impl RateWindow {
    /// The most that may go in any minute; `None` where the window may be shorter than one.
    pub fn per_minute(&self) -> Option<u64> {
        let windows = match self.span {
            Span::Unknown => return None,
            Span::Bucket | Span::Minute => 1,
            Span::TenSeconds => 6,
        };
        self.limit.filter(|limit| *limit > 0)?.checked_mul(windows)
    }

    /// Where nothing is left: until about so many are, in milliseconds from the reply. `None` where something is left, or nothing
    /// is known.
    pub fn empty_for_ms(&self, wanted: u64) -> Option<u64> {
        let full_ms = self.reset_ms.filter(|_| self.remaining == Some(0))?;
        Some(match (self.span, self.limit) {
            // They come back one by one.
            (Span::Bucket, Some(limit)) => full_ms.saturating_mul(wanted.min(limit)).div_ceil(limit.max(1)),
            _ => full_ms,
        })
    }
}

/// The limits of one reply. `None`: the provider said nothing about that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateLimits {
    /// Requests. Groq and Cerebras count a day's, others mostly a minute's.
    pub requests: Option<RateWindow>,
    /// Tokens, in and out together.
    pub tokens: Option<RateWindow>,
    /// Prompt tokens, where they are counted apart (Anthropic).
    pub input_tokens: Option<RateWindow>,
    /// Answer tokens, where they are counted apart (Anthropic).
    pub output_tokens: Option<RateWindow>,
}

/// The names of one family of headers.
struct Family {
    limit: &'static str,
    remaining: &'static str,
    /// Empty where the provider sends none.
    reset: &'static str,
    span: Span,
}

const fn family(limit: &'static str, remaining: &'static str, reset: &'static str, span: Span) -> Family {
    Family { limit, remaining, reset, span }
}

/// In each list the first family with any header present wins.
const REQUESTS: &[Family] = &[
    // OpenAI, Azure, Groq, xAI (without reset).
    family(
        "x-ratelimit-limit-requests",
        "x-ratelimit-remaining-requests",
        "x-ratelimit-reset-requests",
        Span::Bucket,
    ),
    family(
        "anthropic-ratelimit-requests-limit",
        "anthropic-ratelimit-requests-remaining",
        "anthropic-ratelimit-requests-reset",
        Span::Bucket,
    ),
    // Cerebras.
    family(
        "x-ratelimit-limit-requests-day",
        "x-ratelimit-remaining-requests-day",
        "x-ratelimit-reset-requests-day",
        Span::Bucket,
    ),
    // Mistral.
    family("x-ratelimit-limit-req-minute", "x-ratelimit-remaining-req-minute", "", Span::Minute),
    family("x-ratelimit-limit-req-10-second", "x-ratelimit-remaining-req-10-second", "", Span::TenSeconds),
    // OpenRouter's free models (epoch milliseconds) and Together (seconds): the size tells them apart.
    family("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", Span::Unknown),
];
const TOKENS: &[Family] = &[
    family(
        "x-ratelimit-limit-tokens",
        "x-ratelimit-remaining-tokens",
        "x-ratelimit-reset-tokens",
        Span::Bucket,
    ),
    family(
        "anthropic-ratelimit-tokens-limit",
        "anthropic-ratelimit-tokens-remaining",
        "anthropic-ratelimit-tokens-reset",
        Span::Bucket,
    ),
    // Cerebras and Mistral.
    family(
        "x-ratelimit-limit-tokens-minute",
        "x-ratelimit-remaining-tokens-minute",
        "x-ratelimit-reset-tokens-minute",
        Span::Minute,
    ),
    // Mistral, older.
    family("x-ratelimitbysize-limit-minute", "x-ratelimitbysize-remaining-minute", "", Span::Minute),
    family("ratelimitbysize-limit", "ratelimitbysize-remaining", "ratelimitbysize-reset", Span::Minute),
];
const INPUT_TOKENS: &[Family] = &[family(
    "anthropic-ratelimit-input-tokens-limit",
    "anthropic-ratelimit-input-tokens-remaining",
    "anthropic-ratelimit-input-tokens-reset",
    Span::Bucket,
)];
const OUTPUT_TOKENS: &[Family] = &[family(
    "anthropic-ratelimit-output-tokens-limit",
    "anthropic-ratelimit-output-tokens-remaining",
    "anthropic-ratelimit-output-tokens-reset",
    Span::Bucket,
)];

impl RateLimits {
    /// Reads the headers of a reply that arrived at `now`.
    pub fn from_headers(headers: &HeaderMap, now: SystemTime) -> Self {
        let first = |families: &[Family]| families.iter().find_map(|family| window(headers, family, now));
        Self {
            requests: first(REQUESTS),
            tokens: first(TOKENS),
            input_tokens: first(INPUT_TOKENS),
            output_tokens: first(OUTPUT_TOKENS),
        }
    }
}

fn window(headers: &HeaderMap, family: &Family, now: SystemTime) -> Option<RateWindow> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let window = RateWindow {
        limit: text(family.limit).and_then(count),
        remaining: text(family.remaining).and_then(count),
        reset_ms: text(family.reset).and_then(|value| reset_ms(value, now)),
        span: family.span,
    };
    let says_something = window.limit.or(window.remaining).or(window.reset_ms).is_some();
    says_something.then_some(window)
}

/// A count; some providers write it as a float. Negative ones (over the limit) are none left.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be positive and far below 2^53"
)]
fn count(text: &str) -> Option<u64> {
    text.parse().ok().or_else(|| {
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite() && *number < 1e15)?;
        Some(number.max(0.0) as u64)
    })
}

/// A reset as milliseconds from now: a Go duration, RFC 3339, seconds, or a time since 1970.
fn reset_ms(text: &str, now: SystemTime) -> Option<u64> {
    // From here on a number is a time and not a wait: in seconds since 1970, and in milliseconds.
    const EPOCH_SECONDS: f64 = 1e9;
    const EPOCH_MS: f64 = 1e12;
    let millis = |wait: Duration| u64::try_from(wait.as_millis()).ok();
    let until = |time: SystemTime| millis(time.duration_since(now).unwrap_or_default());
    if let Ok(number) = text.parse::<f64>() {
        let seconds = if number >= EPOCH_MS { number / 1000.0 } else { number };
        let span = Duration::try_from_secs_f64(seconds.max(0.0)).ok()?;
        return if number >= EPOCH_SECONDS { until(UNIX_EPOCH.checked_add(span)?) } else { millis(span) };
    }
    if let Some(wait) = parse_duration(text) {
        return millis(wait);
    }
    let time: jiff::Timestamp = text.parse().ok()?;
    until(SystemTime::from(time))
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    fn limits(pairs: &[(&'static str, &'static str)]) -> RateLimits {
        let pair =
            |(n, v): &(&'static str, &'static str)| (HeaderName::from_static(n), HeaderValue::from_static(v));
        let now = UNIX_EPOCH + Duration::from_secs(1_773_150_800); // 2026-03-10T13:53:20Z
        RateLimits::from_headers(&pairs.iter().map(pair).collect(), now)
    }

    fn window(limit: u64, remaining: u64, reset_ms: Option<u64>) -> RateWindow {
        RateWindow { limit: Some(limit), remaining: Some(remaining), reset_ms, span: Span::Bucket }
    }

    #[test]
    fn reads_every_family() {
        let openai = limits(&[
            ("x-ratelimit-limit-requests", "500"),
            ("x-ratelimit-remaining-requests", "499"),
            ("x-ratelimit-reset-requests", "6m0s"),
            ("x-ratelimit-limit-tokens", "30000"),
            ("x-ratelimit-remaining-tokens", "29000"),
            ("x-ratelimit-reset-tokens", "56.078s"),
        ]);
        assert_eq!(openai.requests, Some(window(500, 499, Some(360_000))));
        assert_eq!(openai.tokens, Some(window(30_000, 29_000, Some(56_078))));
        let anthropic = limits(&[
            ("anthropic-ratelimit-requests-limit", "50"),
            ("anthropic-ratelimit-requests-remaining", "49"),
            ("anthropic-ratelimit-requests-reset", "2026-03-10T13:53:40Z"),
            ("anthropic-ratelimit-output-tokens-limit", "8000"),
            ("anthropic-ratelimit-output-tokens-remaining", "8000"),
            ("anthropic-ratelimit-output-tokens-reset", "2026-03-10T13:00:00Z"),
        ]);
        assert_eq!(anthropic.requests, Some(window(50, 49, Some(20_000))));
        assert_eq!(anthropic.output_tokens, Some(window(8000, 8000, Some(0))), "a reset in the past is now");
        let cerebras = limits(&[
            ("x-ratelimit-limit-requests-day", "14400"),
            ("x-ratelimit-remaining-requests-day", "14399"),
            ("x-ratelimit-reset-requests-day", "33011.38"),
        ]);
        assert_eq!(cerebras.requests, Some(window(14_400, 14_399, Some(33_011_380))));
        let mistral = limits(&[
            ("x-ratelimit-limit-tokens-minute", "500000"),
            ("x-ratelimit-remaining-tokens-minute", "499900"),
        ]);
        assert_eq!(mistral.tokens, Some(RateWindow { span: Span::Minute, ..window(500_000, 499_900, None) }));
        let openrouter = limits(&[
            ("x-ratelimit-limit", "20"),
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "1773150830000"),
        ]);
        assert_eq!(
            openrouter.requests,
            Some(RateWindow { span: Span::Unknown, ..window(20, 0, Some(30_000)) })
        );
        let together = limits(&[
            ("x-ratelimit-limit", "10"),
            ("x-ratelimit-remaining", "9"),
            ("x-ratelimit-reset", "1"),
        ]);
        assert_eq!(together.requests, Some(RateWindow { span: Span::Unknown, ..window(10, 9, Some(1000)) }));
        let azure = limits(&[("x-ratelimit-remaining-requests", "-1"), ("x-ratelimit-reset-requests", "10")]);
        assert_eq!(
            azure.requests,
            Some(RateWindow { limit: None, remaining: Some(0), reset_ms: Some(10_000), span: Span::Bucket })
        );
        assert_eq!(limits(&[("content-type", "x")]), RateLimits::default());
    }

    #[test]
    fn a_window_is_a_minutes_only_where_its_name_says_so() {
        let bucket = window(500, 0, Some(60_000));
        assert_eq!(
            (bucket.per_minute(), bucket.empty_for_ms(1)),
            (Some(500), Some(120)),
            "the next comes by itself"
        );
        let per_second = RateWindow { span: Span::Unknown, ..window(10, 0, Some(1_000)) };
        assert_eq!((per_second.per_minute(), per_second.empty_for_ms(1)), (None, Some(1_000)));
        let ten_seconds = RateWindow { span: Span::TenSeconds, ..window(5, 1, None) };
        assert_eq!((ten_seconds.per_minute(), ten_seconds.empty_for_ms(1)), (Some(30), None));
        assert_eq!(window(0, 3, None).per_minute(), None, "a limit of nothing would be no service at all");
    }

    #[test]
    fn nonsense_says_nothing() {
        let odd = limits(&[("x-ratelimit-limit-tokens", "many"), ("x-ratelimit-reset-tokens", "1e300")]);
        assert_eq!(odd, RateLimits::default());
    }
}
