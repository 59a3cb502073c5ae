//! What an attempt cost and how we know.

use serde::{Deserialize, Serialize};

use crate::money::PicoUsd;

/// How a cost is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Provenance {
    /// The provider stated the charge.
    Reported,
    /// Computed from reported usage and a dated price.
    Computed,
    /// Computed from counts of our own, because usage did not come.
    Estimated,
}

impl Provenance {
    /// The word used in JSON and SQL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Computed => "computed",
            Self::Estimated => "estimated",
        }
    }
}

/// One line of a cost's breakdown. Where every line has an amount, they add up to the total exactly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct CostLine {
    /// `input`, `cache_read`, `cache_write_5m`, `cache_write_1h`, `output`, `audio_input`, `audio_output`,
    /// `reasoning_output`, `request_fee`, `openrouter_fee`, `upstream_inference_cost`.
    pub component: String,
    /// How many tokens; `None` for a fee that is not by token.
    #[ts(type = "number | null")]
    pub tokens: Option<u64>,
    /// The price in dollars per million tokens, exact decimal.
    pub usd_per_mtok: Option<String>,
    /// The line's amount in dollars, exact decimal. `None` where the provider stated a total that the list prices do not
    /// add up to (it rounds, or charges a fee the counts do not show): then the line only shows counts and list prices.
    pub usd: Option<String>,
}

/// A cost, with its provenance. An unknown cost is `usd: None`, never zero.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// The amount in the books; `None` when the model is unpriced or usage is unknown.
    pub usd: Option<PicoUsd>,
    /// The exact decimal text: the provider's own, verbatim, where it stated the charge.
    pub usd_exact: Option<String>,
    /// How it is known; `None` with an unknown amount.
    pub provenance: Option<Provenance>,
    /// The date of the price used, `YYYY-MM-DD`.
    pub price_date: Option<String>,
    /// Fees outside tokens may come on top (web search, containers): the amount is a lower bound.
    pub at_least: bool,
    /// Where the amount comes from, line by line.
    pub lines: Vec<CostLine>,
}

impl Cost {
    /// Nothing is known: unpriced, or no usage.
    pub const fn unknown() -> Self {
        Self {
            usd: None,
            usd_exact: None,
            provenance: None,
            price_date: None,
            at_least: false,
            lines: Vec::new(),
        }
    }
}
