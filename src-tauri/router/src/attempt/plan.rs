//! One request over its candidates: what happened so far goes in, the next step comes out.
//!
//! A plan is asked ([`Plan::next`]) until it stops. It asks the shared [`Guards`] for every call, so each candidate is checked
//! against breakers, limits and keys at the moment it is its turn, and against context, abilities and the request's own budget.
//! A plan that is dropped while it waits says [`Plan::leave`].

mod decide;
mod end;
mod step;

use std::collections::{BTreeMap, BTreeSet};

use roundtable_domain::ErrorCategory;

use super::backoff::Backoff;
use super::budget::{Budget, BudgetLimits};
use super::candidate::{Candidate, Refusal, Scope};
use super::guards::Guards;
use crate::route::{FallbackStrategy, PoolFallbackStrategy};
pub use step::{
    Attempt, Call, CallEnd, Committed, Failure, Kind, LastResort, Offer, Resume, Step, Stop, StopReason,
    Wait, WaitReason,
};

/// What happens to a partial answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AfterCommit {
    /// The reader is asked.
    #[default]
    Ask,
    /// The next candidate does this without asking.
    Automatic(Resume),
}

/// The pool a request goes through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolUse {
    /// Its name.
    pub name: String,
    /// Another instance, or the same again.
    pub fallback: PoolFallbackStrategy,
    /// Instances tried, or calls of the one; at least 1.
    pub max_instance_attempts: u32,
}

/// How a request is tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanSettings {
    /// Attempts, time and money.
    pub budget: BudgetLimits,
    /// The wait before the same target is tried again; `retry_delay` of a group is its base.
    pub backoff: Backoff,
    /// How often the same target is tried again, where the candidate does not say.
    pub max_retries: u32,
    /// Whom to prefer among those that stand for each other.
    pub strategy: FallbackStrategy,
    /// The longest predicted wait for a place before the next candidate is asked instead, in milliseconds.
    pub longest_queue_ms: u64,
    /// The pool.
    pub pool: Option<PoolUse>,
    /// What happens to a partial answer.
    pub after_commit: AfterCommit,
    /// What the route shows when nobody has answered.
    pub last_resort: Option<String>,
}

impl Default for PlanSettings {
    fn default() -> Self {
        Self {
            budget: BudgetLimits::default(),
            backoff: Backoff::default(),
            max_retries: 2,
            strategy: FallbackStrategy::default(),
            longest_queue_ms: 20_000,
            pool: None,
            after_commit: AfterCommit::default(),
            last_resort: None,
        }
    }
}

/// What a request has done with one candidate.
#[derive(Clone, Copy, Debug, Default)]
struct Tried {
    calls: u32,
    retries: u32,
    trimmed: bool,
    /// Never again in this request.
    is_out: bool,
}

/// The failure that the next step answers.
#[derive(Clone, Copy, Debug)]
struct Last {
    candidate: usize,
    category: ErrorCategory,
    /// When the same target may be tried again, in milliseconds of the clock.
    again_ms: u64,
    /// Whether the retry was taken from the budget of all requests.
    is_paid: bool,
    committed: Option<Committed>,
}

/// The call under way.
#[derive(Clone, Copy, Debug)]
struct Running {
    candidate: usize,
    kind: Kind,
}

/// One request over its candidates.
#[derive(Debug)]
pub struct Plan {
    id: u64,
    lane: u64,
    settings: PlanSettings,
    candidates: Vec<Candidate>,
    tried: Vec<Tried>,
    tried_keys: BTreeMap<String, BTreeSet<String>>,
    budget: Budget,
    last: Option<Last>,
    running: Option<Running>,
    /// Whom the next call goes to, and as what: an accepted offer, or "try anyway".
    wanted: Option<(usize, Kind)>,
    /// What calls to other targets are since an offer was accepted.
    mode: Option<Kind>,
    /// The length of the partial answer that is continued, in tokens.
    carried_tokens: u64,
    /// The largest window that was too small.
    outgrown: Option<u64>,
    waiting_at: Option<Scope>,
    /// Since when it has waited for places, with no call in between.
    queued_since_ms: Option<u64>,
    /// When the last call ended or the plan began.
    idle_since_ms: u64,
    calls: Vec<Call>,
    end: Option<Stop>,
}

impl Plan {
    /// A request that begins now. `id` is unique among the requests under way, `lane` is whom its waiting is shared fairly
    /// with; the candidates come in the order in which they are to be asked.
    pub fn new(id: u64, lane: u64, settings: PlanSettings, candidates: Vec<Candidate>, now_ms: u64) -> Self {
        Self {
            id,
            lane,
            tried: vec![Tried::default(); candidates.len()],
            tried_keys: BTreeMap::new(),
            budget: Budget::new(settings.budget, now_ms),
            settings,
            candidates,
            last: None,
            running: None,
            wanted: None,
            mode: None,
            carried_tokens: 0,
            outgrown: None,
            waiting_at: None,
            queued_since_ms: None,
            idle_since_ms: now_ms,
            calls: Vec::new(),
            end: None,
        }
    }

    /// The id it was given.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The candidates, in order.
    pub fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    /// What was called so far, for the trace.
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// What is left of the request's attempts, time and money.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// What to do next.
    ///
    /// After an [`Attempt`], ask again only when its end was reported; while one is under way the answer is to wait for it.
    pub fn next(&mut self, guards: &mut Guards, now_ms: u64) -> Step {
        if let Some(end) = &self.end {
            return Step::Stop(end.clone());
        }
        if let Some(Running { candidate, .. }) = self.running {
            let until_ms = self.budget.deadline_ms().max(now_ms.saturating_add(1));
            return Step::Wait(Wait { until_ms, candidate, reason: WaitReason::Recovery });
        }
        let step = self.decide(guards, now_ms);
        if !matches!(step, Step::Wait(Wait { reason: WaitReason::Place, .. })) {
            self.leave(guards);
        }
        if let Step::Stop(stop) = &step {
            self.end = Some(stop.clone());
        }
        step
    }

    /// The history was shortened to so many tokens of this model's count; `None`: it cannot be.
    pub fn trimmed(&mut self, candidate: usize, prompt_tokens: Option<u64>) {
        let (Some(tried), Some(target)) = (self.tried.get_mut(candidate), self.candidates.get_mut(candidate))
        else {
            return;
        };
        if let Some(tokens) = prompt_tokens {
            target.prompt_tokens = tokens;
            self.wanted = Some((candidate, Kind::Trimmed));
        }
        tried.trimmed = true;
    }

    /// A partial answer is continued or begun anew, by this candidate. The budget goes on.
    pub fn resume(&mut self, resume: Resume, candidate: usize) {
        let kind = match resume {
            Resume::Continue => Kind::Continue,
            Resume::Regenerate => Kind::Regenerate,
        };
        let partial = self.last.take().and_then(|last| last.committed).unwrap_or_default();
        let more = if resume == Resume::Continue { partial.tokens } else { 0 };
        self.carried_tokens = self.carried_tokens.saturating_add(more);
        self.mode = Some(kind);
        self.wanted = Some((candidate, kind));
        self.end = None;
    }

    /// Somebody wants this candidate asked whatever is remembered of failures. Limits hold, and so does the budget.
    pub fn insist(&mut self, candidate: usize) {
        self.wanted = Some((candidate, Kind::TryAnyway));
        self.last = None;
        self.end = None;
    }

    /// The plan no longer waits for anything.
    pub fn leave(&mut self, guards: &mut Guards) {
        if let Some(scope) = self.waiting_at.take() {
            guards.leave(&scope, self.id);
        }
    }

    fn stop(&self, reason: StopReason, refusals: Vec<(usize, Refusal)>) -> Step {
        let failed = !matches!(reason, StopReason::Answered | StopReason::Cancelled);
        let seen = self.last.is_some_and(|last| last.committed.is_some());
        Step::Stop(Stop {
            reason,
            try_anyway: refusals.iter().find(|(_, why)| why.may_be_overridden()).map(|(who, _)| *who),
            refusals,
            last_resort: self
                .settings
                .last_resort
                .as_ref()
                .filter(|_| failed && !seen)
                .map(|text| LastResort { text: text.clone() }),
        })
    }
}

#[cfg(test)]
mod racers;
#[cfg(test)]
mod tests;
