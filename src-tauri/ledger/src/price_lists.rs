//! Reading public price lists into facts of ours.
//!
//! Two forms are known: that of <https://models.dev/api.json> and that of litellm's `model_prices_and_context_window.json`.
//! Only providers that have a dialect here are taken. Numbers are read as the decimal text they stand in. What a list says is
//! an offer: [`Catalogue::compare`](crate::Catalogue::compare) decides what of it is believed.

mod litellm;
mod models_dev;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::catalogue::ModelFacts;
use crate::price::{Per, PriceError, TokenPrice, listed_price};

/// What a public list says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicPrices {
    /// Models of providers known here.
    pub models: Vec<ModelFacts>,
    /// Entries of those providers that cannot be read.
    pub unreadable: Vec<Unreadable>,
}

/// An entry that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The provider's slug.
    pub provider: String,
    /// The model's name there.
    pub model: String,
    /// Why.
    pub reason: String,
}

/// Why a list as a whole is none.
#[derive(Debug, thiserror::Error)]
pub enum PublicPricesError {
    /// Not JSON, or not an object of entries.
    #[error("it is not a list of models: {0}")]
    NotAList(#[from] serde_json::Error),
    /// JSON, but neither of the known forms.
    #[error("it is neither in the form of models.dev nor in that of litellm's price table")]
    UnknownForm,
}

/// An entry just far enough to know its form.
#[derive(Deserialize)]
struct Peek {
    models: Option<IgnoredAny>,
    litellm_provider: Option<IgnoredAny>,
}

/// Reads a public list. `day` (`YYYY-MM-DD`) is the day it was fetched: its prices are dated with it.
pub fn read_public_prices(text: &str, day: &str) -> Result<PublicPrices, PublicPricesError> {
    let entries: BTreeMap<String, &RawValue> = serde_json::from_str(text)?;
    for raw in entries.values() {
        match serde_json::from_str(raw.get()) {
            Ok(Peek { models: Some(_), .. }) => return Ok(models_dev::read(&entries, day)),
            Ok(Peek { litellm_provider: Some(_), .. }) => return Ok(litellm::read(&entries, day)),
            Ok(_) | Err(_) => {}
        }
    }
    Err(PublicPricesError::UnknownForm)
}

impl PublicPrices {
    fn add(&mut self, provider: &str, model: &str, read: Result<Option<ModelFacts>, String>) {
        match read {
            Ok(facts) => self.models.extend(facts),
            Err(reason) => {
                let (provider, model) = (provider.to_owned(), model.to_owned());
                self.unreadable.push(Unreadable { provider, model, reason });
            }
        }
    }
}

/// A price of a list; absent and `null` are not published.
fn optional(raw: Option<&RawValue>, per: Per) -> Result<Option<TokenPrice>, PriceError> {
    raw.map(RawValue::get).filter(|text| *text != "null").map(|text| listed_price(text, per)).transpose()
}

#[cfg(test)]
mod tests;
