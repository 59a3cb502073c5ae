//! Prices the user has set. They go before every list.

use serde::{Deserialize, Serialize};

use super::{Catalogue, FactsLayer, ListedAt, ModelFacts, names};
use crate::price::{PriceError, PriceList, TokenPrice};

/// What a user pays for a model, in dollars per million tokens. It is flat: tiers, service tiers and hours of the lists do not
/// apply to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnRates {
    /// Prompt tokens.
    pub input: TokenPrice,
    /// Answer tokens.
    pub output: TokenPrice,
    /// Prompt tokens read from a cache; `None`: as the lists have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_read: Option<TokenPrice>,
    /// Prompt tokens written to a cache, for however long; `None`: as the lists have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write: Option<TokenPrice>,
    /// The day they were set, `YYYY-MM-DD`.
    pub date: String,
}

impl OwnRates {
    /// Reads prices as a person types them, `$` and spaces around them allowed.
    pub fn parse(
        input: &str,
        output: &str,
        cache_read: Option<&str>,
        cache_write: Option<&str>,
        day: &str,
    ) -> Result<Self, PriceError> {
        let read = |text: &str| text.trim().trim_start_matches('$').trim_start().parse::<TokenPrice>();
        let optional = |text: Option<&str>| text.filter(|text| !text.trim().is_empty()).map(read).transpose();
        Ok(Self {
            input: read(input)?,
            output: read(output)?,
            cache_read: optional(cache_read)?,
            cache_write: optional(cache_write)?,
            date: day.to_owned(),
        })
    }

    fn over(&self, known: Option<&PriceList>) -> PriceList {
        let known = known.cloned().unwrap_or_default();
        PriceList {
            input: self.input,
            output: self.output,
            cache_read: self.cache_read.or(known.cache_read),
            cache_write_5m: self.cache_write.or(known.cache_write_5m),
            cache_write_1h: self.cache_write.or(known.cache_write_1h),
            cache_write_12h: self.cache_write.or(known.cache_write_12h),
            audio_input: known.audio_input,
            audio_output: known.audio_output,
            per_request_usd: known.per_request_usd,
            date: self.date.clone(),
            ..PriceList::default()
        }
    }
}

impl Catalogue {
    /// This catalogue with a price of the user's for one model of one provider. What the model can do stays as the lists say.
    #[must_use]
    pub fn with_own(mut self, at: ListedAt<'_>, model: &str, rates: &OwnRates) -> Self {
        let known = self.listed(at.dialect, model).cloned();
        let price = rates.over(known.as_ref().and_then(|facts| facts.price.as_ref()));
        let facts = ModelFacts {
            model: model.to_owned(),
            price: Some(price),
            layer: FactsLayer::Own,
            ..known.unwrap_or_else(|| ModelFacts {
                provider: names::provider(at.dialect).to_owned(),
                name: model.to_owned(),
                ..ModelFacts::default()
            })
        };
        self.own.insert(names::key(at.slug, model), facts);
        self
    }

    /// How many models the user has priced.
    pub fn own_prices(&self) -> usize {
        self.own.len()
    }
}
