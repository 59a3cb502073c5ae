//! The books beside an invoice, per UTC day and model.

use std::collections::BTreeMap;

use jiff::civil::Date;
use roundtable_domain::PicoUsd;
use serde::{Deserialize, Serialize};

use super::names::common;
use super::{Invoice, InvoiceLine, days_between, total};

/// What the books hold of one UTC day and one model, at the provider of the invoice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BookedLine {
    /// The day in UTC.
    pub day: Date,
    /// The model that served, else the one asked for.
    pub model: String,
    /// Known cost; adjustments included.
    pub usd: PicoUsd,
    /// Of it, corrections by invoices; `None`: there are none.
    pub corrected: Option<PicoUsd>,
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
}

/// How the two stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Agreement {
    /// The same, but for the rounding of the invoice.
    Agrees,
    /// The invoice names no amount; its tokens and calls are those of the books.
    TokensAgree,
    /// Both know it, the same tokens, and another amount: another price.
    PriceDiffers,
    /// Both know it, and the tokens differ: calls were made elsewhere with the same account, or are missing here.
    UsageDiffers,
    /// Both know it, and the amounts differ; the invoice names no tokens that could say why.
    AmountDiffers,
    /// The books hold estimates or unpriced calls of it: the invoice knows better.
    BooksEstimated,
    /// Made up for by the day before or after: the two cut their days at different moments.
    NextDay,
    /// Only the invoice knows it: calls made elsewhere with the same account, or fees outside of tokens.
    OnlyInvoiced,
    /// Only the books know it: not charged (yet), or on another account.
    OnlyBooked,
}

/// One day and one model on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The day in UTC.
    pub day: Date,
    /// The model: in the words of the books, else in those of the invoice; `None`: charges that belong to no model.
    pub model: Option<String>,
    /// The invoice; sums of its lines.
    pub invoiced: Option<InvoiceLine>,
    /// The books; sums of their lines.
    pub booked: Option<BookedLine>,
    /// The invoice less the books; `None`: the invoice names no amount.
    pub difference: Option<PicoUsd>,
    /// How they stand.
    pub agreement: Agreement,
}

/// An invoice is rounded per line, mostly to a hundredth of a cent; a day of a model is made of a handful of lines.
const ROUNDING_PICO: u128 = 500_000_000; // $0.0005

/// The days of the invoice, model by model. Days of the books outside of the invoice's first and last are not looked at.
pub fn compare_invoice(invoice: &Invoice, booked: &[BookedLine]) -> Vec<Difference> {
    let days = invoice.lines.iter().map(|line| line.day);
    let (Some(first), Some(last)) = (days.clone().min(), days.max()) else { return Vec::new() };
    let mut sides: BTreeMap<(Date, String), (Option<InvoiceLine>, Option<BookedLine>)> = BTreeMap::new();
    for line in &invoice.lines {
        let key = (line.day, line.model.as_deref().map(common).unwrap_or_default());
        let side = &mut sides.entry(key).or_default().0;
        *side = Some(side.take().map_or_else(|| line.clone(), |sum| together(sum, line)));
    }
    for line in booked.iter().filter(|line| (first..=last).contains(&line.day)) {
        let side = &mut sides.entry((line.day, common(&line.model))).or_default().1;
        *side = Some(side.take().map_or_else(|| line.clone(), |sum| added(sum, line)));
    }
    let mut differences: Vec<Difference> =
        sides.into_iter().map(|((day, _), (invoiced, booked))| difference(day, invoiced, booked)).collect();
    mark_neighbours(&mut differences);
    differences
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

fn together(sum: InvoiceLine, line: &InvoiceLine) -> InvoiceLine {
    InvoiceLine {
        usd: either_or_both(sum.usd, line.usd),
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

fn added(sum: BookedLine, line: &BookedLine) -> BookedLine {
    BookedLine {
        usd: sum.usd.checked_add(line.usd).unwrap_or(sum.usd),
        corrected: either_or_both(sum.corrected, line.corrected),
        requests: sum.requests.saturating_add(line.requests),
        unpriced: sum.unpriced.saturating_add(line.unpriced),
        estimated: sum.estimated || line.estimated,
        input_tokens: sum.input_tokens.saturating_add(line.input_tokens),
        output_tokens: sum.output_tokens.saturating_add(line.output_tokens),
        ..sum
    }
}

fn difference(day: Date, invoiced: Option<InvoiceLine>, booked: Option<BookedLine>) -> Difference {
    let ours = booked.as_ref().map_or(PicoUsd::ZERO, |line| line.usd);
    let difference = invoiced.as_ref().map_or_else(
        || PicoUsd::ZERO.checked_sub(ours),
        |line| line.usd.and_then(|theirs| theirs.checked_sub(ours)),
    );
    let agreement = match (&invoiced, &booked) {
        (Some(invoiced), Some(booked)) => agreement(invoiced, booked, difference),
        (Some(_), None) => Agreement::OnlyInvoiced,
        // What was taken back by a correction, or cost nothing, is not missing on the invoice.
        (None, Some(booked)) if booked.unpriced == 0 && difference.is_some_and(is_rounding) => {
            Agreement::Agrees
        }
        (None, _) => Agreement::OnlyBooked,
    };
    let model = booked
        .as_ref()
        .map(|line| line.model.clone())
        .or_else(|| invoiced.as_ref().and_then(|line| line.model.clone()));
    Difference { day, model, invoiced, booked, difference, agreement }
}

fn agreement(invoiced: &InvoiceLine, booked: &BookedLine, difference: Option<PicoUsd>) -> Agreement {
    let same_tokens =
        [(invoiced.input_tokens, booked.input_tokens), (invoiced.output_tokens, booked.output_tokens)]
            .iter()
            .all(|(theirs, ours)| theirs.is_none_or(|theirs| theirs == *ours));
    let says_tokens = invoiced.input_tokens.is_some() || invoiced.output_tokens.is_some();
    match difference {
        Some(difference) if is_rounding(difference) => Agreement::Agrees,
        None if same_tokens => Agreement::TokensAgree,
        _ if booked.estimated || booked.unpriced > 0 => Agreement::BooksEstimated,
        Some(_) if !says_tokens => Agreement::AmountDiffers,
        Some(_) if same_tokens => Agreement::PriceDiffers,
        _ => Agreement::UsageDiffers,
    }
}

fn is_rounding(difference: PicoUsd) -> bool {
    u128::from(difference.as_pico().unsigned_abs()) <= ROUNDING_PICO
}

/// A call of the last seconds of a day may stand in the next one at the provider: two neighbours that make up for each other.
fn mark_neighbours(differences: &mut [Difference]) {
    for one in 0..differences.len() {
        let pair =
            (one + 1..differences.len()).find(|other| make_up(&differences[one], &differences[*other]));
        let Some(other) = pair else { continue };
        differences[one].agreement = Agreement::NextDay;
        differences[other].agreement = Agreement::NextDay;
    }
}

fn make_up(one: &Difference, other: &Difference) -> bool {
    let is_open = |side: &Difference| {
        !matches!(side.agreement, Agreement::Agrees | Agreement::TokensAgree | Agreement::NextDay)
    };
    let same_model = one.model.as_deref().map(common) == other.model.as_deref().map(common);
    let sum = one.difference.zip(other.difference).and_then(|(one, other)| one.checked_add(other));
    is_open(one)
        && is_open(other)
        && same_model
        && days_between(one.day, other.day) == 1
        && sum.is_some_and(is_rounding)
}
