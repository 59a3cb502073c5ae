//! How a call ended, and what that leaves for the next.

use roundtable_domain::ErrorCategory;

use super::super::guards::{Guards, Lease};
use super::{CallEnd, Last, Plan, Running, Step, StopReason};

impl Plan {
    /// The call has ended; its places go back. `jitter` is uniform over the whole `u64`. No wait is planned here: whether one
    /// is needed at all is decided with the next step.
    pub fn ended(&mut self, guards: &mut Guards, lease: Lease, end: CallEnd, now_ms: u64, jitter: u64) {
        let CallEnd { failure, tokens, cost } = end;
        guards.ended(
            lease,
            failure.map(|failure| (failure.category, failure.retry_after_ms)),
            tokens,
            now_ms,
        );
        self.idle_since_ms = now_ms;
        let Some(Running { candidate, .. }) = self.running.take() else { return };
        let estimate = self.candidates.get(candidate).and_then(|one| one.estimate);
        self.budget.settle(estimate, cost);
        if let Some(call) = self.calls.last_mut() {
            call.ended_ms = Some(now_ms);
            call.failed = failure.map(|failure| failure.category);
            call.cost = cost;
        }
        let Some(failure) = failure else {
            if let Step::Stop(stop) = self.stop(StopReason::Answered, Vec::new()) {
                self.end = Some(stop);
            }
            return;
        };
        if failure.category == ErrorCategory::ContextLength {
            let window = self.candidates.get(candidate).and_then(|one| one.context_window);
            self.outgrown = self.outgrown.max(window);
        }
        let retries = self.tried.get(candidate).map_or(0, |tried| tried.retries);
        let backoff_ms = self.settings.backoff.wait_ms(retries.saturating_add(1), jitter);
        let wait_ms = backoff_ms.max(failure.retry_after_ms.unwrap_or(0));
        self.last = Some(Last {
            candidate,
            category: failure.category,
            again_ms: now_ms.saturating_add(wait_ms),
            is_paid: false,
            committed: failure.committed,
        });
    }

    /// The call was not made after all (the books did not allow it, say): its places go back as if it had never been planned,
    /// and this candidate is not asked again.
    pub fn not_sent(&mut self, guards: &mut Guards, lease: Lease, now_ms: u64) {
        let candidate = self.running.as_ref().map(|running| running.candidate);
        self.not_now(guards, lease, now_ms);
        if let Some(tried) = candidate.and_then(|candidate| self.tried.get_mut(candidate)) {
            tried.is_out = true;
        }
    }

    /// As [`Self::not_sent`], and this candidate may still be asked: its answer may be there without a call.
    pub fn not_now(&mut self, guards: &mut Guards, lease: Lease, now_ms: u64) {
        guards.unsent(lease);
        self.idle_since_ms = now_ms;
        if let Some(Running { candidate, kind }) = self.running.take() {
            let estimate = self.candidates.get(candidate).and_then(|one| one.estimate);
            self.budget.undo(kind.is_charged(), estimate);
            self.calls.pop();
            if let Some(tried) = self.tried.get_mut(candidate) {
                tried.calls = tried.calls.saturating_sub(1);
            }
        }
    }
}
