//! The tables of the Spend room that are neither a ranking nor columns: hours of the week, and models.

use roundtable_engine::view::{SpendHour, SpendModel};
use roundtable_ledger::format_usd;
use serde_json::json;

use super::sums::{dash, shown};
use crate::arguments::Format;
use crate::failure::Failure;
use crate::output;

/// By their numbers from 1 on.
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

pub(super) fn hours(hours: &[SpendHour], format: Format) -> Result<(), Failure> {
    if format == Format::Json {
        return hours.iter().try_for_each(|hour| {
            output::object(&json!({
                "type": "hour",
                "weekday": hour.weekday,
                "hour": hour.hour,
                "usd": hour.known_usd(),
                "requests": hour.requests,
                "unpriced": hour.unpriced,
            }))
        });
    }
    let heading = ["", "HOUR", "CALLS", "COST"].map(str::to_owned).to_vec();
    let rows = hours.iter().map(|hour| {
        let weekday = WEEKDAYS.get(usize::from(hour.weekday).saturating_sub(1)).copied().unwrap_or_default();
        vec![
            weekday.to_owned(),
            format!("{:02}:00", hour.hour),
            hour.requests.to_string(),
            format_usd(hour.known_usd().and_then(|usd| usd.parse().ok()), None),
        ]
    });
    output::table(&std::iter::once(heading).chain(rows).collect::<Vec<_>>())
}

pub(super) fn models(models: &[SpendModel], format: Format) -> Result<(), Failure> {
    if format == Format::Json {
        return models.iter().try_for_each(|model| {
            output::object(&json!({
                "type": "model",
                "name": model.of.name,
                "label": model.of.label,
                "requests": model.requests,
                "usd_per_request": model.usd_per_request,
                "average_ms": model.average_ms,
                "picks": model.picks,
                "comparisons": model.comparisons,
            }))
        });
    }
    let heading = ["", "CALLS", "COST A CALL", "MEAN", "PICKED"].map(str::to_owned).to_vec();
    let rows = models.iter().map(|model| {
        let usd = model.usd_per_request.as_ref().and_then(|usd| usd.parse().ok());
        let picked = || format!("{} of {}", model.picks, model.comparisons);
        vec![
            shown(&model.of.name, &model.of.label),
            model.requests.to_string(),
            format_usd(usd, None),
            model.average_ms.map_or_else(dash, output::seconds),
            if model.comparisons == 0 { dash() } else { picked() },
        ]
    });
    output::table(&std::iter::once(heading).chain(rows).collect::<Vec<_>>())
}
