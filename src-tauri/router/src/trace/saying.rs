//! The sentences of a trace as codes with what stands in them. `Display` gives the English words.

use std::fmt;

use roundtable_domain::ErrorCategory;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::choose::{Because, Lost, seconds};

/// A shorter wait is not worth a word, in milliseconds.
const TELLABLE_MS: u64 = 100;

/// One sentence. Models are `provider/model`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "code", rename_all = "snake_case")]
#[ts(export)]
pub enum TraceSaying {
    /// Who was chosen, and why.
    Chosen {
        /// Who.
        model: String,
        /// Where it stands: `group.echelonN`.
        route: Option<String>,
        /// Why.
        because: Because,
        /// The rules that held.
        rules: Vec<String>,
    },
    /// What was asked for names no model.
    NamesNothing {
        /// What was asked for.
        asked: String,
        /// The rules that held.
        rules: Vec<String>,
    },
    /// None of those that were asked for can answer.
    NobodyCan {
        /// What was asked for.
        asked: String,
        /// How many there are.
        models: u32,
        /// The rules that held.
        rules: Vec<String>,
    },
    /// What the second lost on.
    RunnerUp {
        /// The second.
        model: String,
        /// On what.
        lost: Lost,
    },
    /// A further call, because one had failed.
    Stepped {
        /// What was done.
        step: Step,
        /// Who was asked then.
        model: String,
        /// Who had failed.
        failed: String,
        /// How.
        failure: ErrorCategory,
        /// Its answer had begun.
        had_begun: bool,
        /// Waited before it, in milliseconds.
        #[ts(type = "number")]
        waited_ms: u64,
    },
    /// How it ended.
    Ended {
        /// `None`: an answer, in full.
        how: Option<Ending>,
        /// Who answered, where that is not who was chosen.
        served: Option<String>,
    },
    /// Somebody asked for this model in place of the lane's.
    Resumed {
        /// For what.
        step: Step,
        /// Whom.
        model: String,
    },
}

/// What was done after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "TraceStep")]
pub enum Step {
    /// Another went on with the answer.
    WentOn,
    /// Another began the answer anew.
    BeganAnew,
    /// It was asked in spite of its failures.
    TriedAnyway,
    /// The same was asked with a shorter history.
    Shortened,
    /// Another was asked.
    FellBack,
    /// The same was asked with another key.
    OtherKey,
    /// The same was asked again.
    Again,
}

/// An end that is not simply an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "code", rename_all = "snake_case")]
#[ts(rename = "TraceEnding")]
pub enum Ending {
    /// An answer that was kept.
    Cache,
    /// The answer to the same request, which was under way.
    Shared,
    /// The route's own text.
    LastResort,
    /// Somebody stopped it.
    Stopped,
    /// The program ended in the middle of it.
    Interrupted,
    /// The answer broke off.
    BrokeOff,
    /// The last call failed.
    Failed {
        /// Whose.
        model: String,
        /// How.
        failure: ErrorCategory,
    },
    /// Nothing was sent.
    FailedUnsent,
}

impl fmt::Display for TraceSaying {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chosen { model, route, because, rules } => {
                let route = route.as_ref().map_or_else(String::new, |route| format!(" from {route}"));
                write!(f, "{model}{route} was chosen because {because}.{}", applied(rules))
            }
            Self::NamesNothing { asked, rules } => {
                write!(f, "\"{asked}\" names no model.{}", applied(rules))
            }
            Self::NobodyCan { asked, models, rules } => {
                write!(f, "None of the {models} models of \"{asked}\" can answer.{}", applied(rules))
            }
            Self::RunnerUp { model, lost } => write!(f, "Runner-up {model} {lost}."),
            Self::Stepped { step, model, failed, failure, had_begun, waited_ms } => {
                let wait = match *waited_ms {
                    0..TELLABLE_MS => String::new(),
                    waited_ms => format!(" after {}", seconds(waited_ms)),
                };
                let what = what_happened(*failure, *had_begun);
                write!(f, "{}{wait} because {failed} {what}.", done(*step, model))
            }
            Self::Ended { how, served } => {
                let how = how.as_ref().map(ToString::to_string);
                let served = served.as_ref().map(|served| format!("{served} answered."));
                f.write_str(&how.into_iter().chain(served).collect::<Vec<_>>().join(" "))
            }
            Self::Resumed { step, model } => f.write_str(&asked_for(*step, model)),
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cache => f.write_str("The answer comes from the cache and cost nothing."),
            Self::Shared => f.write_str("The answer was shared with the same request under way."),
            Self::LastResort => f.write_str("The text is the route's last resort; no model has written it."),
            Self::Stopped => f.write_str("It was stopped."),
            Self::Interrupted => f.write_str("The program ended in the middle of it."),
            Self::BrokeOff => f.write_str("The answer broke off; what had come stays."),
            Self::Failed { model, failure } => {
                write!(f, "It failed: {model} {}.", what_happened(*failure, false))
            }
            Self::FailedUnsent => f.write_str("It failed before anything was sent."),
        }
    }
}

fn applied(rules: &[String]) -> String {
    match rules {
        [] => String::new(),
        [rule] => format!(" The rule \"{rule}\" applied."),
        rules => format!(" The rules \"{}\" applied.", rules.join("\", \"")),
    }
}

fn done(step: Step, model: &str) -> String {
    match step {
        Step::WentOn => format!("{model} went on with the answer"),
        Step::BeganAnew => format!("{model} began the answer anew"),
        Step::TriedAnyway => format!("Tried {model} anyway"),
        Step::Shortened => format!("Tried {model} again with a shorter history"),
        Step::FellBack => format!("Fell back to {model}"),
        Step::OtherKey => format!("Tried {model} again with another key"),
        Step::Again => format!("Tried {model} again"),
    }
}

fn asked_for(step: Step, model: &str) -> String {
    match step {
        Step::WentOn => format!("{model} was asked to go on."),
        Step::BeganAnew => format!("{model} was asked to begin anew."),
        Step::TriedAnyway => format!("{model} was asked in spite of its failures."),
        Step::Shortened | Step::FellBack | Step::OtherKey | Step::Again => format!("{model} was asked."),
    }
}

/// What a failure was, to follow a model's name.
const fn what_happened(failure: ErrorCategory, had_begun: bool) -> &'static str {
    match failure {
        ErrorCategory::RateLimited => "had too many requests",
        ErrorCategory::QuotaExceeded => "is out of credit",
        ErrorCategory::Authentication => "refused the key",
        ErrorCategory::Permission => "may not be used with this key",
        ErrorCategory::ModelNotFound => "is not known to its provider",
        ErrorCategory::WrongAddress => "did not answer as its API does",
        ErrorCategory::InvalidRequest => "refused the request",
        ErrorCategory::ContextLength => "has too small a context for the prompt",
        ErrorCategory::ContentFilter => "refused the content",
        ErrorCategory::Unavailable => "had a fault",
        // It was there, or it could not have begun.
        ErrorCategory::Network if had_begun => "lost the connection",
        ErrorCategory::Network => "could not be reached",
        ErrorCategory::Timeout => "took too long",
        ErrorCategory::Truncated => "broke off",
        ErrorCategory::OverBudget => "does not fit into a budget",
        ErrorCategory::Cancelled => "was stopped",
    }
}
