//! What an endpoint offers, and whether a key works there: free questions only.

use std::collections::HashSet;
use std::time::Instant;

use futures_util::{StreamExt, stream};
use reqwest::header::HeaderMap;
use roundtable_domain::{Endpoint, ProviderError, WireApi};
use secrecy::SecretString;
use tokio::time::{Duration, timeout};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::attempt::wire_of;
use crate::client::Client;
use crate::dialect::dialect_of;
use crate::listing::ListedModel;
use crate::question::{Question, ask};
use crate::secret::Secrets;
use crate::timers::Timers;
use crate::{error, ollama};

/// How long such a question may take in all.
const PATIENCE_MS: u64 = 20_000;

/// The longest list that is read; `OpenRouter`'s is half a megabyte.
const MAX_LIST_BYTES: usize = 32 * 1024 * 1024;

/// How many models of an Ollama are asked about, how many at once, and for how long in all. A server on this machine
/// answers in milliseconds; a list is wanted within the second that looking for local servers takes.
const MAX_DESCRIBED: usize = 64;
const DESCRIBED_AT_ONCE: usize = 8;
const DESCRIBE_PATIENCE: Duration = Duration::from_millis(500);

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
    let mut models = list_names(client, endpoint, key, cancel).await?;
    // Some list a model once for each of its names, under the same one.
    let mut seen = HashSet::new();
    models.retain(|model| seen.insert(model.id.clone()));
    if endpoint.api == WireApi::Ollama {
        describe(client, endpoint, key, &mut models, cancel).await;
    }
    Ok(models)
}

async fn list_names(
    client: &Client,
    endpoint: &Endpoint,
    key: Option<&SecretString>,
    cancel: &CancellationToken,
) -> Result<Vec<ListedModel>, ProviderError> {
    let wire = wire_of(endpoint)?;
    let body = get(client, endpoint, key, wire.models_url(endpoint), cancel).await?;
    wire.parse_models(&body).map_err(|_| {
        let wrong = error::not_this_api(&endpoint.provider, &body);
        Secrets::of(endpoint, key).scrub(wrong)
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
            let url = crate::openai::address(endpoint, &[path]);
            get(client, endpoint, key, url, cancel).await?;
            None
        }
        None => Some(list_names(client, endpoint, key, cancel).await?.len()),
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
    let question = Question {
        endpoint,
        key,
        url,
        headers: HeaderMap::new(),
        body: None,
        timers: patience(endpoint),
        max_bytes: MAX_LIST_BYTES,
    };
    ask(client, question, cancel).await
}

/// The endpoint's timeouts, if they are shorter than what such a question may take.
fn patience(endpoint: &Endpoint) -> Timers {
    let timers = Timers::default().with(&endpoint.network.timeouts);
    Timers { total_ms: timers.total_ms.min(PATIENCE_MS), ..timers }
}

/// Asks an Ollama for what each of its models can do, several at a time, as far as the answers come soon. Nothing else
/// fails with it: the list alone is a list.
async fn describe(
    client: &Client,
    endpoint: &Endpoint,
    key: Option<&SecretString>,
    models: &mut [ListedModel],
    cancel: &CancellationToken,
) {
    let url = ollama::url_of(&endpoint.base_url, "show");
    let asked = models.iter().take(MAX_DESCRIBED).enumerate().map(|(place, model)| {
        let body = serde_json::json!({ "model": model.id }).to_string();
        let question = Question {
            endpoint,
            key,
            url: url.clone(),
            headers: HeaderMap::new(),
            body: Some(body.into()),
            timers: patience(endpoint),
            max_bytes: MAX_LIST_BYTES,
        };
        async move { (place, ask(client, question, cancel).await) }
    });
    let mut answers = stream::iter(asked.collect::<Vec<_>>()).buffer_unordered(DESCRIBED_AT_ONCE);
    let mut known = Vec::new();
    let collect = async {
        while let Some((place, answer)) = answers.next().await {
            known.extend(answer.ok().map(|body| (place, body)));
        }
    };
    // What came in time is in `known` either way.
    let _ = timeout(DESCRIBE_PATIENCE, collect).await;
    drop(answers);
    for (place, body) in known {
        if let Some(model) = models.get_mut(place) {
            ollama::add_shown(model, &body);
        }
    }
}
