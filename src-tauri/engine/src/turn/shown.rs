//! A call under way, as the window sees it.

use roundtable_domain::{ModelRef, ProviderError, RunId, RunState, StreamEvent};
use roundtable_providers::RateLimits;

use super::call::Observer;
use super::live::LiveTurn;
use crate::engine::Engine;
use crate::routing::LeasedPlan;

/// Keeps the live view true while a call runs.
pub(super) struct Shown<'a> {
    pub(super) engine: &'a Engine,
    pub(super) live: &'a LiveTurn,
    pub(super) run_id: RunId,
    pub(super) model: ModelRef,
    pub(super) key: Option<String>,
    /// From the start of the run to this call.
    pub(super) sent_after_ms: u64,
    pub(super) plan: &'a mut LeasedPlan,
}

impl Observer for Shown<'_> {
    fn replied(&mut self, limits: &RateLimits) {
        self.engine.learn_limits(limits, &self.model, self.key.as_deref());
        self.live.update(self.run_id, |run| run.view().state = RunState::Preamble);
    }

    fn refused(&mut self, limits: &RateLimits, error: &ProviderError) {
        self.engine.learn_limits_of_refusal(limits, error, &self.model, self.key.as_deref());
    }

    fn began(&mut self) {
        self.plan.began();
    }

    fn received(&mut self, events: &[StreamEvent], ttft_ms: Option<u64>) {
        self.live.update(self.run_id, |run| {
            for event in events {
                match event {
                    StreamEvent::Text(delta) => run.append_text(delta),
                    StreamEvent::Reasoning(delta) => run.append_reasoning(delta),
                    StreamEvent::Refusal(delta) => run.view().refusal.push_str(delta),
                    StreamEvent::ToolCallStarted { index, id, name } => {
                        run.begin_tool_call(*index, id.as_deref(), name);
                    }
                    StreamEvent::ToolCallArguments { index, delta } => run.append_arguments(*index, delta),
                    StreamEvent::Started { model: Some(model), .. }
                        if !model.is_empty() && run.peek().model_served.as_ref() != Some(model) =>
                    {
                        run.view().model_served = Some(model.clone());
                    }
                    StreamEvent::Usage { tokens, .. } => run.view().usage = Some(*tokens),
                    _ => {}
                }
            }
            let first = ttft_ms.filter(|_| run.peek().state != RunState::Committed);
            if let Some(ttft_ms) = first {
                let from_start_ms = ttft_ms + self.sent_after_ms;
                let view = run.view();
                view.ttft_ms.get_or_insert(from_start_ms);
                view.state = RunState::Committed;
            }
        });
    }
}
