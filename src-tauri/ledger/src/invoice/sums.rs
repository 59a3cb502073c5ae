//! Lines of one day and model, added up.

use std::collections::BTreeMap;

use jiff::civil::Date;
use roundtable_domain::{PicoUsd, UnixMs};

use super::{Invoice, InvoiceLine, total};

/// What the books hold of one UTC day, one model that served and one that was asked for, at the provider of the invoice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BookedLine {
    /// The day in UTC.
    pub day: Date,
    /// The model that served, else the one asked for; of a sum, the one that cost the most. Empty: none.
    pub model: String,
    /// The model asked for, by which spend and budgets are counted; of a sum, the one that cost the most.
    pub requested: String,
    /// Known cost; adjustments included.
    pub usd: PicoUsd,
    /// Of it, corrections by invoices; `None`: there are none, or all were taken back.
    pub corrected: Option<PicoUsd>,
    /// How many entries corrections by invoices have made, those that took some back included.
    pub corrections: u64,
    /// Calls, priced or not.
    pub requests: u64,
    /// Of these, calls whose cost is unknown.
    pub unpriced: u64,
    /// Part of the cost is estimated.
    pub estimated: bool,
    /// Tokens in.
    pub input_tokens: u64,
    /// Tokens out.
    pub output_tokens: u64,
    /// When the last of the calls was booked.
    pub last_call: Option<UnixMs>,
}

impl BookedLine {
    /// What its calls cost without corrections: of several lines, that of the dearest calls names them all.
    pub(super) fn weight(&self) -> i128 {
        let corrected = self.corrected.unwrap_or_default();
        i128::from(self.usd.as_pico()) - i128::from(corrected.as_pico())
    }
}

impl Invoice {
    /// Its lines summed per day and model as it names them, in their order.
    pub fn by_day(&self) -> Vec<InvoiceLine> {
        let mut days: BTreeMap<(Date, Option<&str>), InvoiceLine> = BTreeMap::new();
        for line in &self.lines {
            let day = days.entry((line.day, line.model.as_deref()));
            day.and_modify(|sum| *sum = together(sum.clone(), line)).or_insert_with(|| line.clone());
        }
        days.into_values().collect()
    }
}

pub(super) fn together(sum: InvoiceLine, line: &InvoiceLine) -> InvoiceLine {
    InvoiceLine {
        usd: either_or_both(sum.usd, line.usd),
        rounding: sum.rounding.checked_add(line.rounding).unwrap_or(sum.rounding),
        rough: sum.rough || line.rough,
        requests: total([sum.requests, line.requests]),
        input_tokens: total([sum.input_tokens, line.input_tokens]),
        output_tokens: total([sum.output_tokens, line.output_tokens]),
        ..sum
    }
}

/// Known as soon as one of them is; `None` beyond what the books can hold.
fn either_or_both(one: Option<PicoUsd>, other: Option<PicoUsd>) -> Option<PicoUsd> {
    match (one, other) {
        (Some(one), Some(other)) => one.checked_add(other),
        (one, other) => one.or(other),
    }
}

/// The names are those of the first.
pub(super) fn added(sum: BookedLine, line: &BookedLine) -> BookedLine {
    BookedLine {
        usd: sum.usd.checked_add(line.usd).unwrap_or(sum.usd),
        corrected: either_or_both(sum.corrected, line.corrected).filter(|usd| *usd != PicoUsd::ZERO),
        corrections: sum.corrections.saturating_add(line.corrections),
        requests: sum.requests.saturating_add(line.requests),
        unpriced: sum.unpriced.saturating_add(line.unpriced),
        estimated: sum.estimated || line.estimated,
        input_tokens: sum.input_tokens.saturating_add(line.input_tokens),
        output_tokens: sum.output_tokens.saturating_add(line.output_tokens),
        last_call: sum.last_call.max(line.last_call),
        ..sum
    }
}
