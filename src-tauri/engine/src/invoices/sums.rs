//! What an invoice comes to beside the books, in the words of the screen.

use roundtable_domain::PicoUsd;
use roundtable_ledger::{Agreement, Difference};
use roundtable_store::StoredInvoice;

use super::{Compared, InvoiceImportError, stored};
use crate::error::EngineError;
use crate::view::{InvoiceHead, InvoiceRow, InvoiceSummary, InvoiceView};

pub(super) fn view(compared: &Compared) -> Result<InvoiceView, EngineError> {
    Ok(InvoiceView { summary: summary(compared)?, rows: compared.differences.iter().map(row).collect() })
}

pub(super) fn summary(compared: &Compared) -> Result<InvoiceSummary, EngineError> {
    let Compared { stored, differences, corrections, .. } = compared;
    let rows = || differences.iter();
    let charged = || rows().filter_map(|one| one.invoiced.as_ref()?.usd);
    let named = charged().next().map(|_| ());
    let agrees = |one: &&Difference| {
        matches!(one.agreement, Agreement::Agrees | Agreement::TokensAgree | Agreement::NextDay)
    };
    Ok(InvoiceSummary {
        head: head(stored)?,
        first_day: compared.first_day.to_string(),
        last_day: compared.last_day.to_string(),
        has_more: stored.has_more,
        whole_days: rows().next().is_some_and(|one| one.whole_day),
        invoiced_usd: named.map(|()| exact_sum(charged())),
        booked_usd: exact_sum(rows().filter_map(|one| Some(one.booked.as_ref()?.usd))),
        difference_usd: named.map(|()| exact_sum(rows().filter_map(|one| one.difference))),
        rounding_usd: exact_sum(rows().filter(|one| one.difference.is_some()).map(|one| one.rounding)),
        differing: u32::try_from(rows().filter(|one| !agrees(one)).count()).unwrap_or(u32::MAX),
        corrected_usd: corrections.first().map(|_| exact_sum(corrections.iter().map(|one| one.usd))),
    })
}

pub(super) fn head(stored: &StoredInvoice) -> Result<InvoiceHead, InvoiceImportError> {
    Ok(InvoiceHead {
        id: stored.id,
        name: stored.name.clone(),
        issuer: stored::issuer(stored)?,
        provider: stored.provider.clone(),
        imported_at: stored.imported_at,
    })
}

/// Exact decimal dollars.
pub(super) fn exact_sum(amounts: impl Iterator<Item = PicoUsd>) -> String {
    let pico: i128 = amounts.map(|amount| i128::from(amount.as_pico())).sum();
    PicoUsd::from_pico_i128(pico).map_or_else(|_| "0".to_owned(), |sum| sum.to_string())
}

fn row(difference: &Difference) -> InvoiceRow {
    let Difference { invoiced, booked, .. } = difference;
    let exact = |amount: PicoUsd| amount.to_string();
    let (theirs, ours) = (invoiced.as_ref(), booked.as_ref());
    InvoiceRow {
        day: difference.day.to_string(),
        model: difference.model.clone(),
        whole_day: difference.whole_day,
        agreement: difference.agreement,
        invoiced_usd: theirs.and_then(|line| line.usd).map(exact),
        booked_usd: ours.map(|line| exact(line.usd)),
        difference_usd: difference.difference.map(exact),
        corrected_usd: ours.and_then(|line| line.corrected).filter(|usd| *usd != PicoUsd::ZERO).map(exact),
        invoiced_requests: theirs.and_then(|line| line.requests),
        booked_requests: ours.map_or(0, |line| line.requests),
        unpriced: ours.map_or(0, |line| line.unpriced),
        invoiced_tokens: theirs.map_or((None, None), |line| (line.input_tokens, line.output_tokens)),
        booked_tokens: ours.map_or((0, 0), |line| (line.input_tokens, line.output_tokens)),
        sure: difference.sure,
    }
}
