//! The beginning of a request: its route, its plan, and what its lane and its command say about both.

use std::sync::Arc;

use roundtable_router::attempt;
use roundtable_store::{Lane, LaneTurn};

use super::{Course, Resuming};
use crate::directory::Directory;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::routing::{LeasedPlan, PromptFacts, Purpose, Route};
use crate::turn::frugal::hold_to;
use crate::turn::plan::{LaneToAsk, Refused};
use crate::turn::prompt::{Patient, Prompt};
use crate::turn::ready::{Ready, ToSend};
use crate::view::Resume;

/// The longest single wait, and the longest time in all, where nobody looks on.
const UNHURRIED_WAIT_MS: u64 = 15 * 60 * 1_000;
const UNHURRIED_MS: u64 = 60 * 60 * 1_000;

/// What a choice knows of a lane's prompt.
pub(super) fn facts<'a>(lane: &Lane, prompt: &'a Prompt, history: &[LaneTurn]) -> PromptFacts<'a> {
    let system = prompt.system.as_deref();
    let facts = PromptFacts::of_lane(&prompt.spoken, &prompt.tools, &lane.params, system, history);
    PromptFacts { conversation: Some(prompt.conversation_id), tags: &prompt.tags, ..facts }
}

/// What was said about this call alone goes before what its route says.
fn be_patient(route: &mut Route, patient: &Patient) {
    if patient.once {
        route.settings.budget.max_attempts = 1;
    }
    if patient.unhurried {
        take_time(route);
    }
    if patient.timeouts.total_ms.is_some() {
        route.candidates.iter_mut().for_each(|one| one.candidate.timeout_ms = None);
    }
}

/// The request to a model that was asked for by its own name, made ready; nothing for a route.
async fn only(
    engine: &Engine,
    route: &mut Route,
    to_send: ToSend<'_>,
) -> Result<Result<Option<Arc<Ready>>, Refused>, EngineError> {
    let Some(only) = route.candidates.first_mut().filter(|_| route.is_named) else { return Ok(Ok(None)) };
    let ready = match engine.make_ready(only, to_send).await? {
        Ok(ready) => Arc::new(ready),
        Err(refused) => return Ok(Err(refused)),
    };
    only.candidate.prompt_tokens = ready.prompt_tokens;
    let budget = &mut route.settings.budget;
    budget.total_ms = budget.total_ms.max(ready.timers.total_ms);
    Ok(Ok(Some(ready)))
}

/// The plan over a route's candidates.
fn begin_plan(engine: &Engine, lane: &Lane, route: &Route, resuming: Option<&Resuming>) -> LeasedPlan {
    let pool = route.settings.pool.as_ref().map(|pool| pool.name.as_str());
    for one in &route.candidates {
        engine.introduce(&one.asked.setup, &one.candidate, pool);
    }
    let candidates = route.candidates.iter().map(|one| one.candidate.clone()).collect();
    let (_, fairly) = lane.id.as_uuid().as_u64_pair();
    let mut plan = LeasedPlan::new(&engine.inner.router, fairly, route.settings.clone(), candidates);
    match resuming.map(|resuming| resuming.resume) {
        Some(Resume::Continue) => plan.resume(attempt::Resume::Continue, 0),
        Some(Resume::Regenerate) => plan.resume(attempt::Resume::Regenerate, 0),
        Some(Resume::TryAnyway) => plan.insist(0),
        None => {}
    }
    plan
}

/// Lets a request wait for a place and for the end of a refusal as long as it takes. Who has somebody else to ask still asks them
/// first.
fn take_time(route: &mut Route) {
    let settings = &mut route.settings;
    settings.budget.longest_wait_ms = settings.budget.longest_wait_ms.max(UNHURRIED_WAIT_MS);
    settings.budget.total_ms = settings.budget.total_ms.max(UNHURRIED_MS);
    if let [_] = route.candidates.as_slice() {
        settings.longest_queue_ms = settings.longest_queue_ms.max(UNHURRIED_WAIT_MS);
    }
}

impl Course {
    /// The way of a lane's prompt. Whom a target names by itself is made ready at once, so that what keeps it from being asked is
    /// said clearly.
    pub(crate) async fn begin(
        engine: &Engine,
        asked: LaneToAsk,
        directory: &Directory,
        prompt: Arc<Prompt>,
        history: Vec<LaneTurn>,
    ) -> Result<Result<Self, Refused>, EngineError> {
        let LaneToAsk { lane, unsaved, resuming, instead } = asked;
        let resumed = resuming.as_ref().map_or(lane.target.as_str(), |resuming| resuming.target.as_str());
        let target = instead.as_ref().map_or(resumed, |instead| instead.target.as_str());
        let facts = facts(&lane, &prompt, &history);
        let route = if let Some(asked) = unsaved.filter(|_| instead.is_none()) {
            Ok(engine.route_to(asked, target, &facts))
        } else {
            engine.plan_route(directory, target, &facts, Purpose::Send).await
        };
        let mut route = match route {
            Ok(route) => route,
            Err(refused) => return Ok(Err(refused)),
        };
        if let Some(instead) = &instead {
            route.trace.asked.clone_from(&lane.target);
            route.trace.instead = Some(instead.why.clone());
        }
        be_patient(&mut route, &prompt.patient);
        if let Some(most) = prompt.patient.most {
            hold_to(&mut route, &lane.params, most, engine.inner.clock.now());
        }
        let partial = resuming.as_ref().map(|resuming| resuming.partial.clone());
        let partial = partial.filter(|partial| !(partial.text.is_empty() && partial.reasoning.is_empty()));
        let to_send = ToSend {
            lane: &lane,
            prompt: &prompt,
            history: &history,
            partial: partial.as_ref(),
            at_most: None,
        };
        let first = match only(engine, &mut route, to_send).await? {
            Ok(first) => first,
            Err(refused) => return Ok(Err(refused)),
        };
        let plan = begin_plan(engine, &lane, &route, resuming.as_ref());
        Ok(Ok(Self {
            engine: engine.clone(),
            lane,
            prompt,
            route,
            plan,
            ready: first.into_iter().map(|ready| (0, ready)).collect(),
            history: Some(history),
            turn_id: None,
            partial,
            refused: Vec::new(),
            lead: None,
            looked: None,
            resumed: resuming.map(|resuming| resuming.resume),
            instead: instead.map(|instead| instead.why),
            too_dear: None,
        }))
    }
}
