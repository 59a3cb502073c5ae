//! One run's request on its way through its candidates: the plan says whom, and here the request is made ready for whoever it is.

mod begin;
mod cheaper;

use std::collections::BTreeMap;
use std::sync::Arc;

use roundtable_domain::{ErrorCategory, ProviderError, TurnId};
use roundtable_router::attempt::{self, Offer, Stop, Wait, WaitReason};
use roundtable_router::trace::{Step, TraceSaying};
use roundtable_store::{Lane, LaneTurn, RoutePlace};
use tokio::sync::futures::Notified;

use self::cheaper::TooDear;
use super::plan::Refused;
use super::prompt::{Partial, Prompt};
use super::ready::{Ready, ToSend};
use super::write::Whom;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::keys::FoundKey;
use crate::responses::{Follow, Kept, Lead, Looked, Requested};
use crate::routing::{LeasedPlan, Leave, Next, PromptFacts, Route};
use crate::view::{Resume, RunRoute};

/// What an earlier answer is to become.
#[derive(Clone, Debug)]
pub(crate) struct Resuming {
    pub(crate) resume: Resume,
    /// With whom: `provider/model`.
    pub(crate) target: String,
    /// What is gone on from; nothing for a new beginning.
    pub(crate) partial: Partial,
}

/// One run's request.
pub(crate) struct Course {
    engine: Engine,
    pub(crate) lane: Lane,
    prompt: Arc<Prompt>,
    pub(crate) route: Route,
    plan: LeasedPlan,
    /// By candidate.
    ready: BTreeMap<usize, Arc<Ready>>,
    /// The lane's history before this turn, until it is read again.
    history: Option<Vec<LaneTurn>>,
    /// The turn that is answered, once it is written: history is what stands before it.
    pub(crate) turn_id: Option<TurnId>,
    /// What the answer goes on from.
    pub(crate) partial: Option<Partial>,
    /// Why candidates were not sent anything, by place among them.
    pub(crate) refused: Vec<(usize, Refused)>,
    /// The request of the candidate that was last looked for may be waited for by others.
    lead: Option<Lead>,
    /// Whose request was last looked for among the kept answers.
    looked: Option<usize>,
    /// Somebody has accepted an offer.
    resumed: Option<Resume>,
    /// Why another model is asked than the lane names.
    instead: Option<String>,
    /// The first further call that the budgets had no room for.
    too_dear: Option<Box<TooDear>>,
}

/// What to do next for a run.
pub(crate) enum Move {
    /// Send it.
    Call(Box<NextCall>),
    /// Send nothing until then, or until it is its turn.
    Wait(Wait),
    /// There is an answer already.
    Kept(Box<Kept>),
    /// The same request is under way.
    Follow(Box<Follow>),
    /// A part of the answer has been seen.
    Offer(Offer),
    /// Nothing more is sent.
    Stop(Stop),
}

/// A call to make. Its places are held by the course.
pub(crate) struct NextCall {
    pub(crate) leave: Leave,
    pub(crate) ready: Arc<Ready>,
    pub(crate) key: Option<FoundKey>,
}

impl Course {
    /// The first thing to do: an answer that is there already is given, and a request that is under way already is waited for.
    pub(crate) async fn first(&mut self) -> Move {
        // Before any place is taken: an answer that is there needs none.
        if let Some(looked) = self.look(0).await {
            return looked;
        }
        let first = self.next().await;
        // Whoever asks a model by its name once more means it: what is remembered of failures keeps nobody from that.
        let insisted = match &first {
            Move::Wait(Wait { reason: WaitReason::Recovery, candidate, .. }) => Some(*candidate),
            Move::Stop(Stop { try_anyway, .. }) => *try_anyway,
            _ => None,
        };
        match insisted.filter(|_| self.prompt.fresh && self.route.is_named) {
            Some(candidate) => {
                self.plan.insist(candidate);
                self.next().await
            }
            None => first,
        }
    }

    /// Looks for a kept answer to what this candidate would be sent, or for the same request under way. Once for each candidate
    /// in a row: a retry of its own request is led already. What goes on from a part is nobody else's request.
    async fn look(&mut self, candidate: usize) -> Option<Move> {
        if self.partial.is_some() || self.looked == Some(candidate) {
            return None;
        }
        // Whoever waits for what is no longer asked leads by themselves.
        self.lead = None;
        self.looked = Some(candidate);
        let ready = self.ready_for(candidate).await.ok()?;
        let provider = ready.asked.model_ref().provider;
        let endpoint = ready.asked.setup.endpoint();
        let requested = Requested { provider: &provider, endpoint: &endpoint, request: &ready.request };
        match self.engine.look_for_response(requested, self.prompt.fresh).await {
            Looked::Apart => None,
            Looked::Lead(lead) => {
                self.lead = Some(lead);
                None
            }
            Looked::Kept(kept) => Some(Move::Kept(kept)),
            Looked::Follow(follow) => Some(Move::Follow(Box::new(follow))),
        }
    }

    /// Whoever was followed did not get an answer: this one leads.
    pub(crate) fn lead_with(&mut self, lead: Lead) {
        self.lead = Some(lead);
    }

    /// The request others may wait for, if this candidate was sent it.
    pub(crate) fn take_lead(&mut self, candidate: usize) -> Option<Lead> {
        self.lead.take().filter(|_| self.looked == Some(candidate) && self.partial.is_none())
    }

    /// Whose answer it is that was given without a call.
    pub(crate) fn given_by(&self) -> usize {
        self.looked.unwrap_or(0)
    }

    /// The key of the kept answers this candidate's request was looked for under.
    pub(crate) fn response_key(&self, candidate: usize) -> Option<roundtable_store::ResponseKey> {
        let lead = self.lead.as_ref().filter(|_| self.looked == Some(candidate) && self.partial.is_none());
        lead.map(Lead::key)
    }

    /// What to do next. Not to be asked while a call is under way.
    pub(crate) async fn next(&mut self) -> Move {
        loop {
            match self.plan.next() {
                Next::Call(leave) => {
                    self.look_at_budgets().await;
                    match self.ready_for(leave.candidate).await {
                        Ok(ready) => {
                            if let Some(looked) = self.look(leave.candidate).await {
                                self.plan.not_now();
                                return looked;
                            }
                            let key = ready.asked.key(leave.key.as_deref()).cloned();
                            return Move::Call(Box::new(NextCall { leave, ready, key }));
                        }
                        Err(refused) => {
                            self.refused.push((leave.candidate, refused));
                            self.plan.not_sent();
                        }
                    }
                }
                Next::Trim { candidate, to_tokens } => {
                    let tokens = self.trim(candidate, to_tokens).await;
                    self.plan.trimmed(candidate, tokens);
                }
                Next::Wait(wait) => return Move::Wait(wait),
                Next::Offer(offer) => return Move::Offer(offer),
                Next::Stop(stop) => return Move::Stop(stop),
            }
        }
    }

    /// Budgets that were made or changed since the turn was written govern its further calls too: what is sent has the limit that money
    /// is set aside for.
    async fn look_at_budgets(&mut self) {
        if self.turn_id.is_none() {
            return;
        }
        let rows = match self.engine.budgets_now().await {
            Ok(rows) => rows,
            // The call itself will hardly be written down then.
            Err(error) => return tracing::warn!(%error, "the budgets could not be looked at"),
        };
        if rows.iter().map(|row| &row.budget).eq(self.prompt.budgets.iter().map(|row| &row.budget)) {
            return;
        }
        self.prompt = Arc::new(Prompt { budgets: rows.into(), ..Prompt::clone(&self.prompt) });
        for ready in self.ready.values_mut() {
            let again = self.engine.reckoned_again(ready, &self.prompt).await;
            let sent = |ready: &Ready| (ready.request.params.clone(), ready.request.thinking_limit);
            if sent(&again) != sent(ready) {
                // It is another request now than the one that was looked for.
                self.looked = None;
            }
            *ready = Arc::new(again);
        }
    }

    /// The request as a candidate is sent it.
    async fn ready_for(&mut self, candidate: usize) -> Result<Arc<Ready>, Refused> {
        if let Some(ready) = self.ready.get(&candidate) {
            return Ok(Arc::clone(ready));
        }
        let ready = Arc::new(self.make_ready(candidate, None).await?);
        self.ready.insert(candidate, Arc::clone(&ready));
        Ok(ready)
    }

    async fn make_ready(&mut self, candidate: usize, at_most: Option<u64>) -> Result<Ready, Refused> {
        let failed = |error: EngineError| Refused {
            provider: None,
            model: None,
            error: ProviderError::local(
                ErrorCategory::Unavailable,
                "roundtable",
                format!("Nothing was sent: {error}"),
            ),
        };
        if self.history.is_none() {
            let store = &self.engine.inner.store;
            let history = store.lane_history(self.lane.id, self.turn_id).await;
            self.history = Some(history.map_err(|error| failed(error.into()))?);
        }
        let Some(routed) = self.route.candidates.get(candidate) else {
            return Err(failed(EngineError::NoLanes));
        };
        let to_send = ToSend {
            lane: &self.lane,
            prompt: &self.prompt,
            history: self.history.as_deref().unwrap_or_default(),
            partial: self.partial.as_ref(),
            at_most,
        };
        let mut ready = self.engine.make_ready(routed, to_send).await.map_err(failed)??;
        ready.notices.splice(0..0, self.route.notices.iter().cloned());
        Ok(ready)
    }

    /// Shortens a candidate's history; the tokens of what is left, or `None` when nothing more can be left out.
    async fn trim(&mut self, candidate: usize, to_tokens: u64) -> Option<u64> {
        let before = self.ready.get(&candidate).map_or(0, |ready| ready.left_out);
        let ready = self.make_ready(candidate, Some(to_tokens)).await.ok()?;
        if ready.left_out <= before {
            return None;
        }
        let tokens = ready.prompt_tokens;
        self.ready.insert(candidate, Arc::new(ready));
        Some(tokens)
    }

    /// The turn is written: from now on the history is read again when it is needed.
    pub(crate) fn written(&mut self, turn_id: TurnId) {
        self.turn_id = Some(turn_id);
        self.history = None;
    }

    /// The answer goes on, or begins anew, with this candidate. Its request is made anew, because it now says something else.
    pub(crate) fn resume(&mut self, resume: attempt::Resume, candidate: usize, partial: Option<Partial>) {
        self.partial = partial;
        self.ready.clear();
        self.plan.resume(resume, candidate);
    }

    /// What choosing knows of its prompt, as long as it has not been sent.
    pub(crate) fn facts(&self) -> PromptFacts<'_> {
        begin::facts(&self.lane, &self.prompt, self.history.as_deref().unwrap_or_default())
    }

    /// What is asked in all lanes.
    pub(crate) fn prompt(&self) -> &Prompt {
        &self.prompt
    }

    /// The books have no room for a call to this candidate: the next one is looked at.
    pub(crate) fn not_afforded(&mut self, candidate: usize, why: String) {
        let asked = self.route.candidates.get(candidate).map(|one| &one.asked);
        let provider = asked.map_or("roundtable", |asked| asked.setup.id.as_str());
        let error = ProviderError::local(ErrorCategory::OverBudget, provider, why);
        let refused = Refused {
            provider: asked.map(|asked| asked.setup.id.clone()),
            model: asked.map(|asked| asked.model.clone()),
            error,
        };
        self.refused.push((candidate, refused));
        self.plan.not_sent();
    }

    /// The plan, to be told how a call went.
    pub(crate) fn leased(&mut self) -> &mut LeasedPlan {
        &mut self.plan
    }

    /// Resolves when it is worth asking again; see [`LeasedPlan::until`].
    pub(crate) async fn until(&self, wait: &Wait, rung: Notified<'_>) {
        self.plan.until(wait, rung).await;
    }

    /// The request of the first thing to do, as far as there is one yet.
    pub(crate) fn foremost<'a>(&'a self, first: &'a Move) -> Option<&'a Ready> {
        match first {
            Move::Call(call) => Some(&call.ready),
            _ => self.ready.get(&0).map(|ready| &**ready),
        }
    }

    /// Whom a candidate stands for.
    pub(super) fn whom(&self, candidate: usize) -> Whom {
        let Some(one) = self.route.candidates.get(candidate) else { return Whom::default() };
        let setup = &one.asked.setup;
        Whom {
            provider: Some(setup.id.clone()),
            model: Some(one.asked.model.clone()),
            provider_name: setup.name.clone(),
            simulated: setup.is_demo(),
        }
    }

    /// What a call to a candidate is made for.
    pub(crate) fn place(&self, candidate: usize) -> RoutePlace {
        self.route.candidates.get(candidate).map(|one| one.place.clone()).unwrap_or_default()
    }

    /// How the model was chosen once this candidate is asked; `None` where the lane names it by itself.
    pub(crate) fn in_short(&self, candidate: usize) -> Option<RunRoute> {
        if let Some(reason) = &self.instead {
            let asked = self.lane.target.clone();
            let reason = reason.clone();
            return Some(RunRoute { asked, from: None, fell_back: true, reason, saying: None });
        }
        let Some(resume) = self.resumed.filter(|_| self.lane.target != self.route.trace.asked) else {
            return self.route.in_short(candidate);
        };
        let step = match resume {
            Resume::Continue => Step::WentOn,
            Resume::Regenerate => Step::BeganAnew,
            Resume::TryAnyway => Step::TriedAnyway,
        };
        let saying = TraceSaying::Resumed { step, model: self.route.trace.asked.clone() };
        Some(RunRoute {
            asked: self.lane.target.clone(),
            from: None,
            fell_back: true,
            reason: saying.to_string(),
            saying: Some(Box::new(saying)),
        })
    }
}
