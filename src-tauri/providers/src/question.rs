//! One request with one whole answer: lists, checks, vectors, counts.

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use roundtable_domain::{Endpoint, ErrorCategory, ProviderError};
use secrecy::SecretString;
use tokio::time::{Duration, sleep};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::attempt::{accepted, cancelled, wire_of};
use crate::client::{Client, headers, with_query};
use crate::departure::Departure;
use crate::error;
use crate::secret::Secrets;
use crate::timers::Timers;

/// What to ask.
pub(crate) struct Question<'a> {
    pub endpoint: &'a Endpoint,
    pub key: Option<&'a SecretString>,
    pub url: Url,
    /// Headers of the wire.
    pub headers: HeaderMap,
    /// With a body it is a POST.
    pub body: Option<Bytes>,
    /// `connect_ms` and `total_ms` count; a whole answer has no deltas.
    pub timers: Timers,
    /// The longest answer that is read.
    pub max_bytes: usize,
}

/// Asks, and gives the whole answer of a 2xx. Errors are those of a chat, with the key taken out.
pub(crate) async fn ask(
    client: &Client,
    question: Question<'_>,
    cancel: &CancellationToken,
) -> Result<Vec<u8>, ProviderError> {
    ask_following(client, question, &Departure::default(), cancel).await
}

/// As [`ask`], and tells how far the question came. It is for questions that cost something.
pub(crate) async fn ask_following(
    client: &Client,
    question: Question<'_>,
    departure: &Departure,
    cancel: &CancellationToken,
) -> Result<Vec<u8>, ProviderError> {
    let (key, provider) = (question.key, question.endpoint.provider.as_str());
    let endpoint = question.endpoint;
    let total_ms = question.timers.total_ms;
    let answer = tokio::select! {
        biased;
        () = cancel.cancelled() => Err(cancelled(provider)),
        answer = fetch(client, question, departure) => answer,
        () = sleep(Duration::from_millis(total_ms)) => {
            let time = crate::timers::time(total_ms);
            let message = format!("The provider did not answer within {time} (total timer); try again later.");
            Err(ProviderError::local(ErrorCategory::Timeout, provider, message))
        }
    };
    answer.map_err(|error| Secrets::of(endpoint, key).scrub(error))
}

async fn fetch(
    client: &Client,
    question: Question<'_>,
    departure: &Departure,
) -> Result<Vec<u8>, ProviderError> {
    let Question { endpoint, key, url, headers: wire_headers, body, timers, max_bytes } = question;
    let provider = endpoint.provider.as_str();
    let headers = headers(endpoint, key, wire_headers, "application/json")?;
    let url = with_query(url, endpoint);
    let way =
        client.way(endpoint, &url, timers.connect_ms).map_err(|error| error.into_provider_error(endpoint))?;
    let request = match body {
        Some(body) => {
            way.http.post(url.clone()).header(CONTENT_TYPE, "application/json").body(departure.body(body))
        }
        None => way.http.get(url.clone()),
    };
    let sent = request.headers(headers).send().await;
    let response = sent.map_err(|error| error::send_failed(provider, &url, &way, &error))?;
    let mut response = accepted(wire_of(endpoint)?, provider, &url, response).await?;
    departure.answered();
    let mut answer = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(bytes)) if answer.len() + bytes.len() <= max_bytes => answer.extend_from_slice(&bytes),
            Ok(None) => return Ok(answer),
            Ok(Some(_)) => {
                let message = format!("The reply is longer than {} MiB and was not read.", max_bytes >> 20);
                return Err(ProviderError::local(ErrorCategory::InvalidRequest, provider, message));
            }
            Err(_) => {
                let message = "The connection broke before the reply was whole; try again.";
                return Err(ProviderError::local(ErrorCategory::Network, provider, message));
            }
        }
    }
}
