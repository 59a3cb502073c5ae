//! The days of the books as they were read: sums by day and subject, and by quarter hour and subject what the clock needs.
//!
//! A day is read again only when it says something else than before. What tells is its [`Mark`]: everything that is summed comes
//! with an entry, a call that ended, an answer that was kept or money spent in vain, and none of these ever becomes less.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::TryStreamExt as _;
use sqlx::sqlite::SqliteRow;

use super::days::SpendDays;
use super::subjects::KnownSubjects;
use super::{CellSums, QUARTERS_A_DAY, SpendRoom, unpacked};
use crate::error::StoreError;
use crate::row::{Columns as _, json};

/// More days than these are not kept. A year of a million entries takes about 12 MiB.
const MOST_DAYS: usize = 1_100;

/// How many readers share the reading of many days.
const READERS: usize = 2;

/// What has been read of the sums of the books.
#[derive(Debug, Default)]
pub(crate) struct KeptSpend {
    days: Mutex<BTreeMap<i64, Arc<Day>>>,
    pub(super) subjects: KnownSubjects,
}

/// A day of UTC.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Day {
    mark: Mark,
    /// Sums by subject.
    pub(super) cells: Vec<(i64, CellSums)>,
    /// In the order of the quarter hours. There is one for each quarter hour and subject with anything in it, be it nothing but
    /// calls that were free.
    pub(super) quarters: Vec<QuarterCost>,
}

/// What a subject has cost in a quarter hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct QuarterCost {
    /// Quarter hours since 1970.
    pub(super) quarter: i64,
    pub(super) subject: i64,
    /// Pico-dollars.
    pub(super) cost: i64,
    /// Four thousand million calls in a quarter hour are the most there are: there is one of these for all that is kept.
    pub(super) requests: u32,
    /// Calls whose cost is unknown.
    pub(super) unpriced: u32,
}

/// What a day says, in short: it grows with whatever is added to one of the day's sums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Mark {
    subjects: i64,
    entries: i64,
    ended: i64,
    /// Pico-dollars saved by kept answers and spent in vain.
    beside: i128,
}

/// How the amount of a mark is added up in the database, which has no number wide enough for a sum of the largest.
const LOW_BITS: u32 = 24;

impl Mark {
    fn of(cells: &[(i64, CellSums)]) -> Self {
        cells.iter().fold(Self::default(), |mark, (_, sums)| Self {
            subjects: mark.subjects + 1,
            entries: mark.entries + sums.entries,
            ended: mark.ended + sums.ended,
            beside: mark.beside + i128::from(sums.kept_saved) + i128::from(sums.wasted),
        })
    }
}

impl Day {
    pub(super) fn of(cells: Vec<(i64, CellSums)>, quarters: Vec<QuarterCost>) -> Self {
        Self { mark: Mark::of(&cells), cells, quarters }
    }
}

impl KeptSpend {
    fn within(&self, days: &Range<i64>) -> BTreeMap<i64, Arc<Day>> {
        let kept = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        kept.range(days.clone()).map(|(day, page)| (*day, Arc::clone(page))).collect()
    }

    /// Keeps what was read, and of all days those that were asked for when they become too many.
    fn keep(&self, read: &BTreeMap<i64, Arc<Day>>, asked: &Range<i64>) {
        let mut kept = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(read.iter().map(|(day, page)| (*day, Arc::clone(page))));
        if kept.len() > MOST_DAYS {
            kept.retain(|day, _| asked.contains(day));
        }
        while kept.len() > MOST_DAYS {
            kept.pop_first();
        }
    }
}

impl SpendRoom<'_> {
    /// The days that have a part in the quarter hours from `first` on and before `last`.
    pub async fn days(self, (first, last): (i64, i64)) -> Result<SpendDays, StoreError> {
        let until = last.div_euclid(QUARTERS_A_DAY) + i64::from(last.rem_euclid(QUARTERS_A_DAY) > 0);
        let asked = first.div_euclid(QUARTERS_A_DAY)..until;
        let mut days = self.0.spend_kept.within(&asked);
        let read = if days.is_empty() {
            let half = |part| self.pages(&asked, None, part);
            let (one, other) = tokio::try_join!(half(0), half(1))?;
            [one, other].concat()
        } else {
            let marks = self.marks(&asked).await?;
            let changed: Vec<i64> = marks
                .into_iter()
                .filter(|(day, mark)| days.get(day).is_none_or(|page| page.mark != *mark))
                .map(|(day, _)| day)
                .collect();
            if changed.is_empty() {
                return Ok(SpendDays::new(days));
            }
            let half = |part| self.pages(&asked, Some(&changed), part);
            let (one, other) = tokio::try_join!(half(0), half(1))?;
            [one, other].concat()
        };
        let read: BTreeMap<i64, Arc<Day>> = read.into_iter().collect();
        self.0.spend_kept.keep(&read, &asked);
        days.extend(read);
        Ok(SpendDays::new(days))
    }

    /// What the days with anything in them say in short.
    async fn marks(self, asked: &Range<i64>) -> Result<Vec<(i64, Mark)>, StoreError> {
        let row = sqlx::query(
            "SELECT json_group_array(json_array(day, subjects, entries, ended, high, low)) AS marks
             FROM (SELECT day, count(*) AS subjects, sum(entries) AS entries, sum(ended) AS ended,
                          sum((kept_saved_pico >> ?3) + (wasted_pico >> ?3)) AS high,
                          sum((kept_saved_pico & ?4) + (wasted_pico & ?4)) AS low
                   FROM spend_days WHERE day >= ?1 AND day < ?2 GROUP BY day)",
        )
        .bind(asked.start)
        .bind(asked.end)
        .bind(LOW_BITS)
        .bind((1_i64 << LOW_BITS) - 1)
        .fetch_one(&self.0.readers)
        .await?;
        let marks: Vec<[i64; 6]> = row.json("marks")?;
        let mark = |[day, subjects, entries, ended, high, low]: [i64; 6]| {
            let beside = (i128::from(high) << LOW_BITS) + i128::from(low);
            (day, Mark { subjects, entries, ended, beside })
        };
        Ok(marks.into_iter().map(mark).collect())
    }

    /// Every second of the days asked for, or of those that are named. A day's two tables are read at one moment.
    async fn pages(
        self,
        asked: &Range<i64>,
        named: Option<&[i64]>,
        part: usize,
    ) -> Result<Vec<(i64, Arc<Day>)>, StoreError> {
        let wanted: Vec<i64> = match named {
            Some(named) => named.iter().copied().skip(part).step_by(READERS).collect(),
            None => asked.clone().skip(part).step_by(READERS).collect(),
        };
        let mut pages = Vec::with_capacity(wanted.len());
        if wanted.is_empty() {
            return Ok(pages);
        }
        let mut rows = sqlx::query(concat!(
            "SELECT x.value AS day,
                    (SELECT ",
            packed_sums!(),
            " FROM spend_days d WHERE d.day = x.value) AS cells,
                    (SELECT json_group_array(json_array(q.quarter, q.subject_id, q.cost_pico, q.requests, q.unpriced)) FROM spend_quarters q
                     WHERE q.quarter >= x.value * 96 AND q.quarter < x.value * 96 + 96) AS quarters
             FROM json_each(?1) x"
        ))
        .bind(json(&wanted)?)
        .fetch(&self.0.readers);
        while let Some(row) = rows.try_next().await? {
            let page = read(&row)?;
            if !page.cells.is_empty() {
                pages.push((row.int("day")?, Arc::new(page)));
            }
        }
        Ok(pages)
    }
}

fn read(row: &SqliteRow) -> Result<Day, StoreError> {
    let cells: Vec<[i64; 16]> = row.json("cells")?;
    let cells: Vec<(i64, CellSums)> = cells.into_iter().map(unpacked).collect();
    let quarters: Vec<[i64; 5]> = row.json("quarters")?;
    let quarters = quarters
        .into_iter()
        .map(|[quarter, subject, cost, requests, unpriced]| QuarterCost {
            quarter,
            subject,
            cost,
            requests: few(requests),
            unpriced: few(unpriced),
        })
        .collect();
    Ok(Day::of(cells, quarters))
}

fn few(number: i64) -> u32 {
    u32::try_from(number.max(0)).unwrap_or(u32::MAX)
}
