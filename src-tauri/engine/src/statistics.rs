//! How models, providers, keys, groups and pools have done: rows over a window of time for people, and what choosing remembers of
//! every model.
//!
//! Both are made of the store's calls, one row per call that ended, written with the end of its attempt. Whoever ends an attempt
//! says so twice: `store::Call` into the transaction that ends it, and [`Engine::attempt_ended`] with the same call after that.

pub(crate) mod labels;
mod past;
mod picks;
pub(crate) mod spread;
pub(crate) mod tally;

use std::collections::HashMap;

use roundtable_domain::{ModelRef, UnixMs};
use roundtable_router::choose::ModelStats;
use roundtable_store::{Call, CallSource, CountedCall};
use serde_json::{Value, json};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AppError, StatisticsOf, StatisticsRow, StatisticsView};
pub(crate) use past::PastCalls;
pub(crate) use picks::PickedAnswers;
use tally::{Tally, Window};

/// Where the moment of the last reset stands among the settings.
const SETTING: &str = "statistics";

pub(crate) const HOUR_MS: i64 = 3_600_000;

/// How long calls are kept, and so the longest window.
pub(crate) const MOST_HOURS: u32 = 90 * 24;

/// How far back choosing remembers: at a half-life of hours nothing older counts, only a speed may still be known from it.
const REMEMBERED_HOURS: i64 = 7 * 24;

/// More calls than these say nothing new of a model, and reading them would be felt.
const MOST_REMEMBERED: u32 = 20_000;

/// What a row is about. Invented calls never stand in a row with real ones.
type Name = (StatisticsOf, String, bool);

impl Engine {
    /// How everybody has done over the last hours (1 to 2160), or since the last reset.
    pub async fn statistics(&self, hours: u32) -> Result<StatisticsView, AppError> {
        let now = self.inner.clock.now();
        let begin = UnixMs(now.0.saturating_sub(i64::from(hours.clamp(1, MOST_HOURS)) * HOUR_MS));
        let since = begin.max(self.statistics_reset_at().await?);
        let mut rows: HashMap<Name, Tally> = HashMap::new();
        let window = Window { since, until: now.max(since) };
        let seen = |call: CountedCall| {
            for name in names(&call) {
                rows.entry(name).or_default().add(&call, window);
            }
        };
        // A call that ended in this very millisecond belongs to it.
        let after = UnixMs(now.0.saturating_add(1));
        self.inner.store.calls().each(since, after, None, seen).await.map_err(EngineError::from)?;
        let labels = self.statistics_labels().await?;
        let mut rows: Vec<StatisticsRow> = rows
            .into_iter()
            .map(|((of, name, simulated), tally)| {
                let label = labels.of(of, &name);
                tally.into_row(of, name, label, simulated, window)
            })
            .collect();
        rows.sort_by(|a, b| {
            let by_name = || a.name.cmp(&b.name).then(a.simulated.cmp(&b.simulated));
            a.of.cmp(&b.of).then(b.requests.cmp(&a.requests)).then_with(by_name)
        });
        Ok(StatisticsView { since, until: window.until, rows })
    }

    /// Counts from now on: earlier calls are neither shown nor remembered for choosing. The books are not touched.
    pub async fn reset_statistics(&self) -> Result<StatisticsView, AppError> {
        let now = self.inner.clock.now();
        // What ended in this very millisecond was before.
        let value = json!({ "since": now.0.saturating_add(1) });
        self.inner.store.settings().set(SETTING, &value, now).await.map_err(EngineError::from)?;
        self.inner.past_calls.clear();
        self.load_picks().await?;
        self.statistics(1).await
    }

    /// When the statistics were last reset; the beginning of time if never.
    pub(crate) async fn statistics_reset_at(&self) -> Result<UnixMs, EngineError> {
        let kept = self.inner.store.settings().get(SETTING).await?;
        Ok(UnixMs(kept.as_ref().and_then(|kept| kept.get("since")).and_then(Value::as_i64).unwrap_or(0)))
    }

    /// Takes a call that has ended into what is remembered of its model. Its row is written with the end of its attempt.
    pub(crate) fn attempt_ended(&self, call: &Call) {
        self.inner.past_calls.record(&CountedCall::from(call.clone()));
    }

    /// What is remembered of a model, by the provider's name in calls; of one that was never called nothing, which is not bad. Takes
    /// microseconds.
    pub(crate) fn model_stats(&self, model: &ModelRef) -> ModelStats {
        self.inner.past_calls.stats(&model.provider, &model.model)
    }

    /// Removes what is too old, then reads what is remembered of every model, behind the window that opens.
    pub(crate) fn load_statistics_behind(&self) {
        let engine = self.clone();
        self.inner.tasks.spawn(async move {
            let closing = engine.inner.closing.clone();
            tokio::select! {
                () = closing.cancelled() => {}
                loaded = engine.load_statistics() => if let Err(error) = loaded {
                    // Choosing then knows no more than it would of models that were never called.
                    tracing::warn!(%error, "what is known of earlier calls could not be read");
                },
            }
        });
    }

    async fn load_statistics(&self) -> Result<(), EngineError> {
        let inner = &self.inner;
        let now = inner.clock.now();
        let since = UnixMs(now.0.saturating_sub(REMEMBERED_HOURS * HOUR_MS));
        let since = since.max(self.statistics_reset_at().await?);
        let mut earlier = past::Remembered::default();
        let calls = inner.store.calls();
        calls
            .each(since, inner.past_calls.since(), Some(MOST_REMEMBERED), |call| earlier.record(&call))
            .await?;
        inner.past_calls.load(earlier);
        self.load_picks().await?;
        let oldest = UnixMs(now.0.saturating_sub(i64::from(MOST_HOURS) * HOUR_MS));
        let removed = inner.store.calls().purge(oldest).await?;
        let expired = inner.store.responses().purge_expired(now).await?;
        if removed + expired > 0 {
            tracing::info!(removed, expired, "old calls and expired answers are removed");
        }
        Ok(())
    }
}

/// All that a call counts for.
fn names(call: &CountedCall) -> impl Iterator<Item = Name> + '_ {
    let model = format!("{}/{}", call.provider, call.model);
    // A key did nothing for an answer that was not asked for with it, and the demo has none to speak of.
    let key = call.key.clone().filter(|_| call.source == CallSource::Model && !call.simulated);
    [
        (StatisticsOf::Model, Some(model)),
        (StatisticsOf::Provider, Some(call.provider.clone())),
        (StatisticsOf::Key, key),
        (StatisticsOf::Group, call.group.clone()),
        (StatisticsOf::Pool, call.pool.clone()),
    ]
    .into_iter()
    .filter_map(|(of, name)| Some((of, name?, call.simulated)))
}

#[cfg(test)]
mod tests;
