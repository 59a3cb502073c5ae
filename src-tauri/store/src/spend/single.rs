//! What single conversations have spent, from their entries and calls; and what was spent outside of all: calls without a conversation,
//! and those of batches and embeddings, whose conversations are nobody's to look at. That is the conversation named `""`.

use super::conversations::read_sums;
use super::{CellSums, EntryQuery, QUARTER_MS, SpendRoom};
use crate::error::StoreError;
use crate::row::{Columns as _, json};

/// What a conversation has spent on a subject in a quarter hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversationCell {
    /// Quarter hours since 1970.
    pub quarter: i64,
    /// Which; empty: outside of conversations.
    pub conversation: String,
    /// Which subject.
    pub subject: i64,
    /// The sums.
    pub sums: CellSums,
}

/// Days on which a call of a chat or the like had no conversation. They are few, if there are any.
macro_rules! with_lone_days {
    ($rest:literal) => {
        concat!(
            "WITH lone (day) AS MATERIALIZED (
                 SELECT DISTINCT d.day FROM spend_conversations d
                 WHERE d.day >= ?1 / 96 AND d.day <= ?2 / 96 AND d.conversation_id = ''
                   AND d.subject_id NOT IN (SELECT id FROM spend_subjects WHERE source IN ('batch', 'embedding'))) ",
            $rest
        )
    };
}

impl SpendRoom<'_> {
    /// What these conversations have spent in the quarter hours from `first` on and before `last`, batches included. With `""` among them,
    /// what was spent outside of conversations, and batches are there alone. How long calls took is known as long as calls and conversation
    /// are kept.
    pub async fn conversation_cells(
        self,
        conversations: &[String],
        range: (i64, i64),
    ) -> Result<Vec<ConversationCell>, StoreError> {
        let outside = conversations.iter().any(String::is_empty);
        let (booked, called, outside) = tokio::try_join!(
            self.booked_in(conversations, range, outside),
            self.called_in(conversations, range, outside),
            async { if outside { self.outside(range).await } else { Ok(Vec::new()) } },
        )?;
        Ok([booked, called, outside].concat())
    }

    /// The entries of conversations. `own`: without those of batches and embeddings.
    async fn booked_in(
        self,
        conversations: &[String],
        (first, last): (i64, i64),
        own: bool,
    ) -> Result<Vec<ConversationCell>, StoreError> {
        let rows = sqlx::query(
            "SELECT quarter, conversation_id, subject_id, sum(cost_pico) AS cost_pico, sum(estimated_pico) AS estimated_pico,
                    sum(requests) AS requests, sum(unpriced) AS unpriced, sum(input) AS input, sum(cached) AS cached,
                    sum(output) AS output, count(*) AS entries, sum(cache_saved_pico) AS cache_saved_pico
             FROM spend_entries
             WHERE conversation_id IN (SELECT value FROM json_each(?1)) AND at >= ?2 AND at < ?3
               AND (NOT ?4 OR conversation <> '')
             GROUP BY quarter, conversation_id, subject_id",
        )
        .bind(json(conversations)?)
        .bind(first.saturating_mul(QUARTER_MS))
        .bind(last.saturating_mul(QUARTER_MS))
        .bind(own)
        .fetch_all(&self.0.readers)
        .await?;
        rows.iter().map(booked).collect()
    }

    /// How the calls of conversations ended. A call is filed where its entry is, else where its conversation stands.
    async fn called_in(
        self,
        conversations: &[String],
        (first, last): (i64, i64),
        own: bool,
    ) -> Result<Vec<ConversationCell>, StoreError> {
        let rows = sqlx::query(
            "WITH call AS MATERIALIZED (
                 SELECT c.at / 900000 AS quarter, t.conversation_id, c.provider, c.model, c.simulated,
                        CASE WHEN c.key_name IS NULL THEN ''
                             WHEN c.key_name LIKE 'env:%' THEN coalesce((SELECT a.key_id FROM attempts a WHERE a.id = c.id), '')
                             ELSE c.key_name END AS key_id,
                        coalesce(r.spend_source, e.source, '') AS source,
                        CASE WHEN e.id IS NULL THEN coalesce(v.folder, '') ELSE coalesce(e.folder, '') END AS folder,
                        CASE WHEN e.id IS NULL THEN coalesce(v.tags, '[]') ELSE coalesce(e.tags, '[]') END AS tags,
                        c.source = 'model' AND c.state IN ('complete', 'truncated', 'failed') AS ended,
                        c.source = 'model' AND c.state = 'complete' AS completed,
                        c.source = 'model' AND c.state = 'complete' AND c.total_ms IS NOT NULL AS timed,
                        CASE WHEN c.source = 'model' AND c.state = 'complete' THEN coalesce(c.total_ms, 0) ELSE 0 END AS total_ms,
                        CASE WHEN c.source = 'model' THEN 0 ELSE coalesce(c.saved_pico, 0) END AS kept_saved_pico,
                        CASE WHEN c.state <> 'complete' AND c.cost_pico > 0 AND EXISTS (
                                      SELECT 1 FROM calls n WHERE n.run_id = c.run_id AND n.id <> c.id AND n.at >= c.at
                                        AND n.source = 'model' AND n.state = 'complete' AND n.kind <> 'continue')
                             THEN c.cost_pico ELSE 0 END AS wasted_pico
                 FROM turns t JOIN runs r ON r.turn_id = t.id JOIN calls c ON c.run_id = r.id
                      JOIN conversations v ON v.id = t.conversation_id
                      LEFT JOIN ledger_entries e ON e.attempt_id = c.id AND e.kind = 'call'
                 WHERE t.conversation_id IN (SELECT value FROM json_each(?1)) AND c.at >= ?2 AND c.at < ?3)
             SELECT c.quarter, c.conversation_id, s.id AS subject_id, sum(c.ended) AS ended, sum(c.completed) AS completed,
                    sum(c.timed) AS timed, sum(c.total_ms) AS total_ms, sum(c.kept_saved_pico) AS kept_saved_pico,
                    sum(c.wasted_pico) AS wasted_pico
             FROM call c JOIN spend_subjects s ON s.provider = c.provider AND s.model = c.model AND s.key_id = c.key_id
                  AND s.source = c.source AND s.folder = c.folder AND s.tags = c.tags AND s.simulated = c.simulated
             WHERE NOT ?4 OR c.source NOT IN ('batch', 'embedding')
             GROUP BY c.quarter, c.conversation_id, s.id",
        )
        .bind(json(conversations)?)
        .bind(first.saturating_mul(QUARTER_MS))
        .bind(last.saturating_mul(QUARTER_MS))
        .bind(own)
        .fetch_all(&self.0.readers)
        .await?;
        let cell = |row| {
            let sums = called(row)?;
            Ok(ConversationCell {
                quarter: row.int("quarter")?,
                conversation: row.text("conversation_id")?,
                subject: row.int("subject_id")?,
                sums,
            })
        };
        rows.iter().map(cell).collect()
    }

    /// What was spent outside of conversations.
    async fn outside(self, (first, last): (i64, i64)) -> Result<Vec<ConversationCell>, StoreError> {
        let whole = sqlx::query(
            "SELECT q.*, '' AS conversation_id FROM spend_quarters q CROSS JOIN spend_subjects s ON s.id = q.subject_id
             WHERE q.quarter >= ?1 AND q.quarter < ?2 AND s.source IN ('batch', 'embedding')",
        )
        .bind(first)
        .bind(last)
        .fetch_all(&self.0.readers)
        .await?;
        let lone = sqlx::query(with_lone_days!(
            "SELECT quarter, '' AS conversation_id, subject_id, sum(cost_pico) AS cost_pico,
                    sum(estimated_pico) AS estimated_pico, sum(requests) AS requests, sum(unpriced) AS unpriced,
                    sum(input) AS input, sum(cached) AS cached, sum(output) AS output, count(*) AS entries,
                    sum(cache_saved_pico) AS cache_saved_pico
             FROM lone CROSS JOIN spend_entries e
             WHERE e.at >= max(lone.day * 96, ?1) * 900000 AND e.at < min(lone.day * 96 + 96, ?2) * 900000
               AND e.conversation = '' AND e.source NOT IN ('batch', 'embedding')
             GROUP BY quarter, subject_id"
        ))
        .bind(first)
        .bind(last)
        .fetch_all(&self.0.readers)
        .await?;
        let whole = whole.iter().map(|row| {
            let mut cell = booked(row)?;
            let calls = called(row)?;
            cell.sums = CellSums {
                ended: calls.ended,
                completed: calls.completed,
                timed: calls.timed,
                total_ms: calls.total_ms,
                kept_saved: calls.kept_saved,
                wasted: calls.wasted,
                ..cell.sums
            };
            Ok(cell)
        });
        whole.chain(lone.iter().map(booked)).collect()
    }

    /// The latest quarter hours before `last` in which a query about what is outside of conversations finds entries, enough of them for a
    /// page and for the one the page before ended in.
    pub(super) async fn quarters_of_outside(
        self,
        query: &EntryQuery,
        last: i64,
        limit: u32,
    ) -> Result<Vec<i64>, StoreError> {
        Ok(sqlx::query_scalar(with_lone_days!(
            "SELECT quarter FROM (
                 SELECT q.quarter FROM spend_quarters q CROSS JOIN spend_subjects s ON s.id = q.subject_id
                 WHERE q.quarter >= ?1 AND q.quarter < ?2 AND q.entries > 0 AND s.source IN ('batch', 'embedding')
                   AND (?3 IS NULL OR q.subject_id IN (SELECT value FROM json_each(?3)))
                 UNION
                 SELECT e.quarter FROM lone CROSS JOIN spend_entries e
                 WHERE e.at >= max(lone.day * 96, ?1) * 900000 AND e.at < min(lone.day * 96 + 96, ?2) * 900000
                   AND e.conversation = '' AND e.source NOT IN ('batch', 'embedding')
                   AND (?3 IS NULL OR e.subject_id IN (SELECT value FROM json_each(?3)))
                 UNION
                 SELECT e.quarter FROM spend_entries e
                 WHERE e.conversation_id IN (SELECT value FROM json_each(?4)) AND e.at >= ?1 * 900000 AND e.at < ?2 * 900000
                   AND (?3 IS NULL OR e.subject_id IN (SELECT value FROM json_each(?3))))
             ORDER BY quarter DESC LIMIT ?5"
        ))
        .bind(query.first)
        .bind(last)
        .bind(query.subjects.as_ref().map(json).transpose()?)
        .bind(json(&query.conversations)?)
        .bind(i64::from(limit) + 1)
        .fetch_all(&self.0.readers)
        .await?)
    }

    /// The titles of conversations that are there.
    pub async fn titles(self, conversations: &[String]) -> Result<Vec<(String, String)>, StoreError> {
        let rows =
            sqlx::query("SELECT id, title FROM conversations WHERE id IN (SELECT value FROM json_each(?1))")
                .bind(json(conversations)?)
                .fetch_all(&self.0.readers)
                .await?;
        rows.iter().map(|row| Ok((row.text("id")?, row.text("title")?))).collect()
    }

    /// The first quarter hour in which something of these conversations was booked, of what is outside of them the first of its day;
    /// `None`: they have no entries.
    pub async fn first_quarter_of(self, conversations: &[String]) -> Result<Option<i64>, StoreError> {
        let outside = conversations.iter().any(String::is_empty);
        let first: Option<i64> = sqlx::query_scalar(
            "SELECT min(quarter) FROM (
                 SELECT min(at) / 900000 AS quarter FROM ledger_entries
                 WHERE conversation_id IN (SELECT value FROM json_each(?1))
                 UNION ALL
                 SELECT * FROM (SELECT day * 96 FROM spend_conversations WHERE ?2 AND conversation_id = ''
                                ORDER BY day LIMIT 1))",
        )
        .bind(json(conversations)?)
        .bind(outside)
        .fetch_one(&self.0.readers)
        .await?;
        Ok(first)
    }
}

fn booked(row: &sqlx::sqlite::SqliteRow) -> Result<ConversationCell, StoreError> {
    let sums = CellSums {
        entries: row.int("entries")?,
        cache_saved: row.int("cache_saved_pico")?,
        ..read_sums(row)?
    };
    Ok(ConversationCell {
        quarter: row.int("quarter")?,
        conversation: row.text("conversation_id")?,
        subject: row.int("subject_id")?,
        sums,
    })
}

/// How calls ended, and nothing of what they cost.
fn called(row: &sqlx::sqlite::SqliteRow) -> Result<CellSums, StoreError> {
    Ok(CellSums {
        ended: row.int("ended")?,
        completed: row.int("completed")?,
        timed: row.int("timed")?,
        total_ms: row.int("total_ms")?,
        kept_saved: row.int("kept_saved_pico")?,
        wasted: row.int("wasted_pico")?,
        ..CellSums::default()
    })
}
