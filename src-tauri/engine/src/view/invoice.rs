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

/// An invoice beside the books as they stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct InvoiceView {
    /// Which.
    pub head: InvoiceHead,
    /// Its first day in UTC, `YYYY-MM-DD`.
    pub first_day: String,
    /// Its last day in UTC.
    pub last_day: String,
    /// Sum of the amounts it names, exact decimal dollars.
    pub invoiced_usd: String,
    /// Sum of the books over the same days, exact decimal dollars.
    pub booked_usd: String,
    /// The invoice less the books, over the rows whose amount it names, exact decimal dollars.
    pub difference_usd: String,
    /// Days and models that differ.
    pub differing: u32,
    /// Every day and model, by day.
    pub rows: Vec<InvoiceRow>,
}

/// One day and one model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct InvoiceRow {
    /// The day in UTC, `YYYY-MM-DD`.
    pub day: String,
    /// The model; `None`: charges that belong to no model.
    pub model: Option<String>,
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
