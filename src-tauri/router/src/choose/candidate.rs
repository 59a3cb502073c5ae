//! A model that could answer, and everything known about it at this moment.

use roundtable_domain::{ModelRef, PicoUsd, UnixMs};
use serde::{Deserialize, Serialize};

use super::load::Load;
use super::stats::ModelStats;

/// A model that could answer. Whatever is `None` is not known, which counts neither for nor against it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The model.
    pub model: ModelRef,
    /// The route it comes from (`group.echelon`); `None` when it was named itself or comes from `auto`.
    pub route: Option<String>,
    /// Candidates of a lower rank come first, whatever their scores: the echelons of a group, from 0.
    pub rank: u32,
    /// Whether it can be called at all.
    pub availability: Availability,
    /// It runs on this machine or in this house.
    pub local: bool,
    /// Prompt and answer together, in tokens.
    pub context_window: Option<u64>,
    /// The longest prompt, in tokens, where it is less than the window.
    pub max_input: Option<u64>,
    /// The longest answer, in tokens.
    pub max_output: Option<u64>,
    /// What it can do.
    pub abilities: Abilities,
    /// How large it is among its kind.
    pub tier: Option<Tier>,
    /// What this very prompt would cost; `None`: unpriced.
    pub cost: Option<PromptCost>,
    /// How busy it is.
    pub load: Load,
    /// What is remembered of its calls.
    pub stats: ModelStats,
    /// How often its answer was picked when this kind of work was asked for.
    pub picks: Picks,
}

impl Candidate {
    /// A model of which nothing is known but its name.
    pub fn new(model: ModelRef) -> Self {
        Self {
            model,
            route: None,
            rank: 0,
            availability: Availability::Ready,
            local: false,
            context_window: None,
            max_input: None,
            max_output: None,
            abilities: Abilities::default(),
            tier: None,
            cost: None,
            load: Load::default(),
            stats: ModelStats::default(),
            picks: Picks::default(),
        }
    }
}

/// Whether a model can be called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Availability {
    /// It can.
    #[default]
    Ready,
    /// The user switched it, or its provider, off.
    Disabled,
    /// Its provider is not set up here.
    NotSetUp,
    /// Its provider has no key that works.
    NoKey,
    /// A breaker is open: of the key, the model or the host.
    BreakerOpen {
        /// Milliseconds until probes may begin; 0: they are under way.
        for_ms: u64,
    },
    /// The account is out of credit.
    QuotaExceeded,
    /// The provider does not offer it any more.
    Retired,
}

/// What a model can do; `None` where no source says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Abilities {
    /// Takes images.
    pub vision: Option<bool>,
    /// Takes PDF files.
    pub pdf: Option<bool>,
    /// Takes audio.
    pub audio_input: Option<bool>,
    /// Calls tools.
    pub tools: Option<bool>,
    /// Calls several tools at once.
    pub parallel_tools: Option<bool>,
    /// Keeps to a JSON schema.
    pub json_schema: Option<bool>,
    /// Reasons before it answers.
    pub reasoning: Option<bool>,
}

/// How large a model is among its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// For quick and simple work.
    Small,
    /// For most work.
    Standard,
    /// The best its maker has.
    Frontier,
}

impl Tier {
    /// A guess from the list price of an answer's token: makers price their own models in the order of what they can do.
    /// Below 1.50 dollars per million tokens small, from 12 dollars frontier. A free model says nothing.
    pub const fn from_output_price(per_token: PicoUsd) -> Option<Self> {
        match per_token.as_pico() {
            ..=0 => None,
            1..=1_499_999 => Some(Self::Small),
            1_500_000..=11_999_999 => Some(Self::Standard),
            _ => Some(Self::Frontier),
        }
    }

    /// The word used in files, in JSON and on screen.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Standard => "standard",
            Self::Frontier => "frontier",
        }
    }
}

/// What this very prompt would cost at one model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptCost {
    /// With nothing in the provider's cache: prompt and expected answer.
    pub usd: PicoUsd,
    /// What the provider's cache would save, if it is still warm.
    pub warm: Option<WarmCache>,
    /// The prices it was computed with, for the trace.
    pub prices: Option<ListPrices>,
}

impl PromptCost {
    /// The cost with the credit of a cache that is still warm at `at`; never below nothing.
    pub fn at(&self, at: UnixMs) -> PicoUsd {
        let credit = self.warm.filter(|warm| at < warm.until).map_or(PicoUsd::ZERO, |warm| warm.saving);
        self.usd.checked_sub(credit.max(PicoUsd::ZERO)).unwrap_or(self.usd).max(PicoUsd::ZERO)
    }
}

/// The part of a prompt that a provider still has in its cache from an earlier turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarmCache {
    /// How much less the prompt costs with it.
    pub saving: PicoUsd,
    /// When the provider drops it.
    pub until: UnixMs,
}

/// The prices a cost was computed with, in exact decimal dollars per million tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListPrices {
    /// A prompt's tokens.
    pub input_usd_per_mtok: String,
    /// An answer's tokens.
    pub output_usd_per_mtok: String,
    /// The day of the list, `YYYY-MM-DD`.
    pub date: Option<String>,
}

/// How often an answer was picked among others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Picks {
    /// Times it was picked.
    pub picked: u64,
    /// Times there was a choice and somebody made it.
    pub shown: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warm_cache_is_credited_until_it_is_cold_and_never_makes_money() {
        let usd = PicoUsd::from_pico;
        let cost = |saving| PromptCost {
            usd: usd(1_000),
            warm: Some(WarmCache { saving: usd(saving), until: UnixMs(50) }),
            prices: None,
        };
        assert_eq!(cost(300).at(UnixMs(49)), usd(700));
        assert_eq!(cost(300).at(UnixMs(50)), usd(1_000));
        assert_eq!(cost(3_000).at(UnixMs(0)), usd(0));
        assert_eq!(cost(-5).at(UnixMs(0)), usd(1_000));
    }

    #[test]
    fn tiers_are_guessed_from_what_a_million_answer_tokens_cost() {
        let tier = |usd: i64| Tier::from_output_price(PicoUsd::from_pico(usd * 1_000_000));
        assert_eq!(
            [tier(0), tier(1), tier(10), tier(15)],
            [None, Some(Tier::Small), Some(Tier::Standard), Some(Tier::Frontier)]
        );
    }
}
