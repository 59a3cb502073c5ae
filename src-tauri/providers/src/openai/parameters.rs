//! Sampling, length and thinking, as the dialect takes them.

use roundtable_domain::{ChatRequest, ReasoningEffort, WireApi};
use serde_json::{Value, json};

use crate::dialect::{Dialect, Level, Reasoning, begins_with_one_of, level};
use crate::draft::Draft;

/// Sampling parameters under the dialect's names. `lacking` are those the wire has no field for.
pub(crate) fn put_sampling(
    draft: &mut Draft,
    dialect: &Dialect,
    api: WireApi,
    request: &ChatRequest,
    lacking: &[&str],
) {
    let params = &request.params;
    let number = |value: Option<f64>| value.map(|value| json!(value));
    let given = [
        ("temperature", number(params.temperature)),
        ("top_p", number(params.top_p)),
        ("top_k", params.top_k.map(Value::from)),
        ("presence_penalty", number(params.presence_penalty)),
        ("frequency_penalty", number(params.frequency_penalty)),
        ("seed", params.seed.map(Value::from)),
        ("stop", (!params.stop.is_empty()).then(|| json!(params.stop))),
    ];
    for (name, value) in given {
        let Some(value) = value else { continue };
        let is_lacking = lacking.contains(&name);
        match dialect.parameter(api, &request.model, name).filter(|_| !is_lacking) {
            Some(theirs) => draft.put(theirs, value),
            None => draft.omit_parameter(name),
        }
    }
}

/// What is to be sent of an effort and a budget.
#[derive(Default)]
struct Plan {
    effort: Option<&'static str>,
    budget: Option<u32>,
    /// Thinking on or off.
    switch: Option<bool>,
}

/// Effort and budget in Chat Completions: four shapes.
pub(crate) fn put_chat_reasoning(draft: &mut Draft, dialect: &Dialect, request: &ChatRequest) {
    let plan = plan(draft, dialect, request);
    match dialect.reasoning {
        Reasoning::Object => put_object(draft, &plan),
        Reasoning::EnableThinking => {
            put_enable_thinking(draft, &plan);
            let limit =
                request.thinking_limit.filter(|_| plan.budget.is_none() && plan.switch != Some(false));
            if let Some(limit) = limit {
                draft.put("thinking_budget", limit);
            }
        }
        Reasoning::None | Reasoning::Effort(_) | Reasoning::ThinkingType { .. } => {
            if let Some(on) = plan.switch {
                draft.put("thinking", json!({"type": if on { "enabled" } else { "disabled" }}));
            }
            if let Some(effort) = plan.effort {
                draft.put("reasoning_effort", effort);
            }
        }
    }
}

/// Effort and budget in Responses: one object, and `include` for models whose reasoning comes sealed. Without it a stateless
/// conversation loses the model's thoughts; models that do not reason refuse it.
pub(crate) fn put_responses_reasoning(draft: &mut Draft, dialect: &Dialect, request: &ChatRequest) {
    let mut plan = plan(draft, dialect, request);
    if dialect.reasoning == Reasoning::EnableThinking {
        put_enable_thinking(draft, &plan);
    } else {
        if plan.switch == Some(false) {
            plan.effort = Some("none");
        }
        put_object(draft, &plan);
    }
    if dialect.thinker(&request.model).is_some_and(|thinker| thinker.sealed) {
        draft.put("include", json!(["reasoning.encrypted_content"]));
    }
}

fn put_object(draft: &mut Draft, plan: &Plan) {
    match (plan.budget, plan.effort) {
        (Some(budget), _) => draft.put("reasoning", json!({"max_tokens": budget})),
        (None, Some(effort)) => draft.put("reasoning", json!({"effort": effort})),
        (None, None) => {}
    }
}

fn put_enable_thinking(draft: &mut Draft, plan: &Plan) {
    if let Some(on) = plan.switch {
        draft.put("enable_thinking", on);
    }
    if let Some(budget) = plan.budget {
        draft.put("thinking_budget", budget);
    }
}

/// Decides what to send, and notes what that is not.
fn plan(draft: &mut Draft, dialect: &Dialect, request: &ChatRequest) -> Plan {
    let params = &request.params;
    let takes_budget = matches!(dialect.reasoning, Reasoning::Object | Reasoning::EnableThinking);
    let budget = params.reasoning_tokens.filter(|_| takes_budget);
    if params.reasoning_tokens.is_some() && !takes_budget {
        draft.omit_parameter("reasoning_tokens");
    }
    if budget.is_some() {
        return Plan { budget, switch: Some(true), ..Plan::default() };
    }
    let Some(asked) = params.reasoning_effort else { return Plan::default() };
    let (plan, is_exact) = plan_effort(dialect, &request.model, asked);
    if !is_exact {
        draft.omit_parameter("reasoning_effort");
    }
    plan
}

/// The plan for an effort, and whether it says just what was asked. A model that has no thinking to turn off is as asked.
fn plan_effort(dialect: &Dialect, model: &str, asked: ReasoningEffort) -> (Plan, bool) {
    let no_field = (Plan::default(), asked == ReasoningEffort::Off);
    let by_level = |levels: &[Level]| match level(levels, asked) {
        Some((word, is_exact)) => (Plan { effort: Some(word), ..Plan::default() }, is_exact),
        None => (Plan::default(), asked == ReasoningEffort::Off),
    };
    match dialect.reasoning {
        Reasoning::None => no_field,
        Reasoning::Effort(_) => dialect.thinker(model).map_or(no_field, |thinker| by_level(thinker.levels)),
        Reasoning::Object => by_level(OBJECT_LEVELS),
        Reasoning::ThinkingType { models, .. }
            if !models.is_empty() && !begins_with_one_of(model, models) =>
        {
            no_field
        }
        Reasoning::EnableThinking | Reasoning::ThinkingType { levels: [], .. } => switch(asked),
        Reasoning::ThinkingType { .. } if asked == ReasoningEffort::Off => switch(asked),
        Reasoning::ThinkingType { levels, .. } => {
            let (plan, is_exact) = by_level(levels);
            (Plan { switch: Some(true), ..plan }, is_exact)
        }
    }
}

const OBJECT_LEVELS: &[Level] = &[
    (ReasoningEffort::Off, "none"),
    (ReasoningEffort::Minimal, "minimal"),
    (ReasoningEffort::Low, "low"),
    (ReasoningEffort::Medium, "medium"),
    (ReasoningEffort::High, "high"),
    (ReasoningEffort::Max, "xhigh"),
];

/// A switch knows no levels: as little as possible is off, the usual amount is on, and anything else is only nearly said.
fn switch(asked: ReasoningEffort) -> (Plan, bool) {
    let on = asked > ReasoningEffort::Minimal;
    let is_exact = !matches!(asked, ReasoningEffort::Low | ReasoningEffort::Max);
    (Plan { switch: Some(on), ..Plan::default() }, is_exact)
}
