//! Errors: `{"error":{"code","message","status","details"}}`, also in an array of one (PROTOCOLS, section 4).

use reqwest::header::HeaderMap;
use roundtable_domain::ProviderError;
use serde::Deserialize;
use serde_json::Value;

use crate::error::{Reported, not_this_api};
use crate::{error, retry_after};

#[derive(Deserialize)]
struct Envelope {
    error: Status,
}

/// Google's error model (<https://cloud.google.com/apis/design/errors>).
#[derive(Deserialize)]
struct Status {
    code: Option<Value>,
    message: Option<String>,
    /// The canonical code in words. Required: an error without it is some gateway's, not Google's.
    #[serde(rename = "status")]
    word: String,
    #[serde(default)]
    details: Vec<Value>,
}

/// The error of a refused reply.
pub(super) fn from_reply(provider: &str, status: u16, headers: &HeaderMap, body: &[u8]) -> ProviderError {
    let Some(google) = read(body) else {
        return error::from_reply(provider, status, headers, body);
    };
    let mut error = into_error(google, provider, status);
    error.retry_after_ms = retry_after::from_headers(status, headers, None).or(error.retry_after_ms);
    error.request_id = error::request_id(headers);
    error
}

/// The error a body or chunk of a successful reply reports; a body that reports none is not of this API.
pub(super) fn of_success(provider: &str, body: &[u8]) -> ProviderError {
    if let Some(google) = read(body) {
        return into_error(google, provider, 200);
    }
    let reported = serde_json::from_slice(body).ok().as_ref().and_then(error::read);
    reported.map_or_else(|| not_this_api(provider, body), |reported| reported.into_error(provider, 200))
}

fn read(body: &[u8]) -> Option<Status> {
    let body = body.trim_ascii();
    let envelope = if body.starts_with(b"[") {
        serde_json::from_slice::<Vec<Envelope>>(body).ok()?.into_iter().next()
    } else {
        serde_json::from_slice(body).ok()
    };
    envelope.map(|envelope| envelope.error)
}

fn into_error(google: Status, provider: &str, http_status: u16) -> ProviderError {
    let delay = google.details.iter().find_map(|detail| {
        let is_retry_info = detail.get("@type")?.as_str()?.ends_with("google.rpc.RetryInfo");
        detail.get("retryDelay").and_then(Value::as_str).filter(|_| is_retry_info)
    });
    let delay_ms = delay.and_then(retry_after::from_retry_delay);
    let stated_status =
        google.code.as_ref().and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok());
    let details =
        if google.details.is_empty() { String::new() } else { Value::Array(google.details).to_string() };
    let reported = Reported {
        kind: Some(google.word),
        code: google.code,
        message: google.message,
        detail: details,
        stated_status,
        ..Reported::default()
    };
    let mut error = reported.into_error(provider, http_status);
    error.retry_after_ms = delay_ms.or(error.retry_after_ms);
    error
}
