//! At start: answers of a process that died are marked as interrupted with their text, and booked at an estimate.

use std::sync::Arc;

use roundtable_domain::{LedgerEntryId, RunState, UnixMs, WireApi};
use roundtable_ledger::sum_costs;
use roundtable_store::{
    Attempt, EntryKind, InterruptedRun, LeaseId, LedgerEntry, RecoveredSettlement, Reservation, Settle,
    Settlement, Source, Store,
};

use crate::catalogue::layers;
use crate::clock::Clock;
use crate::data_dir::DataDir;
use crate::directory::{Directory, Setup};
use crate::error::EngineError;
use crate::history::{Reader, history_for, user_message};
use crate::lease;
use crate::tokens;
use crate::turn::estimate_interrupted;

/// Recovers and says what was done, in words for the window.
pub(crate) async fn recover(
    store: &Store,
    data_dir: &DataDir,
    own: &LeaseId,
    clock: &dyn Clock,
) -> Result<Vec<String>, EngineError> {
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
    store.settle_recovered(&settlements).await?;
    let count = recovered.runs.len();
    if count > 0 {
        tracing::info!(count, "interrupted answers recovered");
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

async fn settlement(
    store: &Store,
    directory: &Directory,
    found: &InterruptedRun,
    clock: &dyn Clock,
    now: UnixMs,
) -> Result<RecoveredSettlement, EngineError> {
    let run = &found.run;
    let in_flight = found.attempts.last().filter(|attempt| attempt.state == RunState::Interrupted);
    let provider = in_flight.map(|attempt| attempt.provider.as_str()).or(run.provider.as_deref());
    let setup = provider.and_then(|provider| {
        directory
            .find(provider)
            .or_else(|| roundtable_providers::dialect(provider).and_then(Setup::of_dialect))
    });
    let booking = match (&setup, in_flight) {
        (Some(setup), Some(_)) => {
            Some(estimate_interrupted(setup, found, prompt_tokens(store, found, setup.api).await?))
        }
        _ => None,
    };
    let entries: Vec<LedgerEntry> = in_flight
        .zip(booking.as_ref())
        .map(|(attempt, booking)| LedgerEntry {
            usage: booking.usage,
            cost: booking.cost.clone(),
            price: booking.price.as_ref().and_then(|price| serde_json::to_value(price).ok()),
            ..unpriced_entry(found, attempt, LedgerEntryId::from_uuid(clock.new_id()), now)
        })
        .or_else(|| {
            in_flight
                .map(|attempt| unpriced_entry(found, attempt, LedgerEntryId::from_uuid(clock.new_id()), now))
        })
        .into_iter()
        .collect();
    let outcome = if entries.is_empty() { Settlement::Released } else { Settlement::Recovered };
    let settle = found
        .reservations
        .iter()
        .map(|open| Settle { reservation_id: open.id, settlement: outcome, at: now })
        .collect();
    Ok(RecoveredSettlement {
        run_id: Some(run.id),
        cost: sum_costs(found.booked.iter().cloned().chain(booking.map(|booking| booking.cost))),
        entries,
        settle,
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
        source: Source::Chat,
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
        cost: roundtable_domain::Cost::unknown(),
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
