//! The end of a run is written, what it teaches is kept, and the window is told.

use std::time::Duration;

use roundtable_domain::{RunId, RunState};
use roundtable_store::{FinishedRun, StoreError};

use super::finish::End;
use super::live::LiveTurn;
use super::run::Task;
use crate::project::{Ending, finish_view};
use crate::responses::{Came, Requested};

/// How often and how far apart the end of a run is tried to be written, when the disk is full or busy.
const SAVE_AGAIN: [Duration; 3] =
    [Duration::from_millis(100), Duration::from_millis(500), Duration::from_secs(1)];

impl Task {
    /// Saves the end; what keeps it from being saved is given back.
    pub(super) async fn write_end(&mut self, end: &End) -> Option<StoreError> {
        let unsaved = self.save(&end.finished).await.err();
        if let Some(call) = &end.finished.call {
            self.report_call(end.ended.as_ref(), call);
        }
        self.report_answer(end);
        self.learn(end).await;
        self.keep(end);
        self.engine.inner.histories.forget(self.lane_id);
        unsaved
    }

    /// Gives the answer to those who wait for the same, and keeps it.
    fn keep(&mut self, end: &End) {
        let Some(ended) = &end.ended else { return };
        let Some(lead) = self.course.take_lead(ended.leave.candidate) else { return };
        let ready = &ended.ready;
        let provider = ready.asked.model_ref().provider;
        let endpoint = ready.asked.setup.endpoint();
        let requested = Requested { provider: &provider, endpoint: &endpoint, request: &ready.request };
        let came =
            Came { run_id: self.run_id, answer: &end.answer, state: end.finished.state, cost: end.call_cost };
        lead.answered(requested, came);
    }

    /// Compares what the prompt was counted at with what the provider says it was.
    async fn learn(&self, end: &End) {
        let Some(ended) = end.ended.as_ref().filter(|_| end.finished.state == RunState::Complete) else {
            return;
        };
        let reported = ended.attempted.answer.usage.and_then(|usage| usage.input);
        let Some((estimated, reported)) = ended.ready.learn_from.zip(reported) else { return };
        let asked = &ended.ready.asked;
        let inner = &self.engine.inner;
        let (provider, model) = (asked.setup.id.as_str(), asked.model.as_str());
        let (learned, ratios) = (&inner.tokens.learned, inner.store.token_ratios());
        let beyond = learned.compare(provider, model, ended.ready.prompt_tokens, reported);
        let is_news = learned.learn(provider, model, estimated, reported);
        let write = async {
            if let Some(tokens) = beyond {
                ratios.exceeded(provider, model, tokens, ended.at).await?;
            }
            if is_news {
                ratios.learn(provider, model, estimated, reported, ended.at).await?;
            }
            Ok::<(), StoreError>(())
        };
        if let Err(error) = write.await {
            // Only the next start's estimates are the poorer for it.
            tracing::warn!(%error, "what was learnt about token counts could not be saved");
        }
    }

    async fn save(&self, finished: &FinishedRun) -> Result<(), StoreError> {
        let store = &self.engine.inner.store;
        for pause in SAVE_AGAIN {
            match store.finish_run(finished).await {
                Ok(_) => return Ok(()),
                Err(error) => {
                    tracing::warn!(%error, run_id = %self.run_id, "the end of an answer could not be saved");
                }
            }
            tokio::time::sleep(pause).await;
        }
        store.finish_run(finished).await.map(|_| ())
    }
}

pub(super) fn show_end(live: &LiveTurn, run_id: RunId, calls: u32, end: End, unsaved: Option<&StoreError>) {
    let ending = Ending::of(end.finished, end.simulated);
    live.update(run_id, |run| {
        let view = run.view();
        view.attempts = calls.max(1);
        view.provider_name = end.provider_name;
        finish_view(view, ending, &end.fault_of, unsaved);
    });
}
