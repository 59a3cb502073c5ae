//! Spend: sums of the books, by stretches of time and by what the money was spent on. Triggers of the schema keep the sums, so
//! that whatever books is covered; here they are only read.
//!
//! Time is counted in quarter hours of UTC. Days that were read once are kept in memory (`daybook.rs`), and stretches of time are added
//! up from them (`days.rs`).

use roundtable_domain::UnixMs;

use crate::Store;
use crate::error::StoreError;
use crate::row::Columns as _;

/// One text for all subjects of rows named `d`, with the fields of [`CellSums`] in their order. A driver's row costs more than what is
/// in it, and there are many; nothing is sorted for being added up.
macro_rules! packed_sums {
    () => {
        "json_group_array(json_array(d.subject_id, d.cost_pico, d.estimated_pico, d.entries, d.requests, d.unpriced, d.input,
                                     d.cached, d.output, d.cache_saved_pico, d.ended, d.completed, d.timed, d.total_ms,
                                     d.kept_saved_pico, d.wasted_pico))"
    };
}

mod at_least;
mod conversations;
mod daybook;
mod days;
mod entries;
mod single;
mod subjects;
mod usage;
mod votes;

pub use at_least::AtLeast;
pub use conversations::{ConversationBand, ConversationOrder, ConversationSums, TopConversations};
pub(crate) use daybook::KeptSpend;
pub use days::{SpendCells, SpendDays};
pub use entries::{EntryPlace, EntryQuery, FiledEntry};
pub use single::ConversationCell;
pub use subjects::SpendSubject;
pub use usage::{RecordedUsage, UsageOf};
pub(crate) use votes::insert as insert_vote;
pub use votes::{Vote, VoteCount};

/// Milliseconds of a quarter hour.
pub const QUARTER_MS: i64 = 900_000;

const QUARTERS_A_DAY: i64 = 96;

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

impl CellSums {
    /// What takes the same off again.
    fn negative(&self) -> Self {
        Self {
            cost: -self.cost,
            estimated: -self.estimated,
            entries: -self.entries,
            requests: -self.requests,
            unpriced: -self.unpriced,
            input: -self.input,
            cached: -self.cached,
            output: -self.output,
            cache_saved: -self.cache_saved,
            ended: -self.ended,
            completed: -self.completed,
            timed: -self.timed,
            total_ms: -self.total_ms,
            kept_saved: -self.kept_saved,
            wasted: -self.wasted,
        }
    }
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HourSums {
    /// Hours since the midnight before Monday, from 0 to 167.
    pub hour: u8,
    /// Pico-dollars.
    pub cost: i128,
    /// Calls.
    pub requests: i128,
    /// Of these, calls whose cost is unknown.
    pub unpriced: i128,
}

/// The spend room. Get it from [`Store::spend`].
#[derive(Clone, Copy, Debug)]
pub struct SpendRoom<'s>(pub(crate) &'s Store);

impl SpendRoom<'_> {
    /// The first and the last quarter hour with anything in it; `None`: there is nothing.
    pub async fn extent(self) -> Result<Option<(i64, i64)>, StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT min(quarter) FROM spend_quarters) AS first, (SELECT max(quarter) FROM spend_quarters) AS last",
        )
        .fetch_one(&self.0.readers)
        .await?;
        Ok(row.opt_int("first")?.zip(row.opt_int("last")?))
    }

    /// Says something else once anything more is booked or a call has ended.
    pub async fn mark(self) -> Result<(Option<i64>, Option<i64>), StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT max(rowid) FROM ledger_entries) AS entries, (SELECT max(rowid) FROM calls) AS calls",
        )
        .fetch_one(&self.0.readers)
        .await?;
        Ok((row.opt_int("entries")?, row.opt_int("calls")?))
    }

    /// The first quarter hour in which anything was booked of real money, or of invented; `None`: nothing was.
    pub async fn begin_of(self, simulated: bool) -> Result<Option<i64>, StoreError> {
        let first: Option<i64> = sqlx::query_scalar(
            "WITH first (quarter) AS MATERIALIZED (
                 SELECT d.day * 96 FROM spend_days d CROSS JOIN spend_subjects s ON s.id = d.subject_id
                 WHERE d.entries > 0 AND s.simulated = ?1 ORDER BY d.day LIMIT 1)
             SELECT min(q.quarter) FROM first CROSS JOIN spend_quarters q CROSS JOIN spend_subjects s ON s.id = q.subject_id
             WHERE q.quarter >= first.quarter AND q.quarter < first.quarter + 96 AND q.entries > 0 AND s.simulated = ?1",
        )
        .bind(simulated)
        .fetch_one(&self.0.readers)
        .await?;
        Ok(first)
    }
}

/// The quarter hour a moment is in.
pub(crate) const fn quarter_of(at: UnixMs) -> i64 {
    at.0.div_euclid(QUARTER_MS)
}

/// A subject and its sums.
const fn unpacked(packed: [i64; 16]) -> (i64, CellSums) {
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
    (subject, sums)
}

#[cfg(test)]
mod tests;
