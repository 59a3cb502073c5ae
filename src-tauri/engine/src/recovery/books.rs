//! What dead processes left, as it stands in the books. Pure.

use roundtable_domain::{Cost, LedgerEntryId, PicoUsd, Provenance, RunState, TokenUsage, UnixMs};
use roundtable_ledger::{reserved_cost, sum_costs};
use roundtable_store::{
    Attempt, EntryKind, InterruptedRun, LedgerEntry, RecoveredSettlement, Reservation, Settle, Settlement,
};

use crate::turn::Charged;

/// Nothing was charged: what was set aside is free again.
pub(super) fn released(stray: &Reservation, now: UnixMs) -> RecoveredSettlement {
    let settle = Settle { reservation_id: stray.id, settlement: Settlement::Released, at: now };
    RecoveredSettlement { run_id: None, cost: None, entries: Vec::new(), settle: vec![settle] }
}

/// A call nobody has booked, whose answer is gone with its conversation or had ended without it: it may have been charged, and how
/// much is not known any more. What was set aside for it is what it cost at most, and is booked as an estimate: neither deleting a
/// conversation nor a full disk makes a call free.
pub(super) fn lost_call(lost: &Reservation, id: LedgerEntryId, now: UnixMs) -> RecoveredSettlement {
    let Some(entry) = lost_entry(lost, id, now) else { return released(lost, now) };
    let settle = Settle { reservation_id: lost.id, settlement: Settlement::Recovered, at: now };
    RecoveredSettlement { run_id: None, cost: None, entries: vec![entry], settle: vec![settle] }
}

fn lost_entry(lost: &Reservation, id: LedgerEntryId, now: UnixMs) -> Option<LedgerEntry> {
    let spent_on = lost.spent_on.clone()?;
    Some(LedgerEntry {
        id,
        attempt_id: lost.attempt_id?,
        kind: EntryKind::Call,
        at: now,
        source: spent_on.source,
        conversation_id: spent_on.conversation_id,
        turn_id: None,
        run_id: Some(lost.run_id),
        lane_id: None,
        provider: spent_on.provider,
        model_requested: spent_on.model,
        model_served: None,
        key_id: spent_on.key_id,
        usage: TokenUsage::default(),
        usage_raw: None,
        cost: reserved_cost(lost.amount),
        price: None,
        simulated: lost.simulated,
    })
}

/// The calls of an interrupted run that nobody has said the end of, with what was set aside for them. Where that is settled, the process
/// itself has said that nothing was charged.
pub(super) fn open_calls(found: &InterruptedRun) -> impl Iterator<Item = (&Attempt, &Reservation)> {
    let is_booked = |attempt: &Attempt| found.booked.iter().any(|entry| entry.attempt_id == attempt.id);
    let open = found.attempts.iter().filter(move |one| one.state == RunState::Interrupted && !is_booked(one));
    open.filter_map(|attempt| {
        let own = found.reservations.iter().find(|one| one.attempt_id == Some(attempt.id))?;
        Some((attempt, own))
    })
}

/// An open call in the books, at what was set aside for it.
pub(super) fn open_entry(
    found: &InterruptedRun,
    attempt: &Attempt,
    reservation: &Reservation,
    id: LedgerEntryId,
    now: UnixMs,
) -> LedgerEntry {
    let run = &found.run;
    LedgerEntry {
        id,
        attempt_id: attempt.id,
        kind: EntryKind::Call,
        at: now,
        source: run.spend_source,
        conversation_id: Some(found.conversation_id),
        turn_id: Some(run.turn_id),
        run_id: Some(run.id),
        lane_id: Some(run.lane_id),
        provider: attempt.provider.clone(),
        model_requested: attempt.model_requested.clone(),
        model_served: None,
        key_id: attempt.key_id,
        usage: TokenUsage::default(),
        usage_raw: None,
        cost: reserved_cost(reservation.amount),
        price: None,
        simulated: reservation.simulated,
    }
}

/// What an answer has cost: the part it goes on from and all its calls. Real and invented money never mix; where nothing was
/// charged it cost nothing.
pub(super) fn cost_of_answer(found: &InterruptedRun, recovered: &[LedgerEntry]) -> Cost {
    let begun = found.run.begun_cost.clone().and_then(|begun| serde_json::from_value::<Charged>(begun).ok());
    let entries = found.booked.iter().chain(recovered);
    let charged = begun
        .into_iter()
        .chain(entries.map(|entry| Charged { cost: entry.cost.clone(), simulated: entry.simulated }));
    let same_money = charged.filter(|charged| charged.simulated == found.run.simulated);
    sum_costs(same_money.map(|charged| charged.cost)).unwrap_or_else(|| Cost {
        usd: Some(PicoUsd::ZERO),
        provenance: Some(Provenance::Computed),
        ..Cost::unknown()
    })
}
