//! Costs from counts of our own: before an answer, and when usage did not come.

use roundtable_domain::usage::{BilledTokens, UsageReading};
use roundtable_domain::{Cost, Provenance, UnixMs};

use crate::cost::{CostQuery, computed, priced_lines};
use crate::price::PriceList;

/// What that many tokens would cost, marked as estimated: all input at the full input price, all output at the output
/// price, with long-context tiers and the hour of `at` taken into account. A request fee is included.
pub fn estimate_cost(price: &PriceList, input_tokens: u64, output_tokens: u64, at: UnixMs) -> Cost {
    let call = BilledTokens {
        input: input_tokens,
        output: output_tokens,
        tier_prompt: input_tokens,
        ..BilledTokens::default()
    };
    let mut lines = Vec::new();
    let query = CostQuery { at, ..CostQuery::default() };
    priced_lines(&query, &UsageReading::default(), price, &call, &mut lines);
    lines.extend(price.request_fee());
    computed(lines).map_or_else(Cost::unknown, |cost| Cost {
        provenance: Some(Provenance::Estimated),
        price_date: price.shown_date(),
        ..cost
    })
}

/// What a cut or cancelled stream is booked at: the larger of what was reported until then and what was counted here,
/// marked as estimated, because more may have been charged than arrived. Unknown on both sides stays unknown.
#[must_use]
pub fn settle_cut(reported: Cost, counted: Cost) -> Cost {
    let larger = if reported.usd >= counted.usd { reported } else { counted };
    Cost { provenance: larger.usd.map(|_| Provenance::Estimated), ..larger }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price() -> PriceList {
        serde_json::from_str(
            r#"{"input":"3","output":"15","date":"2026-11-01","tiers":[{"prompt_tokens_above":1000,"input":"6"}]}"#,
        )
        .unwrap()
    }

    #[test]
    fn an_estimate_says_so_and_knows_the_long_prompt_price() {
        let short = estimate_cost(&price(), 1000, 100, UnixMs(0));
        assert_eq!(short.usd_exact.as_deref(), Some("0.0045"));
        assert_eq!(short.provenance, Some(Provenance::Estimated));
        assert_eq!(short.price_date.as_deref(), Some("2026-11-01"));
        assert_eq!(estimate_cost(&price(), 1001, 100, UnixMs(0)).usd_exact.as_deref(), Some("0.007506"));
    }

    #[test]
    fn a_cut_stream_is_booked_at_the_larger_side() {
        let small = estimate_cost(&price(), 10, 1, UnixMs(0));
        let large =
            Cost { provenance: Some(Provenance::Computed), ..estimate_cost(&price(), 10, 90, UnixMs(0)) };
        assert_eq!(settle_cut(small.clone(), large.clone()).usd, large.usd);
        assert_eq!(settle_cut(large.clone(), small.clone()).provenance, Some(Provenance::Estimated));
        assert_eq!(settle_cut(Cost::unknown(), small.clone()).usd, small.usd);
        assert_eq!(settle_cut(Cost::unknown(), Cost::unknown()), Cost::unknown());
    }
}
