//! What alerts say. The codes and what stands in them are all here: the window has a sentence for each (`ui/src/shared/i18n`).
//!
//! Names of budgets, models and providers, numbers and dates; never anything that was written to a model or came from one.
//!
//! | code | values |
//! |---|---|
//! | `alert_budget_step` | `budget`, `percent` |
//! | `alert_budget_step_body` | `spent_usd`, `limit_usd`, `left_usd` |
//! | `alert_budget_full_warn`, `_ask`, `_cheaper`, `_stop` | `spent_usd`, `limit_usd` |
//! | `alert_budget_refuses` | `budget` |
//! | `alert_budget_refuses_ask`, `_cheaper`, `_stop` | `spent_usd`, `limit_usd`, `needed_usd` |
//! | `alert_budget_over` (a period that is over) | `spent_usd`, `limit_usd` |
//! | `alert_spike_everything` | `times` |
//! | `alert_spike_provider`, `alert_spike_model` | `of` (its name), `times` |
//! | `alert_spike_body` | `today_usd`, `usual_usd` |
//! | `alert_past_spike_everything` (a day that is over) | `date` (`YYYY-MM-DD`), `times` |
//! | `alert_past_spike_provider`, `alert_past_spike_model` | `date`, `of` (its name), `times` |
//! | `alert_past_spike_body` | `spent_usd`, `usual_usd` |
//! | `alert_price_up`, `_down`, `_changed`, `_gone` | `model` (its name) |
//! | `alert_price_main` | `input_before`, `input_after`, `output_before`, `output_after`, all dollars per million tokens |
//! | `alert_price_main_replayed` | those, and `actual_usd`, `replay_usd`: the last 30 days as they were and at the new price |
//! | `alert_price_other` | `fields` (names of prices, for instance `cache_read`) |
//! | `alert_price_other_replayed` | that, and `actual_usd`, `replay_usd` |
//! | `alert_price_gone_body` | `input_before`, `output_before` |
//! | `alert_stale_prices` | `days` |
//! | `alert_stale_prices_body` | `date` (`YYYY-MM-DD`), `models` (how many in use are priced by it) |
//! | `alert_automatic_change` | `subject`; its body is what the change itself says |
//!
//! `*_usd` is exact decimal text. `times` has one decimal.

use roundtable_domain::PicoUsd;
use roundtable_domain::budget::OnLimit;
use roundtable_ledger::{PriceStep, TokenPrice, format_usd};

use crate::view::{Said, Saying};

/// A price list's two prices that everybody looks at, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MainPrices {
    pub(super) input: TokenPrice,
    pub(super) output: TokenPrice,
}

/// What the last 30 days came to, and would have come to at another price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Replayed {
    pub(super) actual: PicoUsd,
    pub(super) at_new_price: PicoUsd,
}

fn said(saying: Saying, text: String) -> Said {
    Said { text, saying }
}

fn usd(amount: PicoUsd) -> String {
    format_usd(Some(amount), None)
}

pub(super) fn budget_step(budget: &str, percent: u16) -> Said {
    said(
        Saying::new("alert_budget_step").with("budget", budget).with("percent", percent.to_string()),
        format!("The budget \u{201c}{budget}\u{201d} has reached {percent} % of its limit"),
    )
}

/// `full`: what happens now that the limit is reached.
pub(super) fn budget_step_body(spent: PicoUsd, limit: PicoUsd, left: PicoUsd, full: Option<OnLimit>) -> Said {
    let with_money = |code: &str| {
        Saying::new(code).with("spent_usd", spent.to_string()).with("limit_usd", limit.to_string())
    };
    let money = format!("{} of {} are spent", usd(spent), usd(limit));
    match full {
        None => said(
            with_money("alert_budget_step_body").with("left_usd", left.to_string()),
            format!("{money}, {} are left.", usd(left)),
        ),
        Some(on_limit) => {
            let now = match on_limit {
                OnLimit::Warn => "Calls go on being sent.",
                OnLimit::Ask => "Further calls are sent only when you say so.",
                OnLimit::Cheaper => {
                    "Further calls go to cheaper models where one fits, and are refused where none does."
                }
                OnLimit::Stop => "Further calls are refused.",
            };
            said(with_money(&format!("alert_budget_full_{on_limit}")), format!("{money}. {now}"))
        }
    }
}

pub(super) fn budget_refuses(budget: &str) -> Said {
    said(
        Saying::new("alert_budget_refuses").with("budget", budget),
        format!("The budget \u{201c}{budget}\u{201d} refuses calls"),
    )
}

/// `needed`: what the call that was refused may have cost.
pub(super) fn budget_refuses_body(
    spent: PicoUsd,
    limit: PicoUsd,
    needed: PicoUsd,
    on_limit: OnLimit,
) -> Said {
    let now = match on_limit {
        OnLimit::Ask => "What does not fit is sent only when you say so.",
        OnLimit::Cheaper => {
            "What does not fit goes to cheaper models where one fits, and is refused where none does."
        }
        // One that warns refuses nothing.
        OnLimit::Stop | OnLimit::Warn => "What does not fit is refused.",
    };
    let way = if on_limit == OnLimit::Warn { OnLimit::Stop } else { on_limit };
    said(
        Saying::new(format!("alert_budget_refuses_{way}"))
            .with("spent_usd", spent.to_string())
            .with("limit_usd", limit.to_string())
            .with("needed_usd", needed.to_string()),
        format!(
            "{} of {} are spent, and the call that was refused may cost {}. {now}",
            usd(spent),
            usd(limit),
            usd(needed)
        ),
    )
}

pub(super) fn budget_over(spent: PicoUsd, limit: PicoUsd) -> Said {
    said(
        Saying::new("alert_budget_over")
            .with("spent_usd", spent.to_string())
            .with("limit_usd", limit.to_string()),
        format!("{} of {} were spent in the period that is over.", usd(spent), usd(limit)),
    )
}

/// What is far above the usual.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SpikeOf {
    Everything,
    /// By its name.
    Provider(String),
    /// By its name.
    Model(String),
}

pub(super) fn spike(of: &SpikeOf, today: PicoUsd, usual: PicoUsd) -> Said {
    let times = times(today, usual);
    match of {
        SpikeOf::Everything => said(
            Saying::new("alert_spike_everything").with("times", &times),
            format!("Today has cost {times} times as much as a usual day"),
        ),
        SpikeOf::Provider(name) => said(
            Saying::new("alert_spike_provider").with("of", name).with("times", &times),
            format!("{name} has cost {times} times as much today as on a usual day"),
        ),
        SpikeOf::Model(name) => said(
            Saying::new("alert_spike_model").with("of", name).with("times", &times),
            format!("{name} has cost {times} times as much today as on a usual day"),
        ),
    }
}

pub(super) fn spike_body(today: PicoUsd, usual: PicoUsd) -> Said {
    said(
        Saying::new("alert_spike_body")
            .with("today_usd", today.to_string())
            .with("usual_usd", usual.to_string()),
        format!("{} so far, {} on a usual day of the last four weeks.", usd(today), usd(usual)),
    )
}

/// Of a day that is over.
pub(super) fn past_spike(of: &SpikeOf, date: &str, spent: PicoUsd, usual: PicoUsd) -> Said {
    let times = times(spent, usual);
    let on_that_day = |code: &str| Saying::new(code).with("date", date).with("times", &times);
    let text = |what: &str| format!("{what} cost {times} times as much on {date} as on a usual day");
    match of {
        SpikeOf::Everything => said(on_that_day("alert_past_spike_everything"), text("Everything")),
        SpikeOf::Provider(name) => {
            said(on_that_day("alert_past_spike_provider").with("of", name), text(name))
        }
        SpikeOf::Model(name) => said(on_that_day("alert_past_spike_model").with("of", name), text(name)),
    }
}

/// The amounts of a day that is over.
pub(super) fn past_spike_body(spent: PicoUsd, usual: PicoUsd) -> Said {
    said(
        Saying::new("alert_past_spike_body")
            .with("spent_usd", spent.to_string())
            .with("usual_usd", usual.to_string()),
        format!("{} on that day, {} on a usual day of the four weeks before.", usd(spent), usd(usual)),
    )
}

/// How many times, with one decimal, rounded down.
fn times(spent: PicoUsd, usual: PicoUsd) -> String {
    let tenths = i128::from(spent.as_pico()) * 10 / i128::from(usual.as_pico()).max(1);
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Whether one of the prices that are known before and after is higher now. One that is new or gone is neither.
pub(super) fn has_risen(steps: &[PriceStep]) -> bool {
    steps.iter().filter_map(|step| step.before.zip(step.after)).any(|(before, after)| after > before)
}

fn has_fallen(steps: &[PriceStep]) -> bool {
    steps.iter().filter_map(|step| step.before.zip(step.after)).any(|(before, after)| after < before)
}

/// Which way a price went.
pub(super) fn price(model: &str, steps: &[PriceStep], gone: bool) -> Said {
    let (code, text) = if gone {
        ("alert_price_gone", format!("{model} has no known price any more"))
    } else {
        match (has_risen(steps), has_fallen(steps)) {
            (true, false) => ("alert_price_up", format!("{model} has become dearer")),
            (false, true) => ("alert_price_down", format!("{model} has become cheaper")),
            _ => ("alert_price_changed", format!("The prices of {model} have changed")),
        }
    };
    said(Saying::new(code).with("model", model), text)
}

/// The prices before and after, and what the last 30 days would have cost.
pub(super) fn price_body(
    before: &MainPrices,
    after: &MainPrices,
    steps: &[PriceStep],
    replayed: Option<&Replayed>,
) -> Said {
    let (mut saying, mut text) = if before == after {
        let fields: Vec<&str> = steps.iter().map(|step| step.field.as_str()).collect();
        let fields = fields.join(", ");
        let code = if replayed.is_some() { "alert_price_other_replayed" } else { "alert_price_other" };
        (Saying::new(code).with("fields", &fields), format!("Other prices of it have changed: {fields}."))
    } else {
        let code = if replayed.is_some() { "alert_price_main_replayed" } else { "alert_price_main" };
        let shown = TokenPrice::usd_per_mtok;
        let saying = Saying::new(code)
            .with("input_before", shown(before.input))
            .with("input_after", shown(after.input))
            .with("output_before", shown(before.output))
            .with("output_after", shown(after.output));
        let text = format!(
            "A million tokens cost ${} in and ${} out, before ${} and ${}.",
            shown(after.input),
            shown(after.output),
            shown(before.input),
            shown(before.output)
        );
        (saying, text)
    };
    if let Some(replayed) = replayed {
        saying = saying
            .with("actual_usd", replayed.actual.to_string())
            .with("replay_usd", replayed.at_new_price.to_string());
        text = format!(
            "{text} What cost {} in the last 30 days would cost {} now.",
            usd(replayed.actual),
            usd(replayed.at_new_price)
        );
    }
    said(saying, text)
}

pub(super) fn price_gone_body(before: &MainPrices) -> Said {
    let (input, output) = (before.input.usd_per_mtok(), before.output.usd_per_mtok());
    said(
        Saying::new("alert_price_gone_body").with("input_before", &input).with("output_before", &output),
        format!(
            "It was ${input} in and ${output} out per million tokens. Its calls are booked as unpriced until a price is set."
        ),
    )
}

pub(super) fn stale_prices(days: u32) -> Said {
    said(
        Saying::new("alert_stale_prices").with("days", days.to_string()),
        format!("The price list is {days} days old"),
    )
}

pub(super) fn stale_prices_body(date: &str, models: usize) -> Said {
    let used = if models == 1 { "One model".to_owned() } else { format!("{models} models") };
    said(
        Saying::new("alert_stale_prices_body").with("date", date).with("models", models.to_string()),
        format!(
            "Its newest price is of {date}. {used} in use may cost something else by now; update the list."
        ),
    )
}

pub(super) fn automatic_change(subject: &str) -> Said {
    let about = if subject.is_empty() { String::new() } else { format!(": {subject}") };
    said(
        Saying::new("alert_automatic_change").with("subject", subject),
        format!("A recommendation was applied without asking{about}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pico(usd: &str) -> PicoUsd {
        usd.parse().unwrap()
    }

    fn prices(input: &str, output: &str) -> MainPrices {
        MainPrices { input: input.parse().unwrap(), output: output.parse().unwrap() }
    }

    fn step(field: &str, before: Option<&str>, after: Option<&str>) -> PriceStep {
        let read = |price: Option<&str>| price.map(|price| price.parse().unwrap());
        PriceStep { field: field.to_owned(), before: read(before), after: read(after) }
    }

    #[test]
    fn a_step_says_what_is_left_and_a_full_budget_what_happens_now() {
        let body = budget_step_body(pico("8.02"), pico("10"), pico("1.98"), None);
        assert_eq!(body.text, "$8.02 of $10.00 are spent, $1.98 are left.");
        assert_eq!(body.saying.values["left_usd"], "1.98");
        let full = budget_step_body(pico("10.5"), pico("10"), PicoUsd::ZERO, Some(OnLimit::Stop));
        assert_eq!(full.text, "$10.50 of $10.00 are spent. Further calls are refused.");
        assert_eq!(full.saying.code, "alert_budget_full_stop");
    }

    #[test]
    fn a_spike_says_how_many_times_the_usual() {
        let said = spike(&SpikeOf::Model("GPT-4o".to_owned()), pico("12.59"), pico("3"));
        assert_eq!(said.text, "GPT-4o has cost 4.1 times as much today as on a usual day");
        assert_eq!(times(pico("1"), PicoUsd::ZERO), "1000000000000.0", "no division by nothing");
    }

    #[test]
    fn a_day_that_is_over_is_named_and_not_called_today() {
        let said = past_spike(&SpikeOf::Everything, "2026-11-20", pico("12"), pico("3"));
        assert_eq!(said.text, "Everything cost 4.0 times as much on 2026-11-20 as on a usual day");
        assert_eq!(said.saying.values["date"], "2026-11-20");
        let body = past_spike_body(pico("12"), pico("3"));
        assert_eq!(body.text, "$12.00 on that day, $3.00 on a usual day of the four weeks before.");
    }

    #[test]
    fn a_price_says_which_way_it_went_and_what_that_costs() {
        let up = [step("input", Some("2.5"), Some("3")), step("audio", None, Some("9"))];
        assert_eq!(price("GPT", &up, false).saying.code, "alert_price_up");
        let down = [step("input", Some("2.5"), Some("2"))];
        assert_eq!(price("GPT", &down, false).saying.code, "alert_price_down");
        let mixed = [up[0].clone(), step("output", Some("9"), Some("8"))];
        assert_eq!(price("GPT", &mixed, false).saying.code, "alert_price_changed");
        let replayed = Replayed { actual: pico("12.3"), at_new_price: pico("14.8") };
        let body = price_body(&prices("2.5", "10"), &prices("3", "10"), &up, Some(&replayed));
        assert_eq!(
            body.text,
            "A million tokens cost $3 in and $10 out, before $2.5 and $10. What cost $12.30 in the last 30 days would cost $14.80 now."
        );
        let other = price_body(&prices("3", "10"), &prices("3", "10"), &up[1..], None);
        assert_eq!(
            (other.saying.code.as_str(), other.saying.values["fields"].as_str()),
            ("alert_price_other", "audio")
        );
    }
}
