//! How models did over a window of time, and what could be done better.
//!
//! Everything is counted from the store's calls when it is asked for, as in the statistics; there is no counter that could disagree
//! with them. [`models`] and [`trend`] are the figures of a model. [`facts`] counts what advice rests on, [`advice`] has a file for each
//! kind, all arithmetic; [`gather`] lays facts beside what is set now. What advice would change is a [`step::Step`]; [`standing`] makes
//! it, [`follow`] writes down that it was made and takes it back, [`automatic`] does so without asking where that is switched on.
//! [`failures`] leads to the calls behind a count, [`table`] writes the models into a file.

mod advice;
mod automatic;
mod error;
mod facts;
mod failures;
mod follow;
mod gather;
mod models;
mod sayings;
mod standing;
mod step;
mod table;
mod trend;

use std::collections::HashMap;
use std::sync::Arc;

use roundtable_domain::UnixMs;
use roundtable_store::{CallsMark, CountedCall};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::statistics::labels::Labels;
use crate::statistics::tally::Window;
use crate::statistics::{HOUR_MS, MOST_HOURS};
use crate::view::{AnalysisView, AppError, ModelAnalysis, Recommendation, StatisticsOf};
use advice::Advice;
pub use error::AdviceError;
use facts::Facts;
use models::{ModelTally, SUCCESS_TARGET};

/// The longest window, in days: calls are kept no longer.
const MOST_DAYS: u32 = MOST_HOURS / 24;

/// Models by `provider/model`; invented calls never stand with real ones.
type Models = HashMap<(String, bool), ModelTally>;

/// How long what was seen may stand while no call ends: its window has moved on by no more.
const STANDS_MS: u64 = 10 * 60 * 1_000;

/// What was seen of real calls, and of invented ones.
#[derive(Default)]
struct Seen {
    real: Facts,
    invented: Facts,
    /// The names of the models are not in it yet: somebody may rename them.
    models: Vec<ModelAnalysis>,
}

/// What was seen last. Following, turning down and looking again change none of it, so that they read no call anew.
pub(crate) struct LastSeen {
    of: SeenOf,
    window: Window,
    seen: Arc<Seen>,
}

/// What it depends on besides the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct SeenOf {
    days: u32,
    reset_at: UnixMs,
    ttl_hours: u32,
    calls: CallsMark,
}

impl Engine {
    /// How every model did over the last days (1 to 90), or since the statistics were last reset; what could be done better, and what was
    /// done about it.
    pub async fn analysis(&self, days: u32) -> Result<AnalysisView, AppError> {
        Ok(self.analyse(days).await?)
    }

    async fn analyse(&self, days: u32) -> Result<AnalysisView, EngineError> {
        {
            let _one_at_a_time = self.inner.following.lock().await;
            self.settle_changes().await?;
        }
        let (window, seen) = self.calls_seen(days).await?;
        let advice = self.advice_on(&seen, window).await?;
        let dismissed = self.inner.store.advice().dismissed().await?;
        let labels = self.statistics_labels().await?;
        Ok(AnalysisView {
            since: window.since,
            until: window.until,
            success_target: SUCCESS_TARGET,
            models: named(&seen.models, &labels),
            recommendations: shown(advice, &dismissed),
            changes: self.changes_shown().await?,
            automatic: self.is_automatic().await?,
        })
    }

    /// All advice for a window, the most urgent first.
    async fn advice_for(&self, days: u32) -> Result<Vec<Advice>, EngineError> {
        let (window, seen) = self.calls_seen(days).await?;
        self.advice_on(&seen, window).await
    }

    /// Of invented calls advice is given only where there are no real ones and nobody real could be asked.
    async fn advice_on(&self, seen: &Seen, window: Window) -> Result<Vec<Advice>, EngineError> {
        let is_all_demo = seen.real.calls == 0 && !self.has_real_models().await?;
        let facts = if is_all_demo { &seen.invented } else { &seen.real };
        self.advise_on(facts, is_all_demo, window).await
    }

    /// What the calls of these days say, and the window they are of: as it was seen last, if no call has ended since.
    async fn calls_seen(&self, days: u32) -> Result<(Window, Arc<Seen>), EngineError> {
        let mut last = self.inner.analysed.lock().await;
        let window = self.analysis_window(days).await?;
        let (_, ttl_hours) = self.response_rules().await?;
        let reset_at = self.statistics_reset_at().await?;
        let calls = self.inner.store.calls().mark().await?;
        let of = SeenOf { days, reset_at, ttl_hours, calls };
        let stands = |last: &&LastSeen| {
            let age = window.until.0.saturating_sub(last.window.until.0);
            last.of == of && u64::try_from(age).is_ok_and(|age| age < STANDS_MS)
        };
        if let Some(last) = last.as_ref().filter(stands) {
            return Ok((last.window, Arc::clone(&last.seen)));
        }
        let seen = Arc::new(self.read_calls(window, ttl_hours).await?);
        *last = Some(LastSeen { of, window, seen: Arc::clone(&seen) });
        Ok((window, seen))
    }

    async fn read_calls(&self, window: Window, ttl_hours: u32) -> Result<Seen, EngineError> {
        let kept_ms = u64::from(ttl_hours) * HOUR_MS.unsigned_abs();
        let (mut real, mut invented, mut models) = (Facts::default(), Facts::default(), Models::default());
        let see = |call: CountedCall| {
            let facts = if call.simulated { &mut invented } else { &mut real };
            facts.add(&call, kept_ms);
            let name = (format!("{}/{}", call.provider, call.model), call.simulated);
            models.entry(name).or_default().add(&call, window);
        };
        // A call that ended in this very millisecond belongs to it.
        let after = UnixMs(window.until.0.saturating_add(1));
        self.inner.store.calls().each(window.since, after, None, see).await?;
        real.forget_requests();
        invented.forget_requests();
        Ok(Seen { real, invented, models: model_views(models, window) })
    }

    async fn has_real_models(&self) -> Result<bool, EngineError> {
        for setup in self.directory().await?.setups() {
            if !setup.is_demo() && (!setup.needs_key() || self.ask_key(setup).await.is_ok()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn analysis_window(&self, days: u32) -> Result<Window, EngineError> {
        let now = self.inner.clock.now();
        let length_ms = i64::from(days.clamp(1, MOST_DAYS)) * 24 * HOUR_MS;
        let since = UnixMs(now.0.saturating_sub(length_ms)).max(self.statistics_reset_at().await?);
        Ok(Window { since, until: now.max(since) })
    }
}

/// Those that were turned down come last, and are marked.
fn shown(advice: Vec<Advice>, dismissed: &[String]) -> Vec<Recommendation> {
    let mut shown: Vec<Recommendation> = advice
        .into_iter()
        .map(|advice| {
            let dismissed = dismissed.contains(&advice.shown.id);
            Recommendation { dismissed, ..advice.shown }
        })
        .collect();
    shown.sort_by_key(|recommendation| recommendation.dismissed);
    shown
}

/// The most called first; of these that were only answered from what was kept nothing is known.
fn model_views(models: Models, window: Window) -> Vec<ModelAnalysis> {
    let mut views: Vec<ModelAnalysis> = models
        .into_iter()
        .map(|((target, simulated), tally)| tally.into_view(target, String::new(), simulated, window))
        .filter(|view| view.requests > 0)
        .collect();
    views.sort_by(|a, b| {
        let by_name = || a.target.cmp(&b.target).then(a.simulated.cmp(&b.simulated));
        b.requests.cmp(&a.requests).then_with(by_name)
    });
    views
}

/// With what people call them now.
fn named(models: &[ModelAnalysis], labels: &Labels) -> Vec<ModelAnalysis> {
    let named = models.iter().map(|model| {
        let label = labels.of(StatisticsOf::Model, &model.target);
        ModelAnalysis { label, ..model.clone() }
    });
    named.collect()
}
