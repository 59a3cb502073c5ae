//! What the head of a reply decides: an answer to read, or an error.

use std::time::SystemTime;

use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION};
use reqwest::{Response, StatusCode};
use roundtable_domain::{Endpoint, ErrorCategory, ProviderError};
use tokio::time::{Duration, timeout};
use url::Url;

use crate::error;
use crate::retry_after;
use crate::wire::Wire;

/// The longest error body that is read.
const MAX_ERROR_BYTES: usize = 256 * 1024;

/// The wire of an endpoint.
pub(crate) fn wire_of(endpoint: &Endpoint) -> Result<&'static dyn Wire, ProviderError> {
    crate::wire_for(endpoint.api).ok_or_else(|| {
        let message =
            format!("Roundtable does not speak the API \"{}\" yet; nothing was sent.", endpoint.api.as_str());
        ProviderError::local(ErrorCategory::InvalidRequest, endpoint.provider.as_str(), message)
    })
}

/// Passes a 2xx that may be this API's on; makes an error of everything else.
pub(crate) async fn accepted(
    wire: &dyn Wire,
    provider: &str,
    url: &Url,
    mut response: Response,
) -> Result<Response, ProviderError> {
    let status = response.status();
    let headers = response.headers().clone();
    if status.is_redirection() {
        return Err(redirected(provider, url, status, &headers));
    }
    if status == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
        return Err(error::proxy_wants_login(provider));
    }
    let is_page = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/html"));
    if status.is_success() && !is_page {
        return Ok(response);
    }
    let body = error_body(&mut response).await;
    if status.is_success() {
        return Err(ProviderError { status: Some(status.as_u16()), ..error::not_this_api(provider, &body) });
    }
    let mut error = wire.error(provider, status.as_u16(), &headers, &body);
    let waits = retry_after::from_headers(status.as_u16(), &headers, Some(SystemTime::now()));
    error.retry_after_ms = waits.or(error.retry_after_ms);
    Err(error)
}

/// The body of a refusal, as far as it comes soon: a slow or endless one must not hold up the error.
async fn error_body(response: &mut Response) -> Vec<u8> {
    let mut body = Vec::new();
    let read = async {
        while let Ok(Some(bytes)) = response.chunk().await {
            body.extend_from_slice(&bytes);
            if body.len() > MAX_ERROR_BYTES {
                break;
            }
        }
    };
    // What came before the limit is in `body` either way.
    let _ = timeout(Duration::from_secs(5), read).await;
    body
}

fn redirected(provider: &str, url: &Url, status: StatusCode, headers: &HeaderMap) -> ProviderError {
    let target = headers
        .get(LOCATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|location| url.join(location).ok());
    let host = url.host_str().unwrap_or("The server");
    let target = target.map_or_else(
        || "another address".to_owned(),
        |target| {
            let path = target.path().trim_end_matches('/');
            format!("{}{path}", target.origin().ascii_serialization())
        },
    );
    let message = format!(
        "{host} redirects to {target}. Redirects are not followed, because your key would go along; nothing was answered. If \
         you trust that address, correct the base URL."
    );
    ProviderError {
        status: Some(status.as_u16()),
        ..ProviderError::local(ErrorCategory::WrongAddress, provider, message)
    }
}
