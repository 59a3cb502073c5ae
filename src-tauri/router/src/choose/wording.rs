//! What there is to say of a choice, and the English words of its exclusions.

use super::because::{Because, Lost, Merit, Picked, Price, Speed};
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

    /// Why the first is the first; `None`: nobody can answer.
    pub(crate) fn because(&self) -> Option<Because> {
        let (first, ranked) = self.place(0)?;
        let Some((second, runner_up)) = self.place(1) else {
            return Some(match self.choice.excluded.len() {
                0 => Because::OnlyOne,
                _ => Because::OnlyOneLeft,
            });
        };
        if self.choice.kept {
            return Some(Because::Kept);
        }
        if second.rank > first.rank {
            return Some(Because::FirstEchelon);
        }
        if self.choice.tie {
            return Some(Because::Lot { other: second.model.to_string() });
        }
        let best = self.leads(ranked.score, runner_up.score);
        let merits: Vec<Merit> = best.into_iter().take(2).map(|topic| self.praise(topic, first)).collect();
        Some(if merits.is_empty() { Because::BestScore } else { Because::Merits { merits } })
    }

    /// Who came second and what it lost on; `None`: there is no second, or no telling.
    pub(crate) fn runner_up(&self) -> Option<(&'a Candidate, Lost)> {
        let (first, ranked) = self.place(0)?;
        let (second, runner_up) = self.place(1)?;
        if second.rank > first.rank {
            return Some((second, Lost::LaterEchelon));
        }
        if self.choice.tie {
            return Some((second, Lost::Draw));
        }
        let lead = runner_up.score.total - ranked.score.total;
        if lead > 0.0 {
            let margin = self.situation.tuning.hysteresis;
            let (lead, margin) = (format!("{lead:.3}"), format!("{margin:.3}"));
            return Some((second, Lost::TooLittleMore { lead, margin }));
        }
        let topic = *self.leads(ranked.score, runner_up.score).first()?;
        Some((second, self.compare(topic, first, second)))
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

    fn praise(&self, topic: Topic, candidate: &Candidate) -> Merit {
        let reading = self.situation.reading;
        match topic {
            Topic::Performance => Merit::Performance { speed: speed(candidate) },
            Topic::Cost => Merit::Cost { price: self.price(candidate) },
            Topic::Load => Merit::Load,
            Topic::Capability => Merit::Capability {
                complexity: reading.complexity,
                task: reading.task,
                tier: candidate.tier.map(|tier| tier.as_str().to_owned()),
                picks: picks(candidate),
            },
        }
    }

    fn compare(&self, topic: Topic, better: &Candidate, worse: &Candidate) -> Lost {
        match topic {
            Topic::Performance => Lost::Performance { speeds: differing(speed(worse), speed(better)) },
            Topic::Cost => Lost::Cost { prices: differing(self.price(worse), self.price(better)) },
            Topic::Load => Lost::Load,
            Topic::Capability => Lost::Capability {
                task: self.situation.reading.task,
                picks: differing(picks(worse), picks(better)),
            },
        }
    }

    fn price(&self, candidate: &Candidate) -> Option<Price> {
        let cost = candidate.cost.as_ref()?;
        let now = cost.at(self.situation.at);
        Some(Price { usd: now.to_string(), warm: now < cost.usd })
    }
}

/// Two figures that are worth setting against each other.
fn differing<T: PartialEq>(own: Option<T>, first: Option<T>) -> Option<(T, T)> {
    own.zip(first).filter(|(own, first)| own != first)
}

fn picks(candidate: &Candidate) -> Option<Picked> {
    let Picks { picked, shown } = candidate.picks;
    (shown > 0).then_some(Picked { picked, shown })
}

fn speed(candidate: &Candidate) -> Option<Speed> {
    let (first_ms, tokens_per_second) = (candidate.stats.ttft_ms?, candidate.stats.tokens_per_second?);
    Some(Speed { first_ms: whole(first_ms), tokens_per_second: whole(tokens_per_second) })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "means of times and speeds: never negative, and far below 2^53"
)]
fn whole(mean: f64) -> u64 {
    mean.round() as u64
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
