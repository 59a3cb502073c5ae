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
}

const fn family(limit: &'static str, remaining: &'static str, reset: &'static str) -> Family {
    Family { limit, remaining, reset }
}

/// In each list the first family with any header present wins.
const REQUESTS: &[Family] = &[
    // OpenAI, Azure, Groq, xAI (without reset).
    family("x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
    family(
        "anthropic-ratelimit-requests-limit",
        "anthropic-ratelimit-requests-remaining",
        "anthropic-ratelimit-requests-reset"
    ),
    // Cerebras.
    family("x-ratelimit-limit-requests-day", "x-ratelimit-remaining-requests-day", "x-ratelimit-reset-requests-day"),
    // Mistral.
    family("x-ratelimit-limit-req-minute", "x-ratelimit-remaining-req-minute", ""),
    family("x-ratelimit-limit-req-10-second", "x-ratelimit-remaining-req-10-second", ""),
    // OpenRouter's free models (epoch milliseconds) and Together (seconds): the size tells them apart.
    family("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"),
];
const TOKENS: &[Family] = &[
    family("x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
    family(
        "anthropic-ratelimit-tokens-limit",
        "anthropic-ratelimit-tokens-remaining",
        "anthropic-ratelimit-tokens-reset"
    ),
    // Cerebras and Mistral.
    family("x-ratelimit-limit-tokens-minute", "x-ratelimit-remaining-tokens-minute", "x-ratelimit-reset-tokens-minute"),
    // Mistral, older.
    family("x-ratelimitbysize-limit-minute", "x-ratelimitbysize-remaining-minute", ""),
    family("ratelimitbysize-limit", "ratelimitbysize-remaining", "ratelimitbysize-reset"),
];
const INPUT_TOKENS: &[Family] = &[family(
    "anthropic-ratelimit-input-tokens-limit",
    "anthropic-ratelimit-input-tokens-remaining",
    "anthropic-ratelimit-input-tokens-reset"
)];
const OUTPUT_TOKENS: &[Family] = &[family(
    "anthropic-ratelimit-output-tokens-limit",
    "anthropic-ratelimit-output-tokens-remaining",
    "anthropic-ratelimit-output-tokens-reset"
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
    };
    (window != RateWindow::default()).then_some(window)
}

/// A count; some providers write it as a float. Negative ones (over the limit) are none left.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be positive and far below 2^53")]
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
