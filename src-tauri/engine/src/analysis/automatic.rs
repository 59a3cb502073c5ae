//! Safe advice that is followed without asking, where somebody has switched that on: once at the start, and daily while the window is
//! open.

use std::collections::HashSet;
use std::time::Duration;

use roundtable_store::AdviceChange;
use serde_json::json;
use tokio::time::MissedTickBehavior;

use super::advice::Advice;
use super::follow::step_of;
use super::step::Step;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AnalysisView, AppError};

/// Where the switch stands among the settings.
const SETTING: &str = "advice";

/// What is looked at, in days.
const LOOKED_AT_DAYS: u32 = 30;

const DAILY: Duration = Duration::from_hours(24);

impl Engine {
    /// Switches on or off that safe recommendations are followed without asking. Switching it on follows nothing by itself: that is done at
    /// the next start, or within a day.
    pub async fn set_automatic(&self, on: bool, days: u32) -> Result<AnalysisView, AppError> {
        let (store, now) = (&self.inner.store, self.inner.clock.now());
        store.settings().set(SETTING, &json!({ "automatic": on }), now).await.map_err(EngineError::from)?;
        self.analysis(days).await
    }

    pub(super) async fn is_automatic(&self) -> Result<bool, EngineError> {
        let kept = self.inner.store.settings().get(SETTING).await?;
        Ok(kept.and_then(|kept| kept.get("automatic")?.as_bool()).unwrap_or(false))
    }

    /// Follows safe advice behind the window, now and daily.
    pub(crate) fn follow_advice_behind(&self) {
        let engine = self.clone();
        self.inner.tasks.spawn(async move {
            let closing = engine.inner.closing.clone();
            let mut daily = tokio::time::interval(DAILY);
            daily.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    () = closing.cancelled() => return,
                    _ = daily.tick() => {}
                }
                tokio::select! {
                    () = closing.cancelled() => return,
                    followed = engine.follow_safe_advice() => if let Err(error) = followed {
                        tracing::warn!(%error, "advice could not be followed by itself");
                    },
                }
            }
        });
    }

    /// Follows what is safe, if that is switched on, and tells of each change. Never what somebody has turned down, nor the same advice a
    /// second time: whoever took it back, or set something else, has the last word.
    pub async fn follow_safe_advice(&self) -> Result<u32, AppError> {
        Ok(self.follow_safe().await?)
    }

    async fn follow_safe(&self) -> Result<u32, EngineError> {
        if !self.is_automatic().await? {
            return Ok(0);
        }
        let _one_at_a_time = self.inner.following.lock().await;
        self.settle_changes().await?;
        let room = self.inner.store.advice();
        let all = self.advice_for(LOOKED_AT_DAYS).await?;
        let known = Known::of(room.changes(u32::MAX).await?, room.dismissed().await?, &all)?;
        let mut followed = 0;
        for advice in &all {
            let id = &advice.shown.id;
            if !advice.is_safe || advice.step.is_none() || known.has(advice) {
                continue;
            }
            match self.follow(advice, true).await {
                Ok(Some(change)) => {
                    followed += 1;
                    self.raise_automatic_change(&change).await;
                }
                Ok(None) => {}
                // The others may still be followed; this one is told where advice is looked at.
                Err(error) => tracing::warn!(%error, advice = %id, "advice could not be followed"),
            }
        }
        Ok(followed)
    }
}

/// What somebody has decided about already: by its id, and by what it would change, whatever has led to it.
struct Known {
    ids: HashSet<String>,
    steps: Vec<Step>,
}

impl Known {
    fn of(earlier: Vec<AdviceChange>, dismissed: Vec<String>, all: &[Advice]) -> Result<Self, EngineError> {
        let mut steps = earlier.iter().map(step_of).collect::<Result<Vec<Step>, _>>()?;
        let turned_down = all.iter().filter(|advice| dismissed.contains(&advice.shown.id));
        steps.extend(turned_down.filter_map(|advice| advice.step.clone()));
        let ids = earlier.into_iter().map(|change| change.advice).chain(dismissed).collect();
        Ok(Self { ids, steps })
    }

    fn has(&self, advice: &Advice) -> bool {
        self.ids.contains(&advice.shown.id)
            || advice.step.as_ref().is_some_and(|step| self.steps.contains(step))
    }
}
