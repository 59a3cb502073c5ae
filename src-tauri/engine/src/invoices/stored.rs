//! Invoices as they are stored, and as they are compared.

use jiff::civil::Date;
use roundtable_ledger::{BookedLine, InvoiceLine, Issuer};
use roundtable_store::{BookedDay, StoredInvoice, StoredInvoiceLine};

use super::InvoiceImportError;
use crate::batch::hexadecimal;

pub(super) fn stored_line(line: InvoiceLine) -> StoredInvoiceLine {
    StoredInvoiceLine {
        day: line.day.to_string(),
        model: line.model.unwrap_or_default(),
        usd: line.usd,
        rounding: line.rounding,
        rough: line.rough,
        requests: line.requests,
        input_tokens: line.input_tokens,
        output_tokens: line.output_tokens,
    }
}

pub(super) fn line(stored: StoredInvoiceLine) -> Result<InvoiceLine, InvoiceImportError> {
    Ok(InvoiceLine {
        day: date(&stored.day)?,
        model: Some(stored.model).filter(|model| !model.is_empty()),
        usd: stored.usd,
        rounding: stored.rounding,
        rough: stored.rough,
        requests: stored.requests,
        input_tokens: stored.input_tokens,
        output_tokens: stored.output_tokens,
    })
}

pub(super) fn booked_line(booked: BookedDay) -> Result<BookedLine, InvoiceImportError> {
    Ok(BookedLine {
        day: date(&booked.day)?,
        model: booked.model,
        requested: booked.requested,
        usd: booked.usd,
        corrected: booked.corrected,
        corrections: booked.corrections,
        requests: booked.requests,
        unpriced: booked.unpriced,
        estimated: booked.estimated,
        input_tokens: booked.input_tokens,
        output_tokens: booked.output_tokens,
        last_call: booked.last_call,
    })
}

pub(super) fn date(text: &str) -> Result<Date, InvoiceImportError> {
    text.parse().map_err(|_| InvoiceImportError::Damaged(text.to_owned(), "day"))
}

pub(super) fn issuer(stored: &StoredInvoice) -> Result<Issuer, InvoiceImportError> {
    serde_json::from_value(serde_json::Value::String(stored.issuer.clone()))
        .map_err(|_| InvoiceImportError::Damaged(stored.issuer.clone(), "issuer"))
}

/// What names the file in the entries it has made: an invoice that was removed and is imported again is the same one.
pub(super) fn file_of(stored: &StoredInvoice) -> String {
    hexadecimal(stored.hash.iter())
}
