//! Invoices as tables, CSV and JSON.

use roundtable_engine::view::{InvoiceChange, InvoiceRow, InvoiceSummary, InvoiceView};
use roundtable_ledger::{Agreement, format_usd};
use serde::Serialize;
use serde_json::json;

use crate::arguments::Format;
use crate::failure::Failure;
use crate::output;

/// The columns of a comparison as CSV; the window's file has the same.
const COLUMNS: &str = "day,model,agreement,invoiced_usd,booked_usd,difference_usd,corrected_usd,invoiced_requests,\
     booked_requests,unpriced_requests,invoiced_input_tokens,booked_input_tokens,invoiced_output_tokens,booked_output_tokens,sure";

/// The columns of the list as CSV.
const LIST_COLUMNS: &str = "id,name,issuer,provider,imported_at,first_day,last_day,has_more,whole_days,invoiced_usd,booked_usd,\
     difference_usd,rounding_usd,differing,corrected_usd";

/// An invoice on one line.
#[derive(Serialize)]
struct Summary<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    id: roundtable_domain::InvoiceId,
    name: &'a str,
    issuer: roundtable_ledger::Issuer,
    provider: &'a str,
    imported_at: String,
    first_day: &'a str,
    last_day: &'a str,
    has_more: bool,
    whole_days: bool,
    invoiced_usd: Option<&'a str>,
    booked_usd: &'a str,
    difference_usd: Option<&'a str>,
    rounding_usd: &'a str,
    differing: u32,
    corrected_usd: Option<&'a str>,
}

impl<'a> Summary<'a> {
    fn of(summary: &'a InvoiceSummary) -> Self {
        let head = &summary.head;
        let at = head.imported_at.0;
        Self {
            kind: "invoice",
            id: head.id,
            name: &head.name,
            issuer: head.issuer,
            provider: &head.provider,
            imported_at: jiff::Timestamp::from_millisecond(at)
                .map_or_else(|_| at.to_string(), |time| format!("{time:.0}")),
            first_day: &summary.first_day,
            last_day: &summary.last_day,
            has_more: summary.has_more,
            whole_days: summary.whole_days,
            invoiced_usd: summary.invoiced_usd.as_deref(),
            booked_usd: &summary.booked_usd,
            difference_usd: summary.difference_usd.as_deref(),
            rounding_usd: &summary.rounding_usd,
            differing: summary.differing,
            corrected_usd: summary.corrected_usd.as_deref(),
        }
    }
}

/// One line of JSON per row.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    row: &'a InvoiceRow,
}

pub(super) fn list(invoices: &[InvoiceSummary], format: Format) -> Result<(), Failure> {
    match format {
        Format::Json => invoices.iter().try_for_each(|one| output::object(&Summary::of(one))),
        Format::Csv => {
            output::line(LIST_COLUMNS)?;
            invoices
                .iter()
                .try_for_each(|one| output::line(&csv_line(LIST_COLUMNS, &json!(Summary::of(one)))))
        }
        Format::Table if invoices.is_empty() => {
            output::line("There are no invoices. Import one with: roundtable-cli reconcile FILE")
        }
        Format::Table => {
            let heading = ["ID", "NAME", "BESIDE", "DAYS (UTC)", "INVOICE", "BOOKS", "DIFFERENCE", "DIFFERS"];
            let mut table = vec![heading.map(str::to_owned).to_vec()];
            table.extend(invoices.iter().map(|one| {
                vec![
                    one.head.id.to_string(),
                    one.head.name.clone(),
                    one.head.provider.clone(),
                    format!("{} to {}", one.first_day, one.last_day),
                    short(one.invoiced_usd.as_deref()),
                    short(Some(&one.booked_usd)),
                    short(one.difference_usd.as_deref()),
                    one.differing.to_string(),
                ]
            }));
            output::table(&table)
        }
    }
}

pub(super) fn change(change: &InvoiceChange, format: Format) -> Result<(), Failure> {
    match format {
        Format::Json => {
            output::object(&json!({ "type": "corrections", "booked": change.booked, "usd": change.usd }))
        }
        // What stands on standard output is the table.
        Format::Csv => {
            output::note(&booked(change));
            Ok(())
        }
        Format::Table => output::line(&booked(change)),
    }
}

fn booked(change: &InvoiceChange) -> String {
    match change.booked {
        0 => "Nothing was booked.".to_owned(),
        1 => format!("One correction was booked: {}.", short(Some(&change.usd))),
        many => format!("{many} corrections were booked: {} in all.", short(Some(&change.usd))),
    }
}

pub(super) fn invoice(view: &InvoiceView, format: Format) -> Result<(), Failure> {
    match format {
        Format::Json => {
            output::object(&Summary::of(&view.summary))?;
            view.rows.iter().try_for_each(|row| output::object(&Line { kind: "row", row }))
        }
        Format::Csv => {
            output::line(COLUMNS)?;
            view.rows.iter().try_for_each(|row| output::line(&csv_line(COLUMNS, &columns(row))))
        }
        Format::Table => for_people(view),
    }
}

fn columns(row: &InvoiceRow) -> serde_json::Value {
    let mut object = json!(row);
    if let Some(object) = object.as_object_mut() {
        object.extend([
            ("unpriced_requests".to_owned(), json!(row.unpriced)),
            ("invoiced_input_tokens".to_owned(), json!(row.invoiced_tokens.0)),
            ("invoiced_output_tokens".to_owned(), json!(row.invoiced_tokens.1)),
            ("booked_input_tokens".to_owned(), json!(row.booked_tokens.0)),
            ("booked_output_tokens".to_owned(), json!(row.booked_tokens.1)),
        ]);
    }
    object
}

/// Amounts below zero are numbers and no formulas: they stand as they are.
fn csv_line(columns: &str, object: &serde_json::Value) -> String {
    let cell = |column: &str| match object.get(column) {
        Some(serde_json::Value::String(text)) if column.ends_with("_usd") => text.clone(),
        Some(serde_json::Value::String(text)) => output::csv_cell(text),
        Some(serde_json::Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    };
    columns.split(',').map(cell).collect::<Vec<_>>().join(",")
}

fn for_people(view: &InvoiceView) -> Result<(), Failure> {
    let InvoiceView { summary, rows } = view;
    let mut table =
        vec![["DAY (UTC)", "MODEL", "INVOICE", "BOOKS", "DIFFERENCE", ""].map(str::to_owned).to_vec()];
    table.extend(rows.iter().map(cells));
    output::table(&table)?;
    output::line(&format!(
        "{}: {} on the invoice, {} in the books of {}, {} of {} rows differ. Its id is {}.",
        summary.head.name,
        short(summary.invoiced_usd.as_deref()),
        short(Some(&summary.booked_usd)),
        summary.head.provider,
        summary.differing,
        rows.len(),
        summary.head.id,
    ))?;
    hints(summary, rows).iter().try_for_each(|hint| output::line(hint))
}

fn hints(summary: &InvoiceSummary, rows: &[InvoiceRow]) -> Vec<String> {
    let sure = rows.iter().filter(|row| row.sure).count();
    let id = summary.head.id;
    let mut hints = Vec::new();
    if summary.has_more {
        hints.push(format!("It is one page of several: what comes after {} is not here.", summary.last_day));
    }
    if summary.whole_days {
        hints.push(
            "It names no models, so whole days are compared; export it by model or line item to see more."
                .to_owned(),
        );
    }
    if sure > 0 {
        hints.push(format!(
            "{sure} of them are sure, the calls being the same: `reconcile adjust {id}` books the difference."
        ));
    }
    if let Some(corrected) = &summary.corrected_usd {
        let corrected = short(Some(corrected));
        hints.push(format!(
            "It has corrected the books by {corrected}: `reconcile take-back {id}` takes that back."
        ));
    }
    hints
}

fn cells(row: &InvoiceRow) -> Vec<String> {
    let exact = |usd: &Option<String>| usd.as_ref().map_or_else(|| "–".to_owned(), |usd| dollars(usd));
    let model = row.model.clone();
    let nobody = if row.whole_day { "(whole day)" } else { "(no model)" };
    vec![
        row.day.clone(),
        model.unwrap_or_else(|| nobody.to_owned()),
        exact(&row.invoiced_usd),
        exact(&row.booked_usd),
        exact(&row.difference_usd),
        words(row.agreement).to_owned(),
    ]
}

/// To the last digit.
fn dollars(usd: &str) -> String {
    usd.strip_prefix('-').map_or_else(|| format!("${usd}"), |usd| format!("-${usd}"))
}

fn short(usd: Option<&str>) -> String {
    usd.map_or_else(|| "no amount".to_owned(), |usd| format_usd(usd.parse().ok(), None))
}

const fn words(agreement: Agreement) -> &'static str {
    match agreement {
        Agreement::Agrees => "",
        Agreement::TokensAgree => "same usage, no amount",
        Agreement::PriceDiffers => "same tokens, another price",
        Agreement::UsageDiffers => "other usage",
        Agreement::AmountDiffers => "another amount",
        Agreement::BooksEstimated => "the books hold estimates",
        Agreement::NextDay => "made up for by a neighbouring day",
        Agreement::OnlyInvoiced => "not in the books",
        Agreement::OnlyBooked => "not on the invoice",
    }
}
