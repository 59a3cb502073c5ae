//! Invoices: what providers say they have charged, and the books per day and model beside it.

use std::ops::Range;

use roundtable_domain::{InvoiceId, PicoUsd, UnixMs};
use sqlx::sqlite::SqliteRow;

use crate::Store;
use crate::error::StoreError;
use crate::ledger::{LedgerEntry, insert};
use crate::row::{Columns as _, opt_integer};

/// An export that was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredInvoice {
    /// Which.
    pub id: InvoiceId,
    /// The file's name.
    pub name: String,
    /// Who wrote it.
    pub issuer: String,
    /// The slug of the provider whose calls it is compared with.
    pub provider: String,
    /// The hash of the file.
    pub hash: [u8; 32],
    /// When it was imported.
    pub imported_at: UnixMs,
    /// The first day it speaks of in UTC, `YYYY-MM-DD`; `None`: that of its first line.
    pub first_day: Option<String>,
    /// The last one.
    pub last_day: Option<String>,
    /// By how much one line of the export may be off because it rounds.
    pub rounding: PicoUsd,
    /// It is a page, and others follow.
    pub has_more: bool,
}

/// One day and model of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredInvoiceLine {
    /// The day in UTC, `YYYY-MM-DD`.
    pub day: String,
    /// The model in the invoice's words; empty: none.
    pub model: String,
    /// What it charged; `None`: it does not say.
    pub usd: Option<PicoUsd>,
    /// By how much that may be off because the export rounds.
    pub rounding: PicoUsd,
    /// Part of it is an estimate of the issuer's, or may be missing.
    pub rough: bool,
    /// Calls.
    pub requests: Option<u64>,
    /// Tokens in.
    pub input_tokens: Option<u64>,
    /// Tokens out.
    pub output_tokens: Option<u64>,
}

/// What the books hold of one day in UTC, one model that served and one that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookedDay {
    /// The day in UTC, `YYYY-MM-DD`.
    pub day: String,
    /// The model that served, else the one asked for.
    pub model: String,
    /// The model asked for.
    pub requested: String,
    /// Known cost, adjustments included.
    pub usd: PicoUsd,
    /// Of it, what was booked as corrections by invoices; `None`: there are none.
    pub corrected: Option<PicoUsd>,
    /// How many entries those are.
    pub corrections: u64,
    /// Calls, priced or not.
    pub requests: u64,
    /// Of these, calls whose cost is unknown.
    pub unpriced: u64,
    /// Part of it is estimated.
    pub estimated: bool,
    /// Tokens in.
    pub input_tokens: u64,
    /// Tokens out.
    pub output_tokens: u64,
    /// When the last of the calls was booked.
    pub last_call: Option<UnixMs>,
}

/// What one file has corrected of one day in UTC and one model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileCorrection {
    /// The day in UTC, `YYYY-MM-DD`.
    pub day: String,
    /// The model asked for; empty: a whole day, or charges that belong to no model.
    pub requested: String,
    /// The model that served.
    pub served: Option<String>,
    /// Where its last entry stands.
    pub at: UnixMs,
    /// What they come to.
    pub usd: PicoUsd,
    /// How many entries they are.
    pub entries: u64,
}

/// The invoices room. Get it from [`Store::invoices`].
#[derive(Clone, Copy, Debug)]
pub struct Invoices<'s>(pub(crate) &'s Store);

impl Invoices<'_> {
    /// Keeps an invoice with its lines, one per day and model. One that is here already keeps its id, which is given back.
    pub async fn keep(
        self,
        invoice: &StoredInvoice,
        lines: &[StoredInvoiceLine],
    ) -> Result<InvoiceId, StoreError> {
        let mut tx = self.0.begin().await?;
        let known: Option<SqliteRow> =
            sqlx::query("SELECT id FROM invoices WHERE hash = ?1 AND provider = ?2")
                .bind(invoice.hash.as_slice())
                .bind(&invoice.provider)
                .fetch_optional(&mut *tx)
                .await?;
        if let Some(known) = known {
            return known.parsed("id");
        }
        sqlx::query(
            "INSERT INTO invoices (id, name, issuer, provider, hash, imported_at, first_day, last_day, rounding_pico, has_more)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )
        .bind(invoice.id.to_string())
        .bind(&invoice.name)
        .bind(&invoice.issuer)
        .bind(&invoice.provider)
        .bind(invoice.hash.as_slice())
        .bind(invoice.imported_at.0)
        .bind(&invoice.first_day)
        .bind(&invoice.last_day)
        .bind(invoice.rounding.as_pico())
        .bind(invoice.has_more)
        .execute(&mut *tx)
        .await?;
        for line in lines {
            sqlx::query(
                "INSERT INTO invoice_lines (invoice_id, day, model, usd_pico, requests, input_tokens, output_tokens, rounding_pico, rough)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )
            .bind(invoice.id.to_string())
            .bind(&line.day)
            .bind(&line.model)
            .bind(line.usd.map(PicoUsd::as_pico))
            .bind(opt_integer(line.requests))
            .bind(opt_integer(line.input_tokens))
            .bind(opt_integer(line.output_tokens))
            .bind(line.rounding.as_pico())
            .bind(line.rough)
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(invoice.id)
    }

    /// One invoice.
    pub async fn get(self, id: InvoiceId) -> Result<StoredInvoice, StoreError> {
        let row = sqlx::query("SELECT * FROM invoices WHERE id = ?1")
            .bind(id.to_string())
            .fetch_optional(&self.0.readers)
            .await?
            .ok_or_else(|| StoreError::not_found("invoice", id))?;
        read(&row)
    }

    /// All invoices, the latest import first.
    pub async fn list(self) -> Result<Vec<StoredInvoice>, StoreError> {
        let rows = sqlx::query("SELECT * FROM invoices ORDER BY imported_at DESC, id DESC")
            .fetch_all(&self.0.readers)
            .await?;
        rows.iter().map(read).collect()
    }

    /// The lines of an invoice, by day and model.
    pub async fn lines(self, id: InvoiceId) -> Result<Vec<StoredInvoiceLine>, StoreError> {
        let rows = sqlx::query("SELECT * FROM invoice_lines WHERE invoice_id = ?1 ORDER BY day, model")
            .bind(id.to_string())
            .fetch_all(&self.0.readers)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(StoredInvoiceLine {
                    day: row.text("day")?,
                    model: row.text("model")?,
                    usd: row.opt_money("usd_pico")?,
                    rounding: row.money("rounding_pico")?,
                    rough: row.flag("rough")?,
                    requests: row.opt_u64("requests")?,
                    input_tokens: row.opt_u64("input_tokens")?,
                    output_tokens: row.opt_u64("output_tokens")?,
                })
            })
            .collect()
    }

    /// Forgets an invoice. Adjustments that were made by it stay in the books.
    pub async fn remove(self, id: InvoiceId) -> Result<(), StoreError> {
        let query = sqlx::query("DELETE FROM invoices WHERE id = ?1").bind(id.to_string());
        self.0.change_one("invoice", id, query).await
    }

    /// Whether real calls of a provider were ever booked.
    pub async fn has_books_of(self, provider: &str) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "SELECT EXISTS (SELECT 1 FROM spend_subjects WHERE provider = ?1 AND simulated = 0) AS known",
        )
        .bind(provider)
        .fetch_one(&self.0.readers)
        .await?;
        row.flag("known")
    }

    /// The books of a provider's real calls per UTC day, model that served and model asked for, from a day since 1970 until before
    /// another.
    pub async fn booked(self, provider: &str, days: Range<i64>) -> Result<Vec<BookedDay>, StoreError> {
        let rows = sqlx::query(
            "SELECT strftime('%Y-%m-%d', b.day * 86400, 'unixepoch') AS date, b.* FROM booked_days b
             WHERE b.provider = ?1 AND b.day >= ?2 AND b.day < ?3 ORDER BY b.day, b.model, b.requested",
        )
        .bind(provider)
        .bind(days.start)
        .bind(days.end)
        .fetch_all(&self.0.readers)
        .await?;
        rows.iter().map(read_booked).collect()
    }

    /// What a file, named by the hash in the raw facts of its corrections, has corrected per day and model.
    pub async fn corrections_by(
        self,
        file: &str,
        provider: &str,
        from: UnixMs,
        until: UnixMs,
    ) -> Result<Vec<FileCorrection>, StoreError> {
        let rows = sqlx::query(
            "SELECT strftime('%Y-%m-%d', at / 86400000 * 86400, 'unixepoch') AS day, model_requested AS requested,
                    model_served AS served, max(at) AS last_at, coalesce(sum(cost_pico), 0) AS usd_pico, count(*) AS entries
             FROM ledger_entries INDEXED BY ledger_entries_by_invoice
             WHERE simulated = 0 AND provider = ?1 AND at >= ?2 AND at < ?3 AND kind = 'adjustment' AND source = 'invoice'
               AND json_extract(usage_raw, '$.file') = ?4
             GROUP BY at / 86400000, 2, 3 ORDER BY 1, 2, 3",
        )
        .bind(provider)
        .bind(from.0)
        .bind(until.0)
        .bind(file)
        .fetch_all(&self.0.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(FileCorrection {
                    day: row.text("day")?,
                    requested: row.text("requested")?,
                    served: row.opt_text("served")?,
                    at: row.time("last_at")?,
                    usd: row.money("usd_pico")?,
                    entries: row.opt_u64("entries")?.unwrap_or(0),
                })
            })
            .collect()
    }

    /// Books corrections, all of them or none, and gives back those that were new: one that is booked already stays as it is.
    pub async fn correct(self, entries: Vec<LedgerEntry>) -> Result<Vec<LedgerEntry>, StoreError> {
        let mut tx = self.0.begin().await?;
        let mut new = Vec::new();
        for entry in entries {
            if insert(&mut tx, &entry).await? {
                new.push(entry);
            }
        }
        tx.commit().await?;
        Ok(new)
    }
}

fn read(row: &SqliteRow) -> Result<StoredInvoice, StoreError> {
    Ok(StoredInvoice {
        id: row.parsed("id")?,
        name: row.text("name")?,
        issuer: row.text("issuer")?,
        provider: row.text("provider")?,
        hash: row.opt_key("hash")?.ok_or_else(|| StoreError::unreadable("hash", "it is missing"))?,
        imported_at: row.time("imported_at")?,
        first_day: row.opt_text("first_day")?,
        last_day: row.opt_text("last_day")?,
        rounding: row.money("rounding_pico")?,
        has_more: row.flag("has_more")?,
    })
}

fn read_booked(row: &SqliteRow) -> Result<BookedDay, StoreError> {
    let count = |column| Ok::<u64, StoreError>(row.opt_u64(column)?.unwrap_or(0));
    Ok(BookedDay {
        day: row.text("date")?,
        model: row.text("model")?,
        requested: row.text("requested")?,
        usd: row.money("usd_pico")?,
        corrected: row.opt_money("corrected_pico")?,
        corrections: count("corrections")?,
        requests: count("requests")?,
        unpriced: count("unpriced")?,
        estimated: row.flag("estimated")?,
        input_tokens: count("input_tokens")?,
        output_tokens: count("output_tokens")?,
        last_call: row.opt_time("last_call_at")?,
    })
}
