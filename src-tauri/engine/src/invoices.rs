//! Invoices: what providers say they have charged, laid beside the books, and corrections of the books by them.
//!
//! An invoice is kept as its lines per UTC day and model, and compared anew each time it is looked at: what is booked later is seen. A
//! correction is an entry of its own; nothing that stands in the books is changed.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use roundtable_domain::{AttemptId, Cost, InvoiceId, LedgerEntryId, PicoUsd, Provenance, TokenUsage, UnixMs};
use roundtable_ledger::{
    Agreement, BookedLine, Difference, Invoice, InvoiceError, InvoiceLine, compare_invoice, read_invoice,
};
use roundtable_store::{BookedDay, EntryKind, LedgerEntry, Source, StoredInvoice, StoredInvoiceLine};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AppError, InvoiceHead, InvoiceRow, InvoiceRowKey, InvoiceView};

/// The largest export that is read: a row per request over months has less.
const MOST_BYTES: usize = 64 << 20;

/// A provider's day is UTC's; noon is the moment of a correction, so that it falls on that day in most time zones.
const NOON_MS: i64 = 12 * 3_600_000;

const DAY_MS: i64 = 24 * 3_600_000;

/// Why an invoice could not be taken over.
#[derive(Debug, thiserror::Error)]
pub enum InvoiceImportError {
    /// The file.
    #[error("the file {name} cannot be read: {source}. Nothing was taken over")]
    Unreadable {
        /// The file's name.
        name: String,
        /// Why.
        source: InvoiceError,
    },
    /// The file is too large.
    #[error("the file {name} is larger than {limit} MiB; export a shorter time", limit = MOST_BYTES >> 20)]
    TooLarge {
        /// The file's name.
        name: String,
    },
    /// What is stored cannot be what was written.
    #[error("an invoice cannot be read back: “{0}” is no {1}")]
    Damaged(String, &'static str),
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
        Ok(self.take_invoice(name, text, provider).await?)
    }

    /// The invoices, the latest import first.
    pub async fn list_invoices(&self) -> Result<Vec<InvoiceHead>, AppError> {
        let invoices = self.inner.store.invoices().list().await.map_err(EngineError::from)?;
        Ok(invoices.iter().map(head).collect::<Result<_, _>>()?)
    }

    /// An invoice beside the books as they stand now.
    pub async fn invoice(&self, id: InvoiceId) -> Result<InvoiceView, AppError> {
        Ok(self.compare_stored(id).await?.0)
    }

    /// Forgets an invoice. Corrections made by it stay in the books.
    pub async fn remove_invoice(&self, id: InvoiceId) -> Result<Vec<InvoiceHead>, AppError> {
        self.inner.store.invoices().remove(id).await.map_err(EngineError::from)?;
        self.list_invoices().await
    }

    /// Books the differences of these rows as corrections; no rows: of all that are sure. What agrees meanwhile is passed over.
    pub async fn adjust_to_invoice(
        &self,
        id: InvoiceId,
        rows: &[InvoiceRowKey],
    ) -> Result<InvoiceView, AppError> {
        let (view, differences) = self.compare_stored(id).await?;
        for difference in &differences {
            let wanted = if rows.is_empty() {
                is_sure(difference)
            } else {
                rows.iter().any(|row| row.day == difference.day.to_string() && row.model == difference.model)
            };
            if wanted && let Some(entry) = self.correction(&view.head, difference) {
                self.inner.store.ledger().book(&entry).await.map_err(EngineError::from)?;
            }
        }
        self.invoice(id).await
    }

    async fn take_invoice(
        &self,
        name: &str,
        text: &str,
        provider: Option<&str>,
    ) -> Result<InvoiceView, EngineError> {
        if text.len() > MOST_BYTES {
            return Err(InvoiceImportError::TooLarge { name: name.to_owned() }.into());
        }
        let invoice = read_invoice(text)
            .map_err(|source| InvoiceImportError::Unreadable { name: name.to_owned(), source })?;
        let stored = StoredInvoice {
            id: InvoiceId::from_uuid(self.inner.clock.new_id()),
            name: name.to_owned(),
            issuer: invoice.issuer.provider().to_owned(),
            provider: provider.unwrap_or_else(|| invoice.issuer.provider()).to_owned(),
            hash: Sha256::digest(text.as_bytes()).into(),
            imported_at: self.inner.clock.now(),
        };
        let lines: Vec<_> = invoice.by_day().into_iter().map(stored_line).collect();
        let id = self.inner.store.invoices().keep(&stored, &lines).await?;
        Ok(self.compare_stored(id).await?.0)
    }

    async fn compare_stored(&self, id: InvoiceId) -> Result<(InvoiceView, Vec<Difference>), EngineError> {
        let room = self.inner.store.invoices();
        let stored = room.get(id).await?;
        let head = head(&stored)?;
        let lines =
            room.lines(id).await?.into_iter().map(line).collect::<Result<Vec<_>, InvoiceImportError>>()?;
        let days = || lines.iter().map(|line| line.day);
        let (first, last) = (days().min().unwrap_or_default(), days().max().unwrap_or_default());
        let until = UnixMs(midnight(last).0.saturating_add(DAY_MS));
        let booked = room.booked(&stored.provider, midnight(first), until).await?;
        let booked = booked.into_iter().map(booked_line).collect::<Result<Vec<_>, InvoiceImportError>>()?;
        let invoice = Invoice { issuer: head.issuer, lines, empty_rows: 0 };
        let differences = compare_invoice(&invoice, &booked);
        Ok((view(head, (first, last), &differences), differences))
    }

    /// The correction of one day and model. Made of the same facts it has the same id, and is booked once.
    fn correction(&self, head: &InvoiceHead, difference: &Difference) -> Option<LedgerEntry> {
        let amount = difference.difference.filter(|amount| *amount != PicoUsd::ZERO)?;
        if matches!(difference.agreement, Agreement::Agrees | Agreement::NextDay) {
            return None;
        }
        let model = difference.model.clone().unwrap_or_default();
        let before = difference.booked.as_ref().map_or(PicoUsd::ZERO, |booked| booked.usd);
        let after = difference.invoiced.as_ref().and_then(|line| line.usd);
        let facts =
            format!("{}\n{}\n{model}\n{}\n{}", head.id, difference.day, before.as_pico(), amount.as_pico());
        let mut bytes = [0; 16];
        for (byte, hash) in bytes.iter_mut().zip(Sha256::digest(facts.as_bytes())) {
            *byte = hash;
        }
        Some(LedgerEntry {
            id: LedgerEntryId::from_uuid(self.inner.clock.new_id()),
            attempt_id: AttemptId::from_uuid(Uuid::from_bytes(bytes)),
            kind: EntryKind::Adjustment,
            at: UnixMs(midnight(difference.day).0.saturating_add(NOON_MS)),
            source: Source::Invoice,
            conversation_id: None,
            turn_id: None,
            run_id: None,
            lane_id: None,
            provider: head.provider.clone(),
            model_requested: model,
            model_served: None,
            key_id: None,
            usage: TokenUsage::default(),
            usage_raw: Some(serde_json::json!({
                "invoice": head.name, "day": difference.day.to_string(),
                "invoiced_usd": after.map(|usd| usd.to_string()), "booked_usd": before.to_string(),
            })),
            cost: Cost { usd: Some(amount), provenance: Some(Provenance::Reported), ..Cost::unknown() },
            price: None,
            simulated: false,
        })
    }
}

/// The calls are the same ones, and the invoice knows what they cost.
fn is_sure(difference: &Difference) -> bool {
    matches!(difference.agreement, Agreement::PriceDiffers | Agreement::BooksEstimated)
        && difference.difference.is_some()
}

fn view(head: InvoiceHead, (first, last): (Date, Date), differences: &[Difference]) -> InvoiceView {
    let sum = |amounts: &mut dyn Iterator<Item = PicoUsd>| {
        let pico: i128 = amounts.map(|amount| i128::from(amount.as_pico())).sum();
        PicoUsd::from_pico_i128(pico).map_or_else(|_| "0".to_owned(), |sum| sum.to_string())
    };
    let agrees = |one: &&Difference| {
        matches!(one.agreement, Agreement::Agrees | Agreement::TokensAgree | Agreement::NextDay)
    };
    InvoiceView {
        head,
        first_day: first.to_string(),
        last_day: last.to_string(),
        invoiced_usd: sum(&mut differences.iter().filter_map(|one| one.invoiced.as_ref()?.usd)),
        booked_usd: sum(&mut differences.iter().filter_map(|one| Some(one.booked.as_ref()?.usd))),
        difference_usd: sum(&mut differences.iter().filter_map(|one| one.difference)),
        differing: u32::try_from(differences.iter().filter(|one| !agrees(one)).count()).unwrap_or(u32::MAX),
        rows: differences.iter().map(row).collect(),
    }
}

fn row(difference: &Difference) -> InvoiceRow {
    let Difference { invoiced, booked, .. } = difference;
    let exact = |amount: PicoUsd| amount.to_string();
    InvoiceRow {
        day: difference.day.to_string(),
        model: difference.model.clone(),
        agreement: difference.agreement,
        invoiced_usd: invoiced.as_ref().and_then(|line| line.usd).map(exact),
        booked_usd: booked.as_ref().map(|line| exact(line.usd)),
        difference_usd: difference.difference.map(exact),
        corrected_usd: booked.as_ref().and_then(|line| line.corrected).map(exact),
        invoiced_requests: invoiced.as_ref().and_then(|line| line.requests),
        booked_requests: booked.as_ref().map_or(0, |line| line.requests),
        unpriced: booked.as_ref().map_or(0, |line| line.unpriced),
        invoiced_tokens: invoiced
            .as_ref()
            .map_or((None, None), |line| (line.input_tokens, line.output_tokens)),
        booked_tokens: booked.as_ref().map_or((0, 0), |line| (line.input_tokens, line.output_tokens)),
        sure: is_sure(difference),
    }
}

fn head(stored: &StoredInvoice) -> Result<InvoiceHead, EngineError> {
    let issuer = serde_json::from_value(serde_json::Value::String(stored.issuer.clone()))
        .map_err(|_| InvoiceImportError::Damaged(stored.issuer.clone(), "issuer"))?;
    Ok(InvoiceHead {
        id: stored.id,
        name: stored.name.clone(),
        issuer,
        provider: stored.provider.clone(),
        imported_at: stored.imported_at,
    })
}

fn stored_line(line: InvoiceLine) -> StoredInvoiceLine {
    StoredInvoiceLine {
        day: line.day.to_string(),
        model: line.model.unwrap_or_default(),
        usd: line.usd,
        requests: line.requests,
        input_tokens: line.input_tokens,
        output_tokens: line.output_tokens,
    }
}

fn line(stored: StoredInvoiceLine) -> Result<InvoiceLine, InvoiceImportError> {
    Ok(InvoiceLine {
        day: date(&stored.day)?,
        model: Some(stored.model).filter(|model| !model.is_empty()),
        usd: stored.usd,
        requests: stored.requests,
        input_tokens: stored.input_tokens,
        output_tokens: stored.output_tokens,
    })
}

fn booked_line(booked: BookedDay) -> Result<BookedLine, InvoiceImportError> {
    Ok(BookedLine {
        day: date(&booked.day)?,
        model: booked.model,
        usd: booked.usd,
        corrected: booked.corrected,
        requests: booked.requests,
        unpriced: booked.unpriced,
        estimated: booked.estimated,
        input_tokens: booked.input_tokens,
        output_tokens: booked.output_tokens,
    })
}

fn date(text: &str) -> Result<Date, InvoiceImportError> {
    text.parse().map_err(|_| InvoiceImportError::Damaged(text.to_owned(), "day"))
}

/// The first moment of a UTC day.
fn midnight(day: Date) -> UnixMs {
    day.to_zoned(TimeZone::UTC).map_or(UnixMs(0), |zoned| UnixMs(zoned.timestamp().as_millisecond()))
}
