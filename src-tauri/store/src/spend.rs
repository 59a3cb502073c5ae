//! Spend: sums of the books, by stretches of time and by what the money was spent on. Triggers of the schema keep the sums, so
//! that whatever books is covered; here they are only read.
//!
//! Time is counted in quarter hours of UTC. A long stretch is read as whole days in its middle and quarter hours at its ends.

mod conversations;
mod entries;
mod votes;

use futures_util::TryStreamExt as _;
use roundtable_domain::UnixMs;
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

/// A subject and the fields of [`CellSums`] in their order, of rows named `d` that stand in a stretch named `s`: one text for all of
/// them. A driver's row costs more than what is in it, and there are many; nothing is sorted for being added up.
macro_rules! packed {
    ($rows:literal) => {
        concat!(
            "SELECT s.col, (SELECT json_group_array(json_array(d.subject_id, d.cost_pico, d.estimated_pico, d.entries, d.requests,
                        d.unpriced, d.input, d.cached, d.output, d.cache_saved_pico, d.ended, d.completed, d.timed,
                        d.total_ms, d.kept_saved_pico, d.wasted_pico)) FROM ",
            $rows,
            ") AS cells"
        )
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

    /// Sums by column and subject. A subject may come many times in a column: what it says is to be added up.
    pub async fn cells(self, stretches: &[Stretch]) -> Result<Vec<SpendCell>, StoreError> {
        let (days, quarters) = parted(stretches);
        let mut rows = sqlx::query(concat!(
            "WITH days (col, first, last) AS MATERIALIZED (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?1)),
                  quarters (col, first, last) AS MATERIALIZED (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?2)) ",
            packed!("spend_days d WHERE d.day >= s.first AND d.day < s.last"),
            " FROM days s UNION ALL ",
            packed!("spend_quarters d WHERE d.quarter >= s.first AND d.quarter < s.last"),
            " FROM quarters s"
        ))
        .bind(json(&days)?)
        .bind(json(&quarters)?)
        .fetch(&self.0.readers);
        let mut cells = Vec::new();
        while let Some(row) = rows.try_next().await? {
            let column = row.count("col")?;
            let packed: Vec<[i64; 16]> = row.json("cells")?;
            cells.extend(packed.into_iter().map(|packed| unpacked(column, packed)));
        }
        Ok(cells)
    }

    /// What each stretch has cost, in pico-dollars, in their order. `subjects`: only of these; `None` is all.
    pub async fn costs(
        self,
        stretches: &[Stretch],
        subjects: Option<&[i64]>,
    ) -> Result<Vec<i64>, StoreError> {
        let ends: Vec<[i64; 2]> = stretches.iter().map(|stretch| [stretch.first, stretch.last]).collect();
        let costs = sqlx::query_scalar(
            "SELECT coalesce((SELECT sum(d.cost_pico) FROM spend_quarters d
                              WHERE d.quarter >= s.value ->> 0 AND d.quarter < s.value ->> 1
                                AND (?2 IS NULL OR d.subject_id IN (SELECT value FROM json_each(?2)))), 0)
             FROM json_each(?1) s ORDER BY s.key",
        )
        .bind(json(&ends)?)
        .bind(subjects.map(json).transpose()?)
        .fetch_all(&self.0.readers)
        .await?;
        Ok(costs)
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

fn unpacked(column: u32, packed: [i64; 16]) -> SpendCell {
    let [
        subject,
        cost,
        estimated,
        entries,
        requests,
        unpriced,
        input,
        cached,
        output,
        cache_saved,
        ended,
        completed,
        timed,
        total_ms,
        kept_saved,
        wasted,
    ] = packed;
    let sums = CellSums {
        cost,
        estimated,
        entries,
        requests,
        unpriced,
        input,
        cached,
        output,
        cache_saved,
        ended,
        completed,
        timed,
        total_ms,
        kept_saved,
        wasted,
    };
    SpendCell { column, subject, sums }
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
