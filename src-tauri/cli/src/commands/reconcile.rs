//! `reconcile`: what a provider says it charged, beside the books.

use std::path::Path;
use std::process::ExitCode;

use roundtable_engine::view::{InvoiceRow, InvoiceView};
use roundtable_ledger::{Agreement, format_usd};
use serde::Serialize;

use super::Context;
use crate::arguments::Reconcile;
use crate::failure::Failure;
use crate::output;

/// The first line of `reconcile --json`.
#[derive(Serialize)]
struct Head<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'a str,
    issuer: roundtable_ledger::Issuer,
    provider: &'a str,
    first_day: &'a str,
    last_day: &'a str,
    invoiced_usd: &'a str,
    booked_usd: &'a str,
    difference_usd: &'a str,
    differing: u32,
}

/// One line of it per day and model.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    row: &'a InvoiceRow,
}

pub(crate) async fn run(context: &Context, arguments: Reconcile) -> Result<ExitCode, Failure> {
    let path = &arguments.file;
    let text = std::fs::read_to_string(path)
        .map_err(|source| Failure::File { path: path.display().to_string(), source })?;
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let engine = context.engine().await?;
    let mut compared = engine.import_invoice(&name, &text, arguments.provider.as_deref()).await;
    if arguments.adjust
        && let Ok(invoice) = &compared
    {
        compared = engine.adjust_to_invoice(invoice.head.id, &[]).await;
    }
    engine.shutdown().await;
    show(context, &compared?, path)?;
    Ok(ExitCode::SUCCESS)
}

fn show(context: &Context, invoice: &InvoiceView, path: &Path) -> Result<(), Failure> {
    if context.json {
        output::object(&Head {
            kind: "invoice",
            name: &invoice.head.name,
            issuer: invoice.head.issuer,
            provider: &invoice.head.provider,
            first_day: &invoice.first_day,
            last_day: &invoice.last_day,
            invoiced_usd: &invoice.invoiced_usd,
            booked_usd: &invoice.booked_usd,
            difference_usd: &invoice.difference_usd,
            differing: invoice.differing,
        })?;
        return invoice.rows.iter().try_for_each(|row| output::object(&Line { kind: "row", row }));
    }
    let mut table =
        vec![["DAY (UTC)", "MODEL", "INVOICE", "BOOKS", "DIFFERENCE", ""].map(str::to_owned).to_vec()];
    table.extend(invoice.rows.iter().map(cells));
    output::table(&table)?;
    let money = |usd: &str| format_usd(usd.parse().ok(), None);
    output::line(&format!(
        "{}: {} on the invoice, {} in the books of {}, {} of {} rows differ.",
        path.display(),
        money(&invoice.invoiced_usd),
        money(&invoice.booked_usd),
        invoice.head.provider,
        invoice.differing,
        invoice.rows.len(),
    ))?;
    let sure = invoice.rows.iter().filter(|row| row.sure).count();
    if sure > 0 {
        output::line(&format!(
            "{sure} of them are the same calls at another price: --adjust books the difference."
        ))?;
    }
    Ok(())
}

fn cells(row: &InvoiceRow) -> Vec<String> {
    let exact = |usd: &Option<String>| usd.as_ref().map_or_else(|| "–".to_owned(), |usd| format!("${usd}"));
    vec![
        row.day.clone(),
        row.model.clone().unwrap_or_else(|| "(no model)".to_owned()),
        exact(&row.invoiced_usd),
        exact(&row.booked_usd),
        exact(&row.difference_usd),
        words(row.agreement).to_owned(),
    ]
}

const fn words(agreement: Agreement) -> &'static str {
    match agreement {
        Agreement::Agrees => "",
        Agreement::TokensAgree => "same tokens, no amount",
        Agreement::PriceDiffers => "same tokens, another price",
        Agreement::UsageDiffers => "other tokens",
        Agreement::AmountDiffers => "another amount",
        Agreement::BooksEstimated => "the books hold estimates",
        Agreement::NextDay => "made up for by a neighbouring day",
        Agreement::OnlyInvoiced => "not in the books",
        Agreement::OnlyBooked => "not on the invoice",
    }
}
