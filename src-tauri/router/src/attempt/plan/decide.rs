//! Whom to ask next: the table of reactions becomes a list of choices, and the first that can go goes.

use std::collections::BTreeSet;

use roundtable_domain::ErrorCategory;

use super::super::budget::Spent;
use super::super::candidate::{Candidate, Opening, Refusal, Scope};
use super::super::guards::{Asker, Guards, Lease, Waiting};
use super::super::reaction::{Reaction, reactions};
use super::{
    AfterCommit, Attempt, Call, Kind, Last, Offer, Plan, Resume, Running, Step, StopReason, Wait, WaitReason,
};
use crate::route::{FallbackStrategy, PoolFallbackStrategy};

/// When nothing says when a place comes free, it is looked for again after so long, in milliseconds.
const LOOK_AGAIN_MS: u64 = 1_000;

/// Who stands in a line is woken when it is its turn, and looks again after so long only to be safe, in milliseconds.
const LOOK_AGAIN_IN_LINE_MS: u64 = 10_000;

/// Without a known window, a prompt that was too long is shortened to so many percent.
const SHORTER_PERCENT: u64 = 75;

/// What a choice came to.
enum Verdict {
    Go(Step),
    Refused(Refusal),
}

impl Plan {
    pub(super) fn decide(&mut self, guards: &mut Guards, now_ms: u64) -> Step {
        if let Some(last) = self.last {
            if last.committed.is_some() && self.wanted.is_none() {
                return self.offer(guards, last, now_ms);
            }
            if reactions(last.category).is_empty() {
                let category = last.category;
                let cancelled = category == ErrorCategory::Cancelled;
                let reason =
                    if cancelled { StopReason::Cancelled } else { StopReason::Hopeless { category } };
                return self.stop(reason, Vec::new());
            }
        }
        if let Some(step) = self.trim() {
            return step;
        }
        let choices = self.choices();
        let mut refusals = Vec::new();
        for (candidate, kind) in choices {
            match self.try_choice(guards, candidate, kind, now_ms) {
                Verdict::Go(step) => return step,
                Verdict::Refused(refusal) => refusals.push((candidate, refusal)),
            }
        }
        self.wait_or_stop(guards, refusals, now_ms)
    }

    /// Who comes next, and as what, the best first.
    fn choices(&self) -> Vec<(usize, Kind)> {
        if let Some(wanted) = self.wanted {
            return vec![wanted];
        }
        let others = self.others();
        let Some(last) = self.last else {
            let kind = self.mode.unwrap_or(if self.calls.is_empty() { Kind::First } else { Kind::Fallback });
            return others.into_iter().map(|other| (other, kind)).collect();
        };
        let fallback = self.mode.unwrap_or(Kind::Fallback);
        let mut choices = Vec::new();
        // The last attempt goes to somebody else, if there is somebody.
        let keep_last = self.budget.attempts_left() == 1 && others.iter().any(|other| self.fits(*other));
        let mut at_last = None;
        for reaction in reactions(last.category) {
            match reaction {
                Reaction::NextKey => choices.push((last.candidate, Kind::NextKey)),
                Reaction::SameTarget if keep_last => at_last = Some((last.candidate, Kind::Retry)),
                Reaction::SameTarget => choices.push((last.candidate, Kind::Retry)),
                Reaction::NextTarget => choices.extend(others.iter().map(|other| (*other, fallback))),
                Reaction::Trim => {}
            }
        }
        choices.extend(at_last);
        choices
    }

    /// Candidates not asked yet, in order; with provider failover, within a tier, those of providers that have not failed come
    /// first.
    fn others(&self) -> Vec<usize> {
        let is_new =
            |index: &usize| self.tried.get(*index).is_some_and(|tried| tried.calls == 0 && !tried.is_out);
        let mut others: Vec<usize> = (0..self.candidates.len()).filter(is_new).collect();
        if self.settings.strategy == FallbackStrategy::ProviderFailover {
            let failed: BTreeSet<&str> = self
                .calls
                .iter()
                .filter(|call| call.failed.is_some())
                .filter_map(|call| self.candidates.get(call.candidate))
                .map(|candidate| candidate.model.provider.as_str())
                .collect();
            others.sort_by_key(|index| {
                let candidate = self.candidates.get(*index);
                candidate.map(|one| (one.tier, failed.contains(one.model.provider.as_str())))
            });
        }
        others
    }

    fn fits(&self, candidate: usize) -> bool {
        self.candidates
            .get(candidate)
            .is_some_and(|one| one.check(self.carried_tokens, self.outgrown).is_ok())
    }

    /// The prompt was too long for the last one: its history is shortened once.
    fn trim(&self) -> Option<Step> {
        let last = self.last.filter(|last| reactions(last.category).contains(&Reaction::Trim))?;
        let target = self.candidates.get(last.candidate)?;
        if self.wanted.is_some()
            || self.tried.get(last.candidate)?.trimmed
            || self.budget.attempts_left() == 0
        {
            return None;
        }
        let shorter = target.prompt_tokens.saturating_mul(SHORTER_PERCENT) / 100;
        let room = target
            .context_window
            .map_or(u64::MAX, |window| window.saturating_sub(target.answer_tokens.min(window / 4)));
        Some(Step::Trim { candidate: last.candidate, to_tokens: shorter.min(room) })
    }

    fn try_choice(&mut self, guards: &mut Guards, candidate: usize, kind: Kind, now_ms: u64) -> Verdict {
        match self.check(candidate, kind, now_ms) {
            Err(refusal) => return Verdict::Refused(refusal),
            Ok(()) if kind == Kind::Retry => {
                if let Err(verdict) = self.pay_and_wait(guards, candidate, now_ms) {
                    return verdict;
                }
            }
            Ok(()) => {}
        }
        let Some(target) = self.candidates.get(candidate) else {
            return Verdict::Refused(Refusal::RetriesUsed);
        };
        if kind == Kind::NextKey && !guards.has_keys(&target.model.provider) {
            return Verdict::Refused(Refusal::NoKey { until_ms: None });
        }
        let none = BTreeSet::new();
        let tried =
            self.tried_keys.get(&target.model.provider).filter(|_| kind == Kind::NextKey).unwrap_or(&none);
        let pool = self.settings.pool.as_ref().map(|pool| pool.name.as_str());
        let asker = Asker { id: self.id, pool, force: kind == Kind::TryAnyway };
        match guards.admit(asker, target, tried, now_ms) {
            Ok(lease) => Verdict::Go(self.begin(guards, candidate, kind, lease, now_ms)),
            Err(Refusal::Limited { about, until_ms }) if self.is_worth_queueing(until_ms, now_ms) => {
                Verdict::Go(self.queue(guards, candidate, about, now_ms))
            }
            Err(refusal) => Verdict::Refused(refusal),
        }
    }

    /// Everything that needs nobody's leave.
    fn check(&self, candidate: usize, kind: Kind, now_ms: u64) -> Result<(), Refusal> {
        let (Some(target), Some(tried)) = (self.candidates.get(candidate), self.tried.get(candidate)) else {
            return Err(Refusal::RetriesUsed);
        };
        if tried.is_out {
            return Err(Refusal::Books);
        }
        target.check(self.carried_tokens, self.outgrown.filter(|_| kind != Kind::Trimmed))?;
        self.budget
            .check(kind.is_charged(), target.estimate, now_ms)
            .map_err(|spent| Refusal::Budget { spent })?;
        if kind == Kind::Retry && tried.retries >= target.max_retries.unwrap_or(self.settings.max_retries) {
            return Err(Refusal::RetriesUsed);
        }
        self.check_pool(candidate, kind)
    }

    /// Whether the pool allows a call to this instance.
    fn check_pool(&self, candidate: usize, kind: Kind) -> Result<(), Refusal> {
        let instance_of = |index: usize| self.candidates.get(index).and_then(|one| one.instance.as_deref());
        let (Some(pool), Some(instance)) = (&self.settings.pool, instance_of(candidate)) else {
            return Ok(());
        };
        if kind == Kind::NextKey {
            return Ok(());
        }
        let charged = || self.calls.iter().filter(|call| call.kind.is_charged());
        let most = usize::try_from(pool.max_instance_attempts.max(1)).unwrap_or(usize::MAX);
        let asked: BTreeSet<&str> = charged().filter_map(|call| instance_of(call.candidate)).collect();
        let allowed = match pool.fallback {
            PoolFallbackStrategy::InstanceRotation => asked.contains(instance) || asked.len() < most,
            PoolFallbackStrategy::SimpleRetry => {
                asked.is_empty() || (asked.contains(instance) && charged().count() < most)
            }
        };
        if allowed { Ok(()) } else { Err(Refusal::InstancesUsed) }
    }

    /// A retry is taken from everybody's budget once, and then waited for.
    fn pay_and_wait(&mut self, guards: &mut Guards, candidate: usize, now_ms: u64) -> Result<(), Verdict> {
        let (Some(last), Some(target)) = (self.last, self.candidates.get(candidate)) else { return Ok(()) };
        let wait_ms = last.again_ms.saturating_sub(now_ms);
        let is_too_late = wait_ms > 0 && last.again_ms >= self.budget.deadline_ms();
        if wait_ms > self.settings.budget.longest_wait_ms || is_too_late {
            let about = Scope::Model { model: target.model.clone() };
            return Err(Verdict::Refused(Refusal::Closed { about, until_ms: last.again_ms }));
        }
        if !last.is_paid && !guards.retries_mut().withdraw(now_ms) {
            return Err(Verdict::Refused(Refusal::RetryStorm));
        }
        self.last = Some(Last { is_paid: true, ..last });
        if wait_ms > 0 {
            let wait = Wait { until_ms: last.again_ms, candidate, reason: WaitReason::Retry };
            return Err(Verdict::Go(Step::Wait(wait)));
        }
        Ok(())
    }

    /// Whether a place is predicted soon enough not to ask somebody else instead. All the waiting for places since the last
    /// call counts, so that a prediction that keeps moving cannot hold a request for ever.
    fn is_worth_queueing(&self, until_ms: Option<u64>, now_ms: u64) -> bool {
        let at_ms = until_ms.unwrap_or(now_ms);
        let since_ms = self.queued_since_ms.unwrap_or(now_ms);
        at_ms.saturating_sub(since_ms) <= self.settings.longest_queue_ms && at_ms < self.budget.deadline_ms()
    }

    /// Waits in the line for a limit. Whoever is not first, or waits for a call to end, is woken ([`Guards::heads`]) and looks
    /// again now and then only to be safe.
    fn queue(&mut self, guards: &mut Guards, candidate: usize, about: Scope, now_ms: u64) -> Step {
        if self.waiting_at.as_ref() != Some(&about) {
            self.leave(guards);
        }
        let who = Waiting {
            id: self.id,
            lane: self.lane,
            tokens: self.candidates.get(candidate).map_or(0, Candidate::tokens),
            expires_ms: self.budget.deadline_ms(),
        };
        let opens_ms = guards.wait_at(&about, who, now_ms);
        self.waiting_at = Some(about);
        self.queued_since_ms.get_or_insert(now_ms);
        let until_ms =
            opens_ms.unwrap_or(now_ms.saturating_add(LOOK_AGAIN_IN_LINE_MS)).max(now_ms.saturating_add(1));
        Step::Wait(Wait { until_ms, candidate, reason: WaitReason::Place })
    }

    fn begin(
        &mut self,
        guards: &mut Guards,
        candidate: usize,
        kind: Kind,
        lease: Lease,
        now_ms: u64,
    ) -> Step {
        if self.calls.is_empty() {
            guards.retries_mut().deposit();
        }
        let Some(target) = self.candidates.get(candidate) else {
            return self.stop(StopReason::NobodyLeft, Vec::new());
        };
        self.budget.begin(kind.is_charged(), target.estimate);
        if let Some(key) = lease.key() {
            self.tried_keys.entry(target.model.provider.clone()).or_default().insert(key.to_owned());
        }
        if let Some(tried) = self.tried.get_mut(candidate) {
            tried.calls = tried.calls.saturating_add(1);
            tried.retries = tried.retries.saturating_add(u32::from(kind == Kind::Retry));
        }
        let left_ms = self.budget.deadline_ms().saturating_sub(now_ms);
        let waited_ms = now_ms.saturating_sub(self.idle_since_ms);
        self.calls.push(Call {
            candidate,
            key: lease.key().map(str::to_owned),
            kind,
            waited_ms,
            begun_ms: now_ms,
            ended_ms: None,
            failed: None,
            cost: None,
        });
        self.running = Some(Running { candidate, kind });
        self.wanted = None;
        self.queued_since_ms = None;
        let timeout_ms = target.timeout_ms.unwrap_or(u64::MAX).min(left_ms);
        Step::Attempt(Box::new(Attempt { candidate, kind, timeout_ms, waited_ms, lease }))
    }

    /// Nobody can be asked now: somebody may be worth waiting for.
    fn wait_or_stop(
        &mut self,
        guards: &mut Guards,
        mut refusals: Vec<(usize, Refusal)>,
        now_ms: u64,
    ) -> Step {
        refusals.extend(
            self.tried
                .iter()
                .enumerate()
                .filter(|(_, tried)| tried.is_out)
                .map(|(who, _)| (who, Refusal::Books)),
        );
        // Places come free for sure; with nobody else to ask, the line is worth standing in until the request's time is up.
        let place = refusals.iter().find_map(|(who, why)| match why {
            Refusal::Limited { about, until_ms }
                if until_ms.is_none_or(|at| at < self.budget.deadline_ms()) =>
            {
                Some((*who, about.clone()))
            }
            _ => None,
        });
        if let Some((candidate, about)) = place.filter(|_| now_ms < self.budget.deadline_ms()) {
            return self.queue(guards, candidate, about, now_ms);
        }
        let opens = |refusal: &Refusal| match refusal.opening() {
            Opening::Never => None,
            Opening::At(at_ms) if at_ms > now_ms => Some(at_ms),
            Opening::At(_) | Opening::WhenOneEnds => Some(now_ms.saturating_add(LOOK_AGAIN_MS)),
        };
        let first = refusals.iter().filter_map(|(who, why)| Some((opens(why)?, *who))).min();
        let used = |spent: Spent| refusals.iter().any(|(_, why)| *why == Refusal::Budget { spent });
        if let Some((until_ms, candidate)) = first {
            let wait_ms = until_ms.saturating_sub(now_ms);
            if wait_ms <= self.settings.budget.longest_wait_ms && until_ms < self.budget.deadline_ms() {
                return Step::Wait(Wait { until_ms, candidate, reason: WaitReason::Recovery });
            }
            return self.stop(StopReason::WaitTooLong { until_ms }, refusals);
        }
        let has = |code: &Refusal| refusals.iter().any(|(_, why)| why == code);
        let reason = if used(Spent::Attempts) {
            StopReason::OutOfAttempts
        } else if used(Spent::Time) {
            StopReason::OutOfTime
        } else if used(Spent::Money) || used(Spent::Unpriced) || has(&Refusal::Books) {
            StopReason::OutOfMoney
        } else if has(&Refusal::RetryStorm) {
            StopReason::RetryStorm
        } else if has(&Refusal::RetriesUsed) {
            StopReason::OutOfAttempts
        } else {
            StopReason::NobodyLeft
        };
        self.stop(reason, refusals)
    }

    /// What can be done about a partial answer, and by whom: whoever could be asked right now.
    fn offer(&mut self, guards: &mut Guards, last: Last, now_ms: u64) -> Step {
        if last.category == ErrorCategory::Cancelled {
            return self.stop(StopReason::Cancelled, Vec::new());
        }
        let partial = last.committed.unwrap_or_default();
        let mut whom = self.others();
        if reactions(last.category).contains(&Reaction::SameTarget) {
            whom.push(last.candidate);
        }
        let could = |plan: &Self, guards: &mut Guards, who: usize, more: u64| {
            let Some(target) = plan.candidates.get(who) else { return false };
            let fits = target.check(plan.carried_tokens.saturating_add(more), plan.outgrown).is_ok();
            fits && plan.budget.check(true, target.estimate, now_ms).is_ok() && {
                let asker = Asker { id: plan.id, pool: None, force: false };
                guards.could_admit(asker, target, now_ms)
            }
        };
        let mut continue_with = whom.clone();
        continue_with.retain(|who| !partial.has_tool_calls && could(self, guards, *who, partial.tokens));
        whom.retain(|who| could(self, guards, *who, 0));
        let automatic = match self.settings.after_commit {
            AfterCommit::Ask => None,
            AfterCommit::Automatic(Resume::Continue) => {
                continue_with.first().map(|who| (Resume::Continue, *who))
            }
            AfterCommit::Automatic(Resume::Regenerate) => whom.first().map(|who| (Resume::Regenerate, *who)),
        };
        Step::Offer(Offer { category: last.category, continue_with, regenerate_with: whom, automatic })
    }
}
