//! At start, and every minute while the engine lives: answers of a process that died are marked as interrupted with their text, and
//! booked at an estimate.

mod books;

use std::collections::HashSet;
use std::sync::Arc;

use roundtable_domain::{LedgerEntryId, UnixMs};
use roundtable_store::{
    Attempt, InterruptedRun, Lease, LeaseId, LedgerEntry, RecoveredSettlement, Settle, Settlement, Store,
};
use tokio::time::Instant;

use crate::catalogue::layers;
use crate::clock::Clock;
use crate::data_dir::DataDir;
use crate::directory::{Directory, Setup};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::lease;
use crate::tokens::TokenCounter;
use crate::turn::{Expected, elapsed_ms, estimate_interrupted};
use books::{cost_of_answer, lost_call, open_calls, open_entry, released};

/// Where to look for what dead processes left, and what is needed to book it.
#[derive(Clone, Copy)]
pub(crate) struct Aftermath<'a> {
    store: &'a Store,
    data_dir: &'a DataDir,
    /// This process, which lives.
    own: &'a LeaseId,
    clock: &'a dyn Clock,
    tokens: &'a TokenCounter,
}

impl Engine {
    /// Recovers what a process has left that died while this one lives: what was set aside for its calls would block budgets until
    /// somebody starts. Answers of processes that live are left alone, and two that look at once book the same once.
    pub(crate) async fn recover_meanwhile(&self) {
        let inner = &self.inner;
        let aftermath =
            Aftermath::new(&inner.store, &inner.data_dir, &inner.lease_id, &*inner.clock, &inner.tokens);
        let recovered = async {
            if aftermath.is_anything_left().await? {
                aftermath.recover().await?;
                inner.histories.forget_all();
            }
            Ok::<(), EngineError>(())
        };
        if let Err(error) = recovered.await {
            tracing::warn!(%error, "what another process may have left could not be looked at");
        }
    }
}

impl<'a> Aftermath<'a> {
    /// What dead processes have left in a data folder, to be recovered by the process of this lease.
    pub(crate) fn new(
        store: &'a Store,
        data_dir: &'a DataDir,
        own: &'a LeaseId,
        clock: &'a dyn Clock,
        tokens: &'a TokenCounter,
    ) -> Self {
        Self { store, data_dir, own, clock, tokens }
    }
}

impl Aftermath<'_> {
    fn is_alive(&self, lease: &LeaseId) -> bool {
        lease == self.own || lease::is_alive(&self.data_dir.leases(), lease.as_str())
    }

    /// Whether a process has died, or money is set aside by one that is gone. Two short reads.
    async fn is_anything_left(&self) -> Result<bool, EngineError> {
        // What is set aside is read first: whoever sets aside after that has said before who they are.
        let open = self.store.reservations().open().await?;
        let leases = self.store.leases().list().await?;
        let known: HashSet<&LeaseId> = leases.iter().map(|lease| &lease.id).collect();
        if !known.contains(self.own) {
            // Somebody took this process for dead. Whoever looked now would do the same.
            return Ok(false);
        }
        Ok(open.iter().any(|reservation| !known.contains(&reservation.lease_id))
            || leases.iter().any(|lease| !self.is_alive(&lease.id)))
    }

    /// Recovers and says what was done, in words for the window.
    pub(crate) async fn recover(&self) -> Result<Vec<String>, EngineError> {
        let Self { store, clock, .. } = *self;
        let begun = Instant::now();
        let now = clock.now();
        let recovered = store.recover(now, |lease: &Lease| self.is_alive(&lease.id)).await?;
        let mut directory = Directory::new(&store.providers().list().await?, |_| false);
        if !recovered.runs.is_empty() {
            directory = directory.at_prices(Arc::new(layers::load(store).await?));
        }
        let mut settlements = Vec::new();
        for found in &recovered.runs {
            settlements.push(self.settlement(&directory, found, now).await);
        }
        settlements.extend(recovered.stray_reservations.iter().map(|stray| released(stray, now)));
        let lost = recovered.lost_calls.iter();
        settlements.extend(lost.map(|lost| lost_call(lost, LedgerEntryId::from_uuid(clock.new_id()), now)));
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
        Ok(in_words(count))
    }

    async fn settlement(
        &self,
        directory: &Directory,
        found: &InterruptedRun,
        now: UnixMs,
    ) -> RecoveredSettlement {
        let mut entries = Vec::new();
        for (attempt, reservation) in open_calls(found) {
            let id = LedgerEntryId::from_uuid(self.clock.new_id());
            let entry = open_entry(found, attempt, reservation, id, now);
            entries.push(self.estimated(directory, found, attempt, entry).await);
        }
        let outcome = if entries.is_empty() { Settlement::Released } else { Settlement::Recovered };
        let settle = found
            .reservations
            .iter()
            .map(|open| Settle { reservation_id: open.id, settlement: outcome, at: now })
            .collect();
        let cost = Some(cost_of_answer(found, &entries));
        RecoveredSettlement { run_id: Some(found.run.id), cost, entries, settle }
    }

    /// The entry of an open call: the latest at an estimate of its prompt and of what was saved of its answer, never more than was set
    /// aside. Of an earlier one the text is not known any more, and of a provider that was removed not the price: those stay at
    /// what was set aside.
    async fn estimated(
        &self,
        directory: &Directory,
        found: &InterruptedRun,
        attempt: &Attempt,
        reserved: LedgerEntry,
    ) -> LedgerEntry {
        let provider = attempt.provider.as_str();
        let setup = directory
            .find(provider)
            .or_else(|| roundtable_providers::dialect(provider).and_then(Setup::of_dialect));
        let is_latest = found.attempts.last().is_some_and(|latest| latest.id == attempt.id);
        let Some((setup, prompt_tokens)) = setup.filter(|_| is_latest).zip(attempt.prompt_tokens) else {
            return reserved;
        };
        let counter = self.tokens.with_learnt(self.store).await;
        let expected = Expected {
            prompt_tokens,
            most_output: found.run.params.max_tokens.map(u64::from),
            reserved: reserved.cost.usd,
            counting: counter.counting_exactly(&setup, &attempt.model_requested).await,
        };
        let booking = estimate_interrupted(&setup, &found.run, attempt, &expected);
        let entry = LedgerEntry {
            model_served: found.run.model_served.clone(),
            usage: booking.usage,
            usage_raw: found.run.usage_raw.clone(),
            ..reserved
        };
        if booking.cost.usd.is_none() {
            return entry;
        }
        let price = booking.price.as_ref().and_then(|price| serde_json::to_value(price).ok());
        LedgerEntry { cost: booking.cost, price, ..entry }
    }
}

fn in_words(count: usize) -> Vec<String> {
    match count {
        0 => Vec::new(),
        1 => vec!["One answer was interrupted when Roundtable last ended. What had come is kept.".to_owned()],
        _ => vec![format!(
            "{count} answers were interrupted when Roundtable last ended. What had come is kept."
        )],
    }
}
