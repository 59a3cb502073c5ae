//! Sending a batch: under the same guards as every other call (keys, limits, breakers), tried again where that can help.

use std::sync::Arc;

use roundtable_domain::{
    AttemptId, ErrorCategory, KeyId, PicoUsd, ProviderError, ReservationId, RunState, TokenUsage,
};
use roundtable_providers::{EmbeddingRequest, Embeddings, NoVectors, Timers, embed};
use roundtable_router::attempt::{CallEnd, Failure, Kind, StopReason};
use roundtable_store::{Admission, LedgerEntry, Settlement};
use roundtable_telemetry::{CallFacts, Charge, Operation, RequestFacts};
use tokio::time::Instant;

use crate::budgets::Counted;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::keys::FoundKey;
use crate::routing::{LeasedPlan, Next, PromptFacts, Route};
use crate::turn::{Asked, elapsed_ms, server_of, word_of};

/// What pays for a call.
#[derive(Clone, Copy)]
pub(super) struct Paid {
    /// What its key is booked under.
    pub(super) key: Option<KeyId>,
    pub(super) attempt: AttemptId,
    /// What pays for it.
    pub(super) reservation: ReservationId,
    /// How much that is; `None` for an unpriced model.
    pub(super) reserved: Option<PicoUsd>,
    /// The tokens its texts were counted at.
    pub(super) counted: u64,
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
        consents: &Admission,
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
                    let (secret, key_id) =
                        (key.and_then(FoundKey::secret), key.and_then(FoundKey::booked_as));
                    let reserved = self.set_aside_for(asked, key_id, counted, consents).await;
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
                        Err(none) => {
                            let cost = self.failed(asked, leave.kind, &none, elapsed_ms(sent), paid).await?;
                            let error = none.error;
                            let failure = Failure {
                                category: error.category,
                                retry_after_ms: error.retry_after_ms,
                                committed: None,
                            };
                            let end = CallEnd { failure: Some(failure), tokens: None, cost };
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
            usage: TokenUsage { input: sent.reply.tokens, ..TokenUsage::default() },
            charge: Charge::of_booked(Some(entry.cost.usd)),
            ..self.facts_of(asked, sent.kind, sent.total_ms)
        });
    }

    /// Tells of a call that failed. What the provider may charge for all the same is booked as an estimate; else what was set aside is
    /// given back. Gives what it has cost, as far as that is known.
    async fn failed(
        &self,
        asked: &Asked,
        kind: Kind,
        none: &NoVectors,
        total_ms: u64,
        paid: Paid,
    ) -> Result<Option<PicoUsd>, EngineError> {
        let entry = none.may_be_charged.then(|| self.entry_of_failure(asked, paid));
        let cost = entry.as_ref().map_or(Some(PicoUsd::ZERO), |entry| entry.cost.usd);
        self.tell_of_call(&CallFacts {
            category: Some(none.error.category),
            state: RunState::Failed,
            charge: Charge::of_booked(entry.as_ref().map(|entry| entry.cost.usd)),
            ..self.facts_of(asked, kind, total_ms)
        });
        let settlement = if entry.is_some() { Settlement::Settled } else { Settlement::Released };
        let settle = self.settled(paid.reservation, settlement);
        self.inner.store.book_call(entry.as_ref(), settle).await?;
        Ok(cost)
    }

    fn tell_of_call(&self, facts: &CallFacts) {
        tracing::debug!(
            provider = facts.server.slug,
            model = facts.model,
            kind = facts.kind,
            outcome = facts.category.map_or("complete", |category| category.as_str()),
            total_ms = facts.total_ms,
            input_tokens = facts.usage.input,
            "call for vectors ended"
        );
        self.inner.telemetry.tell(facts);
    }

    fn facts_of(&self, asked: &Asked, kind: Kind, total_ms: u64) -> CallFacts {
        CallFacts {
            operation: Operation::Embeddings,
            server: server_of(&asked.setup),
            model: asked.model.clone(),
            model_served: None,
            came_from: "model".to_owned(),
            kind: word_of(kind).to_owned(),
            state: RunState::Complete,
            category: None,
            request: RequestFacts::default(),
            finish_reason: None,
            response_id: None,
            ended_at: self.inner.clock.now(),
            ttft_ms: None,
            total_ms: Some(total_ms),
            usage: TokenUsage::default(),
            charge: Charge::Nothing,
            simulated: asked.setup.is_demo(),
            within: None,
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
