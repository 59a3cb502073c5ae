//! What an endpoint offers, and whether a key works there: free questions only.

use std::time::Instant;

use reqwest::header::HeaderMap;
use roundtable_domain::{Endpoint, ErrorCategory, ProviderError};
use secrecy::SecretString;
use tokio::time::{Duration, sleep};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::attempt::{accepted, cancelled, wire_of};
use crate::client::{Client, headers};
use crate::dialect::dialect_of;
use crate::error;
use crate::secret::scrub;
use crate::timers::Timers;
use crate::wire::ListedModel;

/// How long such a question may take in all.
const PATIENCE: Duration = Duration::from_secs(20);

/// The longest list that is read; `OpenRouter`'s is half a megabyte.
const MAX_LIST_BYTES: usize = 32 * 1024 * 1024;

/// A key works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyCheck {
    /// How many models the provider lists; `None` where the check goes to another endpoint.
    pub models: Option<usize>,
    /// How long the provider took to answer, in milliseconds.
    pub elapsed_ms: u64,
}

/// The models an endpoint lists.
pub async fn list_models(
    client: &Client,
    endpoint: &Endpoint,
    key: Option<&SecretString>,
    cancel: &CancellationToken,
) -> Result<Vec<ListedModel>, ProviderError> {
    let wire = wire_of(endpoint)?;
    let body = get(client, endpoint, key, wire.models_url(endpoint), cancel).await?;
    wire.parse_models(&body).map_err(|_| {
        let wrong = error::not_this_api(&endpoint.provider, &body);
        scrub(wrong, key)
    })
}

/// Whether a key works, asked of an endpoint that costs nothing and fails without a right key.
pub async fn check_key(
    client: &Client,
    endpoint: &Endpoint,
    key: Option<&SecretString>,
    cancel: &CancellationToken,
) -> Result<KeyCheck, ProviderError> {
    let started = Instant::now();
    let dialect = dialect_of(endpoint);
    let models = match dialect.validate_path.filter(|_| dialect.covers(endpoint.api)) {
        Some(path) => {
            let url = crate::openai_chat::path_under(&endpoint.base_url, &[path]);
            get(client, endpoint, key, url, cancel).await?;
            None
        }
        None => Some(list_models(client, endpoint, key, cancel).await?.len()),
    };
    Ok(KeyCheck { models, elapsed_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX) })
}

async fn get(
    client: &Client,
    endpoint: &Endpoint,
    key: Option<&SecretString>,
    url: Url,
    cancel: &CancellationToken,
) -> Result<Vec<u8>, ProviderError> {
    let provider = endpoint.provider.as_str();
    let answer = tokio::select! {
        biased;
        () = cancel.cancelled() => Err(cancelled(provider)),
        answer = fetch(client, endpoint, key, url) => answer,
        () = sleep(PATIENCE) => {
            let message = format!("The provider did not answer within {} s; try again later.", PATIENCE.as_secs());
            Err(ProviderError::local(ErrorCategory::Timeout, provider, message))
        }
    };
    answer.map_err(|error| scrub(error, key))
}

async fn fetch(
    client: &Client,
    endpoint: &Endpoint,
    key: Option<&SecretString>,
    url: Url,
) -> Result<Vec<u8>, ProviderError> {
    let provider = endpoint.provider.as_str();
    let headers = headers(endpoint, key, HeaderMap::new(), "application/json")?;
    let http = client
        .for_url(&url, Timers::default().connect_ms)
        .map_err(|error| error.into_provider_error(endpoint))?;
    let sent = http.get(url.clone()).headers(headers).send().await;
    let response = sent.map_err(|error| error::send_failed(provider, &url, &error))?;
    let mut response = accepted(wire_of(endpoint)?, provider, &url, response).await?;
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(bytes)) if body.len() + bytes.len() <= MAX_LIST_BYTES => body.extend_from_slice(&bytes),
            Ok(None) => return Ok(body),
            Ok(Some(_)) | Err(_) => {
                let message = "The reply broke off or was too long to be a list; try again.";
                return Err(ProviderError::local(ErrorCategory::Network, provider, message));
            }
        }
    }
}
