//! Holding a request to the money that is there for it, all of its calls together.

use roundtable_domain::{Params, PicoUsd, UnixMs};
use roundtable_ledger::estimate_cost;

use super::plan::price_of;
use crate::budgets::longest_answer;
use crate::routing::Route;

/// Lets a request spend no more than `most`. Whom it would ask first is asked in any case: for them it was set aside. Whoever may cost
/// more than is left is passed over; a model without a price is one of this machine, others are not asked under a limit.
pub(super) fn hold_to(route: &mut Route, params: &Params, most: PicoUsd, at: UnixMs) {
    for (place, routed) in route.candidates.iter_mut().enumerate() {
        let (setup, model) = (&routed.asked.setup, routed.asked.model.as_str());
        let longest = longest_answer(params.max_tokens.or(routed.values.max_tokens), setup.facts(model));
        let tokens = routed.candidate.prompt_tokens;
        let worst =
            price_of(setup, model, None).and_then(|price| estimate_cost(price, tokens, longest, at).usd);
        // Counted by rule of thumb here, and exactly when it was set aside.
        routed.candidate.estimate = if place == 0 { worst.map(|worst| worst.min(most)) } else { worst };
    }
    let budget = &mut route.settings.budget;
    budget.money = Some(most);
    budget.allow_unpriced = true;
}
