//! Texts as vectors, with a cache in two levels: memory, then the database for thirty days. Only what neither has is asked of the
//! provider, in batches, and each batch is paid for like any other call: reserved before, booked after.

mod cache;
mod send;

use std::collections::HashMap;
use std::sync::Arc;

use roundtable_domain::{
    AttemptId, Cost, ErrorCategory, KeyId, LedgerEntryId, Params, Provenance, ProviderError, ReservationId,
    RunId, Timeouts, TokenUsage, UnixMs,
};
use roundtable_ledger::{PriceList, WorstCall, estimate_cost, hold_estimate};
use roundtable_providers::{EmbeddingRequest, Timers, plan_batches};
use roundtable_store::{
    Admission, EmbeddingKey, EntryKind, LedgerEntry, NewReservation, Settle, Settlement, Source, SpentOn,
    StoreError, StoredEmbedding,
};

use crate::alerts::InTheWay;
use crate::budgets::{Counted, Reserve};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::tokens::MediaTokens;
use crate::turn::{Asked, price_of};
use crate::view::{AppError, EmbeddingStats, MoneyChoice};
pub(crate) use cache::EmbeddingCache;
use cache::key_of;
use send::{Paid, Sent};

/// How long a vector is kept in the database.
const LIFE_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// A vector. Clones share it.
pub type Vector = Arc<[f32]>;

impl Engine {
    /// The vectors of texts by a model (`provider/model`), in their order; `dimensions` shortens them where the model can do that. Of
    /// `money` only the consents mean anything: there is no answer to cut short, and no other model has these vectors.
    ///
    /// What was asked before is not asked again. A batch that fails ends it; what came before is kept and was paid for.
    pub async fn embed(
        &self,
        target: &str,
        texts: &[String],
        dimensions: Option<u32>,
        money: &MoneyChoice,
    ) -> Result<Vec<Vector>, EngineError> {
        let directory = self.directory().await?;
        let asked = self
            .ask_whom(&directory, target)
            .await
            .map_err(|refused| EngineError::Provider(refused.error))?;
        let keys: Vec<EmbeddingKey> =
            texts.iter().map(|text| key_of(text, &asked.setup.id, &asked.model, dimensions)).collect();
        let mut found = self.look_up(&keys).await?;
        let mut missing: Vec<(EmbeddingKey, String)> = Vec::new();
        for (key, text) in keys.iter().zip(texts) {
            if !found.contains_key(key) && !missing.iter().any(|(known, _)| known == key) {
                missing.push((*key, text.clone()));
            }
        }
        self.inner.embeddings.count_misses(missing.len());
        // What is said about answers (sampling, length) means nothing here, how long to wait does.
        let effective = self.effective(&asked.setup, &asked.model, &Params::default()).await?;
        let timers = effective.timers(&Timeouts::default());
        let consents =
            Admission { overrides: money.override_budgets.clone(), allow_unpriced: money.allow_unpriced };
        let all: Vec<String> = missing.iter().map(|(_, text)| text.clone()).collect();
        for range in plan_batches(&asked.setup.endpoint(), &all) {
            let batch = missing.get(range).unwrap_or_default();
            let request = EmbeddingRequest {
                model: asked.model.clone(),
                texts: batch.iter().map(|(_, text)| text.clone()).collect(),
                dimensions,
            };
            found.extend(self.embed_batch(&asked, batch, &request, timers, &consents).await?);
        }
        keys.iter().map(|key| found.get(key).cloned().ok_or_else(|| incomplete(&asked))).collect()
    }

    /// How the cache has done since the program started, and what it holds.
    pub async fn embedding_stats(&self) -> Result<EmbeddingStats, AppError> {
        let totals = self.inner.store.embeddings().totals().await.map_err(EngineError::from)?;
        let mut stats = self.inner.embeddings.stats();
        (stats.stored, stats.stored_bytes) = (totals.vectors, totals.bytes);
        Ok(stats)
    }

    /// Empties both levels of the cache.
    pub async fn clear_embeddings(&self) -> Result<EmbeddingStats, AppError> {
        self.inner.embeddings.clear();
        self.inner.store.embeddings().clear().await.map_err(EngineError::from)?;
        self.embedding_stats().await
    }

    async fn look_up(&self, keys: &[EmbeddingKey]) -> Result<HashMap<EmbeddingKey, Vector>, EngineError> {
        let cache = &self.inner.embeddings;
        let mut found = HashMap::new();
        let mut elsewhere = Vec::new();
        for key in keys {
            match cache.get(key) {
                Some(vector) => drop(found.insert(*key, vector)),
                None => elsewhere.push(*key),
            }
        }
        if elsewhere.is_empty() {
            return Ok(found);
        }
        let stored = self.inner.store.embeddings();
        let vectors = stored.get_many(&elsewhere, self.inner.clock.now()).await?;
        for (key, vector) in elsewhere.into_iter().zip(vectors) {
            if let Some(vector) = vector {
                found.insert(key, cache.keep_stored(key, vector));
            }
        }
        Ok(found)
    }

    /// Asks for one batch and pays for it.
    async fn embed_batch(
        &self,
        asked: &Asked,
        batch: &[(EmbeddingKey, String)],
        request: &EmbeddingRequest,
        timers: Timers,
        consents: &Admission,
    ) -> Result<Vec<(EmbeddingKey, Vector)>, EngineError> {
        let inner = &self.inner;
        let counting = self.counting(&asked.setup, &asked.model).await;
        let counted: u64 = request.texts.iter().map(|text| counting.text(text)).sum();
        let counted = Counted {
            tokens: counted,
            media: MediaTokens::default(),
            source: counting.source(),
            has_tools: false,
            exceeded: inner.tokens.learned.unseen(&asked.setup.id, &asked.model),
        };
        let sent = self.send_batch(asked, request, counted, timers, consents).await?;
        let entry = self.embedding_entry(asked, &sent);
        self.tell_of_vectors(asked, &sent, &entry);
        inner.store.book_call(Some(&entry), self.settled(sent.paid.reservation, Settlement::Settled)).await?;
        self.keep(asked, batch, sent.reply.vectors).await
    }

    /// The end of what was set aside for a call.
    fn settled(&self, reservation_id: ReservationId, settlement: Settlement) -> Settle {
        Settle { reservation_id, settlement, at: self.inner.clock.now() }
    }

    /// Sets money aside for one call with this key, where the budgets have room for it. It is bound to the call from the beginning: what a
    /// process that dies meanwhile leaves open is booked at what was set aside.
    async fn set_aside_for(
        &self,
        asked: &Asked,
        key_id: Option<KeyId>,
        counted: Counted,
        consents: &Admission,
    ) -> Result<Paid, EngineError> {
        self.budgets_now().await?;
        let reservation = self.embedding_reservation(asked, key_id, counted);
        let attempt = AttemptId::from_uuid(self.inner.clock.new_id());
        let reservations = self.inner.store.reservations();
        let reserved = reservations.reserve(&reservation, Some(attempt), consents).await;
        if let Err(StoreError::OverBudget(over)) = &reserved {
            self.tell_of_refusals(&InTheWay::of_call(over)).await;
        }
        reserved?;
        Ok(Paid {
            key: key_id,
            attempt,
            reservation: reservation.id,
            reserved: reservation.amount,
            counted: counted.tokens,
        })
    }

    async fn keep(
        &self,
        asked: &Asked,
        batch: &[(EmbeddingKey, String)],
        vectors: Vec<Vec<f32>>,
    ) -> Result<Vec<(EmbeddingKey, Vector)>, EngineError> {
        let inner = &self.inner;
        let now = inner.clock.now();
        let rows: Vec<StoredEmbedding> = batch
            .iter()
            .zip(vectors)
            .map(|((key, _), vector)| StoredEmbedding {
                key: *key,
                provider: asked.setup.id.clone(),
                model: asked.model.clone(),
                vector,
                created_at: now,
                expires_at: UnixMs(now.0.saturating_add(LIFE_MS)),
            })
            .collect();
        // The vectors are here and paid for: a full disk costs the next run money, not this one its result.
        if let Err(error) = inner.store.embeddings().put_many(&rows).await {
            tracing::warn!(%error, "vectors could not be kept");
        }
        if let Err(error) = inner.store.embeddings().purge_expired(now).await {
            tracing::warn!(%error, "expired vectors could not be removed");
        }
        Ok(rows.into_iter().map(|row| (row.key, inner.embeddings.keep(row.key, row.vector))).collect())
    }

    fn embedding_reservation(
        &self,
        asked: &Asked,
        key_id: Option<KeyId>,
        counted: Counted,
    ) -> NewReservation {
        let clock = &self.inner.clock;
        let now = clock.now();
        let price = price_of(&asked.setup, &asked.model, None);
        let call = WorstCall {
            prompt: counted.tokens,
            prompt_at_most: counted.likely(),
            answer: 0,
            thinking: 0,
            has_audio: false,
            at: now,
        };
        NewReservation {
            id: ReservationId::from_uuid(clock.new_id()),
            run_id: RunId::from_uuid(clock.new_id()),
            amount: Reserve::new(price, call).worst,
            spent_on: SpentOn {
                provider: asked.setup.id.clone(),
                model: asked.model.clone(),
                key_id,
                conversation_id: None,
                source: Source::Embedding,
            },
            simulated: asked.setup.is_demo(),
            lease_id: self.inner.lease_id.clone(),
            created_at: now,
        }
    }

    fn embedding_entry(&self, asked: &Asked, sent: &Sent) -> LedgerEntry {
        let reply = &sent.reply;
        let served = reply.model.as_deref();
        LedgerEntry {
            model_served: reply.model.clone(),
            usage_raw: reply.usage_raw.clone(),
            ..self.entry_of_call(asked, sent.paid, served, reply.tokens)
        }
    }

    /// What a call is booked at that failed but may be charged: the texts as they were counted.
    fn entry_of_failure(&self, asked: &Asked, paid: Paid) -> LedgerEntry {
        let entry = self.entry_of_call(asked, paid, None, None);
        LedgerEntry { usage: TokenUsage { input: Some(paid.counted), ..entry.usage }, ..entry }
    }

    fn entry_of_call(
        &self,
        asked: &Asked,
        paid: Paid,
        served: Option<&str>,
        reported: Option<u64>,
    ) -> LedgerEntry {
        let clock = &self.inner.clock;
        let now = clock.now();
        let price = price_of(&asked.setup, &asked.model, served);
        LedgerEntry {
            id: LedgerEntryId::from_uuid(clock.new_id()),
            attempt_id: paid.attempt,
            kind: EntryKind::Call,
            at: now,
            source: Source::Embedding,
            conversation_id: None,
            turn_id: None,
            run_id: None,
            lane_id: None,
            provider: asked.setup.id.clone(),
            model_requested: asked.model.clone(),
            model_served: None,
            key_id: paid.key,
            usage: TokenUsage { input: reported, output: Some(0), ..TokenUsage::default() },
            usage_raw: None,
            cost: cost(price, reported, paid, now),
            price: price.and_then(|price| serde_json::to_value(price).ok()),
            simulated: asked.setup.is_demo(),
        }
    }
}

/// What a batch cost: its tokens at the price for prompts. Counted here where the provider reports none, and then an estimate, which is
/// held to what was set aside.
fn cost(price: Option<&PriceList>, reported: Option<u64>, paid: Paid, at: UnixMs) -> Cost {
    let Some(price) = price else { return Cost::unknown() };
    let cost = estimate_cost(price, reported.unwrap_or(paid.counted), 0, at);
    if reported.is_some() && cost.usd.is_some() {
        return Cost { provenance: Some(Provenance::Computed), ..cost };
    }
    hold_estimate(cost, paid.reserved)
}

fn incomplete(asked: &Asked) -> EngineError {
    EngineError::Provider(ProviderError::local(
        ErrorCategory::Unavailable,
        asked.setup.id.as_str(),
        format!(
            "{} sent fewer vectors than texts. What came is kept; ask again for the rest.",
            asked.setup.name
        ),
    ))
}
