//! One attempt: one request to one provider with one key, from sending to the last byte.

mod accept;
mod waits;

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::SystemTime;

use reqwest::Response;
use reqwest::header::CONTENT_TYPE;
use roundtable_domain::{ChatRequest, Endpoint, ErrorCategory, ProviderError, StreamEvent};
use secrecy::SecretString;
use tokio::time::{Duration, Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::client::{Client, headers, with_query};
use crate::departure::{Departure, Reached};
use crate::error;
use crate::rate_limits::RateLimits;
use crate::secret::Secrets;
use crate::timers::{Clocks, Expiry, Timers};
use crate::wire::Decoder;

pub(crate) use accept::{accepted, wire_of};
use waits::{Stop, Waits};

/// How long the end of file may take after the answer is complete. It only decides whether the connection can be used
/// again.
const DRAIN: Duration = Duration::from_millis(100);

/// What to send where, with which key.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Where to.
    pub endpoint: &'a Endpoint,
    /// The key, if there is one.
    pub key: Option<&'a SecretString>,
    /// What is asked.
    pub request: &'a ChatRequest,
    /// How long each phase may take.
    pub timers: Timers,
}

/// What is known of a reply before its body.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReplyHead {
    /// The HTTP status: always a 2xx, others are errors.
    pub status: u16,
    /// The provider's id of the request.
    pub request_id: Option<String>,
    /// What the provider says about its limits.
    pub rate_limits: RateLimits,
    /// From sending to the head, in milliseconds.
    pub head_ms: u64,
}

/// An answer that is coming. Dropping it closes the connection.
pub struct ChatStream {
    provider: String,
    /// For taking them out of errors only.
    secrets: Secrets,
    head: ReplyHead,
    response: Response,
    decoder: Box<dyn Decoder>,
    clocks: Clocks,
    waits: Waits,
    cancel: CancellationToken,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Reading,
    /// The model has said why it stopped; usage and the terminal signal may follow.
    Finished,
    /// The terminal signal came.
    Completed,
    Over,
}

impl std::fmt::Debug for ChatStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChatStream")
            .field("head", &self.head)
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}

/// What one wait brought.
enum Read {
    Bytes(bytes::Bytes),
    End,
    Broken(reqwest::Error),
    Expired(Expiry),
    Cancelled,
}

/// Why there is no answer to read.
#[derive(Clone, Debug, PartialEq)]
pub struct NoAnswer {
    /// A refusal in the provider's words, a network failure, a timeout or a cancellation, each in its category.
    pub error: ProviderError,
    /// What a refusal said about limits; nothing where none came.
    pub rate_limits: Box<RateLimits>,
    /// How far the request came without one.
    pub reached: Reached,
}

impl From<ProviderError> for NoAnswer {
    fn from(error: ProviderError) -> Self {
        Self { error, rate_limits: Box::default(), reached: Reached::Nobody }
    }
}

/// Sends the request and waits for the reply's head. The error says why there is no answer to read.
pub async fn start_chat(
    client: &Client,
    call: Call<'_>,
    cancel: &CancellationToken,
) -> Result<ChatStream, NoAnswer> {
    let scrub = |error| Secrets::of(call.endpoint, call.key).scrub(error);
    send(client, call, cancel).await.map_err(|none| NoAnswer { error: scrub(none.error), ..none })
}

async fn send(client: &Client, call: Call<'_>, cancel: &CancellationToken) -> Result<ChatStream, NoAnswer> {
    let Call { endpoint, key, request, timers } = call;
    let provider = endpoint.provider.as_str();
    let wire = wire_of(endpoint)?;
    let wire_request = wire.chat_request(endpoint, request)?;
    let accept = if request.stream {
        "text/event-stream, application/json, application/x-ndjson"
    } else {
        "application/json"
    };
    let headers = headers(endpoint, key, wire_request.headers, accept)?;
    let url = with_query(wire_request.url, endpoint);
    let way =
        client.way(endpoint, &url, timers.connect_ms).map_err(|error| error.into_provider_error(endpoint))?;
    let clocks = Clocks::start(timers, request.stream);
    let (deadline, expiry) = clocks.deadline();
    let departure = Departure::default();
    let lost = |error| NoAnswer { reached: departure.reached(), ..NoAnswer::from(error) };
    let sending = way
        .http
        .post(url.clone())
        .headers(headers)
        .header(CONTENT_TYPE, "application/json")
        .body(departure.body(wire_request.body))
        .send();
    let response = tokio::select! {
        biased;
        () = cancel.cancelled() => return Err(lost(cancelled(provider))),
        sent = sending => sent.map_err(|error| lost(error::send_failed(provider, &url, &way, &error)))?,
        () = sleep_until(deadline) => return Err(lost(clocks.expired(provider, expiry))),
    };
    let head_ms = clocks.elapsed_ms();
    let rate_limits = RateLimits::from_headers(response.headers(), SystemTime::now());
    let response = tokio::select! {
        biased;
        () = cancel.cancelled() => return Err(cancelled(provider).into()),
        checked = accepted(wire, provider, &url, response) => {
            checked.map_err(|error| NoAnswer { rate_limits: Box::new(rate_limits), ..NoAnswer::from(error) })?
        }
    };
    let head = ReplyHead {
        status: response.status().as_u16(),
        request_id: error::request_id(response.headers()),
        rate_limits,
        head_ms,
    };
    Ok(ChatStream {
        provider: provider.to_owned(),
        secrets: Secrets::of(endpoint, key),
        head,
        decoder: wire.decoder(provider, request.stream),
        response,
        clocks,
        waits: Waits::new(cancel.clone(), deadline),
        cancel: cancel.clone(),
        stage: Stage::Reading,
    })
}

impl ChatStream {
    /// What came before the body.
    pub fn head(&self) -> &ReplyHead {
        &self.head
    }

    /// Appends the next events to `out`: all that one network read gave, which may be none. `Ok(true)`: more may come.
    /// `Ok(false)`: the stream is over, and `Answer::end` tells how it ended.
    ///
    /// Errors are timeouts, a broken connection and cancellation; events that were appended before stay valid. Errors the
    /// provider reports inside the stream are events.
    pub async fn next_batch(&mut self, out: &mut Vec<StreamEvent>) -> Result<bool, ProviderError> {
        match self.stage {
            Stage::Over => return Ok(false),
            Stage::Completed => {
                self.drain().await;
                self.stage = Stage::Over;
                return Ok(false);
            }
            Stage::Reading | Stage::Finished => {}
        }
        let from = out.len();
        let result = match self.read().await {
            Read::Bytes(bytes) => {
                self.decoder.push(&bytes, out);
                self.observe(out, from)
            }
            Read::End | Read::Expired(Expiry::Aftermath) => self.finish(out, None),
            Read::Broken(error) => {
                let error = error::body_failed(&self.provider, &error);
                self.finish(out, error)
            }
            Read::Expired(expiry) => Err(self.clocks.expired(&self.provider, expiry)),
            Read::Cancelled => Err(cancelled(&self.provider)),
        };
        self.scrub_events(out, from);
        result.inspect_err(|_| self.stage = Stage::Over).map_err(|error| self.secrets.scrub(error))
    }

    async fn read(&mut self) -> Read {
        // A server that is always readable would otherwise never be stopped.
        if self.cancel.is_cancelled() {
            return Read::Cancelled;
        }
        let (deadline, expiry) = self.clocks.deadline();
        let waits = &mut self.waits;
        let mut chunk = pin!(self.response.chunk());
        poll_fn(|context| {
            if let Poll::Ready(chunk) = chunk.as_mut().poll(context) {
                return Poll::Ready(match chunk {
                    Ok(Some(bytes)) => Read::Bytes(bytes),
                    Ok(None) => Read::End,
                    Err(error) => Read::Broken(error),
                });
            }
            waits.poll(context, deadline).map(|stop| match stop {
                Stop::Cancelled => Read::Cancelled,
                Stop::Expired => Read::Expired(expiry),
            })
        })
        .await
    }

    /// Notes what new events mean for the timers and the stage.
    fn observe(&mut self, out: &[StreamEvent], from: usize) -> Result<bool, ProviderError> {
        let new = out.get(from..).unwrap_or_default();
        if new.iter().any(StreamEvent::is_semantic) {
            self.clocks.semantic_delta();
        }
        if new.iter().any(|event| matches!(event, StreamEvent::Finish { .. })) {
            self.stage = Stage::Finished;
        }
        if self.stage == Stage::Finished {
            self.clocks.bytes_after_finish();
        }
        for event in new {
            match event {
                StreamEvent::Completed => self.stage = Stage::Completed,
                StreamEvent::Failed(_) => self.stage = Stage::Over,
                _ => {}
            }
        }
        // A server that floods keep-alives is always readable, so its deadline is looked at here too.
        let (deadline, expiry) = self.clocks.deadline();
        let reading = matches!(self.stage, Stage::Reading | Stage::Finished);
        if reading && expiry != Expiry::Aftermath && Instant::now() >= deadline {
            return Err(self.clocks.expired(&self.provider, expiry));
        }
        Ok(self.stage != Stage::Over)
    }

    /// The bytes are over. A failure counts only if the answer is not complete without the rest.
    fn finish(
        &mut self,
        out: &mut Vec<StreamEvent>,
        failure: Option<ProviderError>,
    ) -> Result<bool, ProviderError> {
        let from = out.len();
        self.decoder.finish(out);
        self.stage = Stage::Over;
        // That only a beginning came is what a broken connection looks like from here.
        let ended = out.get(from..).unwrap_or_default().iter().any(|event| match event {
            StreamEvent::Completed => true,
            StreamEvent::Failed(error) => error.category != ErrorCategory::Truncated,
            _ => false,
        });
        match failure {
            Some(error) if !ended => Err(error),
            _ => Ok(false),
        }
    }

    /// Reads to the end of file if it is near, so that the connection can be used again.
    async fn drain(&mut self) {
        let to_the_end = async { while let Ok(Some(_)) = self.response.chunk().await {} };
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => {}
            _ = timeout(DRAIN, to_the_end) => {}
        }
    }

    fn scrub_events(&self, out: &mut [StreamEvent], from: usize) {
        for event in out.iter_mut().skip(from) {
            if let StreamEvent::Failed(error) = event {
                *error = self.secrets.scrub(error.clone());
                error.request_id = error.request_id.take().or_else(|| self.head.request_id.clone());
            }
        }
    }
}

pub(crate) fn cancelled(provider: &str) -> ProviderError {
    ProviderError::local(ErrorCategory::Cancelled, provider, "Stopped; what came so far is kept.")
}
