//! Fetching a public price list. Only when somebody asks for it; no key goes along.

use std::path::Path;
use std::time::Duration;

use futures_util::StreamExt as _;
use roundtable_domain::endpoint::{PlainHttp, parse_base_url};
use tokio_util::sync::CancellationToken;

use super::PriceListError;

/// The list that is asked unless `ROUNDTABLE_PRICE_LIST` names another.
pub(super) const PUBLIC_LIST: &str = "https://models.dev/api.json";

/// Today's lists have two megabytes.
const LARGEST_BYTES: usize = 32 * 1024 * 1024;
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);
const WHOLE_PATIENCE: Duration = Duration::from_mins(1);

/// Fetches a list through the system's proxy. Redirects are not followed.
pub(super) async fn fetch(address: &str, closing: &CancellationToken) -> Result<String, PriceListError> {
    tokio::select! {
        () = closing.cancelled() => Err(PriceListError::Closing),
        text = download(address) => text,
    }
}

async fn download(address: &str) -> Result<String, PriceListError> {
    let failed = |reason: String| PriceListError::Fetch { address: address.to_owned(), reason };
    let url = parse_base_url(address, PlainHttp::Loopback).map_err(|error| failed(error.to_string()))?;
    let client = reqwest::Client::builder()
        .user_agent(concat!("roundtable/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_PATIENCE)
        .timeout(WHOLE_PATIENCE)
        .build()
        .map_err(|error| failed(error.to_string()))?;
    let response = client.get(url).send().await.map_err(|error| failed(in_words(&error)))?;
    if !response.status().is_success() {
        return Err(failed(format!("the server answered {}", response.status())));
    }
    let mut bytes = Vec::new();
    let mut body = response.bytes_stream();
    while let Some(chunk) = body.next().await {
        bytes.extend_from_slice(&chunk.map_err(|error| failed(in_words(&error)))?);
        if bytes.len() > LARGEST_BYTES {
            return Err(failed("it is larger than any price list".to_owned()));
        }
    }
    String::from_utf8(bytes).map_err(|_| failed("it is not text".to_owned()))
}

/// Reads a list from a file.
pub(super) async fn read_file(path: &Path) -> Result<String, PriceListError> {
    let failed = |reason: String| PriceListError::Fetch { address: path.display().to_string(), reason };
    let facts = tokio::fs::metadata(path).await.map_err(|error| failed(error.to_string()))?;
    if usize::try_from(facts.len()).unwrap_or(usize::MAX) > LARGEST_BYTES {
        return Err(failed("it is larger than any price list".to_owned()));
    }
    tokio::fs::read_to_string(path).await.map_err(|error| failed(error.to_string()))
}

/// The innermost cause, which names what failed; reqwest's own words only say that something did.
fn in_words(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it took too long".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
