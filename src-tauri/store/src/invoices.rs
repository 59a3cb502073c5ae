//! Invoices: what providers say they have charged, and the books per day and model beside it.

use roundtable_domain::{InvoiceId, PicoUsd, UnixMs};
use sqlx::sqlite::SqliteRow;

use crate::Store;
use crate::error::StoreError;
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
    /// Calls.
    pub requests: Option<u64>,
    /// Tokens in.
    pub input_tokens: Option<u64>,
    /// Tokens out.
    pub output_tokens: Option<u64>,
}

/// What the books hold of one day in UTC and one model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookedDay {
    /// The day in UTC, `YYYY-MM-DD`.
    pub day: String,
    /// The model that served, else the one asked for.
    pub model: String,
    /// Known cost, adjustments included.
    pub usd: PicoUsd,
    /// Of it, what was booked as corrections by invoices; `None`: there are none.
    pub corrected: Option<PicoUsd>,
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
            "INSERT INTO invoices (id, name, issuer, provider, hash, imported_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )
        .bind(invoice.id.to_string())
        .bind(&invoice.name)
        .bind(&invoice.issuer)
        .bind(&invoice.provider)
        .bind(invoice.hash.as_slice())
        .bind(invoice.imported_at.0)
        .execute(&mut *tx)
        .await?;
        for line in lines {
            sqlx::query(
                "INSERT INTO invoice_lines (invoice_id, day, model, usd_pico, requests, input_tokens, output_tokens)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )
            .bind(invoice.id.to_string())
            .bind(&line.day)
            .bind(&line.model)
            .bind(line.usd.map(PicoUsd::as_pico))
            .bind(opt_integer(line.requests))
            .bind(opt_integer(line.input_tokens))
            .bind(opt_integer(line.output_tokens))
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

    /// The books of a provider's real calls per UTC day and model, from a moment until before another.
    pub async fn booked(
        self,
        provider: &str,
        from: UnixMs,
        until: UnixMs,
    ) -> Result<Vec<BookedDay>, StoreError> {
        let rows = sqlx::query(
            "SELECT strftime('%Y-%m-%d', at / 1000, 'unixepoch') AS day, coalesce(model_served, model_requested) AS model,
                    coalesce(sum(cost_pico), 0) AS usd_pico,
                    sum(cost_pico) FILTER (WHERE kind = 'adjustment' AND source = 'invoice') AS corrected_pico,
                    count(*) FILTER (WHERE kind = 'call') AS requests,
                    count(*) FILTER (WHERE kind = 'call' AND cost_pico IS NULL) AS unpriced,
                    coalesce(max(provenance = 'estimated'), 0) AS estimated,
                    coalesce(sum(usage_input), 0) AS input_tokens, coalesce(sum(usage_output), 0) AS output_tokens
             FROM ledger_entries
             WHERE simulated = 0 AND provider = ?1 AND at >= ?2 AND at < ?3
             GROUP BY 1, 2 ORDER BY 1, 2",
        )
        .bind(provider)
        .bind(from.0)
        .bind(until.0)
        .fetch_all(&self.0.readers)
        .await?;
        rows.iter().map(read_booked).collect()
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
    })
}

fn read_booked(row: &SqliteRow) -> Result<BookedDay, StoreError> {
    let count = |column| Ok::<u64, StoreError>(row.opt_u64(column)?.unwrap_or(0));
    Ok(BookedDay {
        day: row.text("day")?,
        model: row.text("model")?,
        usd: row.money("usd_pico")?,
        corrected: row.opt_money("corrected_pico")?,
        requests: count("requests")?,
        unpriced: count("unpriced")?,
        estimated: row.flag("estimated")?,
        input_tokens: count("input_tokens")?,
        output_tokens: count("output_tokens")?,
    })
}
