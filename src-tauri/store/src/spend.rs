//! Spend: sums of the books, by stretches of time and by what the money was spent on. Triggers of the schema keep the sums, so
//! that whatever books is covered; here they are only read.
//!
//! Time is counted in quarter hours of UTC. A long stretch is read as whole days in its middle and quarter hours at its ends.

mod conversations;
mod entries;
mod votes;

use roundtable_domain::UnixMs;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use crate::Store;
use crate::error::StoreError;
use crate::row::{Columns as _, json};

pub use conversations::{ConversationCell, ConversationOrder, ConversationSums};
pub use entries::{EntryPlace, EntryQuery, FiledEntry, RecordedUsage};
pub(crate) use votes::insert as insert_vote;
pub use votes::{Vote, VoteCount};

/// Milliseconds of a quarter hour.
pub const QUARTER_MS: i64 = 900_000;

const QUARTERS_A_DAY: i64 = 96;

/// What money was spent on: all that the entries of a sum have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SpendSubject {
    /// Its number in this database.
    pub id: i64,
    /// The provider's slug.
    pub provider: String,
    /// The model that was asked for.
    pub model: String,
    /// The key's id; empty: none that is stored.
    pub key: String,
    /// What for; empty: not known.
    pub source: String,
    /// The folder the conversation stood in; empty: none.
    pub folder: String,
    /// The tags it had.
    pub tags: Vec<String>,
    /// Invented money.
    pub simulated: bool,
    /// The books name it; otherwise only calls that cost nothing do.
    pub booked: bool,
}

/// Quarter hours from `first` on and before `last`, and the column they are summed into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Which column; several stretches may share one.
    pub column: u32,
    /// The first quarter hour since 1970.
    pub first: i64,
    /// The first one after it.
    pub last: i64,
}

/// What is summed. Money in pico-dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CellSums {
    /// Booked.
    pub cost: i64,
    /// Of it, estimated.
    pub estimated: i64,
    /// Entries of any kind.
    pub entries: i64,
    /// Entries that are calls.
    pub requests: i64,
    /// Calls whose cost is unknown.
    pub unpriced: i64,
    /// Tokens in.
    pub input: i64,
    /// Of these, from the provider's cache.
    pub cached: i64,
    /// Tokens out.
    pub output: i64,
    /// What the provider's cache saved against the full price.
    pub cache_saved: i64,
    /// Calls that ended by themselves.
    pub ended: i64,
    /// Of these, to the end.
    pub completed: i64,
    /// Calls whose time is known.
    pub timed: i64,
    /// Their time together, in milliseconds.
    pub total_ms: i64,
    /// What kept and shared answers saved.
    pub kept_saved: i64,
    /// Paid for calls whose run another call then answered.
    pub wasted: i64,
}

/// The sums of one subject in one column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpendCell {
    /// The column of the stretch.
    pub column: u32,
    /// Which subject.
    pub subject: i64,
    /// Its sums.
    pub sums: CellSums,
}

/// Sums of one hour of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HourSums {
    /// Hours since the midnight before Monday, from 0 to 167.
    pub hour: u8,
    /// Pico-dollars.
    pub cost: i64,
    /// Calls.
    pub requests: i64,
}

/// The sums of [`CellSums`] over rows named `d`, in the order of its fields.
macro_rules! sums {
    () => {
        "sum(d.cost_pico), sum(d.estimated_pico), sum(d.entries), sum(d.requests), sum(d.unpriced), sum(d.input), sum(d.cached),
         sum(d.output), sum(d.cache_saved_pico), sum(d.ended), sum(d.completed), sum(d.timed), sum(d.total_ms),
         sum(d.kept_saved_pico), sum(d.wasted_pico)"
    };
}

/// The spend room. Get it from [`Store::spend`].
#[derive(Clone, Copy, Debug)]
pub struct SpendRoom<'s>(pub(crate) &'s Store);

impl SpendRoom<'_> {
    /// All that money was spent on, whatever the time.
    pub async fn subjects(self) -> Result<Vec<SpendSubject>, StoreError> {
        let rows = sqlx::query("SELECT * FROM spend_subjects").fetch_all(&self.0.readers).await?;
        rows.iter().map(read_subject).collect()
    }

    /// The first and the last quarter hour with anything in it; `None`: there is nothing.
    pub async fn extent(self) -> Result<Option<(i64, i64)>, StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT min(quarter) FROM spend_quarters) AS first, (SELECT max(quarter) FROM spend_quarters) AS last",
        )
        .fetch_one(&self.0.readers)
        .await?;
        Ok(row.opt_int("first")?.zip(row.opt_int("last")?))
    }

    /// Sums by column and subject. A subject may come twice in a column: what it says is to be added up.
    pub async fn cells(self, stretches: &[Stretch]) -> Result<Vec<SpendCell>, StoreError> {
        let (days, quarters) = parted(stretches);
        let rows = sqlx::query(concat!(
            "WITH days (col, first, last) AS MATERIALIZED (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?1)),
                  quarters (col, first, last) AS MATERIALIZED (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?2))
             SELECT s.col, d.subject_id, ",
            sums!(),
            " FROM days s CROSS JOIN spend_days d WHERE d.day >= s.first AND d.day < s.last GROUP BY s.col, d.subject_id
             UNION ALL
             SELECT s.col, d.subject_id, ",
            sums!(),
            " FROM quarters s CROSS JOIN spend_quarters d WHERE d.quarter >= s.first AND d.quarter < s.last
              GROUP BY s.col, d.subject_id"
        ))
        .bind(json(&days)?)
        .bind(json(&quarters)?)
        .fetch_all(&self.0.readers)
        .await?;
        rows.iter().map(read_cell).collect()
    }

    /// Sums by the hour of the week over quarter hours during which the clock on the wall is `ahead` quarter hours ahead of UTC.
    /// `subjects`: only of these; `None` is all.
    pub async fn hours(
        self,
        (first, last): (i64, i64),
        ahead: i64,
        subjects: Option<&[i64]>,
    ) -> Result<Vec<HourSums>, StoreError> {
        // The first of January 1970 was a Thursday: 72 hours after the midnight before Monday.
        let rows = sqlx::query(
            "SELECT ((q.quarter + ?3) / 4 + 72) % 168 AS hour, sum(q.cost_pico) AS cost_pico, sum(q.requests) AS requests
             FROM (SELECT quarter, sum(cost_pico) AS cost_pico, sum(requests) AS requests FROM spend_quarters
                   WHERE quarter >= ?1 AND quarter < ?2
                     AND (?4 IS NULL OR subject_id IN (SELECT value FROM json_each(?4)))
                   GROUP BY quarter) q
             GROUP BY hour",
        )
        .bind(first)
        .bind(last)
        .bind(ahead)
        .bind(subjects.map(json).transpose()?)
        .fetch_all(&self.0.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(HourSums {
                    hour: u8::try_from(row.int("hour")?).unwrap_or(0),
                    cost: row.int("cost_pico")?,
                    requests: row.int("requests")?,
                })
            })
            .collect()
    }
}

/// The whole days of UTC in stretches, and the quarter hours that are left: `[column, first, last]` each.
fn parted(stretches: &[Stretch]) -> (Vec<[i64; 3]>, Vec<[i64; 3]>) {
    let (mut days, mut quarters) = (Vec::new(), Vec::new());
    for &Stretch { column, first, last } in stretches {
        let column = i64::from(column);
        let first_day = first.div_euclid(QUARTERS_A_DAY) + i64::from(first.rem_euclid(QUARTERS_A_DAY) > 0);
        let last_day = last.div_euclid(QUARTERS_A_DAY);
        let parts = if first_day < last_day {
            days.push([column, first_day, last_day]);
            [[column, first, first_day * QUARTERS_A_DAY], [column, last_day * QUARTERS_A_DAY, last]]
        } else {
            [[column, first, last], [column, last, last]]
        };
        quarters.extend(parts.into_iter().filter(|[_, first, last]| first < last));
    }
    (days, quarters)
}

/// The quarter hour a moment is in.
pub(crate) const fn quarter_of(at: UnixMs) -> i64 {
    at.0.div_euclid(QUARTER_MS)
}

fn read_subject(row: &SqliteRow) -> Result<SpendSubject, StoreError> {
    Ok(SpendSubject {
        id: row.int("id")?,
        provider: row.text("provider")?,
        model: row.text("model")?,
        key: row.text("key_id")?,
        source: row.text("source")?,
        folder: row.text("folder")?,
        tags: row.json("tags")?,
        simulated: row.flag("simulated")?,
        booked: row.flag("booked")?,
    })
}

/// Column, subject and sums by their places: there may be many rows.
fn read_cell(row: &SqliteRow) -> Result<SpendCell, StoreError> {
    let at = |place: usize| -> Result<i64, StoreError> { Ok(row.try_get(place)?) };
    Ok(SpendCell {
        column: u32::try_from(at(0)?).map_err(|error| StoreError::unreadable("column", error))?,
        subject: at(1)?,
        sums: CellSums {
            cost: at(2)?,
            estimated: at(3)?,
            entries: at(4)?,
            requests: at(5)?,
            unpriced: at(6)?,
            input: at(7)?,
            cached: at(8)?,
            output: at(9)?,
            cache_saved: at(10)?,
            ended: at(11)?,
            completed: at(12)?,
            timed: at(13)?,
            total_ms: at(14)?,
            kept_saved: at(15)?,
            wasted: at(16)?,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_is_whole_days_and_the_quarters_at_its_ends() {
        let stretch = |first, last| Stretch { column: 7, first, last };
        let of = |first, last| parted(&[stretch(first, last)]);
        assert_eq!(of(0, 96), (vec![[7, 0, 1]], vec![]));
        assert_eq!(of(1, 96), (vec![], vec![[7, 1, 96]]), "no whole day");
        assert_eq!(of(95, 193), (vec![[7, 1, 2]], vec![[7, 95, 96], [7, 192, 193]]));
        assert_eq!(of(5, 5), (vec![], vec![]));
        assert_eq!(of(-1, 96), (vec![[7, 0, 1]], vec![[7, -1, 0]]), "before 1970 as well");
    }

    #[test]
    fn no_quarter_is_lost_or_read_twice() {
        for first in 0..200 {
            for last in first..300 {
                let (days, quarters) = parted(&[Stretch { column: 0, first, last }]);
                let mut seen: Vec<i64> = days.iter().flat_map(|[_, a, b]| a * 96..b * 96).collect();
                seen.extend(quarters.iter().flat_map(|[_, a, b]| *a..*b));
                seen.sort_unstable();
                assert_eq!(seen, (first..last).collect::<Vec<_>>(), "{first}..{last}");
            }
        }
    }
}
