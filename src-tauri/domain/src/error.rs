//! What can go wrong between us and a provider, in categories that policy can act on.

use serde::{Deserialize, Serialize};

/// What kind of failure it was. Policy matches on this, never on a provider's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCategory {
    /// Too many requests or tokens for now; waiting helps.
    RateLimited,
    /// The account is out of credit or over its quota; waiting does not help.
    QuotaExceeded,
    /// The key is missing or wrong.
    Authentication,
    /// The key is right but may not do this.
    Permission,
    /// The provider does not know this model.
    ModelNotFound,
    /// What answered is not this API: a web page, a redirect, nothing at this address. The request was read by nobody, so
    /// another provider may answer it.
    WrongAddress,
    /// The request is wrong in some other way; sending it again gives the same answer.
    InvalidRequest,
    /// The prompt does not fit into the model's context.
    ContextLength,
    /// The provider's filter refused the prompt or the answer.
    ContentFilter,
    /// The provider has a fault or is overloaded.
    Unavailable,
    /// No connection: name resolution, refused, reset, TLS.
    Network,
    /// One of our timers ran out: connect, first delta, idle, total.
    Timeout,
    /// The stream ended without the protocol's terminal signal.
    Truncated,
    /// A budget of the user's own has no room for it. Nothing was sent.
    OverBudget,
    /// The user stopped it.
    Cancelled,
}

impl ErrorCategory {
    /// The word used in JSON, SQL and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RateLimited => "rate_limited",
            Self::QuotaExceeded => "quota_exceeded",
            Self::Authentication => "authentication",
            Self::Permission => "permission",
            Self::ModelNotFound => "model_not_found",
            Self::WrongAddress => "wrong_address",
            Self::InvalidRequest => "invalid_request",
            Self::ContextLength => "context_length",
            Self::ContentFilter => "content_filter",
            Self::Unavailable => "unavailable",
            Self::Network => "network",
            Self::Timeout => "timeout",
            Self::Truncated => "truncated",
            Self::OverBudget => "over_budget",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A failure of one attempt. `kind`, `code` and `message` are the provider's own words, unmapped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("{provider}: {message}")]
pub struct ProviderError {
    /// What policy acts on.
    pub category: ErrorCategory,
    /// The provider's slug, or `roundtable` when nothing was sent.
    pub provider: String,
    /// The HTTP status: 200 for an error inside a reply that began well. `None` without a reply.
    pub status: Option<u16>,
    /// The provider's error type, verbatim (`type` on the wire; `status` for Gemini).
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The provider's error code, verbatim: a string or a number.
    pub code: Option<serde_json::Value>,
    /// The provider's message, verbatim; ours when the provider said nothing.
    pub message: String,
    /// The parameter the provider blames.
    pub param: Option<String>,
    /// How long to wait at least, in milliseconds, from a header or the body.
    pub retry_after_ms: Option<u64>,
    /// The provider's id of the request, for its support.
    pub request_id: Option<String>,
    /// What the provider says beyond its message, verbatim and cut to a bounded length: an upstream's own words
    /// (`metadata.raw` of `OpenRouter`), the verdict of a filter, Google's details.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Whether `message` is ours, because the provider said nothing or was not reached.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub message_is_ours: bool,
}

impl ProviderError {
    /// An error of our own making: no reply was received.
    pub fn local(category: ErrorCategory, provider: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            category,
            provider: provider.into(),
            status: None,
            kind: None,
            code: None,
            message: message.into(),
            param: None,
            retry_after_ms: None,
            request_id: None,
            detail: None,
            message_is_ours: true,
        }
    }

    /// The provider's own message; `None` where `message` is ours.
    pub fn provider_message(&self) -> Option<&str> {
        (!self.message_is_ours).then_some(self.message.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_words_a_message_is_survives_storage_and_old_rows_stay_readable() {
        let ours = ProviderError::local(ErrorCategory::Network, "p", "No connection.");
        let kept: ProviderError = serde_json::from_value(serde_json::to_value(&ours).unwrap()).unwrap();
        assert_eq!((kept.provider_message(), &kept), (None, &ours));
        let old = r#"{"category":"timeout","provider":"p","status":504,"type":null,"code":null,"message":"slow","param":null,
            "retry_after_ms":null,"request_id":null}"#;
        let old: ProviderError = serde_json::from_str(old).unwrap();
        assert_eq!((old.provider_message(), &old.detail), (Some("slow"), &None));
    }
}
