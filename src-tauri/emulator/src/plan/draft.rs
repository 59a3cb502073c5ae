//! An answer before its schedule: cut to length, to a stop sequence, or to a fault.

use std::time::Duration;

use serde_json::Value;

use super::{Beat, Finish, Performance, Pieces, Step, Usage};
use crate::Pace;
use crate::ask::Ask;
use crate::dice::Dice;
use crate::models::DemoModel;
use crate::tokens::{count_tokens, tokenise};

pub(super) struct Draft {
    pub(super) served: String,
    pub(super) report_usage: bool,
    pub(super) crlf: bool,
    pub(super) pieces: Pieces,
    pub(super) beats: Vec<Beat>,
    pub(super) usage: Usage,
    /// A gap of its own between two tokens, at any pace.
    pub(super) every: Option<Duration>,
}

impl Draft {
    fn new(ask: &Ask, beats: Vec<Beat>, output: u64, reasoning: u64) -> Self {
        Self {
            served: ask.model_id().to_owned(),
            report_usage: true,
            crlf: false,
            pieces: Pieces::Whole,
            beats,
            usage: Usage { input: ask.input_tokens(), output, reasoning },
            every: None,
        }
    }

    /// Reasoning and text, within the request's length and up to its stop sequence.
    pub(super) fn answer(ask: &Ask, reasoning: Option<&str>, text: &str) -> Self {
        let (text, mut finish) = match first_stop(text, &ask.stop) {
            Some((before, stop)) => (before, Finish::StopSequence(stop.to_owned())),
            None => (text, Finish::Stop),
        };
        let mut thoughts = tokenise(reasoning.unwrap_or_default());
        let mut words = tokenise(text);
        let limit = ask.max_tokens.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        if thoughts.len() + words.len() > limit {
            finish = Finish::Length;
            thoughts.truncate(limit);
            words.truncate(limit - thoughts.len());
        }
        let (reasoning, output) = (as_count(thoughts.len()), as_count(thoughts.len() + words.len()));
        let mut beats = vec![Beat::Open];
        if !ask.hide_reasoning {
            beats.extend(thoughts.into_iter().map(Beat::Reasoning));
        }
        beats.extend(words.into_iter().map(Beat::Text));
        beats.push(Beat::Finish(finish));
        Self::new(ask, beats, output, reasoning)
    }

    pub(super) fn tool(ask: &Ask, name: String, arguments: Value) -> Self {
        let output = count_tokens(&name) + count_tokens(&arguments.to_string());
        let beats = vec![Beat::Open, Beat::Tool { name, arguments }, Beat::Finish(Finish::Tool)];
        Self::new(ask, beats, output, 0)
    }

    pub(super) fn refusal(ask: &Ask, text: &str) -> Self {
        let words = tokenise(text).into_iter().map(Beat::Refusal);
        let beats = std::iter::once(Beat::Open).chain(words).chain([Beat::Finish(Finish::Refusal)]).collect();
        Self::new(ask, beats, count_tokens(text), 0)
    }

    /// Keeps this many tokens, then `last`, then ends.
    pub(super) fn cut(mut self, tokens: usize, last: Option<Beat>) -> Self {
        self.beats.pop();
        self.beats.truncate(tokens + 1);
        self.usage.output = self.usage.output.min(as_count(tokens));
        self.usage.reasoning = self.usage.reasoning.min(self.usage.output);
        self.beats.extend(last);
        self
    }

    /// These beats and no other.
    pub(super) fn only(mut self, beats: Vec<Beat>) -> Self {
        self.usage.reasoning = 0;
        self.usage.output = beats
            .iter()
            .map(|beat| match beat {
                Beat::Text(text) => count_tokens(text),
                _ => 0,
            })
            .sum();
        self.beats = beats;
        self
    }

    pub(super) fn into_performance(self, model: &DemoModel, pace: Pace, dice: &mut Dice) -> Performance {
        let mut first = true;
        let mut steps = Vec::with_capacity(self.beats.len());
        for beat in self.beats {
            let token =
                matches!(beat, Beat::Reasoning(_) | Beat::Text(_) | Beat::Refusal(_) | Beat::Tool { .. });
            let after = match (self.every, pace) {
                (Some(gap), _) if token => gap,
                (None, Pace::Realistic) if first => uneven(Duration::from_millis(model.ttft_ms), dice),
                (None, Pace::Realistic) if token => {
                    uneven(Duration::from_secs(1) / model.tokens_per_second.max(1), dice)
                }
                _ => Duration::ZERO,
            };
            first = false;
            steps.push(Step { after, beat });
        }
        Performance {
            served: self.served,
            usage: self.usage,
            report_usage: self.report_usage,
            crlf: self.crlf,
            pieces: self.pieces,
            steps: Box::new(steps.into_iter()),
        }
    }
}

/// Within a quarter of the given time, the same on average.
fn uneven(around: Duration, dice: &mut Dice) -> Duration {
    let percent = u32::try_from(75 + dice.below(51)).unwrap_or(100);
    around * percent / 100
}

fn as_count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// The text before the earliest stop sequence, and which it was.
fn first_stop<'a>(text: &'a str, stops: &'a [String]) -> Option<(&'a str, &'a str)> {
    stops
        .iter()
        .filter(|stop| !stop.is_empty())
        .filter_map(|stop| Some((text.split_once(stop.as_str())?.0, stop.as_str())))
        .min_by_key(|(before, _)| before.len())
}
