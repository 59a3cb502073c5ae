//! A choice in plain words. Whoever wants codes reads the fields.

use super::candidate::{Candidate, Picks};
use super::needs::{Ability, Reason};
use super::score::Score;
use super::stats::real;
use super::{Choice, Ranked, Situation};

/// A part of a score, in the order of the weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Topic {
    Performance,
    Cost,
    Load,
    Capability,
}

/// A choice with what it was made of.
pub(crate) struct Wording<'a> {
    pub(crate) situation: &'a Situation,
    pub(crate) candidates: &'a [Candidate],
    pub(crate) choice: &'a Choice,
}

impl<'a> Wording<'a> {
    fn place(&self, place: usize) -> Option<(&'a Candidate, Ranked)> {
        let ranked = *self.choice.ranked.get(place)?;
        Some((self.candidates.get(ranked.candidate)?, ranked))
    }

    /// Why the first is the first, to follow "because"; `None`: nobody can answer.
    pub(crate) fn because(&self) -> Option<String> {
        let (first, ranked) = self.place(0)?;
        let Some((second, runner_up)) = self.place(1) else {
            return Some(match self.choice.excluded.len() {
                0 => "it is the only one that was asked for".to_owned(),
                _ => "it is the only one left that can answer".to_owned(),
            });
        };
        if self.choice.kept {
            return Some("it answered the turn before, and no other is clearly better".to_owned());
        }
        if second.rank > first.rank {
            return Some("its echelon comes first and it is the only one there that can answer".to_owned());
        }
        if self.choice.tie {
            return Some(format!("the lot decided between it and {}, which are equal", second.model));
        }
        let best = self.leads(ranked.score, runner_up.score);
        let lead: Vec<String> = best.into_iter().take(2).map(|topic| self.praise(topic, first)).collect();
        Some(if lead.is_empty() {
            "it has the best score".to_owned()
        } else {
            format!("of {}", lead.join(" and "))
        })
    }

    /// What the second lost on, as a sentence without its end; `None`: there is no second.
    pub(crate) fn runner_up(&self) -> Option<String> {
        let (first, ranked) = self.place(0)?;
        let (second, runner_up) = self.place(1)?;
        let model = &second.model;
        if second.rank > first.rank {
            return Some(format!("runner-up {model} stands in a later echelon"));
        }
        if self.choice.tie {
            return Some(format!("runner-up {model} lost the draw between equals"));
        }
        let lead = runner_up.score.total - ranked.score.total;
        if lead > 0.0 {
            let margin = self.situation.tuning.hysteresis;
            return Some(format!(
                "runner-up {model} scored {lead:.3} more, and {margin:.3} is what it takes to change"
            ));
        }
        let topic = *self.leads(ranked.score, runner_up.score).first()?;
        Some(format!("runner-up {model} lost on {}", self.compare(topic, first, second)))
    }

    /// What `better` leads in, the largest weighted lead first.
    fn leads(&self, better: Score, worse: Score) -> Vec<Topic> {
        let weights = self.choice.weights;
        let mut leads = [
            (Topic::Performance, weights.performance * (better.performance.value - worse.performance.value)),
            (Topic::Cost, weights.cost * (better.cost.value - worse.cost.value)),
            (Topic::Load, weights.load * (better.load.value - worse.load.value)),
            (Topic::Capability, weights.capability * (better.capability.value - worse.capability.value)),
        ];
        leads.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        leads.into_iter().filter(|&(_, lead)| lead > 0.0005).map(|(topic, _)| topic).collect()
    }

    fn praise(&self, topic: Topic, candidate: &Candidate) -> String {
        match topic {
            Topic::Performance => format!("its speed and reliability{}", in_brackets(Self::speed(candidate))),
            Topic::Cost => format!("its price{}", in_brackets(self.price(candidate))),
            Topic::Load => "its free capacity".to_owned(),
            Topic::Capability => {
                let fit =
                    format!("its fit for {} {}", self.situation.reading.complexity.as_str(), self.work());
                let tier = candidate.tier.map(|tier| format!("a {} model", tier.as_str()));
                let known: Vec<String> = tier.into_iter().chain(Self::picks(candidate)).collect();
                format!("{fit}{}", in_brackets((!known.is_empty()).then(|| known.join(", "))))
            }
        }
    }

    fn compare(&self, topic: Topic, better: &Candidate, worse: &Candidate) -> String {
        let against = |one: Option<String>, other: Option<String>| match (one, other) {
            (Some(one), Some(other)) if one != other => format!(" ({one} against {other})"),
            _ => String::new(),
        };
        match topic {
            Topic::Performance => {
                format!("speed and reliability{}", against(Self::speed(worse), Self::speed(better)))
            }
            Topic::Cost => format!("price{}", against(self.price(worse), self.price(better))),
            Topic::Load => "free capacity".to_owned(),
            Topic::Capability => {
                format!("fit for {}{}", self.work(), against(Self::picks(worse), Self::picks(better)))
            }
        }
    }

    fn work(&self) -> &'static str {
        self.situation.reading.task.in_words()
    }

    fn price(&self, candidate: &Candidate) -> Option<String> {
        let cost = candidate.cost.as_ref()?;
        let now = cost.at(self.situation.at);
        let warm = if now < cost.usd { ", its cache still warm" } else { "" };
        Some(format!("${now}{warm}"))
    }

    fn picks(candidate: &Candidate) -> Option<String> {
        let Picks { picked, shown } = candidate.picks;
        (shown > 0).then(|| format!("picked in {picked} of {shown} comparisons"))
    }

    fn speed(candidate: &Candidate) -> Option<String> {
        let first = candidate.stats.ttft_ms? / 1_000.0;
        let speed = candidate.stats.tokens_per_second?;
        Some(format!("{first:.1} s to the first word, {speed:.0} tokens a second"))
    }
}

fn in_brackets(text: Option<String>) -> String {
    text.map_or_else(String::new, |text| format!(" ({text})"))
}

/// Milliseconds as seconds for people.
pub(crate) fn seconds(ms: u64) -> String {
    format!("{:.1} s", real(ms) / 1_000.0)
}

impl Reason {
    /// Why a candidate cannot answer, to follow its name and a colon.
    pub fn in_words(&self) -> String {
        match self {
            Self::Disabled => "it is switched off".to_owned(),
            Self::NotSetUp => "its provider is not set up here".to_owned(),
            Self::NoKey => "its provider has no key that works".to_owned(),
            Self::BreakerOpen { for_ms: 0 } => "it kept failing and is being tried out".to_owned(),
            Self::BreakerOpen { for_ms } => {
                format!("it kept failing and is left alone for {}", seconds(*for_ms))
            }
            Self::QuotaExceeded => "the account is out of credit".to_owned(),
            Self::Retired => "it is not offered any more".to_owned(),
            Self::NotAllowed => "a rule or a setting keeps it out".to_owned(),
            Self::NotLocal => "it does not run in this house".to_owned(),
            Self::ContextTooSmall { needed, window } => {
                format!("{needed} tokens are needed and its context has {window}")
            }
            Self::AnswerTooShort { asked, most } => {
                format!("{asked} tokens of answer are asked for and it gives {most} at most")
            }
            Self::Lacks { ability } => format!("it does not {}", ability.in_words()),
            Self::AbilityUnknown { ability } => format!("nobody knows whether it can {}", ability.in_words()),
            Self::TooExpensive { usd, at_most_usd } => {
                format!("it would cost ${usd} and ${at_most_usd} is left")
            }
            Self::Unpriced => "its price is not known, so the budget cannot be kept".to_owned(),
            Self::WaitTooLong { wait_ms, longest_wait_ms } => {
                format!(
                    "a place comes in {}, and {} may be waited",
                    seconds(*wait_ms),
                    seconds(*longest_wait_ms)
                )
            }
        }
    }
}

impl Ability {
    const fn in_words(self) -> &'static str {
        match self {
            Self::Vision => "take images",
            Self::Pdf => "take PDF files",
            Self::AudioInput => "take audio",
            Self::Tools => "call tools",
            Self::ParallelTools => "call several tools at once",
            Self::JsonSchema => "keep to a JSON schema",
        }
    }
}
