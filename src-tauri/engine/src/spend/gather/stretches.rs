//! The stretches of time a view is made of.

use roundtable_store::Stretch;

use super::super::forecast::PACE_DAYS;
use super::super::span::{Moment, Span, columns_between};

/// The columns of the chart, and after them the stretch the range is compared with.
pub(super) fn stretches(span: Span, before: Option<Span>, columns: &[i64]) -> Vec<Stretch> {
    let mut stretches = columns_between(columns, span.last);
    let column = u32::try_from(columns.len()).unwrap_or(u32::MAX);
    stretches.extend(before.map(|before| before.stretch(column)));
    stretches
}

/// The month, and the days before today, oldest first.
pub(super) fn pace_stretches(moment: &Moment) -> Vec<Stretch> {
    let today = moment.today();
    let since = |day| Span { first: moment.begin_of(day), last: moment.end() }.stretch(0);
    let mut days = Vec::with_capacity(PACE_DAYS);
    let (mut day, mut last) = (today, moment.begin_of(today));
    for _ in 0..PACE_DAYS {
        day = day.yesterday().unwrap_or(day);
        let first = moment.begin_of(day);
        days.push(Span { first, last }.stretch(0));
        last = first;
    }
    days.reverse();
    std::iter::once(since(today.first_of_month())).chain(days).collect()
}

/// From the first quarter hour of any stretch to the last.
pub(super) fn ends_of(stretches: &[Stretch]) -> (i64, i64) {
    let first = stretches.iter().map(|stretch| stretch.first).min().unwrap_or(0);
    let last = stretches.iter().map(|stretch| stretch.last).max().unwrap_or(0);
    (first, last)
}
