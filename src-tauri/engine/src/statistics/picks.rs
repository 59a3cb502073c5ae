//! Which models' answers people pick: counted in the store, kept in memory for choosing.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use roundtable_domain::{ModelRef, UnixMs};
use roundtable_router::choose::Picks;
use roundtable_store::PickedOver;

use super::{HOUR_MS, MOST_HOURS};
use crate::engine::Engine;
use crate::error::EngineError;

/// Comparisons by provider and model: looking one up makes no copy of its name.
#[derive(Default)]
pub(crate) struct PickedAnswers(Mutex<HashMap<String, HashMap<String, Picks>>>);

impl PickedAnswers {
    fn of(&self, model: &ModelRef) -> Picks {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.get(&model.provider).and_then(|models| models.get(&model.model)).copied().unwrap_or_default()
    }

    fn set(&self, counts: HashMap<String, HashMap<String, Picks>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = counts;
    }
}

/// Each comparison counts for both: won for one, lost for the other.
fn counted(comparisons: Vec<PickedOver>) -> HashMap<String, HashMap<String, Picks>> {
    let mut counts: HashMap<String, HashMap<String, Picks>> = HashMap::new();
    let mut add = |provider: String, model: String, won: u64, of: u64| {
        let picks = counts.entry(provider).or_default().entry(model).or_default();
        picks.picked = picks.picked.saturating_add(won);
        picks.shown = picks.shown.saturating_add(of);
    };
    for PickedOver { provider, model, other_provider, other_model, times } in comparisons {
        add(provider, model, times, times);
        add(other_provider, other_model, 0, times);
    }
    counts
}

impl Engine {
    /// How often a model's answer was picked, of the times it was compared; nothing for one that never was. Takes microseconds.
    pub(crate) fn model_picks(&self, model: &ModelRef) -> Picks {
        self.inner.picked_answers.of(model)
    }

    /// Counts the picks anew: at the start, and after each.
    pub(crate) async fn load_picks(&self) -> Result<(), EngineError> {
        let now = self.inner.clock.now();
        let since = UnixMs(now.0.saturating_sub(i64::from(MOST_HOURS) * HOUR_MS));
        let since = since.max(self.statistics_reset_at().await?);
        self.inner.picked_answers.set(counted(self.inner.store.runs().picked_over(since).await?));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comparison_is_won_by_one_and_lost_by_the_other() {
        let over = |model: &str, other: &str, times| PickedOver {
            provider: "p".into(),
            model: model.into(),
            other_provider: "p".into(),
            other_model: other.into(),
            times,
        };
        let picked = PickedAnswers::default();
        picked.set(counted(vec![over("a", "b", 3), over("b", "a", 1), over("a", "c", 2)]));
        let of = |model: &str| {
            let Picks { picked, shown } = picked.of(&ModelRef { provider: "p".into(), model: model.into() });
            (picked, shown)
        };
        assert_eq!([of("a"), of("b"), of("c"), of("nobody")], [(5, 6), (1, 4), (0, 2), (0, 0)]);
    }
}
