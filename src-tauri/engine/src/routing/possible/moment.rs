//! Whether a model can be called at this moment, and how busy it is: over every key it may be called with.

use roundtable_domain::ErrorCategory::QuotaExceeded;
use roundtable_router::BreakerState;
use roundtable_router::attempt::{Guards, KeyState, Scope};
use roundtable_router::choose::{Availability, Load};

use super::Possible;
use crate::engine::Engine;

impl Possible {
    /// Whether it can be called at this moment, and how busy it is.
    pub(super) fn moment(&self, engine: &Engine) -> (Availability, Load) {
        if self.asked.is_none() {
            return (Availability::NotSetUp, Load::default());
        }
        if !self.can_ever_be_asked() {
            return (Availability::NoKey, Load::default());
        }
        let model = &self.reached.model;
        let router = &engine.inner.router;
        let in_flight = router.calls_under_way(model);
        let scopes = [Scope::Host { origin: self.host() }, Scope::Model { model: model.clone() }];
        router.with(|guards, now_ms| {
            let open = scopes.iter().find_map(|scope| match guards.breaker_state(scope, now_ms) {
                BreakerState::Open { until_ms } => Some(until_ms.saturating_sub(now_ms)),
                _ => None,
            });
            let closed = scopes.iter().filter_map(|scope| guards.closed_until_ms(scope, now_ms)).max();
            let (of_keys, load) = self.over_keys(guards, now_ms);
            let availability = open.map_or(of_keys, |for_ms| Availability::BreakerOpen { for_ms });
            let closed_ms = closed.map_or(0, |until_ms| until_ms.saturating_sub(now_ms));
            (availability, Load { in_flight, wait_ms: load.wait_ms.max(closed_ms), ..load })
        })
    }

    /// What the keys of its provider allow, and how busy it is with the least busy of those that can be used.
    fn over_keys(&self, guards: &Guards, now_ms: u64) -> (Availability, Load) {
        let states = guards.key_states(&self.reached.model, now_ms);
        if states.is_empty() {
            return (Availability::Ready, self.load_with(guards, None, 0, now_ms));
        }
        let usable = states.iter().filter_map(|(key, state)| Some((*key, wait_of(state, now_ms)?)));
        let loads = usable.map(|(key, wait_ms)| self.load_with(guards, Some(key), wait_ms, now_ms));
        if let Some(lightest) = Load::lightest(loads) {
            return (Availability::Ready, lightest);
        }
        let out_of_credit =
            |state: &KeyState| matches!(state, KeyState::Failed { category: QuotaExceeded, .. });
        let all_out = states.iter().all(|(_, state)| out_of_credit(state));
        (if all_out { Availability::QuotaExceeded } else { Availability::NoKey }, Load::default())
    }

    /// How busy it is with one key, under every limit such a call counts under: its server's, its rung's and its account's.
    fn load_with(&self, guards: &Guards, key: Option<&str>, wait_ms: u64, now_ms: u64) -> Load {
        let model = &self.reached.model;
        let mut scopes = vec![
            Scope::Host { origin: self.host() },
            Scope::AccountModel { model: model.clone(), key: key.map(str::to_owned) },
        ];
        scopes
            .extend(key.map(|key| Scope::Account { provider: model.provider.clone(), key: key.to_owned() }));
        let rung = self.reached.rung.as_ref();
        scopes.extend(rung.map(|rung| Scope::Rung { group: rung.group.clone(), echelon: rung.echelon }));
        let load = guards.load_under(&scopes, self.tokens.saturating_add(self.answer_tokens), now_ms);
        Load { wait_ms: load.wait_ms.max(wait_ms), ..load }
    }
}

/// How long a key cannot be used, in milliseconds; `None` while it has failed and is not due for another try.
fn wait_of(state: &KeyState, now_ms: u64) -> Option<u64> {
    match state {
        KeyState::Ready => Some(0),
        KeyState::Limited { until_ms } => Some(until_ms.saturating_sub(now_ms)),
        KeyState::Failed { retest_ms, .. } => (*retest_ms <= now_ms).then_some(0),
        KeyState::Retesting => None,
    }
}
