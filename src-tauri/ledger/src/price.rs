//! Price lists: what a token of each kind costs, and when.

mod listed;
mod off_peak;
mod rates;
mod token_price;

use std::collections::BTreeMap;

use roundtable_domain::PicoUsd;
use serde::{Deserialize, Serialize};

use crate::cost::Line;
pub(crate) use listed::{Per, listed_price, pico};
pub use off_peak::{OffPeak, Window};
pub use rates::PriceConditions;
pub(crate) use rates::{Occasion, Rates};
pub(crate) use token_price::decimal;
pub use token_price::{PriceError, TokenPrice};

/// The prices of one model, in dollars per million tokens.
///
/// Its JSON form is the one of `roundtable-cli cost --prices` and of the catalogue: decimal strings with at most six
/// places, absent where the provider publishes none. It is also what a ledger row keeps of the price it used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceList {
    /// A prompt token that no cache had.
    pub input: TokenPrice,
    /// An answer token, reasoning included unless [`Self::reasoning_output`] is set.
    pub output: TokenPrice,
    /// A prompt token read from a cache; charged as input where there is no such price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_read: Option<TokenPrice>,
    /// A prompt token written to a cache kept five minutes, or for the provider's usual time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write_5m: Option<TokenPrice>,
    /// A prompt token written to a cache kept one hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write_1h: Option<TokenPrice>,
    /// A prompt token written to a cache kept twelve hours. A fact of the list: no usage object counts these yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write_12h: Option<TokenPrice>,
    /// An audio token of the prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio_input: Option<TokenPrice>,
    /// An audio token of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio_output: Option<TokenPrice>,
    /// A reasoning token, where it costs something else than the rest of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning_output: Option<TokenPrice>,
    /// A fee for the request itself, in dollars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_request_usd: Option<PicoUsd>,
    /// Prices of the whole request once its prompt is longer than a threshold; a cliff, not a bracket.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<LongContextTier>,
    /// Prices of the whole request by ranges of prompt length.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tier_ranges: Vec<TierRange>,
    /// Price lists of service tiers (`batch`, `flex`, `priority`), by the name the provider returns.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub service_tiers: BTreeMap<String, RateSet>,
    /// Cheaper hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off_peak: Option<OffPeak>,
    /// The date this price was true, `YYYY-MM-DD`; empty for a price somebody typed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub date: String,
    /// Invented money of the demo models.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub simulated: bool,
}

/// Prices that replace those of the list; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of PriceList")]
pub struct RateSet {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<TokenPrice>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<TokenPrice>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_read: Option<TokenPrice>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write_5m: Option<TokenPrice>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write_1h: Option<TokenPrice>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio_input: Option<TokenPrice>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio_output: Option<TokenPrice>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning_output: Option<TokenPrice>,
}

/// Prices for prompts strictly longer than a threshold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LongContextTier {
    /// The longest prompt that still has the base price, in tokens.
    pub prompt_tokens_above: u64,
    /// The prices beyond it.
    #[serde(flatten)]
    pub rates: RateSet,
}

/// Prices for prompts of a length in `(low, high]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierRange {
    /// `[low, high]` in tokens; a prompt longer than every range has the last one's prices.
    pub range: [u64; 2],
    /// The prices in it.
    #[serde(flatten)]
    pub rates: RateSet,
}

impl PriceList {
    /// Nothing, and known to be nothing: a model that runs on the user's own machine.
    pub fn free() -> Self {
        Self::default()
    }

    /// Whether the price depends on more than the tokens: the prompt's length or the hour.
    pub fn is_tiered(&self) -> bool {
        !self.tiers.is_empty() || !self.tier_ranges.is_empty() || self.off_peak.is_some()
    }

    /// The line of the request's own fee.
    pub(crate) fn request_fee(&self) -> Option<Line> {
        self.per_request_usd.map(|fee| Line::fee("request_fee", i128::from(fee.as_pico())))
    }

    /// The date to show with a cost.
    pub(crate) fn shown_date(&self) -> Option<String> {
        (!self.date.is_empty()).then(|| self.date.clone())
    }
}
