//! What is offered about an answer, accepted: another model goes on, begins anew, or is asked in spite of its failures.

use roundtable_domain::RunId;
use roundtable_router::trace::RouteTrace;
use roundtable_store::Run;

use super::course::Resuming;
use super::live::TurnSink;
use super::plan::LaneToAsk;
use super::prompt::Partial;
use super::record::Charged;
use super::segments::utf16;
use crate::directory::Directory;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AppError, MoneyChoice, Resume, RunView, SegmentView};

impl Engine {
    /// Does what is offered about an answer, with this model (`provider/model`): the next version of the answer begins. One that
    /// goes on holds the part that is there first, labelled with who wrote it.
    pub async fn resume_run(
        &self,
        run_id: RunId,
        resume: Resume,
        target: &str,
        money: MoneyChoice,
        sink: TurnSink,
    ) -> Result<RunView, AppError> {
        let run = self.inner.store.runs().get(run_id).await.map_err(EngineError::from)?;
        if !run.state.is_final() {
            return Err(EngineError::LaneBusy.into());
        }
        if resume == Resume::Continue && (run.text.is_empty() || !run.tool_calls.is_empty()) {
            return Err(EngineError::NothingToGoOnFrom.into());
        }
        let lane = self.inner.store.lanes().get(run.lane_id).await.map_err(EngineError::from)?;
        let goes_on = resume == Resume::Continue;
        let partial = if goes_on { partial_of(&run, &self.directory().await?) } else { Partial::default() };
        let resuming = Resuming { resume, target: target.trim().to_owned(), partial };
        let asked = LaneToAsk { resuming: Some(resuming), ..LaneToAsk::from(lane) };
        let simulated = run.simulated;
        let begun_cost = run.cost.filter(|_| goes_on).map(|cost| Charged { cost, simulated });
        let views = self.begin_versions(run.turn_id, vec![asked], begun_cost, money, sink).await?;
        views.into_iter().next().ok_or_else(|| EngineError::NothingToRetry.into())
    }

    /// Why a run was answered by whom; `None` for runs from before there were traces, and for those that were refused before
    /// anybody was chosen.
    pub(crate) async fn run_trace(&self, run_id: RunId) -> Result<Option<RouteTrace>, EngineError> {
        let stored = self.inner.store.traces().get(run_id).await?;
        Ok(stored.and_then(|text| match serde_json::from_str(&text) {
            Ok(trace) => Some(trace),
            Err(error) => {
                tracing::warn!(%error, %run_id, "a route trace could not be read");
                None
            }
        }))
    }
}

/// The part of an answer that is there, with who wrote it.
fn partial_of(run: &Run, directory: &Directory) -> Partial {
    let mut segments: Vec<SegmentView> = serde_json::from_value(run.segments.clone()).unwrap_or_default();
    if segments.is_empty() {
        let provider = run.provider.clone().unwrap_or_default();
        let model = run.model_served.clone().or_else(|| run.model_requested.clone());
        segments.push(SegmentView {
            provider_name: directory.name_of(&provider),
            provider,
            model: model.unwrap_or_else(|| run.target.clone()),
            text_start: 0,
            reasoning_start: 0,
            usd: run.cost.as_ref().and_then(|cost| cost.usd).map(|usd| usd.to_string()),
        });
    }
    // A part that begins behind the end of the text never came.
    let (text, reasoning) = (utf16(&run.text), utf16(&run.reasoning));
    segments.retain(|one| {
        one.text_start < text
            || one.reasoning_start < reasoning
            || (one.text_start, one.reasoning_start) == (0, 0)
    });
    Partial { text: run.text.clone(), reasoning: run.reasoning.clone(), segments }
}
