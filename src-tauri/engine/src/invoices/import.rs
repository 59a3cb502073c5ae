//! Taking an export over.

use roundtable_domain::InvoiceId;
use roundtable_ledger::{Invoice, InvoiceError, read_invoice};
use roundtable_store::StoredInvoice;
use sha2::{Digest as _, Sha256};

use super::stored::stored_line;
use crate::engine::Engine;
use crate::error::EngineError;

/// The largest export that is read: a row per request over months has less.
const MOST_BYTES: usize = 64 << 20;

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

impl InvoiceImportError {
    /// A stable word; the window has a sentence for each in its own language.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { source: InvoiceError::UnknownForm { .. }, .. } => "invoice_form",
            Self::Unreadable { source: InvoiceError::Row { .. }, .. } => "invoice_row",
            Self::Unreadable { source: InvoiceError::Currency { .. }, .. } => "invoice_currency",
            Self::Unreadable { source: InvoiceError::Empty, .. } => "invoice_empty",
            Self::TooLarge { .. } => "invoice_too_large",
            Self::Damaged(..) => "invoice_damaged",
        }
    }
}

impl Engine {
    pub(super) async fn take_invoice(
        &self,
        name: &str,
        text: &str,
        provider: Option<&str>,
    ) -> Result<InvoiceId, EngineError> {
        if text.len() > MOST_BYTES {
            return Err(InvoiceImportError::TooLarge { name: name.to_owned() }.into());
        }
        if let Some(provider) = provider {
            self.check_books_of(provider).await?;
        }
        let invoice = read(text.to_owned())
            .await
            .map_err(|source| InvoiceImportError::Unreadable { name: name.to_owned(), source })?;
        let stored = StoredInvoice {
            id: InvoiceId::from_uuid(self.inner.clock.new_id()),
            name: name.to_owned(),
            issuer: invoice.issuer.provider().to_owned(),
            provider: provider.unwrap_or_else(|| invoice.issuer.provider()).to_owned(),
            hash: Sha256::digest(text.as_bytes()).into(),
            imported_at: self.inner.clock.now(),
            first_day: Some(invoice.first_day.to_string()),
            last_day: Some(invoice.last_day.to_string()),
            rounding: invoice.rounding,
            has_more: invoice.has_more,
        };
        let lines: Vec<_> = invoice.by_day().into_iter().map(stored_line).collect();
        Ok(self.inner.store.invoices().keep(&stored, &lines).await?)
    }

    /// A provider that is here, or was when it was called.
    async fn check_books_of(&self, provider: &str) -> Result<(), EngineError> {
        let is_here = self.directory().await?.find(provider).is_some();
        if is_here || self.inner.store.invoices().has_books_of(provider).await? {
            return Ok(());
        }
        Err(EngineError::UnknownProvider(provider.to_owned()))
    }
}

/// Beside the workers: a large export takes a while.
async fn read(text: String) -> Result<Invoice, InvoiceError> {
    let read = tokio::task::spawn_blocking(move || read_invoice(&text)).await;
    read.unwrap_or(Err(InvoiceError::Empty))
}
