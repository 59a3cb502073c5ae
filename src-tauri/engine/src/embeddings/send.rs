//! Sending a batch: under the same guards as every other call (keys, limits, breakers), tried again where that can help.

use std::sync::Arc;

use roundtable_domain::{AttemptId, ErrorCategory, KeyId, ProviderError, ReservationId, RunState};
use roundtable_providers::{EmbeddingRequest, Embeddings, Timers, embed};
use roundtable_router::attempt::{CallEnd, Failure, Kind, StopReason};
use roundtable_store::{LedgerEntry, Settlement};
use roundtable_telemetry::{CallFacts, Operation};
use tokio::time::Instant;

use crate::budgets::Counted;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::keys::FoundKey;
use crate::routing::{LeasedPlan, Next, PromptFacts, Route};
use crate::turn::{Asked, elapsed_ms, word_of};

/// What pays for a call.
#[derive(Clone, Copy)]
pub(super) struct Paid {
    /// What its key is booked under.
    pub(super) key: Option<KeyId>,
    pub(super) attempt: AttemptId,
    /// What was set aside for it.
    pub(super) reservation: ReservationId,
}

/// What came of a batch, and who paid.
pub(super) struct Sent {
    pub(super) reply: Embeddings,
    pub(super) paid: Paid,
    pub(super) kind: Kind,
    pub(super) total_ms: u64,
}

impl Engine {
    /// Sends a batch until it is answered, hopeless or out of patience.
    pub(super) async fn send_batch(
        &self,
        asked: &Asked,
        request: &EmbeddingRequest,
        counted: Counted,
        timers: Timers,
    ) -> Result<Sent, EngineError> {
        let inner = &self.inner;
        let facts = PromptFacts { tokens: counted.tokens, ..PromptFacts::default() };
        let Route { candidates, settings, .. } = self.route_to(asked.clone(), &asked.target(), &facts);
        let candidates = candidates.into_iter().map(|one| one.candidate).collect();
        let mut plan = LeasedPlan::new(&inner.router, 0, settings, candidates);
        let endpoint = asked.setup.endpoint();
        let router = Arc::clone(&inner.router);
        let mut last = None;
        loop {
            let rung = router.rung();
            match plan.next() {
                Next::Call(leave) => {
                    let key = asked.key(leave.key.as_deref());
                    let (secret, key_id) = (key.map(|key| &key.secret), key.and_then(FoundKey::booked_as));
                    let reserved = self.set_aside_for(asked, key_id, counted).await;
                    let paid = reserved.inspect_err(|error| {
                        tracing::info!(code = error.code(), "vectors are not asked for");
                        plan.not_sent();
                    })?;
                    let sent = Instant::now();
                    match embed(&inner.client, &endpoint, secret, request, timers, &inner.closing).await {
                        Ok(reply) => {
                            let tokens = reply.tokens;
                            plan.ended(CallEnd { tokens, ..CallEnd::default() }, inner.clock.jitter());
                            return Ok(Sent { reply, paid, kind: leave.kind, total_ms: elapsed_ms(sent) });
                        }
                        Err(error) => {
                            self.failed(asked, leave.kind, &error, elapsed_ms(sent), paid).await?;
                            let failure = Failure {
                                category: error.category,
                                retry_after_ms: error.retry_after_ms,
                                committed: None,
                            };
                            let end = CallEnd { failure: Some(failure), ..CallEnd::default() };
                            plan.ended(end, inner.clock.jitter());
                            last = Some(error);
                        }
                    }
                }
                Next::Wait(wait) => tokio::select! {
                    () = inner.closing.cancelled() => {
                        return Err(EngineError::Provider(stopped(asked)));
                    }
                    () = plan.until(&wait, rung) => {}
                },
                Next::Stop(stop) => {
                    let error = last.unwrap_or_else(|| not_sent(asked, stop.reason));
                    return Err(EngineError::Provider(error));
                }
                // A list of texts has no history to shorten and no half answer to go on from.
                Next::Trim { candidate, .. } => plan.trimmed(candidate, None),
                Next::Offer(_) => {
                    let error = last.unwrap_or_else(|| not_sent(asked, StopReason::NobodyLeft));
                    return Err(EngineError::Provider(error));
                }
            }
        }
    }
}

impl Engine {
    /// Tells who asked to be told of a call that brought vectors.
    pub(super) fn tell_of_vectors(&self, asked: &Asked, sent: &Sent, entry: &LedgerEntry) {
        self.tell_of_call(&CallFacts {
            model_served: sent.reply.model.clone(),
            state: RunState::Complete,
            input_tokens: sent.reply.tokens,
            cost: entry.cost.usd,
            ..self.facts_of(asked, sent.kind, sent.total_ms)
        });
    }

    /// Tells of a call that failed and gives back what was set aside for it.
    async fn failed(
        &self,
        asked: &Asked,
        kind: Kind,
        error: &ProviderError,
        total_ms: u64,
        paid: Paid,
    ) -> Result<(), EngineError> {
        self.tell_of_call(&CallFacts {
            category: Some(error.category),
            state: RunState::Failed,
            ..self.facts_of(asked, kind, total_ms)
        });
        let released = self.settled(paid.reservation, Settlement::Released);
        Ok(self.inner.store.book_call(None, released).await?)
    }

    fn tell_of_call(&self, facts: &CallFacts) {
        tracing::debug!(
            provider = facts.provider,
            model = facts.model,
            kind = facts.kind,
            outcome = facts.category.map_or("complete", |category| category.as_str()),
            total_ms = facts.total_ms,
            input_tokens = facts.input_tokens,
            "call for vectors ended"
        );
        self.inner.telemetry.tell(facts);
    }

    fn facts_of(&self, asked: &Asked, kind: Kind, total_ms: u64) -> CallFacts {
        CallFacts {
            operation: Operation::Embeddings,
            provider: asked.setup.id.clone(),
            model: asked.model.clone(),
            model_served: None,
            came_from: "model".to_owned(),
            kind: word_of(kind).to_owned(),
            state: RunState::Complete,
            category: None,
            ended_at: self.inner.clock.now(),
            ttft_ms: None,
            total_ms: Some(total_ms),
            input_tokens: None,
            output_tokens: None,
            cost: None,
            simulated: asked.setup.is_demo(),
        }
    }
}

fn stopped(asked: &Asked) -> ProviderError {
    ProviderError::local(ErrorCategory::Cancelled, asked.setup.id.as_str(), "Stopped.")
}

fn not_sent(asked: &Asked, reason: StopReason) -> ProviderError {
    let name = &asked.setup.name;
    let message = match reason {
        StopReason::WaitTooLong { .. } => {
            format!("{name} asked to be left alone for a while. Nothing was sent.")
        }
        _ => format!("{name} kept failing and is left alone for a while. Nothing was sent."),
    };
    ProviderError::local(ErrorCategory::Unavailable, asked.setup.id.as_str(), message)
}
