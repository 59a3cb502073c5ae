//! The demo models: who they are and what they say.

mod chinese;
mod coder;
mod critic;
mod parts;
mod poet;
mod scholar;
mod swift;
mod topic;

use crate::ask::{Ask, bare_model};
use crate::dice::Dice;
use topic::Topic;

/// A demo model, as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoModel {
    /// What a request names, with or without `demo/` before it.
    pub id: &'static str,
    /// For people.
    pub name: &'static str,
    /// One line about how it answers.
    pub voice: &'static str,
    /// Thinks aloud before it answers.
    pub reasons: bool,
    /// Tokens a second once it has begun.
    pub tokens_per_second: u32,
    /// Milliseconds to the first token.
    pub ttft_ms: u64,
    /// Input tokens it takes.
    pub context_window: u64,
    /// Output tokens it gives at most.
    pub max_output: u64,
}

const MODELS: &[DemoModel] = &[
    DemoModel {
        id: "swift",
        name: "Swift",
        voice: "Quick and plain: the short answer first, then the points that matter",
        reasons: false,
        tokens_per_second: 120,
        ttft_ms: 200,
        context_window: 32_768,
        max_output: 4_096,
    },
    DemoModel {
        id: "scholar",
        name: "Scholar",
        voice: "Slow and careful: thinks first, then weighs the evidence, with tables and formulas",
        reasons: true,
        tokens_per_second: 45,
        ttft_ms: 900,
        context_window: 200_000,
        max_output: 16_384,
    },
    DemoModel {
        id: "poet",
        name: "Poet",
        voice: "Answers in images and verse, and means them",
        reasons: false,
        tokens_per_second: 70,
        ttft_ms: 400,
        context_window: 16_384,
        max_output: 4_096,
    },
    DemoModel {
        id: "critic",
        name: "Critic",
        voice: "Argues the other side: what could be wrong with the question and the usual answer",
        reasons: false,
        tokens_per_second: 85,
        ttft_ms: 500,
        context_window: 65_536,
        max_output: 8_192,
    },
    DemoModel {
        id: "coder",
        name: "Coder",
        voice: "Answers with working code, tests and a table of trade-offs",
        reasons: false,
        tokens_per_second: 100,
        ttft_ms: 350,
        context_window: 131_072,
        max_output: 16_384,
    },
];

/// The demo models in the order to show them.
pub fn demo_models() -> &'static [DemoModel] {
    MODELS
}

pub(crate) fn find(model: &str) -> Option<&'static DemoModel> {
    let id = bare_model(model);
    MODELS.iter().find(|demo| demo.id == id)
}

/// Who speaks for a model; models that exist only in a script speak as the first.
pub(crate) fn voice_of(model: &str) -> &'static DemoModel {
    const FIRST: &DemoModel = &MODELS[0];
    find(model).unwrap_or(FIRST)
}

/// What a model says.
pub(crate) struct Answer {
    pub(crate) reasoning: Option<String>,
    pub(crate) text: String,
}

/// The model's answer to this conversation. The same seed and conversation give the same answer.
pub(crate) fn answer(ask: &Ask, model: &DemoModel, seed: u64) -> Answer {
    let earlier = ask.earlier().join("\n");
    let mut dice =
        Dice::new(seed, &[model.id, ask.system.as_deref().unwrap_or_default(), &earlier, ask.prompt()]);
    let topic = Topic::of(ask);
    let reasoning = model.reasons.then(|| {
        if topic.chinese { chinese::reasoning(&topic) } else { scholar::reasoning(&topic, &mut dice) }
    });
    let text = match model.id {
        id if topic.chinese => chinese::answer(&topic, id, &mut dice),
        "scholar" => scholar::answer(&topic, &mut dice),
        "poet" => poet::answer(&topic, &mut dice),
        "critic" => critic::answer(&topic, &mut dice),
        "coder" => coder::answer(&topic, &mut dice),
        _ => swift::answer(&topic, &mut dice),
    };
    Answer { reasoning, text }
}

#[cfg(test)]
mod tests;
