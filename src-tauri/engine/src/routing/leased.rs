//! A plan and the places its call under way holds. Whatever becomes of the run, what was taken goes back.

use std::sync::Arc;

use roundtable_router::attempt::{
    CallEnd, Candidate, Kind, Lease, Offer, Plan, PlanSettings, Resume, Step, Stop, Wait, WaitReason,
};
use tokio::sync::futures::Notified;
use tokio::time::sleep_until;

use super::shared::Router;

/// One request over its candidates, under the guards of all requests. Dropped, it gives back its places and leaves its lines.
pub(crate) struct LeasedPlan {
    router: Arc<Router>,
    plan: Plan,
    /// Of the call under way.
    lease: Option<Lease>,
    /// Something was waited for since the last call.
    has_waited: bool,
}

/// What to do next; the places of a call stay with the plan.
#[derive(Debug)]
pub(crate) enum Next {
    /// Send it now.
    Call(Leave),
    /// Send nothing until then, or until it is this plan's turn.
    Wait(Wait),
    /// Shorten the history of this candidate to so many tokens, then say [`LeasedPlan::trimmed`].
    Trim { candidate: usize, to_tokens: u64 },
    /// The reader has seen a part of the answer.
    Offer(Offer),
    /// Nothing more is sent.
    Stop(Stop),
}

/// Leave for one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leave {
    /// Whom, by place among the candidates.
    pub(crate) candidate: usize,
    /// How it came about.
    pub(crate) kind: Kind,
    /// The longest it may take, in milliseconds.
    pub(crate) timeout_ms: u64,
    /// How long was waited since the last call ended (or the plan began), in milliseconds; 0 when nothing had to be waited for.
    pub(crate) waited_ms: u64,
    /// The key to use, by name; `None` where the provider has none.
    pub(crate) key: Option<String>,
}

impl LeasedPlan {
    /// A request that begins now. `lane` is whom its waiting is shared fairly with.
    pub(crate) fn new(
        router: &Arc<Router>,
        lane: u64,
        settings: PlanSettings,
        candidates: Vec<Candidate>,
    ) -> Self {
        let plan = Plan::new(router.new_plan_id(), lane, settings, candidates, router.now_ms());
        Self { router: Arc::clone(router), plan, lease: None, has_waited: false }
    }

    /// What to do next. Not to be asked while a call is under way.
    pub(crate) fn next(&mut self) -> Next {
        match self.router.with(|guards, now_ms| self.plan.next(guards, now_ms)) {
            Step::Attempt(attempt) => {
                let has_waited = std::mem::take(&mut self.has_waited);
                let leave = Leave {
                    candidate: attempt.candidate,
                    kind: attempt.kind,
                    timeout_ms: attempt.timeout_ms,
                    // What making a request ready takes is no wait.
                    waited_ms: if has_waited { attempt.waited_ms } else { 0 },
                    key: attempt.lease.key().map(str::to_owned),
                };
                if let Some(candidate) = self.plan.candidates().get(attempt.candidate) {
                    self.router.call_began(&candidate.model);
                }
                self.lease = Some(attempt.lease);
                // Who stands behind it in a line may be next.
                self.router.ring();
                Next::Call(leave)
            }
            Step::Wait(wait) => {
                self.has_waited = true;
                Next::Wait(wait)
            }
            Step::Trim { candidate, to_tokens } => Next::Trim { candidate, to_tokens },
            Step::Offer(offer) => Next::Offer(offer),
            Step::Stop(stop) => Next::Stop(stop),
        }
    }

    /// The call has begun to answer.
    pub(crate) fn began(&mut self) {
        if let Some(lease) = &mut self.lease {
            self.router.with(|guards, now_ms| guards.began(lease, now_ms));
            self.router.ring();
        }
    }

    /// The call has ended; its places go back. `jitter` is uniform over the whole `u64`.
    pub(crate) fn ended(&mut self, end: CallEnd, jitter: u64) {
        if let Some(lease) = self.take_lease() {
            if let Some(host) = self.host_called() {
                self.router.heard(host, end.failure.as_ref().map(|failure| failure.category), jitter);
            }
            self.router.with(|guards, now_ms| self.plan.ended(guards, lease, end, now_ms, jitter));
            self.router.ring();
        }
    }

    /// The call is not made after all, and its candidate is not asked again.
    pub(crate) fn not_sent(&mut self) {
        if let Some(lease) = self.take_lease() {
            self.router.with(|guards, now_ms| self.plan.not_sent(guards, lease, now_ms));
            self.router.ring();
        }
    }

    /// The call is not made now: there may be an answer without it. Its candidate may be asked later.
    pub(crate) fn not_now(&mut self) {
        if let Some(lease) = self.take_lease() {
            self.router.with(|guards, now_ms| self.plan.not_now(guards, lease, now_ms));
            self.router.ring();
        }
    }

    /// The history was shortened to so many tokens; `None`: it cannot be.
    pub(crate) fn trimmed(&mut self, candidate: usize, prompt_tokens: Option<u64>) {
        self.plan.trimmed(candidate, prompt_tokens);
    }

    /// A partial answer is continued or begun anew by this candidate.
    pub(crate) fn resume(&mut self, resume: Resume, candidate: usize) {
        self.plan.resume(resume, candidate);
    }

    /// Somebody wants this candidate asked whatever is remembered of failures.
    pub(crate) fn insist(&mut self, candidate: usize) {
        self.plan.insist(candidate);
    }

    /// Resolves when it is worth asking again: the time is up, or what was waited for has come. `rung` is taken from the router
    /// before [`Self::next`] is asked, so that what is given back in between is not missed.
    pub(crate) async fn until(&self, wait: &Wait, rung: Notified<'_>) {
        tokio::select! {
            () = sleep_until(self.router.instant(wait.until_ms)) => {}
            () = self.until_its_turn(wait.reason, rung) => {}
        }
    }

    async fn until_its_turn(&self, reason: WaitReason, first: Notified<'_>) {
        match reason {
            WaitReason::Retry => std::future::pending().await,
            WaitReason::Recovery => first.await,
            WaitReason::Place => {
                first.await;
                loop {
                    let rung = self.router.rung();
                    if self.is_its_turn() {
                        return;
                    }
                    rung.await;
                }
            }
        }
    }

    /// Whether it is this plan's turn under a limit it waits for.
    fn is_its_turn(&self) -> bool {
        self.router.is_turn_of(self.plan.id())
    }

    /// Where the last call went.
    fn host_called(&self) -> Option<&str> {
        let call = self.plan.calls().last()?;
        self.plan.candidates().get(call.candidate).map(|candidate| candidate.host.as_str())
    }

    fn take_lease(&mut self) -> Option<Lease> {
        let lease = self.lease.take()?;
        if let Some(call) = self.plan.calls().last()
            && let Some(candidate) = self.plan.candidates().get(call.candidate)
        {
            self.router.call_ended(&candidate.model);
        }
        Some(lease)
    }
}

impl Drop for LeasedPlan {
    fn drop(&mut self) {
        self.not_sent();
        self.router.with(|guards, _| self.plan.leave(guards));
        self.router.ring();
    }
}

#[cfg(test)]
mod tests {
    use roundtable_domain::ModelRef;
    use roundtable_router::Limits;
    use roundtable_router::attempt::Scope;

    use super::*;

    fn plan(router: &Arc<Router>) -> LeasedPlan {
        let model: ModelRef = "p/m".parse().unwrap();
        let candidates = vec![Candidate::new(model, "https://p.example")];
        LeasedPlan::new(router, 1, PlanSettings::default(), candidates)
    }

    #[tokio::test(start_paused = true)]
    async fn a_plan_that_is_dropped_gives_its_place_to_who_waits() {
        let router = Arc::new(Router::default());
        let host = Scope::Host { origin: "https://p.example".into() };
        let one_at_once = Limits { concurrency: Some(1), ..Limits::default() };
        router.with(|guards, _| guards.set_limits(host, one_at_once));
        let (mut first, mut second) = (plan(&router), plan(&router));
        assert!(matches!(first.next(), Next::Call(_)));
        assert_eq!(router.calls_under_way(&"p/m".parse().unwrap()), 1);
        assert!(matches!(second.next(), Next::Wait(Wait { reason: WaitReason::Place, .. })));
        let rung = router.rung();
        drop(first);
        rung.await;
        assert!(second.is_its_turn());
        assert!(matches!(second.next(), Next::Call(_)), "the place has come free");
        second.ended(CallEnd::default(), 0);
        assert_eq!(router.calls_under_way(&"p/m".parse().unwrap()), 0);
    }
}
