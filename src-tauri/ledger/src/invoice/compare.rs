//! The books beside an invoice, per UTC day and model; or per day, where the invoice names no models.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use roundtable_domain::PicoUsd;
use serde::{Deserialize, Serialize};

use super::names::common;
use super::sums::{BookedLine, added, together};
use super::{Invoice, InvoiceLine, Issuer};

/// How the two stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Agreement {
    /// The same, but for the rounding of the invoice.
    Agrees,
    /// The invoice names no amount; its tokens and calls are those of the books.
    TokensAgree,
    /// Both know it, the same tokens and calls, and another amount: another price.
    PriceDiffers,
    /// Both know it, and tokens or calls differ: calls were made elsewhere with the same account, or are missing here.
    UsageDiffers,
    /// Both know it, and the amounts differ; nothing on the invoice says why.
    AmountDiffers,
    /// The books hold estimates or unpriced calls of it: the invoice may know better.
    BooksEstimated,
    /// Made up for by the day before or after: the two cut their days at different moments.
    NextDay,
    /// Only the invoice knows it: calls made elsewhere with the same account, or fees outside of tokens.
    OnlyInvoiced,
    /// Only the books know it: not charged (yet), or on another account.
    OnlyBooked,
}

/// One day and one model on both sides; or one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The day in UTC.
    pub day: Date,
    /// The model: in the words of the books, else in those of the invoice; `None`: charges that belong to no model, or a whole day.
    pub model: Option<String>,
    /// The invoice names no models: all of the day on both sides.
    pub whole_day: bool,
    /// The invoice; sums of its lines.
    pub invoiced: Option<InvoiceLine>,
    /// The books; sums of their lines.
    pub booked: Option<BookedLine>,
    /// The invoice less the books; `None`: the invoice names no amount.
    pub difference: Option<PicoUsd>,
    /// How far apart the two may be by the rounding of the invoice alone.
    pub rounding: PicoUsd,
    /// How they stand.
    pub agreement: Agreement,
    /// The calls are the same ones, by their number or by their tokens, and the invoice names all that they cost.
    pub sure: bool,
}

/// The days of the invoice, model by model. Days of the books outside of the invoice's first and last are not looked at.
pub fn compare_invoice(invoice: &Invoice, booked: &[BookedLine]) -> Vec<Difference> {
    let whole_day = invoice.lines.iter().all(|line| line.model.is_none());
    let key =
        |model: Option<&str>| if whole_day { String::new() } else { model.map_or_else(String::new, common) };
    let mut sides: BTreeMap<(Date, String), Sides> = BTreeMap::new();
    for line in &invoice.lines {
        let side = &mut sides.entry((line.day, key(line.model.as_deref()))).or_default().invoiced;
        *side = Some(side.take().map_or_else(|| line.clone(), |sum| together(sum, line)));
    }
    let mut booked: Vec<&BookedLine> =
        booked.iter().filter(|line| (invoice.first_day..=invoice.last_day).contains(&line.day)).collect();
    booked.sort_by_key(|line| Reverse(line.weight()));
    for line in booked {
        let side = &mut sides.entry((line.day, key(Some(&line.model)))).or_default().booked;
        *side = Some(side.take().map_or_else(|| line.clone(), |sum| added(sum, line)));
    }
    let comparison = Comparison {
        issuer: invoice.issuer,
        whole_day,
        rounding: invoice.rounding,
        names_amounts: invoice.lines.iter().any(|line| line.usd.is_some()),
    };
    let (keys, mut differences): (Vec<_>, Vec<_>) = sides
        .into_iter()
        .map(|((day, model), sides)| ((day, model), comparison.difference(day, sides)))
        .unzip();
    mark_neighbours(&keys, &mut differences);
    differences
}

#[derive(Default)]
struct Sides {
    invoiced: Option<InvoiceLine>,
    booked: Option<BookedLine>,
}

/// What is true of all rows of one invoice.
struct Comparison {
    issuer: Issuer,
    whole_day: bool,
    /// Of one line.
    rounding: PicoUsd,
    names_amounts: bool,
}

impl Comparison {
    fn difference(&self, day: Date, Sides { invoiced, booked }: Sides) -> Difference {
        let ours = booked.as_ref().map_or(PicoUsd::ZERO, |line| line.usd);
        let theirs = match &invoiced {
            Some(line) => line.usd,
            // An invoice that names amounts says by its silence that nothing was charged; one of usage says nothing of money.
            None => self.names_amounts.then_some(PicoUsd::ZERO),
        };
        let difference = theirs.and_then(|theirs| theirs.checked_sub(ours));
        let rounding = invoiced.as_ref().map_or(self.rounding, |line| line.rounding);
        let is_rounding = difference.is_some_and(|difference| lies_within(difference, rounding));
        let (agreement, sure) = match (&invoiced, &booked) {
            (Some(_), Some(_)) if is_rounding => (Agreement::Agrees, false),
            (Some(invoiced), Some(booked)) => self.agreement(invoiced, booked, difference),
            (Some(line), None) if line.says_nothing() => (Agreement::Agrees, false),
            (Some(_), None) => (Agreement::OnlyInvoiced, false),
            (None, Some(booked)) if booked.is_settled(is_rounding, self.names_amounts) => {
                (Agreement::Agrees, false)
            }
            (None, _) => (Agreement::OnlyBooked, false),
        };
        let named = || {
            let ours = booked.as_ref().map(|line| line.model.clone());
            ours.or_else(|| invoiced.as_ref()?.model.clone()).filter(|model| !model.is_empty())
        };
        let model = if self.whole_day { None } else { named() };
        Difference {
            day,
            model,
            whole_day: self.whole_day,
            invoiced,
            booked,
            difference,
            rounding,
            agreement,
            sure,
        }
    }

    /// How two sides stand whose amounts are not the same, and whether the calls are the same ones.
    fn agreement(
        &self,
        invoiced: &InvoiceLine,
        booked: &BookedLine,
        difference: Option<PicoUsd>,
    ) -> (Agreement, bool) {
        let calls = invoiced.requests.map(|theirs| theirs == booked.requests);
        let tokens = self.same_tokens(invoiced, booked);
        let priced = difference.is_some();
        let is_exact = priced && !invoiced.rough;
        match (calls, tokens) {
            (Some(false), _) => (Agreement::UsageDiffers, false),
            (_, Some(true)) | (Some(true), None) if !priced => (Agreement::TokensAgree, false),
            _ if booked.estimated || booked.unpriced > 0 => {
                (Agreement::BooksEstimated, is_exact && (calls == Some(true) || tokens == Some(true)))
            }
            (_, Some(true)) => (Agreement::PriceDiffers, is_exact),
            (_, None) if priced => (Agreement::AmountDiffers, false),
            _ => (Agreement::UsageDiffers, false),
        }
    }

    /// `None`: the invoice names no tokens, or counts them in its own way.
    fn same_tokens(&self, invoiced: &InvoiceLine, booked: &BookedLine) -> Option<bool> {
        let sides =
            [(invoiced.input_tokens, booked.input_tokens), (invoiced.output_tokens, booked.output_tokens)];
        let mut named = sides.iter().filter_map(|(theirs, ours)| Some((*theirs)? == *ours)).peekable();
        named.peek()?;
        let same = named.all(|same| same);
        (same || self.issuer.counts_as_models_do()).then_some(same)
    }
}

impl InvoiceLine {
    /// A line about nothing: no tokens, no calls, no amount.
    fn says_nothing(&self) -> bool {
        let counts = [self.requests, self.input_tokens, self.output_tokens];
        self.usd.is_none_or(|usd| usd == PicoUsd::ZERO) && counts.iter().all(|count| count.unwrap_or(0) == 0)
    }
}

impl BookedLine {
    /// What was taken back by a correction, or cost nothing, is not missing on the invoice.
    fn is_settled(&self, is_rounding: bool, names_amounts: bool) -> bool {
        if names_amounts { is_rounding && self.unpriced == 0 } else { self.requests == 0 }
    }
}

fn lies_within(difference: PicoUsd, rounding: PicoUsd) -> bool {
    difference.as_pico().unsigned_abs() <= rounding.as_pico().unsigned_abs()
}

/// A call of the last seconds of a day may stand in the next one at the provider: two neighbours that make up for each other.
fn mark_neighbours(keys: &[(Date, String)], differences: &mut [Difference]) {
    let is_open = |one: &Difference| {
        !matches!(one.agreement, Agreement::Agrees | Agreement::TokensAgree | Agreement::NextDay)
            && one.difference.is_some()
    };
    let open: HashMap<(Date, &str), usize> = (0..)
        .zip(keys)
        .filter(|(at, _)| differences.get(*at).is_some_and(is_open))
        .map(|(at, (day, model))| ((*day, model.as_str()), at))
        .collect();
    for (at, (day, model)) in keys.iter().enumerate() {
        let next = day.tomorrow().ok().and_then(|next| open.get(&(next, model.as_str())).copied());
        let (Some(one), Some(other)) = (differences.get(at), next.and_then(|next| differences.get(next)))
        else {
            continue;
        };
        if is_open(one)
            && is_open(other)
            && make_up(one, other)
            && let Some(next) = next
        {
            for side in [at, next] {
                differences[side].agreement = Agreement::NextDay;
                differences[side].sure = false;
            }
        }
    }
}

fn make_up(one: &Difference, other: &Difference) -> bool {
    let sum = one.difference.zip(other.difference).and_then(|(one, other)| one.checked_add(other));
    let rounding = one.rounding.checked_add(other.rounding).unwrap_or(one.rounding);
    sum.is_some_and(|sum| lies_within(sum, rounding))
}
