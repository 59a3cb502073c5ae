//! One call from sending to its last byte, and the text it brings. Knows neither the database nor the window.

use roundtable_domain::{
    Answer, AnswerEnd, AttemptId, ChatRequest, Endpoint, ErrorCategory, ProviderError, RunState, StreamEvent,
};
use roundtable_providers::{Call, ChatStream, Client, NoAnswer, RateLimits, Reached, Timers, start_chat};
use secrecy::SecretString;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// What to send, and to whom.
pub(crate) struct Sending<'a> {
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) key: Option<&'a SecretString>,
    pub(crate) request: &'a ChatRequest,
    pub(crate) timers: Timers,
}

/// Learns what comes, while it comes.
pub(crate) trait Observer: Send {
    /// The reply has begun, but nothing of meaning came yet.
    fn replied(&mut self, limits: &RateLimits);

    /// There is no reply to read; what its head said about limits, if one came.
    fn refused(&mut self, limits: &RateLimits, error: &ProviderError);

    /// The first semantic delta has come.
    fn began(&mut self);

    /// All that one network read gave. `ttft_ms` counts from sending; set from the first semantic delta on.
    fn received(&mut self, events: &[StreamEvent], ttft_ms: Option<u64>);
}

/// One call and what came of it.
#[derive(Clone, Debug)]
pub(crate) struct Attempted {
    pub(crate) id: AttemptId,
    pub(crate) answer: Answer,
    pub(crate) end: AnswerEnd,
    /// Whether the provider may charge for it whatever came of it: it had the whole request, and refused nothing.
    pub(crate) may_be_charged: bool,
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

    /// The state a run ends in with this call.
    pub(crate) fn state(&self) -> RunState {
        match &self.end {
            AnswerEnd::Complete => RunState::Complete,
            AnswerEnd::Truncated => RunState::Truncated,
            AnswerEnd::Failed(_) => RunState::Failed,
            AnswerEnd::Cancelled => RunState::Cancelled,
        }
    }
}

/// Sends one request and reads its reply to the end.
pub(crate) async fn call(
    client: &Client,
    sending: Sending<'_>,
    observer: &mut impl Observer,
    id: AttemptId,
    cancel: &CancellationToken,
) -> Attempted {
    let sent = Instant::now();
    let mut attempted = Attempted {
        id,
        answer: Answer::default(),
        end: AnswerEnd::Truncated,
        may_be_charged: false,
        request_id: None,
        ttft_ms: None,
        total_ms: 0,
    };
    let Sending { endpoint, key, request, timers } = sending;
    match start_chat(client, Call { endpoint, key, request, timers }, cancel).await {
        Err(NoAnswer { error, rate_limits, reached }) => {
            attempted.may_be_charged = reached.may_be_charged(&error);
            observer.refused(&rate_limits, &error);
            attempted.end = end_of(error);
        }
        Ok(mut stream) => {
            attempted.request_id.clone_from(&stream.head().request_id);
            observer.replied(&stream.head().rate_limits);
            let result = read(&mut stream, &mut attempted, observer, sent).await;
            attempted.end = match result {
                Ok(()) => match attempted.answer.end() {
                    AnswerEnd::Failed(error) => end_of(error),
                    end => end,
                },
                Err(error) => end_of(error),
            };
            attempted.may_be_charged = match &attempted.end {
                AnswerEnd::Complete | AnswerEnd::Truncated | AnswerEnd::Cancelled => true,
                AnswerEnd::Failed(error) => Reached::Answer.may_be_charged(error),
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
) -> Result<(), ProviderError> {
    let mut events = Vec::new();
    loop {
        let more = stream.next_batch(&mut events).await;
        if attempted.ttft_ms.is_none() && events.iter().any(StreamEvent::is_semantic) {
            attempted.ttft_ms = Some(elapsed_ms(sent));
            observer.began();
        }
        observer.received(&events, attempted.ttft_ms);
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

pub(crate) fn elapsed_ms(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
