//! Which category a provider's words mean, as a table (PROTOCOLS, sections 1 to 7).
//!
//! The order matters: a word with one meaning beats a phrase in a message, and a phrase beats the bare status.

use roundtable_domain::ErrorCategory;

use ErrorCategory::{
    Authentication, ContentFilter, ContextLength, InvalidRequest, ModelNotFound, Permission, QuotaExceeded,
    RateLimited, Unavailable,
};

/// What is known about a failure.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts<'a> {
    /// The status: HTTP's, or the one an error inside a 200 states.
    pub status: Option<u16>,
    /// The provider's error type; empty when there is none.
    pub kind: &'a str,
    /// The provider's error code as text; empty when there is none.
    pub code: &'a str,
    /// The provider's message; empty when there is none.
    pub message: &'a str,
    /// More text that may tell: an upstream's error body, Gemini's `details`.
    pub detail: &'a str,
}

/// Types and codes with one meaning everywhere. Compared whole, without regard to case.
const WORDS: &[(&str, ErrorCategory)] = &[
    ("insufficient_quota", QuotaExceeded),
    ("billing_error", QuotaExceeded),
    ("billing_hard_limit_reached", QuotaExceeded),
    ("billing_not_active", QuotaExceeded),
    ("insufficient_balance", QuotaExceeded),
    ("exceeded_current_quota_error", QuotaExceeded), // Moonshot
    ("Arrearage", QuotaExceeded),                    // DashScope
    ("1113", QuotaExceeded),                         // Z.ai: account in arrears
    ("context_length_exceeded", ContextLength),
    ("exceed_context_size_error", ContextLength), // llama.cpp
    ("request_too_large", ContextLength),         // Anthropic, 413
    ("model_not_found", ModelNotFound),
    ("model_decommissioned", ModelNotFound), // Groq
    ("invalid_model", ModelNotFound),        // Mistral
    ("DeploymentNotFound", ModelNotFound),   // Azure
    ("ModelNotFound", ModelNotFound),
    ("1211", ModelNotFound), // Z.ai
    ("invalid_api_key", Authentication),
    ("InvalidApiKey", Authentication), // DashScope
    ("authentication_error", Authentication),
    ("API_KEY_INVALID", Authentication), // Gemini
    ("UNAUTHENTICATED", Authentication), // Vertex
    ("permission_error", Permission),
    ("PERMISSION_DENIED", Permission),
    ("content_filter", ContentFilter),
    ("content_policy_violation", ContentFilter),
    ("data_inspection_failed", ContentFilter), // DashScope
    ("DataInspectionFailed", ContentFilter),   // DashScope, native
    ("1301", ContentFilter),                   // Z.ai
    ("overloaded_error", Unavailable),
    ("server_is_overloaded", Unavailable),
    ("UNAVAILABLE", Unavailable),
    ("unavailable_error", Unavailable), // llama.cpp
    ("service_unavailable", Unavailable),
    ("DEADLINE_EXCEEDED", Unavailable),
    ("timeout_error", Unavailable),
    ("server_error", Unavailable),
    ("INTERNAL", Unavailable),
    ("rate_limit_error", RateLimited),
    ("RateLimitReached", RateLimited), // Azure
];

/// Phrases of messages. Each entry holds phrases that must all be there, in lower case.
const PHRASES: &[(&[&str], ErrorCategory)] = &[
    (&["maximum context length"], ContextLength),
    (&["context window"], ContextLength),
    (&["context length", "exceed"], ContextLength),
    (&["context size"], ContextLength),
    (&["prompt is too long"], ContextLength),            // Anthropic
    (&["input is too long"], ContextLength),             // Bedrock
    (&["input token count", "exceeds"], ContextLength),  // Gemini
    (&["range of input length"], ContextLength),         // DashScope
    (&["exceed n_ctx"], ContextLength),                  // GPUStack
    (&["exceeds the available context"], ContextLength), // llama.cpp
    (&["max_tokens must be at least 1, got -"], ContextLength), // vLLM: nothing is left for the answer
    (&["reduce the length of the"], ContextLength),
    (&["insufficient balance"], QuotaExceeded), // DeepSeek
    (&["insufficient credit"], QuotaExceeded),
    (&["credit balance is too low"], QuotaExceeded), // Anthropic
    (&["used all available credits"], QuotaExceeded), // xAI
    (&["credits are depleted"], QuotaExceeded),      // Gemini, under the 429 of a rate limit
    (&["usage limit", "upgrade"], QuotaExceeded),    // Ollama's cloud: of the session or the week
    (&["monthly spending limit"], QuotaExceeded),
    (&["requires more credits"], QuotaExceeded), // OpenRouter
    (&["free-models-per-day"], QuotaExceeded),   // OpenRouter
    (&["perday", "quotaid"], QuotaExceeded),     // Gemini: QuotaFailure of a daily quota
    (&["content violates usage guidelines"], ContentFilter), // xAI
    (&["content management policy"], ContentFilter), // Azure
    (&["api_key_invalid"], Authentication),      // Gemini, in the details of a 400
    (&["api key not valid"], Authentication),
    (&["incorrect api key"], Authentication), // xAI, under 400
    (&["invalid api key"], Authentication),
    (&["not a valid model"], ModelNotFound), // OpenRouter
    (&["no endpoints found for"], ModelNotFound),
    (&["model", "does not exist"], ModelNotFound),
    (&["model not exist"], ModelNotFound), // DeepSeek, under 400
    (&["model not found"], ModelNotFound),
    (&["model '", "' not found"], ModelNotFound),  // Ollama
    (&["models/", "is not found"], ModelNotFound), // Gemini
    (&["invalid model"], ModelNotFound),
    (&["unknown model"], ModelNotFound),
];

/// The category of a failure. Never `Network`, `Timeout`, `Truncated` or `Cancelled`: a provider cannot report those.
pub fn classify(facts: &Facts<'_>) -> ErrorCategory {
    let status = facts.status.unwrap_or(0);
    let word = |text: &str| WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|row| row.1);
    // 413 with `rate_limit_exceeded` is Groq's "this request alone is over your limit": waiting does not make it smaller.
    if status == 413 {
        return ContextLength;
    }
    if let Some(category) = word(facts.code).or_else(|| word(facts.kind)) {
        return refine(category, facts);
    }
    let text = format!("{} {}", facts.message, facts.detail).to_lowercase();
    if let Some((_, category)) =
        PHRASES.iter().find(|(all, _)| all.iter().all(|phrase| text.contains(phrase)))
    {
        return *category;
    }
    by_status(status, facts, &text)
}

/// A word can be right and still not the whole truth: the message of an overloaded or refused request may be plainer.
fn refine(category: ErrorCategory, facts: &Facts<'_>) -> ErrorCategory {
    let text = format!("{} {}", facts.message, facts.detail).to_lowercase();
    let plainer =
        PHRASES.iter().find(|(all, _)| all.iter().all(|phrase| text.contains(phrase))).map(|row| row.1);
    match (category, plainer) {
        (Permission | Unavailable, Some(plainer)) => plainer,
        (RateLimited, Some(QuotaExceeded)) => QuotaExceeded,
        _ => category,
    }
}

fn by_status(status: u16, facts: &Facts<'_>, text: &str) -> ErrorCategory {
    let is = |words: &[&str]| {
        words
            .iter()
            .any(|word| facts.kind.eq_ignore_ascii_case(word) || facts.code.eq_ignore_ascii_case(word))
    };
    match status {
        401 => Authentication,
        402 => QuotaExceeded,
        403 => Permission,
        404 if text.contains("model") => ModelNotFound,
        429 => RateLimited,
        // 408, 409 and 425 are transient (OpenAI's own retry rules); 498 is Groq's flex capacity; 501 is "never will".
        408 | 409 | 425 | 498 | 500 | 502.. => Unavailable,
        300..=501 => InvalidRequest,
        // No status of its own: an error inside a 200.
        _ if is(&["rate_limit_exceeded", "RESOURCE_EXHAUSTED", "too_many_requests"]) => RateLimited,
        _ if is(&["not_found_error", "NOT_FOUND"]) && text.contains("model") => ModelNotFound,
        _ if is(&["not_found_error", "NOT_FOUND", "INVALID_ARGUMENT", "FAILED_PRECONDITION"]) => {
            InvalidRequest
        }
        _ if is(&["invalid_request_error", "BadRequestError", "tool_use_failed", "invalid_prompt"]) => {
            InvalidRequest
        }
        _ => Unavailable,
    }
}
