//! Finding the words of an error body, whatever shape it has.

use reqwest::header::HeaderMap;
use roundtable_domain::{ErrorCategory, ProviderError};
use serde_json::{Map, Value};

use super::{Facts, Reported, classify, excerpt};

/// The headers that hold a request's id, in the order of trust.
const REQUEST_ID_HEADERS: &[&str] = &[
    "x-request-id",
    "request-id",
    "apim-request-id",
    "mistral-correlation-id",
    "x-groq-request-id",
    "cf-ray",
];

/// The provider's id of the request, from the reply's headers.
pub fn request_id(headers: &HeaderMap) -> Option<String> {
    REQUEST_ID_HEADERS
        .iter()
        .find_map(|name| headers.get(*name)?.to_str().ok())
        .filter(|id| !id.is_empty())
        .map(str::to_owned)
}

/// The error of a refused reply: JSON in any known shape, a web page, plain text or nothing.
///
/// `retry_after_ms` comes from the headers without a clock (an HTTP date counts from the reply's own `date`), else from the
/// body's words.
pub fn from_reply(provider: &str, status: u16, headers: &HeaderMap, body: &[u8]) -> ProviderError {
    let parsed = serde_json::from_slice::<Value>(body.trim_ascii()).ok();
    let mut error = match parsed.as_ref().and_then(read) {
        Some(reported) => reported.into_error(provider, status),
        None => unreadable(provider, status, body),
    };
    error.retry_after_ms = crate::retry_after::from_headers(status, headers, None).or(error.retry_after_ms);
    error.request_id = request_id(headers).or(error.request_id);
    error
}

/// The words of an error in a JSON body; `None` when the body is not an error of any known shape.
///
/// Shapes (PROTOCOLS, sections 1 and 6): `{"error":{…}}`, `{"error":"text"}` with or without a `code` beside it, flat
/// `{"object":"error","message",…}`, `{"code","message","request_id"}`, `{"message"}`, `{"detail"}`, and each of them in an
/// array of one.
pub fn read(body: &Value) -> Option<Reported> {
    let object = match body {
        Value::Object(object) => object,
        Value::Array(items) => return items.first().filter(|item| item.is_object()).and_then(read),
        _ => return None,
    };
    let mut reported = match object.get("error") {
        Some(Value::Object(inner)) => from_object(inner),
        Some(Value::String(text)) => {
            Reported { message: Some(text.clone()), code: object.get("code").cloned(), ..Reported::default() }
        }
        _ => flat(object)?,
    };
    reported.request_id = reported.request_id.or_else(|| text(object, "request_id"));
    if reported.message.is_none() {
        reported.message = text(object, "message");
    }
    Some(reported)
}

/// An error that lies flat in the body. A body without any of its marks is no error.
fn flat(object: &Map<String, Value>) -> Option<Reported> {
    if let Some(detail) = object.get("detail") {
        let message = match detail {
            Value::String(text) => text.clone(),
            other => validation_message(other),
        };
        return Some(Reported { message: Some(message), ..Reported::default() });
    }
    let marked = object.get("object").and_then(Value::as_str) == Some("error")
        || object.get("type").and_then(Value::as_str) == Some("error")
        || (object.contains_key("message") && !object.contains_key("choices"));
    marked.then(|| from_object(object))
}

fn from_object(object: &Map<String, Value>) -> Reported {
    let code = object.get("code").filter(|code| !code.is_null()).cloned();
    let metadata = object.get("metadata").and_then(Value::as_object);
    // OpenRouter keeps the upstream's own body in `metadata.raw`; Azure the filter's verdict in `innererror`.
    let detail = [metadata.and_then(|m| m.get("raw")), object.get("innererror"), object.get("details")];
    let detail = detail.into_iter().flatten().map(as_text).collect::<Vec<_>>().join(" ");
    let number = |value: &Value| match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    let stated_status = object
        .get("status_code")
        .or(code.as_ref())
        .and_then(number)
        .and_then(|status| u16::try_from(status).ok())
        .filter(|status| (300..600).contains(status));
    Reported {
        kind: text(object, "type"),
        message: object.get("message").filter(|message| !message.is_null()).map(as_text),
        param: text(object, "param"),
        request_id: text(object, "request_id"),
        stated_status,
        code,
        detail,
    }
}

/// `FastAPI`'s `detail`: `[{"loc": […], "msg": "…"}]`.
fn validation_message(detail: &Value) -> String {
    let line = |item: &Value| {
        let place = item
            .get("loc")
            .and_then(Value::as_array)
            .map(|loc| loc.iter().map(as_text).collect::<Vec<_>>().join("."));
        let message = item.get("msg").map(as_text)?;
        Some(place.map_or_else(|| message.clone(), |place| format!("{place}: {message}")))
    };
    let lines: Vec<String> =
        detail.as_array().map(|items| items.iter().filter_map(line).collect()).unwrap_or_default();
    if lines.is_empty() { as_text(detail) } else { lines.join("; ") }
}

/// A body that is not JSON, or JSON that says nothing of an error.
fn unreadable(provider: &str, status: u16, body: &[u8]) -> ProviderError {
    let body = body.trim_ascii();
    let is_page = body.starts_with(b"<");
    let message = match (status, body.is_empty()) {
        (404 | 405, _) => format!(
            "HTTP {status} with {} instead of this API's error: nothing answers at this address. The base URL seems \
             wrong; check it, with its path.",
            excerpt(body)
        ),
        (_, true) => format!("The provider answered HTTP {status} without saying why."),
        _ => format!("The provider answered HTTP {status} with {}.", excerpt(body)),
    };
    // A page's words are a proxy's, not the provider's: only the status counts.
    let words = if is_page { String::new() } else { String::from_utf8_lossy(body).into_owned() };
    let category = if matches!(status, 404 | 405) {
        ErrorCategory::WrongAddress
    } else {
        classify(&Facts { status: Some(status), message: &words, ..Facts::default() })
    };
    ProviderError { status: Some(status), ..ProviderError::local(category, provider, message) }
}

fn text(object: &Map<String, Value>, name: &str) -> Option<String> {
    object.get(name)?.as_str().map(str::to_owned)
}

fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
