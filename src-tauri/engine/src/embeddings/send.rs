//! Sending a batch: under the same guards as every other call (keys, limits, breakers), tried again where that can help.

use std::sync::Arc;

use roundtable_domain::{ErrorCategory, KeyId, ProviderError, ReservationId};
use roundtable_providers::{EmbeddingRequest, Embeddings, Timers, embed};
use roundtable_router::attempt::{CallEnd, Failure, StopReason};
use roundtable_store::Settlement;

use crate::budgets::Counted;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::routing::{LeasedPlan, Next, PromptFacts, Route};
use crate::turn::Asked;

/// What came of a batch, and who paid.
pub(super) struct Sent {
    pub(super) reply: Embeddings,
    pub(super) key_id: Option<KeyId>,
    /// What was set aside for it.
    pub(super) reservation_id: ReservationId,
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
                    let (secret, key_id) = (key.map(|key| &key.secret), key.and_then(|key| key.id));
                    let reserved = self.set_aside_for(asked, key_id, counted).await;
                    let reservation_id = reserved.inspect_err(|_| plan.not_sent())?;
                    match embed(&inner.client, &endpoint, secret, request, timers, &inner.closing).await {
                        Ok(reply) => {
                            let tokens = reply.tokens;
                            plan.ended(CallEnd { tokens, ..CallEnd::default() }, inner.clock.jitter());
                            return Ok(Sent { reply, key_id, reservation_id });
                        }
                        Err(error) => {
                            let released = self.settled(reservation_id, Settlement::Released);
                            inner.store.book_call(None, released).await?;
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
                        let stopped = ErrorCategory::Cancelled;
                        let stopped = ProviderError::local(stopped, asked.setup.id.as_str(), "Stopped.");
                        return Err(EngineError::Provider(stopped));
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
