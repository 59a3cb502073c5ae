//! A trace in sentences.

use std::fmt;

use roundtable_domain::{ErrorCategory, RunState};

use super::saying::{Ending, Step, TraceSaying};
use super::{AnswerSource, RouteTrace, TracedAttempt};
use crate::attempt::Kind;
use crate::choose::Wording;

/// A sentence in English, and as a code where it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Complete, with its full stop. The text is for people and may change.
    pub text: String,
    /// `None`: only the text says it.
    pub saying: Option<TraceSaying>,
}

impl From<TraceSaying> for Told {
    fn from(saying: TraceSaying) -> Self {
        Self { text: saying.to_string(), saying: Some(saying) }
    }
}

impl From<String> for Told {
    fn from(text: String) -> Self {
        Self { text, saying: None }
    }
}

/// A trace in sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Who was chosen, and why.
    pub chosen: Told,
    /// What the second lost on.
    pub runner_up: Option<Told>,
    /// Each retry and each fallback.
    pub attempts: Vec<Told>,
    /// Each that cannot answer, and why.
    pub excluded: Vec<String>,
    /// How it ended, where that is not simply the chosen model's answer.
    pub end: Option<Told>,
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.chosen.text)?;
        let rest = self.runner_up.iter().chain(&self.attempts).chain(&self.end).map(|told| &told.text);
        for sentence in rest.chain(&self.excluded) {
            write!(f, "\n{sentence}")?;
        }
        Ok(())
    }
}

impl RouteTrace {
    /// This trace in sentences: chosen because, runner-up lost on, fell back because.
    pub fn explain(&self) -> Explanation {
        let wording =
            Wording { situation: &self.situation, candidates: &self.candidates, choice: &self.choice };
        let excluded = self.choice.excluded.iter().filter_map(|excluded| {
            let candidate = self.candidates.get(excluded.candidate)?;
            Some(format!("Not {}: {}.", candidate.model, excluded.reason.in_words()))
        });
        let runner_up = wording
            .runner_up()
            .map(|(second, lost)| TraceSaying::RunnerUp { model: second.model.to_string(), lost }.into());
        Explanation {
            chosen: match &self.instead {
                Some(why) => why.clone().into(),
                None => self.explain_choice(&wording).into(),
            },
            runner_up,
            attempts: self.explain_attempts(),
            excluded: excluded.collect(),
            end: self.explain_end().map(Told::from),
        }
    }

    fn explain_choice(&self, wording: &Wording<'_>) -> TraceSaying {
        let rules = self.rules.clone();
        match (self.chosen(), wording.because()) {
            (Some(chosen), Some(because)) => TraceSaying::Chosen {
                model: chosen.model.to_string(),
                route: chosen.route.clone(),
                because,
                rules,
            },
            _ if self.candidates.is_empty() => TraceSaying::NamesNothing { asked: self.asked.clone(), rules },
            _ => TraceSaying::NobodyCan {
                asked: self.asked.clone(),
                models: u32::try_from(self.candidates.len()).unwrap_or(u32::MAX),
                rules,
            },
        }
    }

    fn explain_attempts(&self) -> Vec<Told> {
        let followed = self.attempts.iter().zip(self.attempts.iter().skip(1));
        followed
            .filter_map(|(failed, next)| Some(explain_step(failed, failed.failure?, next).into()))
            .collect()
    }

    fn explain_end(&self) -> Option<TraceSaying> {
        let end = self.end.as_ref()?;
        let how = match end.source {
            AnswerSource::Cache => Some(Ending::Cache),
            AnswerSource::Shared => Some(Ending::Shared),
            AnswerSource::LastResort => Some(Ending::LastResort),
            AnswerSource::Nothing | AnswerSource::Model if !end.state.is_final() => return None,
            AnswerSource::Nothing | AnswerSource::Model => self.explain_state(end.state),
        };
        let served = match (&end.served, self.chosen()) {
            (Some(served), Some(chosen)) if *served != chosen.model => Some(served.to_string()),
            _ => None,
        };
        (how.is_some() || served.is_some()).then_some(TraceSaying::Ended { how, served })
    }

    /// What is to be said of a last state; nothing of a complete answer.
    fn explain_state(&self, state: RunState) -> Option<Ending> {
        let last = self.attempts.last().and_then(|attempt| Some((attempt, attempt.failure?)));
        Some(match (state, last) {
            (RunState::Cancelled, _) => Ending::Stopped,
            (RunState::Interrupted, _) => Ending::Interrupted,
            (RunState::Truncated, _) => Ending::BrokeOff,
            (RunState::Failed, Some((attempt, failure))) => {
                Ending::Failed { model: attempt.model.to_string(), failure }
            }
            (RunState::Failed, None) => Ending::FailedUnsent,
            (RunState::Complete | RunState::Connecting | RunState::Preamble | RunState::Committed, _) => {
                return None;
            }
        })
    }
}

fn explain_step(failed: &TracedAttempt, failure: ErrorCategory, next: &TracedAttempt) -> TraceSaying {
    let step = match next.kind {
        Kind::Continue => Step::WentOn,
        Kind::Regenerate => Step::BeganAnew,
        Kind::TryAnyway => Step::TriedAnyway,
        Kind::Trimmed => Step::Shortened,
        _ if failed.model != next.model => Step::FellBack,
        _ if failed.key != next.key => Step::OtherKey,
        _ => Step::Again,
    };
    TraceSaying::Stepped {
        step,
        model: next.model.to_string(),
        failed: failed.model.to_string(),
        failure,
        had_begun: failed.ttft_ms.is_some(),
        waited_ms: next.waited_ms,
    }
}
