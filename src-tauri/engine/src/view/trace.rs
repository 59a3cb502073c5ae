//! Why an answer came from whom, as the window shows it.

use roundtable_domain::{ErrorCategory, RunState, UnixMs};
use roundtable_router::choose::Reason;
use roundtable_router::trace::TraceSaying;
use serde::{Deserialize, Deserializer, Serialize};
use ts_rs::TS;

use super::saying::Saying;

/// Where an answer comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum AnswerSource {
    /// A model, for this very run.
    #[default]
    Model,
    /// Kept from earlier: nothing was sent and nothing is paid.
    Cache,
    /// The same request was under way already: one call answered both.
    Shared,
    /// The route's own text: no model has written it.
    LastResort,
}

/// The short form of a route, for the chip on an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RunRoute {
    /// What was asked for, when that was no model by its own name: a group, `group.echelon`, pool, alias or `auto`.
    pub asked: String,
    /// Where the model that answers stands: `group.echelonN`.
    pub from: Option<String>,
    /// Another than the first choice answers.
    pub fell_back: bool,
    /// One sentence: chosen because, or fell back because.
    pub reason: String,
    /// The same for windows that speak another language; `None`: only the sentence says it, as in what older versions have stored.
    #[serde(default, deserialize_with = "if_known")]
    pub saying: Option<Box<TraceSaying>>,
}

/// A saying that a newer version has written is none: its sentence stands beside it.
fn if_known<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Box<TraceSaying>>, D::Error> {
    Ok(serde_json::from_value(serde_json::Value::deserialize(deserializer)?).ok())
}

/// What can be done about a part of an answer, or about a target that is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Resume {
    /// Another model writes on, labelled.
    Continue,
    /// Another model begins anew, as the next version.
    Regenerate,
    /// The target is asked in spite of what is remembered of failures.
    TryAnyway,
}

/// Something offered about an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct OfferView {
    /// What.
    pub resume: Resume,
    /// With whom: `provider/model`.
    pub target: String,
    /// The model's name for people.
    pub model_name: String,
}

/// A part of an answer that one model wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SegmentView {
    /// The provider's slug.
    pub provider: String,
    /// The provider's name for people.
    pub provider_name: String,
    /// The model that served it.
    pub model: String,
    /// Where its text begins, in UTF-16 code units.
    pub text_start: u32,
    /// Where its reasoning begins, in UTF-16 code units.
    pub reasoning_start: u32,
    /// What it cost: exact decimal dollars; `None`: not known.
    pub usd: Option<String>,
}

/// What a run waits for before it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct WaitView {
    /// `retry`, `place` or `recovery`.
    pub reason: String,
    /// Until when, or until something ends.
    pub until: UnixMs,
    /// In words, ready to show.
    pub text: String,
    /// The same for other languages.
    pub saying: Option<Saying>,
}

/// Why a run was answered by whom, in full.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TraceView {
    /// What was asked for.
    pub asked: String,
    /// The revision of the routing files.
    pub revision: String,
    /// When.
    pub at: UnixMs,
    /// Decides between equals; hexadecimal.
    pub seed: String,
    /// The kind of work the prompt was read as.
    pub task: String,
    /// How hard.
    pub complexity: String,
    /// The language, as ISO 639-1, if it was recognised.
    pub language: Option<String>,
    /// The prompt with its history, in tokens.
    #[ts(type = "number")]
    pub input_tokens: u64,
    /// How it was chosen.
    pub strategy: String,
    /// What counted most.
    pub priority: String,
    /// The weights in force.
    pub weights: WeightsView,
    /// The rules that held.
    pub rules: Vec<String>,
    /// In words: who was chosen and why, what the runner-up lost on, each retry and fallback, how it ended.
    pub sentences: Vec<String>,
    /// The same, in the same order, for windows that speak another language; `None`: only the sentence says it.
    pub sayings: Vec<Option<TraceSaying>>,
    /// In the order in which they are asked; those that cannot answer last.
    pub candidates: Vec<TraceCandidate>,
    /// The calls.
    pub attempts: Vec<TraceAttempt>,
    /// How it ended.
    pub end: Option<TraceEndView>,
    /// Whether choosing again from the same facts gives the same; `None`: a form this program does not know.
    pub replays: Option<bool>,
}

/// What counts how much. In a trace their sum is 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct WeightsView {
    /// Speed and reliability.
    pub performance: f64,
    /// The price of this prompt.
    pub cost: f64,
    /// How busy it is.
    pub load: f64,
    /// How well it suits.
    pub capability: f64,
}

/// One who could have answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TraceCandidate {
    /// `provider/model`.
    pub target: String,
    /// Where it stands.
    pub route: Option<String>,
    /// Lower ranks come first.
    pub rank: u32,
    /// Its score; `None` when it was excluded.
    pub score: Option<ScoreView>,
    /// The stable word for why it cannot answer.
    pub excluded: Option<String>,
    /// The same in words.
    pub excluded_reason: Option<String>,
    /// The same for windows that speak another language.
    pub excluded_saying: Option<Reason>,
    /// What this prompt would cost, exact decimal dollars.
    pub usd: Option<String>,
    /// Mean time to the first token, in milliseconds, as remembered.
    pub ttft_ms: Option<f64>,
    /// Mean speed, as remembered.
    pub tokens_per_second: Option<f64>,
    /// A careful guess of its success, from 0 to 1.
    pub reliability: f64,
    /// Comparisons with another model's answer that somebody decided by picking one.
    pub compared: u32,
    /// Those in which its answer was picked.
    pub picked: u32,
}

/// A score and its parts, each from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ScoreView {
    /// The weighted sum.
    pub total: f64,
    /// Speed and reliability.
    pub performance: f64,
    /// The price.
    pub cost: f64,
    /// How busy.
    pub load: f64,
    /// How well it suits.
    pub capability: f64,
}

/// A call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TraceAttempt {
    /// `provider/model`.
    pub target: String,
    /// The key's name or mask.
    pub key: Option<String>,
    /// `first`, `retry`, `next_key`, `fallback`, `trimmed`, `continue`, `regenerate` or `try_anyway`.
    pub kind: String,
    /// Waited before it, in milliseconds.
    #[ts(type = "number")]
    pub waited_ms: u64,
    /// How long it took, in milliseconds.
    #[ts(type = "number")]
    pub took_ms: u64,
    /// To the first semantic delta, in milliseconds.
    #[ts(type = "number | null")]
    pub ttft_ms: Option<u64>,
    /// What failed.
    pub failure: Option<ErrorCategory>,
    /// How long the provider asked to be left alone, in milliseconds.
    #[ts(type = "number | null")]
    pub retry_after_ms: Option<u64>,
    /// What it cost, exact decimal dollars; `None`: not known or nothing was charged.
    pub usd: Option<String>,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TraceEndView {
    /// The run's last state.
    pub state: RunState,
    /// Where the answer comes from; `None`: there is none.
    pub source: Option<AnswerSource>,
    /// The model that served it.
    pub served: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_that_another_version_has_stored_keeps_its_sentence() {
        let stored = |saying: &str| {
            format!(r#"{{"asked": "auto", "from": null, "fell_back": false, "reason": "Because."{saying}}}"#)
        };
        for saying in ["", r#", "saying": null"#, r#", "saying": {"code": "of_tomorrow", "x": 1}"#] {
            let route: RunRoute = serde_json::from_str(&stored(saying)).unwrap();
            assert_eq!((route.reason.as_str(), route.saying), ("Because.", None), "{saying}");
        }
        let known = r#", "saying": {"code": "resumed", "step": "went_on", "model": "a/b"}"#;
        let route: RunRoute = serde_json::from_str(&stored(known)).unwrap();
        assert!(route.saying.is_some());
    }
}
