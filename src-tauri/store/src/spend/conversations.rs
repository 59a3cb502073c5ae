//! Spend by conversation. Sums of days stand in a table of their own; what is not a whole day is summed from the entries.

use sqlx::sqlite::SqliteRow;

use super::{CellSums, QUARTERS_A_DAY, SpendRoom, Stretch};
use crate::error::StoreError;
use crate::row::{Columns as _, json};

/// What conversations are ranked by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConversationOrder {
    /// Dollars.
    Cost,
    /// Tokens in and out.
    Tokens,
    /// Calls.
    Requests,
}

/// The sums of one conversation. Nothing is known of its calls beyond the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversationSums {
    /// Which, which may be gone; empty: none of its own (a batch, a text turned into a vector).
    pub conversation: String,
    /// Its title, as long as it is there.
    pub title: Option<String>,
    /// Its sums.
    pub sums: CellSums,
}

/// What a conversation has come to in a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversationBand {
    /// Which column.
    pub column: u32,
    /// Which conversation.
    pub conversation: String,
    /// Its sums there, as they are ranked.
    pub sums: CellSums,
}

/// The conversations that come to most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopConversations {
    /// The largest first.
    pub top: Vec<ConversationSums>,
    /// How many conversations come to anything at all.
    pub counted: u64,
}

impl SpendRoom<'_> {
    /// The conversations that come to most in the quarter hours from `first` on and before `last`. `subjects`: only of these;
    /// `None` is all.
    pub async fn top_conversations(
        self,
        (first, last): (i64, i64),
        subjects: Option<&[i64]>,
        order: ConversationOrder,
        limit: u32,
    ) -> Result<TopConversations, StoreError> {
        let (days, ends) = whole_days((first, last));
        // Without a whole day in between it is all one end.
        let (first_day, last_day) = days.unwrap_or((0, 0));
        let rows = sqlx::query(
            "WITH ends (first, last) AS MATERIALIZED (
                 SELECT (value ->> 0) * 900000, (value ->> 1) * 900000 FROM json_each(?3)),
             part AS (
                 SELECT d.conversation_id AS conversation, d.cost_pico, d.estimated_pico, d.requests, d.unpriced, d.input,
                        d.cached, d.output
                 FROM spend_conversations d
                 WHERE d.day >= ?1 AND d.day < ?2 AND (?4 IS NULL OR d.subject_id IN (SELECT value FROM json_each(?4)))
                 UNION ALL
                 SELECT e.conversation, e.cost_pico, e.estimated_pico, e.requests, e.unpriced, e.input, e.cached, e.output
                 FROM ends CROSS JOIN spend_entries e
                 WHERE e.at >= ends.first AND e.at < ends.last
                   AND (?4 IS NULL OR e.subject_id IN (SELECT value FROM json_each(?4)))),
             top AS (
                 SELECT conversation, sum(cost_pico) AS cost_pico, sum(estimated_pico) AS estimated_pico,
                        sum(requests) AS requests, sum(unpriced) AS unpriced, sum(input) AS input, sum(cached) AS cached,
                        sum(output) AS output,
                        sum(conversation <> '' AND CASE ?5 WHEN 0 THEN sum(cost_pico) WHEN 1 THEN sum(input) + sum(output)
                                                   ELSE sum(requests) END > 0) OVER () AS counted
                 FROM part GROUP BY conversation
                 ORDER BY CASE ?5 WHEN 0 THEN sum(cost_pico) WHEN 1 THEN sum(input) + sum(output) ELSE sum(requests) END DESC,
                          conversation
                 LIMIT ?6)
             SELECT top.*, c.title FROM top LEFT JOIN conversations c ON c.id = top.conversation",
        )
        .bind(first_day)
        .bind(last_day)
        .bind(json(&ends)?)
        .bind(subjects.map(json).transpose()?)
        .bind(match order {
            ConversationOrder::Cost => 0,
            ConversationOrder::Tokens => 1,
            ConversationOrder::Requests => 2,
        })
        .bind(limit)
        .fetch_all(&self.0.readers)
        .await?;
        let top = rows.iter().map(|row| {
            let conversation = row.text("conversation")?;
            Ok(ConversationSums { conversation, title: row.opt_text("title")?, sums: read_sums(row)? })
        });
        Ok(TopConversations {
            counted: rows.first().map(|row| row.opt_u64("counted")).transpose()?.flatten().unwrap_or(0),
            top: top.collect::<Result<_, StoreError>>()?,
        })
    }

    /// What these conversations have come to in each column: sums of the days that lie in it whole, and the entries of what is left at
    /// its ends. `subjects`: only of these; `None` is all.
    pub async fn conversation_bands(
        self,
        conversations: &[String],
        stretches: &[Stretch],
        subjects: Option<&[i64]>,
    ) -> Result<Vec<ConversationBand>, StoreError> {
        let mut days: Vec<[i64; 2]> = Vec::new();
        let mut ends: Vec<[i64; 3]> = Vec::new();
        for stretch in stretches {
            let column = i64::from(stretch.column);
            let (whole, beside) = whole_days((stretch.first, stretch.last));
            days.extend(whole.into_iter().flat_map(|(first, last)| first..last).map(|day| [day, column]));
            ends.extend(beside.into_iter().map(|[first, last]| [first, last, column]));
        }
        let rows = sqlx::query(
            "WITH names (id) AS MATERIALIZED (SELECT value FROM json_each(?1)),
             days (day, place) AS MATERIALIZED (SELECT value ->> 0, value ->> 1 FROM json_each(?2)),
             ends (first, last, place) AS MATERIALIZED (
                 SELECT (value ->> 0) * 900000, (value ->> 1) * 900000, value ->> 2 FROM json_each(?3)),
             part AS (
                 SELECT days.place, d.conversation_id AS conversation, d.cost_pico, d.estimated_pico, d.requests, d.unpriced,
                        d.input, d.cached, d.output
                 FROM days CROSS JOIN names CROSS JOIN spend_conversations d
                 WHERE d.day = days.day AND d.conversation_id = names.id
                   AND (?4 IS NULL OR d.subject_id IN (SELECT value FROM json_each(?4)))
                 UNION ALL
                 SELECT ends.place, e.conversation, e.cost_pico, e.estimated_pico, e.requests, e.unpriced, e.input, e.cached,
                        e.output
                 FROM ends CROSS JOIN names CROSS JOIN spend_entries e
                 WHERE e.conversation_id = names.id AND e.at >= ends.first AND e.at < ends.last AND e.conversation = names.id
                   AND (?4 IS NULL OR e.subject_id IN (SELECT value FROM json_each(?4))))
             SELECT place, conversation, sum(cost_pico) AS cost_pico, sum(estimated_pico) AS estimated_pico,
                    sum(requests) AS requests, sum(unpriced) AS unpriced, sum(input) AS input, sum(cached) AS cached,
                    sum(output) AS output
             FROM part GROUP BY place, conversation",
        )
        .bind(json(conversations)?)
        .bind(json(&days)?)
        .bind(json(&ends)?)
        .bind(subjects.map(json).transpose()?)
        .fetch_all(&self.0.readers)
        .await?;
        rows.iter()
            .map(|row| {
                let (column, conversation) = (row.count("place")?, row.text("conversation")?);
                Ok(ConversationBand { column, conversation, sums: read_sums(row)? })
            })
            .collect()
    }
}

/// Quarter hours as the days of UTC that lie in them whole, from the first to the one after the last, and what is left at the ends.
fn whole_days((first, last): (i64, i64)) -> (Option<(i64, i64)>, Vec<[i64; 2]>) {
    let first_day = first.div_euclid(QUARTERS_A_DAY) + i64::from(first.rem_euclid(QUARTERS_A_DAY) > 0);
    let last_day = last.div_euclid(QUARTERS_A_DAY);
    let (days, ends) = if first_day < last_day {
        let ends = [[first, first_day * QUARTERS_A_DAY], [last_day * QUARTERS_A_DAY, last]];
        (Some((first_day, last_day)), ends)
    } else {
        (None, [[first, last], [last, last]])
    };
    (days, ends.into_iter().filter(|[first, last]| first < last).collect())
}

pub(super) fn read_sums(row: &SqliteRow) -> Result<CellSums, StoreError> {
    Ok(CellSums {
        cost: row.int("cost_pico")?,
        estimated: row.int("estimated_pico")?,
        requests: row.int("requests")?,
        unpriced: row.int("unpriced")?,
        input: row.int("input")?,
        cached: row.int("cached")?,
        output: row.int("output")?,
        ..CellSums::default()
    })
}
