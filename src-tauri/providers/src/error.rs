//! From a provider's refusal to a [`ProviderError`]: its words stay verbatim, the category is ours.
//!
//! [`read`] finds the words in any of the shapes providers use, [`classify`] makes a category of them. A wire with shapes of
//! its own fills [`Reported`] itself and calls [`Reported::into_error`].

mod classify;
mod read;
mod transport;

use roundtable_domain::{ErrorCategory, ProviderError};
use serde_json::Value;

pub use classify::{Facts, classify};
pub use read::{from_reply, read, request_id};
pub(crate) use transport::{body_failed, proxy_wants_login, send_failed};

use crate::framing::FramingError;

/// The longest [`ProviderError::detail`], in characters. Upstreams put whole requests into their errors.
const MAX_DETAIL: usize = 2000;

/// What a provider reported, before it is classified.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reported {
    /// The error's type, verbatim (`type`; `status` at Gemini).
    pub kind: Option<String>,
    /// The error's code, verbatim.
    pub code: Option<Value>,
    /// The message, verbatim.
    pub message: Option<String>,
    /// The parameter to blame.
    pub param: Option<String>,
    /// The request's id, where the body holds it.
    pub request_id: Option<String>,
    /// Further text that tells the category: an upstream's body, Gemini's details.
    pub detail: String,
    /// The status the body itself states, for errors inside a 200.
    pub stated_status: Option<u16>,
}

impl Reported {
    /// The classified error. `http_status` is the reply's own; for errors inside a 200 the category follows the status the
    /// body states, while [`ProviderError::status`] stays what HTTP said.
    pub fn into_error(self, provider: &str, http_status: u16) -> ProviderError {
        let effective = match self.stated_status {
            Some(stated) if (200..300).contains(&http_status) => stated,
            _ => http_status,
        };
        let code_text = match &self.code {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        };
        let category = classify(&Facts {
            status: Some(effective),
            kind: self.kind.as_deref().unwrap_or_default(),
            code: &code_text,
            message: self.message.as_deref().unwrap_or_default(),
            detail: &self.detail,
        });
        let said = self.message.filter(|message| !message.trim().is_empty());
        let message_is_ours = said.is_none();
        let message =
            said.unwrap_or_else(|| format!("The provider answered HTTP {effective} without saying why."));
        let retry_after_ms = crate::retry_after::from_text(&message);
        ProviderError {
            category,
            provider: provider.to_owned(),
            status: Some(http_status),
            kind: self.kind,
            code: self.code.filter(|code| !code.is_null()),
            message,
            param: self.param,
            retry_after_ms,
            request_id: self.request_id,
            detail: bounded(&self.detail),
            message_is_ours,
        }
    }
}

/// A text of at most [`MAX_DETAIL`] characters; `None` when there is none.
fn bounded(text: &str) -> Option<String> {
    let text = text.trim();
    let mut kept: String = text.chars().take(MAX_DETAIL).collect();
    if kept.len() < text.len() {
        kept.push('…');
    }
    (!kept.is_empty()).then_some(kept)
}

/// The error for a reply that cannot be cut into frames.
pub fn framing_failed(provider: &str, error: FramingError) -> ProviderError {
    ProviderError {
        status: Some(200),
        ..ProviderError::local(
            ErrorCategory::Unavailable,
            provider,
            format!("The provider's answer is unusable: {error}."),
        )
    }
}

/// The error for a successful reply that is not what the wire promises: a web page, another API's JSON, no JSON at all; or one
/// that is only the beginning of what it promises.
pub fn not_this_api(provider: &str, body: &[u8]) -> ProviderError {
    if is_cut(body) {
        let message = "The reply ended in the middle: only its beginning came. Trying again may help.";
        let error = ProviderError::local(ErrorCategory::Truncated, provider, message);
        return ProviderError { status: Some(200), ..error };
    }
    let message = format!(
        "The server answered, but not as this API does: {}. The base URL seems wrong; check it, with its path.",
        excerpt(body)
    );
    ProviderError {
        status: Some(200),
        ..ProviderError::local(ErrorCategory::WrongAddress, provider, message)
    }
}

/// Whether a body is the beginning of a JSON object or array, and no more.
fn is_cut(body: &[u8]) -> bool {
    let begun = matches!(body.trim_ascii_start().first(), Some(b'{' | b'['));
    begun && serde_json::from_slice::<serde::de::IgnoredAny>(body).is_err_and(|error| error.is_eof())
}

/// A frame in the middle of a stream that is not JSON: the stream cannot be trusted any further.
pub fn broken_frame(provider: &str, data: &[u8]) -> ProviderError {
    let message = format!(
        "The provider sent a piece that is not valid JSON, so the answer stops here: {}.",
        excerpt(data)
    );
    ProviderError { status: Some(200), ..ProviderError::local(ErrorCategory::Unavailable, provider, message) }
}

/// The first words of a body for a message: a page's title or text without its tags, at most 120 characters.
pub fn excerpt(body: &[u8]) -> String {
    let head = body.get(..body.len().min(4096)).unwrap_or_default();
    let text = String::from_utf8_lossy(head);
    let is_page = text.trim_start().starts_with('<');
    let text = if is_page { page_text(&text) } else { text.into_owned() };
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = words.chars().filter(|c| !c.is_control()).take(120).collect();
    if short.len() < words.len() {
        short.push('…');
    }
    match (short.is_empty(), is_page) {
        (true, true) => "a web page".to_owned(),
        (true, false) => "an empty body".to_owned(),
        (false, true) => format!("a web page saying \"{short}\""),
        (false, false) => format!("\"{short}\""),
    }
}

/// A page's title, else its text.
fn page_text(html: &str) -> String {
    let lower = html.to_ascii_lowercase();
    let title = lower.find("<title>").and_then(|start| {
        let from = start + "<title>".len();
        let end = lower.get(from..)?.find("</title>")?;
        html.get(from..from + end)
    });
    if let Some(title) = title.filter(|title| !title.trim().is_empty()) {
        return title.to_owned();
    }
    let mut inside = false;
    html.chars()
        .map(|c| {
            inside = (inside || c == '<') && c != '>';
            if inside || c == '>' { ' ' } else { c }
        })
        .collect()
}

#[cfg(test)]
mod tests;
