//! Invoices of providers beside the books, per day and model.

use roundtable_domain::{InvoiceId, UnixMs};
use roundtable_ledger::{Agreement, Issuer};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// An invoice that was imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct InvoiceHead {
    /// Which.
    pub id: InvoiceId,
    /// The file's name.
    pub name: String,
    /// Who wrote it: `openai`, `anthropic` or `openrouter`.
    #[ts(type = "\"openai\" | \"anthropic\" | \"openrouter\"")]
    pub issuer: Issuer,
    /// The slug of the provider whose calls it is compared with.
    pub provider: String,
    /// When it was imported.
    pub imported_at: UnixMs,
}

/// What an invoice comes to beside the books as they stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct InvoiceSummary {
    /// Which.
    pub head: InvoiceHead,
    /// Its first day in UTC, `YYYY-MM-DD`.
    pub first_day: String,
    /// Its last day in UTC.
    pub last_day: String,
    /// It is a page, and others follow which are not here.
    pub has_more: bool,
    /// It names no models: each row is a whole day.
    pub whole_days: bool,
    /// Sum of the amounts it names, exact decimal dollars; `None`: it names none, only usage.
    pub invoiced_usd: Option<String>,
    /// Sum of the books over the same days, exact decimal dollars.
    pub booked_usd: String,
    /// The invoice less the books, over the rows whose amount it names, exact decimal dollars; `None`: it names none.
    pub difference_usd: Option<String>,
    /// How far apart the sums may be because the invoice rounds, exact decimal dollars.
    pub rounding_usd: String,
    /// Days and models that differ.
    pub differing: u32,
    /// What corrections by this file come to that were not taken back, exact decimal dollars; `None`: there are none.
    pub corrected_usd: Option<String>,
}

/// An invoice beside the books as they stand, row by row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct InvoiceView {
    /// What it comes to.
    #[serde(flatten)]
    #[ts(flatten)]
    pub summary: InvoiceSummary,
    /// Every day and model, by day.
    pub rows: Vec<InvoiceRow>,
}

/// What was booked because of an invoice, and how the invoice stands since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct InvoiceChange {
    /// The invoice beside the books.
    pub view: InvoiceView,
    /// New entries.
    pub booked: u32,
    /// What they come to, exact decimal dollars.
    pub usd: String,
}

/// One day and one model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct InvoiceRow {
    /// The day in UTC, `YYYY-MM-DD`.
    pub day: String,
    /// The model; `None`: charges that belong to no model, or a whole day.
    pub model: Option<String>,
    /// The invoice names no models: this is all of the day on both sides.
    pub whole_day: bool,
    /// How the two stand to each other.
    #[ts(
        type = "\"agrees\" | \"tokens_agree\" | \"price_differs\" | \"usage_differs\" | \"amount_differs\" | \"books_estimated\" | \"next_day\" | \"only_invoiced\" | \"only_booked\""
    )]
    pub agreement: Agreement,
    /// The invoice's amount, exact decimal dollars; `None`: it names none.
    pub invoiced_usd: Option<String>,
    /// The books' amount, exact decimal dollars; `None`: nothing is booked.
    pub booked_usd: Option<String>,
    /// The invoice less the books, exact decimal dollars.
    pub difference_usd: Option<String>,
    /// What has been booked as corrections by invoices, exact decimal dollars, part of `booked_usd`; `None`: there are none.
    pub corrected_usd: Option<String>,
    /// Calls on the invoice.
    #[ts(type = "number | null")]
    pub invoiced_requests: Option<u64>,
    /// Calls in the books.
    #[ts(type = "number")]
    pub booked_requests: u64,
    /// Of these, calls whose cost is unknown.
    #[ts(type = "number")]
    pub unpriced: u64,
    /// Tokens in and out on the invoice.
    #[ts(type = "[number | null, number | null]")]
    pub invoiced_tokens: (Option<u64>, Option<u64>),
    /// Tokens in and out in the books.
    #[ts(type = "[number, number]")]
    pub booked_tokens: (u64, u64),
    /// A correction would be booked when all that are sure are taken over: the calls are the same, and the invoice knows their cost better.
    pub sure: bool,
}

/// One row to correct the books by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct InvoiceRowKey {
    /// The day.
    pub day: String,
    /// The model as the row names it.
    pub model: Option<String>,
}
