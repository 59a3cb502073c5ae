//! One answer from sending to the end: attempts, waits, and the text they bring. Knows neither the database nor the window;
//! an [`Observer`] is told everything.

use std::future::Future;

use roundtable_domain::{
    Answer, AnswerEnd, AttemptId, ChatRequest, Endpoint, ErrorCategory, ProviderError, RunState, StreamEvent,
};
use roundtable_providers::{Call, ChatStream, Client, Timers, start_chat};
use roundtable_router::{Next, PastAttempt, Patience, plan_next};
use secrecy::SecretString;
use tokio::time::{Duration, Instant, sleep};
use tokio_util::sync::CancellationToken;

/// What to send, to whom, and how patiently.
pub(crate) struct Job<'a> {
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) key: Option<&'a SecretString>,
    pub(crate) request: &'a ChatRequest,
    pub(crate) timers: Timers,
    pub(crate) patience: Patience,
}

/// Learns what happens, while it happens.
pub(crate) trait Observer: Send {
    /// An attempt is about to be sent, `wait_ms` after the one before. An error stops the run: what cannot be recorded is
    /// not sent.
    fn attempt_begins(
        &mut self,
        wait_ms: u64,
    ) -> impl Future<Output = Result<AttemptId, ProviderError>> + Send;

    /// The reply has begun, but nothing of meaning came yet.
    fn replied(&mut self);

    /// All that one network read gave. `ttft_ms` counts from the start of the run; set from the first semantic delta on.
    fn received(&mut self, events: &[StreamEvent], ttft_ms: Option<u64>);

    /// An attempt failed before anything was shown, and another follows in `wait_ms`.
    fn retrying(&mut self, attempt: &Attempted, wait_ms: u64) -> impl Future<Output = ()> + Send;
}

/// One call and what came of it.
#[derive(Clone, Debug)]
pub(crate) struct Attempted {
    pub(crate) id: AttemptId,
    pub(crate) answer: Answer,
    pub(crate) end: AnswerEnd,
    /// Whether the provider accepted the request (a 2xx head came).
    pub(crate) accepted: bool,
    pub(crate) request_id: Option<String>,
    /// From sending to the first semantic delta.
    pub(crate) ttft_ms: Option<u64>,
    /// From sending to the end.
    pub(crate) total_ms: u64,
}

impl Attempted {
    /// The error it ended with, if it did not complete.
    pub(crate) fn error(&self, provider: &str) -> Option<ProviderError> {
        match &self.end {
            AnswerEnd::Complete => None,
            AnswerEnd::Failed(error) => Some(error.clone()),
            AnswerEnd::Truncated => Some(ProviderError::local(
                ErrorCategory::Truncated,
                provider,
                "The answer ended before it was finished: the connection closed without the end signal. What came is kept.",
            )),
            AnswerEnd::Cancelled => {
                Some(ProviderError::local(ErrorCategory::Cancelled, provider, "Stopped."))
            }
        }
    }

    /// The state a run ends in with this attempt.
    pub(crate) fn state(&self) -> RunState {
        match &self.end {
            AnswerEnd::Complete => RunState::Complete,
            AnswerEnd::Truncated => RunState::Truncated,
            AnswerEnd::Failed(_) => RunState::Failed,
            AnswerEnd::Cancelled => RunState::Cancelled,
        }
    }
}

/// How a run went.
#[derive(Clone, Debug)]
pub(crate) struct Driven {
    /// In order; empty when nothing could be recorded and so nothing was sent.
    pub(crate) attempts: Vec<Attempted>,
    /// What kept the first attempt from being sent, when `attempts` is empty.
    pub(crate) refused: Option<ProviderError>,
    /// From the start of the run to the first semantic delta, waits included.
    pub(crate) ttft_ms: Option<u64>,
    /// From the start of the run to its end.
    pub(crate) total_ms: u64,
}

/// Sends the request until it is answered, hopeless, out of patience or cancelled.
pub(crate) async fn drive(
    client: &Client,
    job: &Job<'_>,
    observer: &mut impl Observer,
    jitter: impl Fn() -> u64 + Send,
    cancel: &CancellationToken,
) -> Driven {
    let started = Instant::now();
    let mut driven = Driven { attempts: Vec::new(), refused: None, ttft_ms: None, total_ms: 0 };
    let mut past = Vec::new();
    let mut wait_ms = 0;
    loop {
        let id = match observer.attempt_begins(wait_ms).await {
            Ok(id) => id,
            Err(error) => {
                driven.refused = Some(error);
                break;
            }
        };
        let sent_after_ms = elapsed_ms(started);
        let attempt = attempt(client, job, observer, id, sent_after_ms, cancel).await;
        driven.ttft_ms = attempt.ttft_ms.map(|ttft_ms| ttft_ms + sent_after_ms);
        let error = attempt.error(&job.endpoint.provider);
        let committed = attempt.answer.has_content();
        driven.attempts.push(attempt);
        let Some(error) = error else { break };
        past.push(PastAttempt { category: error.category, retry_after_ms: error.retry_after_ms, committed });
        match plan_next(&job.patience, &past, elapsed_ms(started), jitter()) {
            Next::Stop(_) => break,
            Next::Retry { wait_ms: wait } => wait_ms = wait,
        }
        if let Some(failed) = driven.attempts.last() {
            observer.retrying(failed, wait_ms).await;
        }
        tokio::select! {
            () = cancel.cancelled() => {
                if let Some(last) = driven.attempts.last_mut() {
                    last.end = AnswerEnd::Cancelled;
                    // It was booked when it failed; that nobody waits for the next makes it no dearer.
                    last.accepted = false;
                }
                break;
            }
            () = sleep(Duration::from_millis(wait_ms)) => {}
        }
    }
    driven.total_ms = elapsed_ms(started);
    driven
}

async fn attempt(
    client: &Client,
    job: &Job<'_>,
    observer: &mut impl Observer,
    id: AttemptId,
    sent_after_ms: u64,
    cancel: &CancellationToken,
) -> Attempted {
    let sent = Instant::now();
    let mut attempted = Attempted {
        id,
        answer: Answer::default(),
        end: AnswerEnd::Truncated,
        accepted: false,
        request_id: None,
        ttft_ms: None,
        total_ms: 0,
    };
    let call = Call { endpoint: job.endpoint, key: job.key, request: job.request, timers: job.timers };
    match start_chat(client, call, cancel).await {
        Err(error) => attempted.end = end_of(error),
        Ok(mut stream) => {
            attempted.accepted = true;
            attempted.request_id.clone_from(&stream.head().request_id);
            observer.replied();
            let result = read(&mut stream, &mut attempted, observer, sent, sent_after_ms).await;
            attempted.end = match result {
                Ok(()) => attempted.answer.end(),
                Err(error) => end_of(error),
            };
        }
    }
    // Some servers name no model but an empty one: that is unknown, and not a label.
    attempted.answer.model_served = attempted.answer.model_served.take().filter(|model| !model.is_empty());
    attempted.total_ms = elapsed_ms(sent);
    attempted
}

/// Reads the reply to its end.
async fn read(
    stream: &mut ChatStream,
    attempted: &mut Attempted,
    observer: &mut impl Observer,
    sent: Instant,
    sent_after_ms: u64,
) -> Result<(), ProviderError> {
    let mut events = Vec::new();
    loop {
        let more = stream.next_batch(&mut events).await;
        if attempted.ttft_ms.is_none() && events.iter().any(StreamEvent::is_semantic) {
            attempted.ttft_ms = Some(elapsed_ms(sent));
        }
        observer.received(&events, attempted.ttft_ms.map(|ttft_ms| ttft_ms + sent_after_ms));
        for event in events.drain(..) {
            attempted.answer.apply(event);
        }
        if !more? {
            return Ok(());
        }
    }
}

fn end_of(error: ProviderError) -> AnswerEnd {
    match error.category {
        ErrorCategory::Cancelled => AnswerEnd::Cancelled,
        ErrorCategory::Truncated => AnswerEnd::Truncated,
        _ => AnswerEnd::Failed(error),
    }
}

fn elapsed_ms(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
