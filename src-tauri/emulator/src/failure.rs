//! Why a request is refused, in neutral terms. Each wire has its own words for it.

use std::time::{Duration, SystemTime};

use crate::RetryAfter;

/// A refusal or an error.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Failure {
    RateLimited(RetryAfter),
    Quota,
    Payment,
    MissingKey,
    InvalidKey,
    Permission { model: String },
    ModelNotFound { model: String },
    NoSuchPath { path: String },
    InvalidRequest { message: String, param: Option<&'static str> },
    ContextLength { tokens: u64, limit: u64 },
    TooLarge,
    PromptBlocked,
    Internal,
    Unavailable,
    Overloaded,
}

impl Failure {
    /// The HTTP status that `OpenAI`, Anthropic and Ollama agree on, more or less; each wire overrides what it does otherwise.
    pub(crate) fn usual_status(&self) -> u16 {
        match self {
            Self::RateLimited(_) | Self::Quota => 429,
            Self::Payment => 402,
            Self::MissingKey | Self::InvalidKey => 401,
            Self::Permission { .. } => 403,
            Self::ModelNotFound { .. } | Self::NoSuchPath { .. } => 404,
            Self::InvalidRequest { .. } | Self::ContextLength { .. } | Self::PromptBlocked => 400,
            Self::TooLarge => 413,
            Self::Internal => 500,
            Self::Unavailable => 503,
            Self::Overloaded => 529,
        }
    }

    /// The headers that tell when to come back.
    pub(crate) fn retry_headers(&self, now: SystemTime) -> Vec<(&'static str, String)> {
        let Self::RateLimited(form) = self else { return Vec::new() };
        match form {
            RetryAfter::Seconds(seconds) => vec![("retry-after", seconds.to_string())],
            RetryAfter::Float(seconds) => vec![("retry-after", seconds.to_string())],
            RetryAfter::HttpDate(seconds) => {
                vec![("retry-after", httpdate::fmt_http_date(now + Duration::from_secs(*seconds)))]
            }
            RetryAfter::Milliseconds(ms) => {
                vec![("retry-after-ms", ms.to_string()), ("retry-after", ms.div_ceil(1000).to_string())]
            }
            RetryAfter::Exhausted(seconds) => vec![
                ("x-ratelimit-limit-requests", "60".to_owned()),
                ("x-ratelimit-remaining-requests", "0".to_owned()),
                ("x-ratelimit-reset-requests", format!("{seconds}s")),
            ],
            RetryAfter::None | RetryAfter::BodyHint(_) | RetryAfter::RetryInfo(_) => Vec::new(),
        }
    }

    /// The sentence some servers put the delay into.
    pub(crate) fn retry_hint(&self) -> Option<String> {
        match self {
            Self::RateLimited(RetryAfter::BodyHint(seconds)) => {
                Some(format!("Please try again in {seconds}s."))
            }
            _ => None,
        }
    }

    /// Gemini's `RetryInfo`, seconds.
    pub(crate) fn retry_info(&self) -> Option<f64> {
        match self {
            Self::RateLimited(RetryAfter::RetryInfo(seconds)) => Some(*seconds),
            _ => None,
        }
    }
}
