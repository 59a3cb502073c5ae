//! Prices providers state when they list their models. They are the weakest layer: they hold where no list has a price.

use roundtable_domain::PicoUsd;

use super::{Catalogue, FactsLayer, ListedAt, ModelFacts, names};
use crate::price::{PriceError, PriceList};

/// What a provider's own listing says a model costs: decimal dollars per million tokens, and per request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatedRates<'a> {
    /// Prompt tokens.
    pub input: &'a str,
    /// Answer tokens.
    pub output: &'a str,
    /// Prompt tokens read from a cache.
    pub cache_read: Option<&'a str>,
    /// Prompt tokens written to a cache.
    pub cache_write: Option<&'a str>,
    /// Each request, beside its tokens.
    pub per_request: Option<&'a str>,
    /// The day of the listing, `YYYY-MM-DD`.
    pub date: &'a str,
}

impl StatedRates<'_> {
    fn price(&self) -> Result<PriceList, PriceError> {
        let read = |text: Option<&str>| text.map(str::parse).transpose();
        let fee = self
            .per_request
            .map(|text| text.parse::<PicoUsd>().map_err(|_| PriceError::NotDecimal(text.to_owned())));
        Ok(PriceList {
            input: self.input.parse()?,
            output: self.output.parse()?,
            cache_read: read(self.cache_read)?,
            cache_write_5m: read(self.cache_write)?,
            per_request_usd: fee.transpose()?.filter(|fee| fee.as_pico() != 0),
            date: self.date.to_owned(),
            ..PriceList::default()
        })
    }
}

impl Catalogue {
    /// Takes over what a provider states for one of its models, and tells whether it is in force now. It is not where a list
    /// has a price already, and where it looks wrong: it is held to what every list is held to ([`Self::compare`]).
    pub fn add_stated(
        &mut self,
        at: ListedAt<'_>,
        model: &str,
        rates: StatedRates<'_>,
    ) -> Result<bool, PriceError> {
        let known = self.listed(at.dialect, model);
        if known.is_some_and(|facts| facts.price.is_some()) {
            return Ok(false);
        }
        let offer = ModelFacts {
            provider: names::provider(at.dialect).to_owned(),
            model: model.to_owned(),
            price: Some(rates.price()?),
            ..known.cloned().unwrap_or_else(|| ModelFacts { name: model.to_owned(), ..ModelFacts::default() })
        };
        let believed = self.compare(vec![offer]).changed.into_iter().find(|facts| facts.price.is_some());
        let Some(facts) = believed else { return Ok(false) };
        self.stated.insert(names::key(at.slug, model), ModelFacts { layer: FactsLayer::Stated, ..facts });
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATES: StatedRates<'static> = StatedRates {
        input: "0.15",
        output: "0.6",
        cache_read: Some("0.075"),
        cache_write: None,
        per_request: None,
        date: "2026-11-21",
    };

    fn at(dialect: &str) -> ListedAt<'_> {
        ListedAt { slug: "mine", dialect }
    }

    #[test]
    fn what_a_provider_states_holds_where_no_list_has_a_price_and_for_that_provider_alone() {
        let mut catalogue = Catalogue::clone(Catalogue::builtin());
        assert!(catalogue.add_stated(at("openrouter"), "new/model", RATES).unwrap());
        let facts = catalogue.find(at("openrouter"), "new/model").unwrap();
        assert_eq!(facts.layer, FactsLayer::Stated);
        let price = facts.price.as_ref().unwrap();
        assert_eq!((price.input.usd_per_mtok().as_str(), price.date.as_str()), ("0.15", "2026-11-21"));
        assert!(catalogue.price("openrouter", "new/model").is_none(), "another provider states nothing");

        assert!(!catalogue.add_stated(at("openai"), "gpt-4o", RATES).unwrap(), "the weakest layer");
        assert_eq!(catalogue.find(at("openai"), "gpt-4o").unwrap().layer, FactsLayer::BuiltIn);
    }

    #[test]
    fn what_a_provider_states_is_held_to_what_every_list_is() {
        let mut catalogue = Catalogue::default();
        let dear = StatedRates { output: "5000", ..RATES };
        assert!(!catalogue.add_stated(at("openrouter"), "a/dear", dear).unwrap());
        let nothing = StatedRates { input: "0", output: "0", cache_read: None, ..RATES };
        assert!(!catalogue.add_stated(at("openrouter"), "a/none", nothing).unwrap(), "unpriced is not free");
        assert!(catalogue.add_stated(at("openrouter"), "a/none:free", nothing).unwrap());
        assert!(
            catalogue.add_stated(at("openrouter"), "a/bad", StatedRates { input: "-1", ..RATES }).is_err()
        );
    }
}
