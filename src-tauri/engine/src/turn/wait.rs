//! Waiting: before the same model is tried again, for a place under a limit, or until somebody may be asked again.

use std::sync::Arc;

use roundtable_router::attempt::{Wait, WaitReason};

use super::course::Move;
use super::run::Task;
use crate::view::{Saying, WaitView};

impl Task {
    /// Waits until there is something to do; `None`: stopped meanwhile.
    pub(super) async fn wait(&mut self) -> Option<Move> {
        let router = Arc::clone(&self.engine.inner.router);
        let next = loop {
            // Listening before asking once more: what is given back in between is not missed.
            let rung = router.rung();
            let wait = match self.course.next().await {
                Move::Wait(wait) => wait,
                next => break next,
            };
            self.show_waiting(Some(&wait));
            tokio::select! {
                () = self.cancel.cancelled() => {
                    self.show_waiting(None);
                    return None;
                }
                () = self.course.until(&wait, rung) => {}
            }
        };
        // A call says itself what it changes.
        if !matches!(next, Move::Call(_)) {
            self.show_waiting(None);
        }
        Some(next)
    }

    fn show_waiting(&self, wait: Option<&Wait>) {
        let waiting = wait.map(|wait| self.wait_view(wait));
        self.live.update(self.run_id, |run| run.waiting(waiting));
    }

    fn wait_view(&self, wait: &Wait) -> WaitView {
        let inner = &self.engine.inner;
        let asked = self.course.route.candidates.get(wait.candidate).map(|one| &one.asked);
        let model = asked.map_or_else(String::new, |asked| {
            super::ready::name_of(asked.setup.facts(&asked.model), &asked.model).to_owned()
        });
        let (reason, text) = match wait.reason {
            WaitReason::Retry => ("retry", format!("{model} is tried again.")),
            WaitReason::Place => {
                ("place", format!("Waiting for a place at {model}: its limits are used up."))
            }
            WaitReason::Recovery => ("recovery", format!("Waiting until {model} may be asked again.")),
        };
        let until = inner.router.wall(wait.until_ms, inner.clock.now());
        let saying = Saying::new(format!("wait_{reason}")).with("model", model);
        WaitView { reason: reason.to_owned(), until, text, saying: Some(saying) }
    }
}
