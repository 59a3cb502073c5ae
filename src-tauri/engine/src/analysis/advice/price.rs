//! A model whose calls cannot be priced.

use super::super::sayings::said;
use super::{Advice, Says};
use crate::view::{Priority, RecommendationKind};

/// Fewer calls were a try; from so many on, budgets and forecasts miss something.
const FEWEST: u64 = 5;
const MANY: u64 = 50;

/// A model, and its answers at an unknown cost. There is no price for it now either.
#[derive(Clone, Debug)]
pub(in super::super) struct PriceFacts {
    pub(in super::super) model: String,
    pub(in super::super) label: String,
    pub(in super::super) answers: u64,
    pub(in super::super) unpriced: u64,
    pub(in super::super) tokens: u64,
}

/// Give it a price, or a newer list. A person has to know it.
pub(in super::super) fn advise(facts: &PriceFacts) -> Option<Advice> {
    if facts.unpriced < FEWEST {
        return None;
    }
    let model = facts.label.as_str();
    let (unpriced, calls, tokens) =
        (facts.unpriced.to_string(), facts.answers.to_string(), facts.tokens.to_string());
    let advice = Says {
        kind: RecommendationKind::PriceUnknown,
        about: facts.model.clone(),
        subject: facts.model.clone(),
        priority: if facts.unpriced >= MANY { Priority::Medium } else { Priority::Low },
        title: said("advice_price", &[("model", model)], format!("Set a price for {model}")),
        evidence: vec![said(
            "advice_price_unpriced",
            &[("unpriced", &unpriced), ("calls", &calls), ("tokens", &tokens)],
            format!("{unpriced} of {calls} answers, {tokens} tokens, stand in the books at an unknown cost."),
        )],
        effect: said(
            "advice_price_effect",
            &[],
            "Budgets, forecasts and charts count its calls from then on. Update the price list, or set a price of your own.",
        ),
        saves: None,
    };
    Some(advice.with(None, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_without_a_price_is_told_once_it_is_in_use() {
        let told = |unpriced| {
            let (model, label) = ("lab/new".to_owned(), "New".to_owned());
            let facts = PriceFacts { model, label, answers: 60, unpriced, tokens: 9 };
            advise(&facts).map(|advice| advice.shown.priority)
        };
        assert_eq!([told(4), told(5), told(50)], [None, Some(Priority::Low), Some(Priority::Medium)]);
    }
}
