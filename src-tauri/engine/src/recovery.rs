//! At start: answers of a process that died are marked as interrupted with their text, and booked at an estimate.

use std::sync::Arc;

use roundtable_domain::{Cost, LedgerEntryId, PicoUsd, Provenance, RunState, TokenUsage, UnixMs, WireApi};
use roundtable_ledger::sum_costs;
use roundtable_store::{
    Attempt, EntryKind, InterruptedRun, LeaseId, LedgerEntry, RecoveredSettlement, Reservation, Settle,
    Settlement, Source, Store,
};
use tokio::time::Instant;

use crate::catalogue::layers;
use crate::clock::Clock;
use crate::data_dir::DataDir;
use crate::directory::{Directory, Setup};
use crate::error::EngineError;
use crate::history::{Reader, history_for, user_message};
use crate::lease;
use crate::tokens;
use crate::turn::{Charged, elapsed_ms, estimate_interrupted};

/// Recovers and says what was done, in words for the window.
pub(crate) async fn recover(
    store: &Store,
    data_dir: &DataDir,
    own: &LeaseId,
    clock: &dyn Clock,
) -> Result<Vec<String>, EngineError> {
    let begun = Instant::now();
    let now = clock.now();
    let folder = data_dir.leases();
    let is_alive =
        |lease: &roundtable_store::Lease| lease.id == *own || lease::is_alive(&folder, lease.id.as_str());
    let recovered = store.recover(now, is_alive).await?;
    let mut directory = Directory::new(&store.providers().list().await?, |_| false);
    if !recovered.runs.is_empty() {
        directory = directory.at_prices(Arc::new(layers::load(store).await?));
    }
    let mut settlements = Vec::new();
    for found in &recovered.runs {
        settlements.push(settlement(store, &directory, found, clock, now).await?);
    }
    settlements.extend(recovered.stray_reservations.iter().map(|stray| release(stray, now)));
    for lost in &recovered.lost_calls {
        let id = LedgerEntryId::from_uuid(clock.new_id());
        settlements.push(
            lost_entry(lost, id, now).map_or_else(|| release(lost, now), |entry| booked(lost, entry, now)),
        );
    }
    store.settle_recovered(&settlements).await?;
    let count = recovered.runs.len();
    if !settlements.is_empty() || !recovered.dead_leases.is_empty() {
        tracing::info!(
            answers = count,
            lost_calls = recovered.lost_calls.len(),
            released = recovered.stray_reservations.len(),
            dead_processes = recovered.dead_leases.len(),
            took_ms = elapsed_ms(begun),
            "recovered"
        );
    }
    Ok(match count {
        0 => Vec::new(),
        1 => vec!["One answer was interrupted when Roundtable last ended. What had come is kept.".to_owned()],
        _ => vec![format!(
            "{count} answers were interrupted when Roundtable last ended. What had come is kept."
        )],
    })
}

fn release(stray: &Reservation, now: UnixMs) -> RecoveredSettlement {
    let settle = Settle { reservation_id: stray.id, settlement: Settlement::Released, at: now };
    RecoveredSettlement { run_id: None, cost: None, entries: Vec::new(), settle: vec![settle] }
}

fn booked(lost: &Reservation, entry: LedgerEntry, now: UnixMs) -> RecoveredSettlement {
    let settle = Settle { reservation_id: lost.id, settlement: Settlement::Recovered, at: now };
    RecoveredSettlement { run_id: None, cost: None, entries: vec![entry], settle: vec![settle] }
}

/// A call nobody has booked, whose answer is gone with its conversation or had ended without it: it may have been charged, and how
/// much is not known any more. Deleting a conversation does not make it free. Vectors have no answer whose length is unknown: what was set
/// aside for them is what they cost at most, and is booked as an estimate.
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
        cost: match spent_on.source {
            Source::Embedding => Cost {
                usd: lost.amount,
                provenance: lost.amount.map(|_| Provenance::Estimated),
                ..Cost::unknown()
            },
            _ => Cost::unknown(),
        },
        price: None,
        simulated: lost.simulated,
    })
}

async fn settlement(
    store: &Store,
    directory: &Directory,
    found: &InterruptedRun,
    clock: &dyn Clock,
    now: UnixMs,
) -> Result<RecoveredSettlement, EngineError> {
    let mut entries = Vec::new();
    for attempt in found.attempts.iter().filter(|attempt| is_open(found, attempt)) {
        let id = LedgerEntryId::from_uuid(clock.new_id());
        entries.push(entry(store, directory, found, attempt, unpriced_entry(found, attempt, id, now)).await?);
    }
    let outcome = if entries.is_empty() { Settlement::Released } else { Settlement::Recovered };
    let settle = found
        .reservations
        .iter()
        .map(|open| Settle { reservation_id: open.id, settlement: outcome, at: now })
        .collect();
    Ok(RecoveredSettlement { run_id: Some(found.run.id), cost: Some(cost(found, &entries)), entries, settle })
}

/// Whether nobody has said how a call ended, nor booked it.
fn is_open(found: &InterruptedRun, attempt: &Attempt) -> bool {
    attempt.state == RunState::Interrupted && !found.booked.iter().any(|entry| entry.attempt_id == attempt.id)
}

/// What an answer has cost: the part it goes on from and all its calls. Real and invented money never mix; where nothing was
/// charged it cost nothing.
fn cost(found: &InterruptedRun, recovered: &[LedgerEntry]) -> Cost {
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

/// An open call as it is booked: the latest at an estimate. Of an earlier one the text is not known any more, nor is its cost.
async fn entry(
    store: &Store,
    directory: &Directory,
    found: &InterruptedRun,
    attempt: &Attempt,
    unpriced: LedgerEntry,
) -> Result<LedgerEntry, EngineError> {
    let provider = attempt.provider.as_str();
    let setup = directory
        .find(provider)
        .or_else(|| roundtable_providers::dialect(provider).and_then(Setup::of_dialect));
    let is_latest = found.attempts.last().is_some_and(|latest| latest.id == attempt.id);
    let Some(setup) = setup.filter(|_| is_latest) else { return Ok(unpriced) };
    let prompt_tokens = prompt_tokens(store, found, setup.api).await?;
    let booking = estimate_interrupted(&setup, &found.run, attempt, prompt_tokens);
    Ok(LedgerEntry {
        usage: booking.usage,
        cost: booking.cost,
        price: booking.price.as_ref().and_then(|price| serde_json::to_value(price).ok()),
        ..unpriced
    })
}

/// An entry whose cost is unknown.
fn unpriced_entry(found: &InterruptedRun, attempt: &Attempt, id: LedgerEntryId, now: UnixMs) -> LedgerEntry {
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
        model_served: run.model_served.clone(),
        key_id: attempt.key_id,
        usage: run.usage,
        usage_raw: run.usage_raw.clone(),
        cost: Cost::unknown(),
        price: None,
        simulated: run.simulated,
    }
}

/// About how many tokens the interrupted request carried.
async fn prompt_tokens(store: &Store, found: &InterruptedRun, api: WireApi) -> Result<u64, EngineError> {
    let run = &found.run;
    let history = store.lane_history(run.lane_id, Some(run.turn_id)).await?;
    let turn = store.turns().get(run.turn_id).await?;
    let system = store.conversations().get(found.conversation_id).await?.system_prompt;
    let (provider, model) = (run.provider.as_deref(), run.model_requested.as_deref());
    let reader = Reader { provider: provider.unwrap_or_default(), model: model.unwrap_or_default(), api };
    let mut messages = history_for(system.as_deref(), &history, reader).messages;
    messages.push(user_message(&turn));
    Ok(tokens::estimate_messages(&messages))
}
