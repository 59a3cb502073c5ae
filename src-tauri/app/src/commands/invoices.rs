//! Invoices of providers beside the books.

use roundtable_domain::InvoiceId;
use roundtable_engine::view::{AppError, InvoiceChange, InvoiceRowKey, InvoiceSummary, InvoiceView};
use tauri::{State, command};

use crate::shell::Shell;

#[command]
pub(crate) async fn import_invoice(
    shell: State<'_, Shell>,
    name: String,
    text: String,
    provider: Option<String>,
) -> Result<InvoiceView, AppError> {
    shell.engine().await?.import_invoice(&name, &text, provider.as_deref()).await
}

#[command]
pub(crate) async fn list_invoices(shell: State<'_, Shell>) -> Result<Vec<InvoiceSummary>, AppError> {
    shell.engine().await?.list_invoices().await
}

#[command]
pub(crate) async fn invoice(shell: State<'_, Shell>, invoice_id: InvoiceId) -> Result<InvoiceView, AppError> {
    shell.engine().await?.invoice(invoice_id).await
}

#[command]
pub(crate) async fn remove_invoice(
    shell: State<'_, Shell>,
    invoice_id: InvoiceId,
) -> Result<Vec<InvoiceSummary>, AppError> {
    shell.engine().await?.remove_invoice(invoice_id).await
}

#[command]
pub(crate) async fn adjust_to_invoice(
    shell: State<'_, Shell>,
    invoice_id: InvoiceId,
    rows: Vec<InvoiceRowKey>,
) -> Result<InvoiceChange, AppError> {
    shell.engine().await?.adjust_to_invoice(invoice_id, &rows).await
}

#[command]
pub(crate) async fn take_back_invoice(
    shell: State<'_, Shell>,
    invoice_id: InvoiceId,
) -> Result<InvoiceChange, AppError> {
    shell.engine().await?.take_back_invoice(invoice_id).await
}
