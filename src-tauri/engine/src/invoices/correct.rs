//! Entries that make the books agree with an invoice, and entries that take them back.

use jiff::civil::Date;
use roundtable_domain::{AttemptId, Cost, LedgerEntryId, PicoUsd, Provenance, TokenUsage, UnixMs};
use roundtable_ledger::{Agreement, Difference};
use roundtable_store::{EntryKind, FileCorrection, LedgerEntry, Source};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{Compared, midnight, stored};
use crate::engine::Engine;
use crate::view::InvoiceRowKey;

/// Where a correction stands on a day without a call: then it falls on that day in most time zones.
const NOON_MS: i64 = 12 * 3_600_000;

/// What one entry books, and the facts it is made of: made of the same ones it has the same id, and is booked once.
struct Correcting {
    facts: String,
    at: UnixMs,
    requested: String,
    served: Option<String>,
    amount: PicoUsd,
    raw: Value,
}

impl Engine {
    /// The corrections of these rows; without rows, of all that are sure.
    pub(super) fn corrections(&self, compared: &Compared, rows: &[InvoiceRowKey]) -> Vec<LedgerEntry> {
        let wanted = |difference: &&Difference| {
            if rows.is_empty() {
                return difference.sure;
            }
            rows.iter().any(|row| row.day == difference.day.to_string() && row.model == difference.model)
        };
        let differences = compared.differences.iter().filter(wanted);
        differences.filter_map(|difference| self.correction(compared, difference)).collect()
    }

    fn correction(&self, compared: &Compared, difference: &Difference) -> Option<LedgerEntry> {
        let amount = difference.difference.filter(|amount| *amount != PicoUsd::ZERO)?;
        if matches!(difference.agreement, Agreement::Agrees | Agreement::NextDay) {
            return None;
        }
        let booked = difference.booked.as_ref();
        let before = booked.map_or(PicoUsd::ZERO, |booked| booked.usd);
        let after = difference.invoiced.as_ref().and_then(|line| line.usd);
        // Spend and budgets are counted by the model that was asked for: the correction has to find its calls there.
        let requested = booked.map(|booked| booked.requested.clone()).or_else(|| difference.model.clone());
        let requested = requested.filter(|_| difference.model.is_some()).unwrap_or_default();
        let served = difference.model.clone().filter(|_| booked.is_some());
        // How many corrections there are already: back and forth between two invoices each step is a new one.
        let ordinal = booked.map_or(0, |booked| booked.corrections);
        let model = difference.model.clone().unwrap_or_default();
        let steps = (before.as_pico(), amount.as_pico());
        let facts = format!("{}\n{model}\n{ordinal}\n{}\n{}", difference.day, steps.0, steps.1);
        let raw = json!({
            "invoiced_usd": after.map(|usd| usd.to_string()), "booked_usd": before.to_string(),
            "whole_day": difference.whole_day,
        });
        let at = self.moment_of(difference);
        Some(self.entry(compared, difference.day, Correcting { facts, at, requested, served, amount, raw }))
    }

    /// An opposite entry for everything this file has corrected, where the corrections stand.
    pub(super) fn taking_back(&self, compared: &Compared) -> Vec<LedgerEntry> {
        compared.corrections.iter().filter_map(|one| self.opposite(compared, one)).collect()
    }

    fn opposite(&self, compared: &Compared, correction: &FileCorrection) -> Option<LedgerEntry> {
        let FileCorrection { day, requested, served, at, usd, entries } = correction;
        let amount = PicoUsd::ZERO.checked_sub(*usd)?;
        let name = served.as_deref().unwrap_or_default();
        let facts = format!("taken back\n{day}\n{requested}\n{name}\n{entries}\n{}", usd.as_pico());
        let raw = json!({ "takes_back_usd": usd.to_string() });
        let day = stored::date(day).ok()?;
        let (requested, served) = (requested.clone(), served.clone());
        Some(self.entry(compared, day, Correcting { facts, at: *at, requested, served, amount, raw }))
    }

    /// When the last of the calls was booked, so that both are on the same day by anybody's clock and never ahead of it. Without a
    /// call noon, or now where it is not noon yet.
    fn moment_of(&self, difference: &Difference) -> UnixMs {
        let start = midnight(difference.day);
        let noon = UnixMs(start.0.saturating_add(NOON_MS));
        let last = difference.booked.as_ref().and_then(|booked| booked.last_call);
        last.unwrap_or_else(|| self.inner.clock.now().min(noon).max(start))
    }

    fn entry(&self, compared: &Compared, day: Date, correcting: Correcting) -> LedgerEntry {
        let Correcting { facts, at, requested, served, amount, mut raw } = correcting;
        let (invoice, file) = (&compared.stored, stored::file_of(&compared.stored));
        if let Some(raw) = raw.as_object_mut() {
            raw.extend([
                ("invoice".to_owned(), json!(invoice.name)),
                ("file".to_owned(), json!(file)),
                ("day".to_owned(), json!(day.to_string())),
            ]);
        }
        let mut bytes = [0; 16];
        let hash = Sha256::digest(format!("{file}\n{}\n{facts}", invoice.provider));
        for (byte, hash) in bytes.iter_mut().zip(hash) {
            *byte = hash;
        }
        LedgerEntry {
            id: LedgerEntryId::from_uuid(self.inner.clock.new_id()),
            attempt_id: AttemptId::from_uuid(Uuid::from_bytes(bytes)),
            kind: EntryKind::Adjustment,
            at,
            source: Source::Invoice,
            conversation_id: None,
            turn_id: None,
            run_id: None,
            lane_id: None,
            provider: invoice.provider.clone(),
            model_requested: requested,
            model_served: served,
            key_id: None,
            usage: TokenUsage::default(),
            usage_raw: Some(raw),
            cost: Cost { usd: Some(amount), provenance: Some(Provenance::Reported), ..Cost::unknown() },
            price: None,
            simulated: false,
        }
    }
}
