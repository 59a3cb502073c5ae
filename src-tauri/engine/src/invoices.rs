//! Invoices: what providers say they have charged, laid beside the books, and corrections of the books by them.
//!
//! An invoice is kept as its lines per UTC day and model, and compared anew each time it is looked at: what is booked later is seen. A
//! correction is an entry of its own; nothing that stands in the books is changed, and what takes a correction back is an entry too.

mod correct;
mod import;
mod stored;
mod sums;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use roundtable_domain::{InvoiceId, UnixMs};
use roundtable_ledger::{BookedLine, Difference, Invoice, InvoiceLine, compare_invoice};
use roundtable_store::{FileCorrection, LedgerEntry, StoredInvoice};

pub use import::InvoiceImportError;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AppError, InvoiceChange, InvoiceHead, InvoiceRowKey, InvoiceSummary, InvoiceView};

const DAY_MS: i64 = 24 * 3_600_000;

/// An invoice beside the books as they stand.
struct Compared {
    stored: StoredInvoice,
    first_day: Date,
    last_day: Date,
    differences: Vec<Difference>,
    /// What this file has corrected, those parts left out that came to nothing because they were taken back.
    corrections: Vec<FileCorrection>,
}

impl Engine {
    /// Takes an export over and compares it with the calls of a provider; `None`: the provider that wrote it. The same file twice is
    /// one invoice.
    pub async fn import_invoice(
        &self,
        name: &str,
        text: &str,
        provider: Option<&str>,
    ) -> Result<InvoiceView, AppError> {
        let id = self.take_invoice(name, text, provider).await?;
        self.invoice(id).await
    }

    /// The invoices and what they come to, the latest import first.
    pub async fn list_invoices(&self) -> Result<Vec<InvoiceSummary>, AppError> {
        let invoices = self.inner.store.invoices().list().await.map_err(EngineError::from)?;
        let mut summaries = Vec::with_capacity(invoices.len());
        for stored in invoices {
            summaries.push(sums::summary(&self.compare_stored(stored).await?)?);
        }
        Ok(summaries)
    }

    /// The invoices by themselves, the latest import first: nothing is compared.
    pub async fn invoice_heads(&self) -> Result<Vec<InvoiceHead>, AppError> {
        let invoices = self.inner.store.invoices().list().await.map_err(EngineError::from)?;
        let heads = invoices.iter().map(|stored| sums::head(stored).map_err(EngineError::from));
        Ok(heads.collect::<Result<_, _>>()?)
    }

    /// An invoice beside the books as they stand now.
    pub async fn invoice(&self, id: InvoiceId) -> Result<InvoiceView, AppError> {
        Ok(sums::view(&self.compare(id).await?)?)
    }

    /// Forgets an invoice. Corrections made by it stay in the books.
    pub async fn remove_invoice(&self, id: InvoiceId) -> Result<Vec<InvoiceSummary>, AppError> {
        self.inner.store.invoices().remove(id).await.map_err(EngineError::from)?;
        self.list_invoices().await
    }

    /// Books the differences of these rows as corrections, all or none; no rows: of all that are sure. What agrees meanwhile is
    /// passed over.
    pub async fn adjust_to_invoice(
        &self,
        id: InvoiceId,
        rows: &[InvoiceRowKey],
    ) -> Result<InvoiceChange, AppError> {
        let compared = self.compare(id).await?;
        let entries = self.corrections(&compared, rows);
        self.book_of_invoice(id, entries).await
    }

    /// Takes everything back that this file has corrected: an opposite entry for each day and model. What was taken back already is
    /// left alone.
    pub async fn take_back_invoice(&self, id: InvoiceId) -> Result<InvoiceChange, AppError> {
        let compared = self.compare(id).await?;
        let entries = self.taking_back(&compared);
        self.book_of_invoice(id, entries).await
    }

    async fn book_of_invoice(
        &self,
        id: InvoiceId,
        entries: Vec<LedgerEntry>,
    ) -> Result<InvoiceChange, AppError> {
        let new = self.inner.store.invoices().correct(entries).await.map_err(EngineError::from)?;
        Ok(InvoiceChange {
            view: self.invoice(id).await?,
            booked: u32::try_from(new.len()).unwrap_or(u32::MAX),
            usd: sums::exact_sum(new.iter().filter_map(|entry| entry.cost.usd)),
        })
    }

    async fn compare(&self, id: InvoiceId) -> Result<Compared, EngineError> {
        let stored = self.inner.store.invoices().get(id).await?;
        self.compare_stored(stored).await
    }

    async fn compare_stored(&self, stored: StoredInvoice) -> Result<Compared, EngineError> {
        let room = self.inner.store.invoices();
        let lines = room.lines(stored.id).await?.into_iter().map(stored::line);
        let lines = lines.collect::<Result<Vec<InvoiceLine>, InvoiceImportError>>()?;
        let days = || lines.iter().map(|line| line.day);
        let named = |day: &Option<String>| day.as_deref().map(stored::date).transpose();
        let first_day = named(&stored.first_day)?.or_else(|| days().min()).unwrap_or_default();
        let last_day = named(&stored.last_day)?.or_else(|| days().max()).unwrap_or_default();
        let (from, until) = (midnight(first_day), UnixMs(midnight(last_day).0.saturating_add(DAY_MS)));
        let days = from.0.div_euclid(DAY_MS)..until.0.div_euclid(DAY_MS);
        let booked = room.booked(&stored.provider, days).await?.into_iter().map(stored::booked_line);
        let booked = booked.collect::<Result<Vec<BookedLine>, InvoiceImportError>>()?;
        let mut corrections =
            room.corrections_by(&stored::file_of(&stored), &stored.provider, from, until).await?;
        corrections.retain(|correction| correction.usd.as_pico() != 0);
        let issuer = stored::issuer(&stored)?;
        let (rounding, has_more) = (stored.rounding, stored.has_more);
        let invoice = Invoice { issuer, lines, first_day, last_day, rounding, has_more };
        let differences = compare_invoice(&invoice, &booked);
        Ok(Compared { stored, first_day, last_day, differences, corrections })
    }
}

/// The first moment of a UTC day.
fn midnight(day: Date) -> UnixMs {
    day.to_zoned(TimeZone::UTC).map_or(UnixMs(0), |zoned| UnixMs(zoned.timestamp().as_millisecond()))
}
