//! The figures on top of the Spend room, which stand below the tables of `ledger`.

use jiff::tz::TimeZone;
use roundtable_engine::view::{SpendFigures, SpendFilter, SpendView};
use serde_json::{Value, json};

use super::sums::percent;
use crate::arguments::Format;
use crate::failure::Failure;
use crate::output;

/// `at_least`: fees outside tokens may come on top of the sum.
pub(super) fn show(
    view: &SpendView,
    at_least: bool,
    filter: &SpendFilter,
    zone: &TimeZone,
    format: Format,
) -> Result<(), Failure> {
    if format == Format::Json {
        return output::object(&object(view, at_least, filter.simulated));
    }
    output::line(&sum(&view.figures, at_least, filter.simulated))?;
    words(&view.figures, zone).iter().try_for_each(|line| output::line(line))
}

fn object(view: &SpendView, at_least: bool, simulated: bool) -> Value {
    let figures = &view.figures;
    let sums = &figures.range;
    json!({
        "type": "sums",
        "from": output::utc(view.from),
        "until": output::utc(view.until),
        "zone": view.zone,
        "simulated": simulated,
        "usd": sums.usd,
        "estimated_usd": sums.estimated_usd,
        "at_least": at_least,
        "requests": sums.requests,
        "unpriced": sums.unpriced,
        "input_tokens": sums.input_tokens,
        "cached_tokens": sums.cached_tokens,
        "output_tokens": sums.output_tokens,
        "corrections": figures.corrections,
        "success_percent": figures.success_basis_points.map(percent),
        "today": figures.today,
        "before_usd": figures.before_usd,
        "before_from": figures.before_from.map(output::utc),
        "before_until": figures.before_until.map(output::utc),
        "forecast_usd": figures.forecast_usd,
        "forecast_until": figures.forecast_until.map(output::utc),
        "tightest": figures.tightest,
        "saved_usd": figures.saved_usd,
        "prompt_cache_saved_usd": figures.prompt_cache_saved_usd,
        "fallback_waste_usd": figures.fallback_waste_usd,
    })
}

fn sum(figures: &SpendFigures, at_least: bool, simulated: bool) -> String {
    let sums = &figures.range;
    let unpriced =
        if sums.unpriced > 0 { format!(" and {} unpriced calls", sums.unpriced) } else { String::new() };
    let estimated = if sums.estimated_usd == "0" {
        String::new()
    } else {
        format!(" (${} of it estimated)", sums.estimated_usd)
    };
    let world = if simulated { "simulated: " } else { "" };
    let least = if at_least { "at least " } else { "" };
    format!("{world}{} calls, {least}${}{estimated}{unpriced}", sums.requests, sums.usd)
}

/// What else is known, a line for each: what is nothing is not said.
fn words(figures: &SpendFigures, zone: &TimeZone) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(figures.success_basis_points.map(|points| format!("good: {} %", percent(points))));
    lines.push(format!("today: {} calls, ${}", figures.today.requests, figures.today.usd));
    if let (Some(usd), Some(from), Some(until)) =
        (&figures.before_usd, figures.before_from, figures.before_until)
    {
        lines.push(format!(
            "before: ${usd}, from {} until {}",
            output::local(from, zone),
            output::local(until, zone)
        ));
    }
    if let (Some(usd), Some(until)) = (&figures.forecast_usd, figures.forecast_until) {
        lines.push(format!("forecast: ${usd} until {}", output::local(until, zone)));
    }
    lines.extend(figures.tightest.as_ref().map(|budget| {
        format!("tightest budget: ${} left of ${}, “{}”", budget.left_usd, budget.limit_usd, budget.name)
    }));
    for (what, usd) in [
        ("saved by kept answers", &figures.saved_usd),
        ("saved by providers' caches", &figures.prompt_cache_saved_usd),
        ("in vain", &figures.fallback_waste_usd),
    ] {
        if usd != "0" {
            lines.push(format!("{what}: ${usd}"));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use roundtable_domain::UnixMs;

    use super::*;

    #[test]
    fn what_is_known_has_its_line_and_what_is_nothing_has_none() {
        let figures = SpendFigures {
            saved_usd: "0".to_owned(),
            prompt_cache_saved_usd: "0.5".to_owned(),
            fallback_waste_usd: "0".to_owned(),
            forecast_usd: Some("12".to_owned()),
            forecast_until: Some(UnixMs(0)),
            success_basis_points: Some(9_950),
            ..SpendFigures::default()
        };
        let lines = words(&figures, &TimeZone::UTC).join("\n");
        assert!(lines.contains("good: 99.50 %") && lines.contains("forecast: $12 until 1970"), "{lines}");
        assert!(lines.contains("providers' caches: $0.5"), "{lines}");
        assert!(
            !lines.contains("in vain") && !lines.contains("before") && !lines.contains("budget"),
            "{lines}"
        );
    }
}
