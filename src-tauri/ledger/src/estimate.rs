//! Costs from counts of our own: before an answer, at the worst, and when usage did not come.

use roundtable_domain::usage::{BilledTokens, UsageReading};
use roundtable_domain::{Cost, CostLine, PicoUsd, Provenance, UnixMs};

use crate::cost::{CostQuery, computed, priced_lines};
use crate::price::{Occasion, PriceList};

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

/// What a call may turn out to be, for [`worst_cost`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorstCall {
    /// The prompt as it was counted, in tokens.
    pub prompt: u64,
    /// What the prompt may come to where the count is not exact; at least `prompt`.
    pub prompt_at_most: u64,
    /// The longest answer, in tokens: the limit that is sent. Reasoning is included where the server counts it there.
    pub answer: u64,
    /// What may be thought on top of that, in tokens, where the server leaves it out of the limit.
    pub thinking: u64,
    /// The prompt holds sound, which may have a price of its own.
    pub has_audio: bool,
    /// When it is made. Cheaper hours are not counted on: they may be over when the request leaves.
    pub at: UnixMs,
}

/// The most a call can cost at this price: every token of the prompt at the dearest it may be charged at (plain, written to a
/// cache, sound), every token of the answer and of what is thought beside it at the dearer of text and reasoning, in the dearest long-context tier its prompt may
/// fall into, with the request's fee. `None` when the books cannot hold it. Fees for tools of the provider are not in it, and neither is a
/// service tier that the provider chose by itself.
pub fn worst_cost(price: &PriceList, call: WorstCall) -> Option<PicoUsd> {
    let most = call.prompt_at_most.max(call.prompt);
    let always = PriceList { off_peak: None, ..price.clone() };
    let thresholds = price.tiers.iter().map(|tier| tier.prompt_tokens_above);
    let ranges = price.tier_ranges.iter().map(|tier| tier.range[1]);
    let edges = thresholds.chain(ranges).map(|edge| edge.saturating_add(1));
    let lengths = edges.filter(|edge| (call.prompt..=most).contains(edge)).chain([call.prompt, most]);
    let of = |list: &PriceList, prompt| {
        let rates = list.rates(Occasion {
            prompt,
            service_tier: None,
            at: call.at,
            percent: 100,
            long_writes_cost_double: false,
        });
        let read = rates.input.max(rates.cache_write_5m);
        let read = read.max(rates.audio_input.filter(|_| call.has_audio).unwrap_or_default());
        let written = rates.output.max(rates.reasoning_output.unwrap_or_default());
        read.times(most).checked_add(written.times(call.answer.saturating_add(call.thinking)))
    };
    let tokens = lengths.flat_map(|prompt| [of(price, prompt), of(&always, prompt)]).max()??;
    let fee = price.per_request_usd.map_or(0, |fee| i128::from(fee.as_pico()));
    i64::try_from(tokens.checked_add(fee)?).ok().map(PicoUsd::from_pico)
}

/// An estimate, held to what was set aside for the call (`None`: nothing is known of that): it would be a guess of ours that takes a
/// budget beyond its limit. Its lines show counts and prices then, which come to more. What a provider reported is not held.
#[must_use]
pub fn hold_estimate(cost: Cost, reserved: Option<PicoUsd>) -> Cost {
    let is_estimate = cost.provenance == Some(Provenance::Estimated);
    let Some(most) = reserved.filter(|most| is_estimate && cost.usd.is_some_and(|usd| usd > *most)) else {
        return cost;
    };
    let lines = cost.lines.into_iter().map(|line| CostLine { usd: None, ..line }).collect();
    Cost { usd: Some(most), usd_exact: Some(most.to_string()), lines, ..cost }
}

/// What a call is booked at of which nothing else is known any more: what was set aside for it, as an estimate. Unknown for an unpriced
/// model.
pub fn reserved_cost(reserved: Option<PicoUsd>) -> Cost {
    Cost {
        usd: reserved,
        usd_exact: reserved.map(|usd| usd.to_string()),
        provenance: reserved.map(|_| Provenance::Estimated),
        ..Cost::unknown()
    }
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
    fn an_estimate_is_held_to_what_was_set_aside_and_what_was_reported_is_not() {
        let most: PicoUsd = "0.004".parse().unwrap();
        let estimate = estimate_cost(&price(), 1000, 100, UnixMs(0));
        let held = hold_estimate(estimate.clone(), Some(most));
        assert_eq!((held.usd, held.usd_exact.as_deref()), (Some(most), Some("0.004")));
        assert!(
            held.lines.iter().all(|line| line.usd.is_none() && line.tokens.is_some()),
            "they come to more"
        );
        assert_eq!(held.provenance, Some(Provenance::Estimated));
        assert_eq!(hold_estimate(estimate.clone(), estimate.usd), estimate);
        assert_eq!(hold_estimate(estimate.clone(), None), estimate);
        let reported = Cost { provenance: Some(Provenance::Computed), ..estimate };
        assert_eq!(hold_estimate(reported.clone(), Some(most)), reported);
        assert_eq!(hold_estimate(Cost::unknown(), Some(most)), Cost::unknown());
    }

    #[test]
    fn of_a_lost_call_what_was_set_aside_is_known_and_of_an_unpriced_one_nothing() {
        let lost = reserved_cost(Some("0.004".parse().unwrap()));
        assert_eq!(
            (lost.usd_exact.as_deref(), lost.provenance),
            (Some("0.004"), Some(Provenance::Estimated))
        );
        assert_eq!(reserved_cost(None), Cost::unknown());
    }

    fn worst(price: &str, prompt: (u64, u64), answer: u64) -> String {
        let price: PriceList = serde_json::from_str(price).unwrap();
        let call = WorstCall {
            prompt: prompt.0,
            prompt_at_most: prompt.1,
            answer,
            thinking: 0,
            has_audio: false,
            // A Wednesday noon.
            at: UnixMs(1_784_116_800_000),
        };
        worst_cost(&price, call).unwrap().to_string()
    }

    #[test]
    fn the_worst_case_knows_margins_tiers_writes_reasoning_fees_and_the_end_of_cheap_hours() {
        let plain = r#"{"input":"3","output":"15"}"#;
        assert_eq!(worst(plain, (1000, 1000), 100), "0.0045", "exact counts: as the estimate");
        assert_eq!(worst(plain, (1000, 1500), 100), "0.006");
        let tier =
            r#"{"input":"3","output":"15","tiers":[{"prompt_tokens_above":1200,"input":"6","output":"20"}]}"#;
        assert_eq!(worst(tier, (1000, 1200), 100), "0.0051", "the threshold itself has the base price");
        assert_eq!(worst(tier, (1000, 1201), 100), "0.009206", "one more may make all of it dearer");
        let range = r#"{"input":"1","output":"1","tier_ranges":[{"range":[0,100],"input":"1"},
            {"range":[100,200],"input":"9"},{"range":[200,999],"input":"2"}]}"#;
        assert_eq!(
            worst(range, (50, 300), 0),
            "0.0027",
            "a dear range between the counts is not jumped over"
        );
        let write = r#"{"input":"3","output":"15","cache_write_5m":"3.75","reasoning_output":"30","per_request_usd":"0.005"}"#;
        assert_eq!(worst(write, (1000, 1000), 100), "0.01175");
        let cheap = r#"{"input":"3","output":"15","off_peak":{"windows":[{"weekdays":[1,2,3,4,5,6,7],
            "hours_utc":["00:00-00:00"]}],"input":"1","output":"1"}}"#;
        assert_eq!(worst(cheap, (1000, 1000), 100), "0.0045");
    }

    #[test]
    fn what_is_thought_beside_the_answer_costs_as_the_answer_or_as_reasoning_does() {
        let call = WorstCall {
            prompt: 1000,
            prompt_at_most: 1000,
            answer: 100,
            thinking: 900,
            has_audio: false,
            at: UnixMs(0),
        };
        let worst =
            |price: &str| worst_cost(&serde_json::from_str(price).unwrap(), call).unwrap().to_string();
        assert_eq!(worst(r#"{"input":"3","output":"15"}"#), "0.018");
        assert_eq!(worst(r#"{"input":"3","output":"15","reasoning_output":"30"}"#), "0.033");
        assert_eq!(
            worst_cost(&price(), WorstCall { thinking: u64::MAX, ..call }),
            None,
            "beyond what the books can hold"
        );
    }

    #[test]
    fn a_worst_case_beyond_the_books_is_unknown() {
        let call = WorstCall {
            prompt: u64::MAX,
            prompt_at_most: 0,
            answer: 0,
            thinking: 0,
            has_audio: false,
            at: UnixMs(0),
        };
        assert_eq!(worst_cost(&price(), call), None);
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
