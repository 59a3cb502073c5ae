//! Texts to vectors, at every provider that has an endpoint for it: `POST /embeddings` and its imitations, Gemini's
//! `:batchEmbedContents`, Ollama's `/api/embed`.
//!
//! [`embed`] sends as many requests as the provider's limits ask for, one after the other, and believes no answer that does
//! not fit its question: a vector too few, of another length or with something that is no number is an error, never a
//! shifted list. To keep what is paid for when a later request fails, call it once per [`plan_batches`].

mod gemini;
mod limits;
mod ollama;
mod openai;

use std::ops::Range;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use roundtable_domain::{Endpoint, ErrorCategory, ProviderError, WireApi};
use secrecy::SecretString;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::client::Client;
use crate::departure::Departure;
use crate::error;
use crate::question::{Question, ask_following};
use crate::secret::Secrets;
use crate::timers::Timers;

/// The longest answer to one batch that is read: 2,000 vectors of 3,072 numbers in decimal are about as long.
const MAX_REPLY_BYTES: usize = 128 * 1024 * 1024;

/// What to turn into vectors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmbeddingRequest {
    /// The name to send.
    pub model: String,
    /// The texts, none of them empty.
    pub texts: Vec<String>,
    /// How long the vectors shall be; `None`: as long as the model makes them. Not every model can shorten them.
    pub dimensions: Option<u32>,
}

/// The vectors of a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Embeddings {
    /// One for each text, in their order: all of one length, of finite numbers.
    pub vectors: Vec<Vec<f32>>,
    /// The model that made them, where the provider says.
    pub model: Option<String>,
    /// The usage as the provider reported it: its object, or an array of them when several requests were sent.
    pub usage_raw: Option<Value>,
    /// Tokens of all texts together; `None` when any request came back without.
    pub tokens: Option<u64>,
}

/// Why there are no vectors.
#[derive(Clone, Debug, PartialEq)]
pub struct NoVectors {
    /// What went wrong.
    pub error: ProviderError,
    /// The provider may charge for it all the same: it had the whole question and refused nothing, or it had answered a part.
    pub may_be_charged: bool,
}

impl From<ProviderError> for NoVectors {
    fn from(error: ProviderError) -> Self {
        Self { error, may_be_charged: false }
    }
}

/// The answer to one batch.
#[derive(Debug, Default)]
struct Batch {
    vectors: Vec<Vec<f32>>,
    model: Option<String>,
    usage_raw: Option<Value>,
    tokens: Option<u64>,
}

/// How one wire asks and answers.
struct Dialogue {
    url: Url,
    body: Value,
    read: fn(&[u8]) -> Result<Batch, Unreadable>,
}

/// Why an answer is not one.
#[derive(Debug, PartialEq, Eq)]
enum Unreadable {
    /// It is something else altogether.
    OtherApi,
    /// It is one, but cannot be right.
    Wrong(String),
}

/// The texts of each request that will be sent, by their places: bounded by the provider's number of texts and by size. A
/// text larger than the bound goes alone.
pub fn plan_batches(endpoint: &Endpoint, texts: &[String]) -> Vec<Range<usize>> {
    limits::limits_of(endpoint).plan(texts)
}

/// The vectors of all texts. Errors are those of a chat; a wire without embeddings says so.
pub async fn embed(
    client: &Client,
    endpoint: &Endpoint,
    key: Option<&SecretString>,
    request: &EmbeddingRequest,
    timers: Timers,
    cancel: &CancellationToken,
) -> Result<Embeddings, NoVectors> {
    if let Some(place) = request.texts.iter().position(|text| text.trim().is_empty()) {
        let message = format!("Text {} of {} is empty; nothing was sent.", place + 1, request.texts.len());
        return Err(ProviderError::local(ErrorCategory::InvalidRequest, &*endpoint.provider, message).into());
    }
    let mut all = Embeddings { tokens: Some(0), ..Embeddings::default() };
    let mut usages = Vec::new();
    for range in plan_batches(endpoint, &request.texts) {
        let texts = request.texts.get(range).unwrap_or_default();
        let batch = embed_batch(client, endpoint, key, request, texts, timers, cancel).await;
        let batch = batch.map_err(|none| NoVectors {
            may_be_charged: none.may_be_charged || !all.vectors.is_empty(),
            ..none
        })?;
        let length = all.vectors.first().or(batch.vectors.first()).map_or(0, Vec::len);
        if batch.vectors.iter().any(|vector| vector.len() != length) {
            return Err(paid(unusable(endpoint, "its vectors have different lengths")));
        }
        all.vectors.extend(batch.vectors);
        all.model = batch.model.or(all.model);
        all.tokens = all.tokens.zip(batch.tokens).and_then(|(sum, more)| sum.checked_add(more));
        usages.extend(batch.usage_raw);
    }
    all.usage_raw = match usages.len() {
        0 => None,
        1 => usages.pop(),
        _ => Some(Value::Array(usages)),
    };
    Ok(all)
}

async fn embed_batch(
    client: &Client,
    endpoint: &Endpoint,
    key: Option<&SecretString>,
    request: &EmbeddingRequest,
    texts: &[String],
    timers: Timers,
    cancel: &CancellationToken,
) -> Result<Batch, NoVectors> {
    let dialogue = dialogue(endpoint, request, texts)?;
    let question = Question {
        endpoint,
        key,
        url: dialogue.url,
        headers: HeaderMap::new(),
        body: Some(Bytes::from(dialogue.body.to_string())),
        timers,
        max_bytes: MAX_REPLY_BYTES,
    };
    let departure = Departure::default();
    let reply = ask_following(client, question, &departure, cancel).await;
    let reply = reply.map_err(|error| {
        let may_be_charged = departure.reached().may_be_charged(&error);
        NoVectors { error, may_be_charged }
    })?;
    let batch = (dialogue.read)(&reply).map_err(|reason| match reason {
        Unreadable::Wrong(reason) => paid(unusable(endpoint, &reason)),
        Unreadable::OtherApi => Secrets::of(endpoint, key).scrub(reported_or_other(endpoint, &reply)).into(),
    })?;
    check(&batch, texts.len(), request.dimensions).map_err(|reason| paid(unusable(endpoint, &reason)))?;
    Ok(batch)
}

fn dialogue(
    endpoint: &Endpoint,
    request: &EmbeddingRequest,
    texts: &[String],
) -> Result<Dialogue, ProviderError> {
    match endpoint.api {
        WireApi::OpenaiChat | WireApi::OpenaiResponses | WireApi::OpenaiCompletions => {
            Ok(openai::dialogue(endpoint, request, texts))
        }
        WireApi::Gemini => Ok(gemini::dialogue(endpoint, request, texts)),
        WireApi::Ollama => Ok(ollama::dialogue(endpoint, request, texts)),
        WireApi::AnthropicMessages => {
            let message = "This provider's API has no embeddings; nothing was sent. Choose a model of another provider.";
            Err(ProviderError::local(ErrorCategory::InvalidRequest, &*endpoint.provider, message))
        }
    }
}

/// An error inside a 200, else the verdict that this is not the API.
fn reported_or_other(endpoint: &Endpoint, reply: &[u8]) -> ProviderError {
    let reported = serde_json::from_slice(reply).ok().as_ref().and_then(error::read);
    reported.map_or_else(
        || error::not_this_api(&endpoint.provider, reply),
        |reported| reported.into_error(&endpoint.provider, 200),
    )
}

/// What is wrong with a batch that could be read.
fn check(batch: &Batch, texts: usize, dimensions: Option<u32>) -> Result<(), String> {
    let vectors = &batch.vectors;
    if vectors.len() != texts {
        return Err(format!("it holds {} vectors for {texts} texts", vectors.len()));
    }
    let length = vectors.first().map_or(0, Vec::len);
    if length == 0 || vectors.iter().any(|vector| vector.len() != length) {
        return Err("its vectors are empty or have different lengths".to_owned());
    }
    if vectors.iter().flatten().any(|number| !number.is_finite()) {
        return Err("its vectors hold what is no number".to_owned());
    }
    match dimensions {
        Some(asked) if usize::try_from(asked) != Ok(length) => Err(format!(
            "its vectors have {length} numbers where {asked} were asked for; this model may not be able to shorten them"
        )),
        _ => Ok(()),
    }
}

/// An answer that is of no use was worked for.
fn paid(error: ProviderError) -> NoVectors {
    NoVectors { error, may_be_charged: true }
}

fn unusable(endpoint: &Endpoint, reason: &str) -> ProviderError {
    let message = format!("The provider's vectors are not usable: {reason}.");
    ProviderError {
        status: Some(200),
        ..ProviderError::local(ErrorCategory::Unavailable, &*endpoint.provider, message)
    }
}

#[cfg(test)]
mod tests;
