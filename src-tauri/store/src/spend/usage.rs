//! What calls have used and cost, for pricing them again: of all entries of a query, of a turn, or of one answer.

use futures_util::TryStreamExt as _;
use roundtable_domain::{PicoUsd, RunId, TokenUsage, TurnId, UnixMs};
use serde::Deserialize;
use sqlx::sqlite::SqliteRow;

use super::{EntryQuery, QUARTER_MS, SpendRoom};
use crate::error::StoreError;
use crate::row::{Columns as _, json};

/// Whose usage.
#[derive(Clone, Copy, Debug)]
pub enum UsageOf<'q> {
    /// Of all calls a query finds.
    Entries(&'q EntryQuery),
    /// Of every call of a turn that is there.
    Turn {
        /// Which.
        id: TurnId,
        /// Of invented money instead of real.
        simulated: bool,
    },
    /// Of every call of an answer that is there.
    Run {
        /// Which.
        id: RunId,
        /// Of invented money instead of real.
        simulated: bool,
    },
}

/// What a call has used and cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordedUsage {
    /// When it was booked.
    pub at: UnixMs,
    /// Tokens, inclusive.
    pub usage: TokenUsage,
    /// Of the tokens in, sound that was priced as such.
    pub audio_input: u64,
    /// Of the tokens out, sound that was priced as such.
    pub audio_output: u64,
    /// Of the tokens written to a cache, those kept there for an hour.
    pub written_1h: u64,
    /// Corrections of the call included; `None`: not known.
    pub cost: Option<PicoUsd>,
    /// Fees outside tokens may come on top of `cost`.
    pub at_least: bool,
}

/// A part of a cost, as far as it is needed here.
#[derive(Deserialize)]
struct Part {
    component: String,
    tokens: Option<u64>,
}

macro_rules! usage {
    ($of:literal) => {
        concat!(
            "SELECT e.at, e.usage_input, e.usage_output, e.usage_cached, e.usage_cache_write, e.usage_reasoning,
                    e.cost_at_least,
                    CASE WHEN instr(e.cost_lines, '\"audio_') OR instr(e.cost_lines, '\"cache_write_1h') THEN e.cost_lines
                         ELSE '[]' END AS parts,
                    e.cost_pico + coalesce((SELECT sum(a.cost_pico) FROM ledger_entries a
                                            WHERE a.attempt_id = e.attempt_id AND a.kind <> 'call'), 0) AS cost_pico
             FROM ledger_entries e ",
            $of
        )
    };
}

macro_rules! found {
    () => {
        "e.at >= ?1 AND e.at < ?2
               AND (?3 IS NULL OR v.subject_id IN (SELECT value FROM json_each(?3)))
               AND (?4 IS NULL OR e.conversation_id IN (SELECT value FROM json_each(?4))
                    OR v.conversation IN (SELECT value FROM json_each(?4)))"
    };
}

impl SpendRoom<'_> {
    /// Shows what calls have used, without holding them all.
    pub async fn each_usage(
        self,
        of: UsageOf<'_>,
        mut see: impl FnMut(&RecordedUsage) + Send,
    ) -> Result<(), StoreError> {
        let rows = match of {
            UsageOf::Entries(query) => {
                let text = concat!(
                    usage!("JOIN spend_entries v ON v.id = e.id WHERE e.kind = 'call' AND "),
                    found!()
                );
                bind(sqlx::query(text), query)?
            }
            UsageOf::Turn { id, simulated } => sqlx::query(usage!(
                "WHERE e.kind = 'call' AND e.simulated = ?2 AND e.turn_id = ?1
                   AND e.conversation_id = (SELECT conversation_id FROM turns WHERE id = ?1)"
            ))
            .bind(id.to_string())
            .bind(simulated),
            UsageOf::Run { id, simulated } => sqlx::query(usage!(
                "WHERE e.kind = 'call' AND e.simulated = ?2 AND e.run_id = ?1 AND e.conversation_id =
                   (SELECT t.conversation_id FROM runs r JOIN turns t ON t.id = r.turn_id WHERE r.id = ?1)"
            ))
            .bind(id.to_string())
            .bind(simulated),
        };
        let mut rows = rows.fetch(&self.0.readers);
        while let Some(row) = rows.try_next().await? {
            see(&read(&row)?);
        }
        Ok(())
    }

    /// What corrections that are of no single call (an invoice's) come to, of the entries of a query.
    pub async fn corrections_of_no_call(self, query: &EntryQuery) -> Result<PicoUsd, StoreError> {
        let text = concat!(
            "SELECT coalesce(sum(e.cost_pico), 0) AS cost_pico FROM ledger_entries e JOIN spend_entries v ON v.id = e.id
             WHERE e.kind <> 'call' AND NOT EXISTS (
                 SELECT 1 FROM ledger_entries c WHERE c.attempt_id = e.attempt_id AND c.kind = 'call') AND ",
            found!()
        );
        bind(sqlx::query(text), query)?.fetch_one(&self.0.readers).await?.money("cost_pico")
    }
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

fn bind<'q>(text: Query<'q>, query: &EntryQuery) -> Result<Query<'q>, StoreError> {
    Ok(text
        .bind(query.first.saturating_mul(QUARTER_MS))
        .bind(query.last.saturating_mul(QUARTER_MS))
        .bind(query.subjects.as_ref().map(json).transpose()?)
        .bind((!query.conversations.is_empty()).then(|| json(&query.conversations)).transpose()?))
}

fn read(row: &SqliteRow) -> Result<RecordedUsage, StoreError> {
    let parts: Vec<Part> = row.json("parts")?;
    let of = |component: &str| {
        let named = parts.iter().filter(|part| part.component == component);
        named.filter_map(|part| part.tokens).fold(0, u64::saturating_add)
    };
    Ok(RecordedUsage {
        at: row.time("at")?,
        usage: row.usage()?,
        audio_input: of("audio_input"),
        audio_output: of("audio_output"),
        written_1h: of("cache_write_1h"),
        cost: row.opt_money("cost_pico")?,
        at_least: row.flag("cost_at_least")?,
    })
}
