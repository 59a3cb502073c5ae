//! A trace in plain words.

use std::fmt;

use roundtable_domain::{ErrorCategory, RunState};

use super::{AnswerSource, RouteTrace, TracedAttempt};
use crate::attempt::Kind;
use crate::choose::{Wording, seconds};

/// A shorter wait is not worth a word, in milliseconds.
const TELLABLE_MS: u64 = 100;

/// A trace in sentences, each complete with its full stop. The text is for people and may change; codes are in the trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// Who was chosen, and why.
    pub chosen: String,
    /// What the second lost on.
    pub runner_up: Option<String>,
    /// Each retry and each fallback.
    pub attempts: Vec<String>,
    /// Each that cannot answer, and why.
    pub excluded: Vec<String>,
    /// How it ended, where that is not simply the chosen model's answer.
    pub end: Option<String>,
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.chosen)?;
        let rest = self.runner_up.iter().chain(&self.attempts).chain(&self.end).chain(&self.excluded);
        for sentence in rest {
            write!(f, "\n{sentence}")?;
        }
        Ok(())
    }
}

impl RouteTrace {
    /// This trace in plain words: chosen because, runner-up lost on, fell back because.
    pub fn explain(&self) -> Explanation {
        let wording =
            Wording { situation: &self.situation, candidates: &self.candidates, choice: &self.choice };
        let excluded = self.choice.excluded.iter().filter_map(|excluded| {
            let candidate = self.candidates.get(excluded.candidate)?;
            Some(format!("Not {}: {}.", candidate.model, excluded.reason.in_words()))
        });
        Explanation {
            chosen: self.instead.clone().unwrap_or_else(|| self.explain_choice(&wording)),
            runner_up: wording.runner_up().map(|sentence| as_sentence(&sentence)),
            attempts: self.explain_attempts(),
            excluded: excluded.collect(),
            end: self.explain_end(),
        }
    }

    fn explain_choice(&self, wording: &Wording<'_>) -> String {
        let rules = match self.rules.as_slice() {
            [] => String::new(),
            [rule] => format!(" The rule \"{rule}\" applied."),
            rules => format!(" The rules \"{}\" applied.", rules.join("\", \"")),
        };
        match (self.chosen(), wording.because()) {
            (Some(chosen), Some(because)) => {
                let route = chosen.route.as_ref().map_or_else(String::new, |route| format!(" from {route}"));
                format!("{}{route} was chosen because {because}.{rules}", chosen.model)
            }
            _ if self.candidates.is_empty() => format!("\"{}\" names no model.{rules}", self.asked),
            _ => format!(
                "None of the {} models of \"{}\" can answer.{rules}",
                self.candidates.len(),
                self.asked
            ),
        }
    }

    fn explain_attempts(&self) -> Vec<String> {
        let followed = self.attempts.iter().zip(self.attempts.iter().skip(1));
        followed.filter_map(|(failed, next)| Some(explain_step(failed, failed.failure?, next))).collect()
    }

    fn explain_end(&self) -> Option<String> {
        let end = self.end.as_ref()?;
        let sentence = match end.source {
            AnswerSource::Cache => "The answer comes from the cache and cost nothing.".to_owned(),
            AnswerSource::Shared => "The answer was shared with the same request under way.".to_owned(),
            AnswerSource::LastResort => {
                "The text is the route's last resort; no model has written it.".to_owned()
            }
            AnswerSource::Nothing | AnswerSource::Model => self.explain_state(end.state)?,
        };
        let other = match (&end.served, self.chosen()) {
            (Some(served), Some(chosen)) if *served != chosen.model => format!(" {served} answered."),
            _ => String::new(),
        };
        Some(format!("{sentence}{other}").trim().to_owned()).filter(|sentence| !sentence.is_empty())
    }

    /// What is to be said of a last state; nothing of a complete answer.
    fn explain_state(&self, state: RunState) -> Option<String> {
        let last = self.attempts.last().and_then(|attempt| Some((attempt, attempt.failure?)));
        Some(match (state, last) {
            (RunState::Complete, _) => String::new(),
            (RunState::Cancelled, _) => "It was stopped.".to_owned(),
            (RunState::Interrupted, _) => "The program ended in the middle of it.".to_owned(),
            (RunState::Truncated, _) => "The answer broke off; what had come stays.".to_owned(),
            (RunState::Failed, Some((attempt, failure))) => {
                format!("It failed: {} {}.", attempt.model, what_happened(failure))
            }
            (RunState::Failed, None) => "It failed before anything was sent.".to_owned(),
            (RunState::Connecting | RunState::Preamble | RunState::Committed, _) => return None,
        })
    }
}

fn explain_step(failed: &TracedAttempt, failure: ErrorCategory, next: &TracedAttempt) -> String {
    let wait = match next.waited_ms {
        0..TELLABLE_MS => String::new(),
        waited_ms => format!(" after {}", seconds(waited_ms)),
    };
    let what = match failure {
        // It was there, or it could not have begun.
        ErrorCategory::Network if failed.ttft_ms.is_some() => "lost the connection",
        failure => what_happened(failure),
    };
    let model = &next.model;
    let step = match next.kind {
        Kind::Continue => format!("{model} went on with the answer"),
        Kind::Regenerate => format!("{model} began the answer anew"),
        Kind::TryAnyway => format!("Tried {model} anyway"),
        Kind::Trimmed => format!("Tried {model} again with a shorter history"),
        _ if failed.model != *model => format!("Fell back to {model}"),
        _ if failed.key != next.key => format!("Tried {model} again with another key"),
        _ => format!("Tried {model} again"),
    };
    format!("{step}{wait} because {} {what}.", failed.model)
}

/// What a failure was, to follow a model's name.
const fn what_happened(failure: ErrorCategory) -> &'static str {
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
        ErrorCategory::Network => "could not be reached",
        ErrorCategory::Timeout => "took too long",
        ErrorCategory::Truncated => "broke off",
        ErrorCategory::OverBudget => "does not fit into a budget",
        ErrorCategory::Cancelled => "was stopped",
    }
}

fn as_sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
