//! How models did over a window of time, and what could be done better.
//!
//! Everything is counted from the store's calls when it is asked for, as in the statistics; there is no counter that could disagree
//! with them. Reading and writing apart, the rooms below are arithmetic: facts in, figures and advice out.

mod models;
mod trend;

use std::collections::HashMap;

use roundtable_domain::UnixMs;
use roundtable_store::Call;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::statistics::labels::Labels;
use crate::statistics::tally::Window;
use crate::statistics::{HOUR_MS, MOST_HOURS};
use crate::view::{AnalysisView, AppError, ModelAnalysis, StatisticsOf};
use models::{ModelTally, SUCCESS_TARGET};

/// The longest window, in days: calls are kept no longer.
const MOST_DAYS: u32 = MOST_HOURS / 24;

/// Models by `provider/model`; invented calls never stand with real ones.
type Models = HashMap<(String, bool), ModelTally>;

impl Engine {
    /// How every model did over the last days (1 to 90), or since the statistics were last reset.
    pub async fn analysis(&self, days: u32) -> Result<AnalysisView, AppError> {
        Ok(self.analyse(days).await?)
    }

    async fn analyse(&self, days: u32) -> Result<AnalysisView, EngineError> {
        let window = self.analysis_window(days).await?;
        let mut models = Models::new();
        let see = |call: Call| {
            let name = (format!("{}/{}", call.provider, call.model), call.simulated);
            models.entry(name).or_default().add(&call, window);
        };
        // A call that ended in this very millisecond belongs to it.
        let after = UnixMs(window.until.0.saturating_add(1));
        self.inner.store.calls().each(window.since, after, None, see).await?;
        let labels = self.statistics_labels().await?;
        Ok(AnalysisView {
            since: window.since,
            until: window.until,
            success_target: SUCCESS_TARGET,
            models: model_views(models, &labels, window),
            recommendations: Vec::new(),
            changes: Vec::new(),
            automatic: false,
        })
    }

    async fn analysis_window(&self, days: u32) -> Result<Window, EngineError> {
        let now = self.inner.clock.now();
        let length_ms = i64::from(days.clamp(1, MOST_DAYS)) * 24 * HOUR_MS;
        let since = UnixMs(now.0.saturating_sub(length_ms)).max(self.statistics_reset_at().await?);
        Ok(Window { since, until: now.max(since) })
    }
}

/// The most called first; of these that were only answered from what was kept nothing is known.
fn model_views(models: Models, labels: &Labels, window: Window) -> Vec<ModelAnalysis> {
    let mut views: Vec<ModelAnalysis> = models
        .into_iter()
        .map(|((target, simulated), tally)| {
            let label = labels.of(StatisticsOf::Model, &target);
            tally.into_view(target, label, simulated, window)
        })
        .filter(|view| view.requests > 0)
        .collect();
    views.sort_by(|a, b| {
        let by_name = || a.target.cmp(&b.target).then(a.simulated.cmp(&b.simulated));
        b.requests.cmp(&a.requests).then_with(by_name)
    });
    views
}
