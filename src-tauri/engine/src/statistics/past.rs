//! What choosing remembers of every model's calls: read once from the store, then kept up with every call that ends.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use roundtable_domain::{RunState, UnixMs};
use roundtable_router::attempt::{Blame, blame};
use roundtable_router::choose::{ModelStats, PastCall, Tuning};
use roundtable_store::{CallSource, CountedCall};

/// What is remembered, shared by all who choose.
pub(crate) struct PastCalls {
    /// Calls from then on are recorded here as they end; earlier ones are read from the store.
    since: UnixMs,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    remembered: Remembered,
    /// Calls that ended before the earlier ones were read; `None` once they are.
    waiting: Option<Vec<(String, String, PastCall)>>,
}

/// Models by provider and name: looking one up makes no copy of its name.
#[derive(Default)]
pub(super) struct Remembered(HashMap<String, HashMap<String, ModelStats>>);

impl PastCalls {
    /// Nothing is remembered yet; `now` is when this process began.
    pub(crate) fn new(now: UnixMs) -> Self {
        let state = State { remembered: Remembered::default(), waiting: Some(Vec::new()) };
        Self { since: now, state: Mutex::new(state) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn since(&self) -> UnixMs {
        self.since
    }

    pub(super) fn record(&self, call: &CountedCall) {
        let Some(past) = past_call(call) else { return };
        let mut state = self.lock();
        state.remembered.add(&call.provider, &call.model, &past);
        if let Some(waiting) = &mut state.waiting {
            waiting.push((call.provider.clone(), call.model.clone(), past));
        }
    }

    pub(super) fn stats(&self, provider: &str, model: &str) -> ModelStats {
        self.lock().remembered.get(provider, model)
    }

    /// Puts earlier calls under those that have ended since. After [`Self::clear`] they are forgotten already.
    pub(super) fn load(&self, mut earlier: Remembered) {
        let mut state = self.lock();
        let Some(waiting) = state.waiting.take() else { return };
        for (provider, model, past) in &waiting {
            earlier.add(provider, model, past);
        }
        state.remembered = earlier;
    }

    /// Forgets all of it.
    pub(super) fn clear(&self) {
        *self.lock() = State::default();
    }
}

impl Remembered {
    pub(super) fn record(&mut self, call: &CountedCall) {
        if let Some(past) = past_call(call) {
            self.add(&call.provider, &call.model, &past);
        }
    }

    fn add(&mut self, provider: &str, model: &str, past: &PastCall) {
        let half_life_ms = Tuning::default().half_life_ms;
        if let Some(stats) = self.0.get_mut(provider).and_then(|models| models.get_mut(model)) {
            stats.record(past, half_life_ms);
            return;
        }
        let models = self.0.entry(provider.to_owned()).or_default();
        models.entry(model.to_owned()).or_default().record(past, half_life_ms);
    }

    fn get(&self, provider: &str, model: &str) -> ModelStats {
        self.0.get(provider).and_then(|models| models.get(model)).copied().unwrap_or_default()
    }
}

/// What a call says of its model; nothing, when it was stopped, was no call, or failed by the request's or the key's fault.
fn past_call(call: &CountedCall) -> Option<PastCall> {
    if call.source != CallSource::Model {
        return None;
    }
    let succeeded = match (call.state, call.category.map(blame)) {
        (RunState::Complete, _) => true,
        (RunState::Failed | RunState::Truncated, None | Some(Blame::Model | Blame::Host | Blame::Limits)) => {
            false
        }
        _ => return None,
    };
    Some(PastCall {
        at: call.at,
        succeeded,
        ttft_ms: call.ttft_ms,
        output_tokens: call.output_tokens,
        streaming_ms: call.total_ms.zip(call.ttft_ms).map(|(total, ttft)| total.saturating_sub(ttft)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::tally::tests::call;
    use roundtable_domain::ErrorCategory;

    fn good(calls: &PastCalls, model: &str) -> f64 {
        calls.stats("openai", model).good
    }

    #[test]
    fn earlier_calls_and_those_that_end_meanwhile_are_both_remembered_once() {
        let calls = PastCalls::new(UnixMs(1_000));
        calls.record(&call(1_500));
        assert!((good(&calls, "gpt-4o") - 1.0).abs() < 0.01, "at once");
        let mut earlier = Remembered::default();
        earlier.record(&call(500));
        earlier.record(&call(600));
        calls.load(earlier);
        assert!((good(&calls, "gpt-4o") - 3.0).abs() < 0.01, "{}", good(&calls, "gpt-4o"));
        calls.record(&call(2_000));
        assert!((good(&calls, "gpt-4o") - 4.0).abs() < 0.01);
        assert_eq!(calls.stats("openai", "never-called"), ModelStats::default());
    }

    #[test]
    fn what_was_forgotten_does_not_come_back_with_the_earlier_calls() {
        let calls = PastCalls::new(UnixMs(1_000));
        calls.clear();
        let mut earlier = Remembered::default();
        earlier.record(&call(500));
        calls.load(earlier);
        assert_eq!(calls.stats("openai", "gpt-4o"), ModelStats::default());
    }

    #[test]
    fn only_what_says_something_of_the_model_is_remembered() {
        let failed = |category| CountedCall { state: RunState::Failed, category: Some(category), ..call(1) };
        let remembered = |call: &CountedCall| past_call(call).map(|past| past.succeeded);
        assert_eq!(remembered(&call(1)), Some(true));
        for category in [ErrorCategory::Unavailable, ErrorCategory::Network, ErrorCategory::RateLimited] {
            assert_eq!(remembered(&failed(category)), Some(false), "{category:?}");
        }
        for category in
            [ErrorCategory::InvalidRequest, ErrorCategory::ContentFilter, ErrorCategory::Authentication]
        {
            assert_eq!(remembered(&failed(category)), None, "{category:?} is not the model's doing");
        }
        for state in [RunState::Cancelled, RunState::Interrupted] {
            assert_eq!(
                remembered(&CountedCall { state, category: Some(ErrorCategory::Cancelled), ..call(1) }),
                None
            );
        }
        assert_eq!(
            remembered(&CountedCall { source: CallSource::Cache, ..call(1) }),
            None,
            "nobody was asked"
        );
    }
}
