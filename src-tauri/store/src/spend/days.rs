//! Days of the books in memory, and what is added up from them: stretches of time, costs, hours of the week.
//!
//! A stretch is whole days in its middle. At each of its ends a part of a day is added or, where that is less, taken off again;
//! nothing is done about a part with nothing in it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::daybook::{Day, QuarterCost};
use super::{CellSums, HourSums, QUARTERS_A_DAY, SpendCell, SpendRoom, Stretch, unpacked};
use crate::error::StoreError;
use crate::row::{Columns as _, json};

/// Days of the books, as they were at one moment each.
#[derive(Clone, Debug, Default)]
pub struct SpendDays {
    days: BTreeMap<i64, Arc<Day>>,
}

/// The sums of stretches of time.
#[derive(Clone, Debug, Default)]
pub struct SpendCells {
    days: SpendDays,
    /// Whole days of UTC: the column, the first day, the first one after.
    whole: Vec<(u32, i64, i64)>,
    /// What is added beside them; what is taken off again is below zero.
    beside: Vec<SpendCell>,
}

/// Part of a day that is added to a column, or taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Part {
    column: u32,
    first: i64,
    last: i64,
    taken_off: bool,
}

impl SpendDays {
    pub(super) const fn new(days: BTreeMap<i64, Arc<Day>>) -> Self {
        Self { days }
    }

    /// What the subjects that are wanted have cost from quarter hour `first` on and before `last`, in pico-dollars.
    pub fn cost(&self, (first, last): (i64, i64), wanted: impl Fn(i64) -> bool) -> i128 {
        let within = self.quarters(first, last).filter(|cell| wanted(cell.subject));
        within.map(|cell| i128::from(cell.cost)).sum()
    }

    /// Sums by the hour of the week over quarter hours during which the clock on the wall is `ahead` quarter hours ahead of UTC.
    pub fn hours(
        &self,
        (first, last): (i64, i64),
        ahead: i64,
        wanted: impl Fn(i64) -> bool,
    ) -> Vec<HourSums> {
        let nothing = |hour| HourSums { hour, ..HourSums::default() };
        let mut week: Vec<HourSums> = (0..168).map(nothing).collect();
        for cell in self.quarters(first, last).filter(|cell| wanted(cell.subject)) {
            // The first of January 1970 was a Thursday: 72 hours after the midnight before Monday.
            let hour = ((cell.quarter + ahead).div_euclid(4) + 72).rem_euclid(168);
            if let Some(sums) = usize::try_from(hour).ok().and_then(|hour| week.get_mut(hour)) {
                sums.cost += i128::from(cell.cost);
                sums.requests += i128::from(cell.requests);
                sums.unpriced += i128::from(cell.unpriced);
            }
        }
        week.retain(|sums| *sums != nothing(sums.hour));
        week
    }

    fn quarters(&self, first: i64, last: i64) -> impl Iterator<Item = &QuarterCost> {
        let days = first.div_euclid(QUARTERS_A_DAY)..=last.div_euclid(QUARTERS_A_DAY);
        let days = if first < last { Some(self.days.range(days)) } else { None };
        days.into_iter().flatten().flat_map(move |(_, day)| {
            let begin = day.quarters.partition_point(|cell| cell.quarter < first);
            let end = day.quarters.partition_point(|cell| cell.quarter < last);
            day.quarters.get(begin..end).unwrap_or_default()
        })
    }

    fn is_empty(&self, first: i64, last: i64) -> bool {
        self.quarters(first, last).next().is_none()
    }

    /// The whole days of a stretch, and the parts of days beside them that hold anything.
    fn plan(&self, stretch: Stretch) -> ((u32, i64, i64), Vec<Part>) {
        let Stretch { column, first, last } = stretch;
        let (first, last) = (self.widened_back(first), self.widened_on(last));
        let (first_day, from) = nearest(column, first);
        let (last_day, until) = nearest(column, last);
        let long = |part: Option<Part>| part.map_or(0, |part| part.last - part.first);
        let whole = Part { column, first, last, taken_off: false };
        // Within a day, and over midnight from a late hour to an early one, it is less to read it as it is.
        let (days, parts) = if last - first <= long(from) + long(until) || first_day == last_day {
            ((column, first_day, first_day), vec![whole])
        } else {
            let from = from.map(|part| Part { taken_off: !part.taken_off, ..part });
            ((column, first_day, last_day), from.into_iter().chain(until).collect())
        };
        let parts = parts.into_iter().filter(|part| !self.is_empty(part.first, part.last));
        (days, parts.collect())
    }

    /// To the beginning of the day, if there is nothing between.
    fn widened_back(&self, quarter: i64) -> i64 {
        let begin = quarter.div_euclid(QUARTERS_A_DAY) * QUARTERS_A_DAY;
        if self.is_empty(begin, quarter) { begin } else { quarter }
    }

    /// To the end of the day, if there is nothing between.
    fn widened_on(&self, quarter: i64) -> i64 {
        let end = (quarter + QUARTERS_A_DAY - 1).div_euclid(QUARTERS_A_DAY) * QUARTERS_A_DAY;
        if self.is_empty(quarter, end) { end } else { quarter }
    }
}

/// The nearest beginning of a day, and what is between it and the quarter hour: to be taken off if the day begins later.
fn nearest(column: u32, quarter: i64) -> (i64, Option<Part>) {
    let (day, into) = (quarter.div_euclid(QUARTERS_A_DAY), quarter.rem_euclid(QUARTERS_A_DAY));
    let begin = day * QUARTERS_A_DAY;
    if into == 0 {
        (day, None)
    } else if into * 2 <= QUARTERS_A_DAY {
        (day, Some(Part { column, first: begin, last: quarter, taken_off: false }))
    } else {
        (day + 1, Some(Part { column, first: quarter, last: begin + QUARTERS_A_DAY, taken_off: true }))
    }
}

impl SpendCells {
    /// The days they are of.
    pub const fn days(&self) -> &SpendDays {
        &self.days
    }

    /// Shows sums by column and subject. A subject may come many times in a column: what is said of it is to be added up.
    pub fn each(&self, mut see: impl FnMut(u32, i64, &CellSums)) {
        for &(column, first, last) in &self.whole {
            let days = if first < last { Some(self.days.days.range(first..last)) } else { None };
            for (subject, sums) in days.into_iter().flatten().flat_map(|(_, day)| &day.cells) {
                see(column, *subject, sums);
            }
        }
        for cell in &self.beside {
            see(cell.column, cell.subject, &cell.sums);
        }
    }
}

impl SpendRoom<'_> {
    /// The sums of stretches of time, of days that cover them.
    pub async fn cells_of(self, days: &SpendDays, stretches: &[Stretch]) -> Result<SpendCells, StoreError> {
        let (whole, parts): (Vec<_>, Vec<_>) = stretches
            .iter()
            .filter(|stretch| stretch.first < stretch.last)
            .map(|one| days.plan(*one))
            .unzip();
        let parts = parts.concat();
        let mut ends: Vec<[i64; 2]> = parts.iter().map(|part| [part.first, part.last]).collect();
        ends.sort_unstable();
        ends.dedup();
        let sums = self.sums_between(&ends).await?;
        let beside = parts.iter().flat_map(|part| {
            let sums = sums.get(&[part.first, part.last]).map(Vec::as_slice).unwrap_or_default();
            sums.iter().map(|(subject, sums)| SpendCell {
                column: part.column,
                subject: *subject,
                sums: if part.taken_off { sums.negative() } else { *sums },
            })
        });
        Ok(SpendCells { whole, beside: beside.collect(), days: days.clone() })
    }

    /// Sums by column and subject. A subject may come many times in a column: what it says is to be added up, and some of it is
    /// below zero.
    pub async fn cells(self, stretches: &[Stretch]) -> Result<Vec<SpendCell>, StoreError> {
        let first = stretches.iter().map(|stretch| stretch.first).min().unwrap_or(0);
        let last = stretches.iter().map(|stretch| stretch.last).max().unwrap_or(0);
        let sums = self.cells_of(&self.days((first, last)).await?, stretches).await?;
        let mut cells = Vec::new();
        sums.each(|column, subject, sums| cells.push(SpendCell { column, subject, sums: *sums }));
        Ok(cells)
    }

    /// Sums by subject of each stretch of quarter hours.
    async fn sums_between(
        self,
        ends: &[[i64; 2]],
    ) -> Result<HashMap<[i64; 2], Vec<(i64, CellSums)>>, StoreError> {
        if ends.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = sqlx::query(concat!(
            "WITH ends (place, first, last) AS MATERIALIZED (SELECT key, value ->> 0, value ->> 1 FROM json_each(?1))
             SELECT (SELECT ",
            packed_sums!(),
            " FROM spend_quarters d WHERE d.quarter >= s.first AND d.quarter < s.last) AS cells FROM ends s ORDER BY s.place"
        ))
        .bind(json(ends)?)
        .fetch_all(&self.0.readers)
        .await?;
        let sums = ends.iter().zip(&rows).map(|(ends, row)| {
            let cells: Vec<[i64; 16]> = row.json("cells")?;
            Ok((*ends, cells.into_iter().map(unpacked).collect()))
        });
        sums.collect()
    }
}

#[cfg(test)]
mod tests;
