//! Sending a batch: under the same guards as every other call (keys, limits, breakers), tried again where that can help.

use std::sync::Arc;

use roundtable_domain::{ErrorCategory, KeyId, ProviderError};
use roundtable_providers::{EmbeddingRequest, Embeddings, Timers, embed};
use roundtable_router::attempt::{CallEnd, Failure, StopReason};

use crate::engine::Engine;
use crate::routing::{LeasedPlan, Next, PromptFacts, Route};
use crate::turn::Asked;

/// What came of a batch, and who paid.
pub(super) struct Sent {
    pub(super) reply: Embeddings,
    pub(super) key_id: Option<KeyId>,
}

impl Engine {
    /// Sends a batch of about `tokens` tokens until it is answered, hopeless or out of patience.
    pub(super) async fn send_batch(
        &self,
        asked: &Asked,
        request: &EmbeddingRequest,
        tokens: u64,
        timers: Timers,
    ) -> Result<Sent, ProviderError> {
        let inner = &self.inner;
        let facts = PromptFacts { tokens, ..PromptFacts::default() };
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
                    let secret = key.map(|key| &key.secret);
                    match embed(&inner.client, &endpoint, secret, request, timers, &inner.closing).await {
                        Ok(reply) => {
                            let tokens = reply.tokens;
                            plan.ended(CallEnd { tokens, ..CallEnd::default() }, inner.clock.jitter());
                            return Ok(Sent { reply, key_id: key.and_then(|key| key.id) });
                        }
                        Err(error) => {
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
                        return Err(ProviderError::local(stopped, asked.setup.id.as_str(), "Stopped."));
                    }
                    () = plan.until(&wait, rung) => {}
                },
                Next::Stop(stop) => return Err(last.unwrap_or_else(|| not_sent(asked, stop.reason))),
                // A list of texts has no history to shorten and no half answer to go on from.
                Next::Trim { candidate, .. } => plan.trimmed(candidate, None),
                Next::Offer(_) => return Err(last.unwrap_or_else(|| not_sent(asked, StopReason::NobodyLeft))),
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
