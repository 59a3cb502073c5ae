//! Why a choice fell as it did, as values. `Display` gives the English words; the window has its own for each code.

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::task::{Complexity, TaskKind};
use super::wording::seconds;

/// Why the first is the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "code", rename_all = "snake_case")]
#[ts(rename = "ChosenBecause")]
pub enum Because {
    /// It is the only one that was asked for.
    OnlyOne,
    /// The others cannot answer.
    OnlyOneLeft,
    /// It answered the turn before, and no other is clearly better.
    Kept,
    /// Its echelon comes first, and no other there can answer.
    FirstEchelon,
    /// It has an equal.
    Lot {
        /// The equal: `provider/model`.
        other: String,
    },
    /// By the sum of everything.
    BestScore,
    /// What it leads in, the most important first; never empty.
    Merits {
        /// One or two.
        merits: Vec<Merit>,
    },
}

/// What a model leads in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "code", rename_all = "snake_case")]
#[ts(rename = "ChosenMerit")]
pub enum Merit {
    /// Speed and reliability.
    Performance {
        /// As remembered.
        speed: Option<Speed>,
    },
    /// The price of this prompt.
    Cost {
        /// As reckoned.
        price: Option<Price>,
    },
    /// Free capacity.
    Load,
    /// Its fit for this work.
    Capability {
        /// How hard it is.
        #[ts(type = "string")]
        complexity: Complexity,
        /// What kind of work.
        #[ts(type = "string")]
        task: TaskKind,
        /// `small`, `standard` or `frontier`.
        tier: Option<String>,
        /// How often people took its answer.
        picks: Option<Picked>,
    },
}

/// What the second lost on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "code", rename_all = "snake_case")]
#[ts(rename = "RunnerUpLost")]
pub enum Lost {
    /// It stands in a later echelon.
    LaterEchelon,
    /// The draw between equals.
    Draw,
    /// It scored more, but by too little for a change.
    TooLittleMore {
        /// By how much, with three decimals.
        lead: String,
        /// What it takes, with three decimals.
        margin: String,
    },
    /// Speed and reliability.
    Performance {
        /// Its own, then the first's, where both are known and differ.
        speeds: Option<(Speed, Speed)>,
    },
    /// The price of this prompt.
    Cost {
        /// Its own, then the first's, where both are known and differ.
        prices: Option<(Price, Price)>,
    },
    /// Free capacity.
    Load,
    /// Its fit for this work.
    Capability {
        /// What kind of work.
        #[ts(type = "string")]
        task: TaskKind,
        /// Its own, then the first's, where both are known and differ.
        picks: Option<(Picked, Picked)>,
    },
}

/// How fast a model is, as remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "TracedSpeed")]
pub struct Speed {
    /// To the first word, in milliseconds.
    #[ts(type = "number")]
    pub first_ms: u64,
    /// After that.
    #[ts(type = "number")]
    pub tokens_per_second: u64,
}

/// What this prompt would cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "TracedPrice")]
pub struct Price {
    /// Exact decimal dollars.
    pub usd: String,
    /// Its cache is still warm, which makes it cheaper.
    pub warm: bool,
}

/// Comparisons that somebody decided by picking an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "TracedPicks")]
pub struct Picked {
    /// Those in which its answer was picked.
    #[ts(type = "number")]
    pub picked: u64,
    /// All.
    #[ts(type = "number")]
    pub shown: u64,
}

impl fmt::Display for Because {
    /// To follow "because".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnlyOne => f.write_str("it is the only one that was asked for"),
            Self::OnlyOneLeft => f.write_str("it is the only one left that can answer"),
            Self::Kept => f.write_str("it answered the turn before, and no other is clearly better"),
            Self::FirstEchelon => {
                f.write_str("its echelon comes first and it is the only one there that can answer")
            }
            Self::Lot { other } => write!(f, "the lot decided between it and {other}, which are equal"),
            Self::BestScore => f.write_str("it has the best score"),
            Self::Merits { merits } => {
                let merits: Vec<String> = merits.iter().map(ToString::to_string).collect();
                write!(f, "of {}", merits.join(" and "))
            }
        }
    }
}

impl fmt::Display for Merit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Performance { speed } => {
                write!(f, "its speed and reliability{}", in_brackets(speed.map(|speed| speed.to_string())))
            }
            Self::Cost { price } => {
                write!(f, "its price{}", in_brackets(price.as_ref().map(ToString::to_string)))
            }
            Self::Load => f.write_str("its free capacity"),
            Self::Capability { complexity, task, tier, picks } => {
                let tier = tier.as_ref().map(|tier| format!("a {tier} model"));
                let picks = picks.map(|picks| picks.to_string());
                let known: Vec<String> = tier.into_iter().chain(picks).collect();
                let known = (!known.is_empty()).then(|| known.join(", "));
                write!(f, "its fit for {} {}{}", complexity.as_str(), task.in_words(), in_brackets(known))
            }
        }
    }
}

impl fmt::Display for Lost {
    /// To follow the model's name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LaterEchelon => f.write_str("stands in a later echelon"),
            Self::Draw => f.write_str("lost the draw between equals"),
            Self::TooLittleMore { lead, margin } => {
                write!(f, "scored {lead} more, and {margin} is what it takes to change")
            }
            Self::Performance { speeds } => {
                write!(f, "lost on speed and reliability{}", against(speeds.as_ref()))
            }
            Self::Cost { prices } => write!(f, "lost on price{}", against(prices.as_ref())),
            Self::Load => f.write_str("lost on free capacity"),
            Self::Capability { task, picks } => {
                write!(f, "lost on fit for {}{}", task.in_words(), against(picks.as_ref()))
            }
        }
    }
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to the first word, {} tokens a second", seconds(self.first_ms), self.tokens_per_second)
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${}{}", self.usd, if self.warm { ", its cache still warm" } else { "" })
    }
}

impl fmt::Display for Picked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "picked in {} of {} comparisons", self.picked, self.shown)
    }
}

fn in_brackets(text: Option<String>) -> String {
    text.map_or_else(String::new, |text| format!(" ({text})"))
}

fn against<T: fmt::Display>(both: Option<&(T, T)>) -> String {
    both.map_or_else(String::new, |(own, first)| format!(" ({own} against {first})"))
}
