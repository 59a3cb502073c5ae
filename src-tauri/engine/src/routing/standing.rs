//! Where everything stands that routing depends on, for the window: breakers, limits, queues, keys, hosts. Looked at when asked,
//! from memory and the database; no keyring is opened and nobody is called.

mod allowance;

use std::collections::{BTreeMap, BTreeSet};

use roundtable_domain::{ModelRef, UnixMs};
use roundtable_router::BreakerState;
use roundtable_router::attempt::{Guards, KeyState, Scope};
use roundtable_router::route::{Resolved, Routes};
use roundtable_store::Key;

use super::health::HostHealth;
use super::shared::Router;
use crate::directory::{Directory, Setup};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::keys::{FoundKey, missing_key, shown_name, was_refused};
use crate::view::{
    AppError, BreakerView, HostStanding, KeyStanding, ModelStanding, RoutingState, RungStanding,
};
use allowance::{allowance_of, allowance_of_rung};

/// One moment: of the guards, of the router's clock, and of the wall.
struct Moment<'a> {
    guards: &'a mut Guards,
    router: &'a Router,
    now_ms: u64,
    now: UnixMs,
}

/// A key that a call could be made with, and what the settings know of it.
struct Known {
    provider: String,
    /// As the router calls it.
    name: String,
    /// Its id, or the variable it is from.
    key: String,
    label: String,
    /// When its last check refused it.
    refused_at: Option<UnixMs>,
}

impl Known {
    /// Whether what its check said is still the last word on it: no call with it was answered since.
    fn stands_refused(&self, answered_at: Option<UnixMs>) -> bool {
        self.refused_at.is_some_and(|refused_at| answered_at.is_none_or(|at| at < refused_at))
    }
}

impl Engine {
    /// Where everything stands right now.
    pub async fn routing_state(&self) -> Result<RoutingState, AppError> {
        Ok(self.standing().await?)
    }

    async fn standing(&self) -> Result<RoutingState, EngineError> {
        let config = self.config().await;
        let directory = self.directory().await?;
        let rows = self.inner.store.keys().list(None).await?;
        let known = self.known_keys(&directory, &rows);
        let now = self.inner.clock.now();
        let router = &self.inner.router;
        Ok(router.with(|guards, now_ms| {
            let hosts = router.looks().hosts_now(guards, &config.routes, now_ms);
            let mut moment = Moment { guards, router, now_ms, now };
            RoutingState {
                at: now,
                models: moment.models(&config.routes, |model| unavailable(&directory, &known, model)),
                hosts: moment.hosts(hosts),
                keys: moment.keys(&known),
                rungs: moment.rungs(&config.routes),
            }
        }))
    }

    /// Every key of every provider, in the order in which they are used.
    fn known_keys(&self, directory: &Directory, rows: &[Key]) -> Vec<Known> {
        let of_setup = |setup: &Setup| -> Vec<Known> {
            let origin = setup.origin();
            // Newest first in the list.
            let stored = rows.iter().rev().filter(|row| row.provider == setup.id && row.origin == origin);
            let mut known: Vec<Known> = stored
                .map(|row| Known {
                    provider: setup.id.clone(),
                    name: row.id.to_string(),
                    key: row.id.to_string(),
                    label: if row.label.is_empty() { row.mask.clone() } else { row.label.clone() },
                    refused_at: row.last_checked_at.filter(|_| was_refused(row)),
                })
                .collect();
            known.extend(self.environment_key(setup).map(|found| of_environment(setup, &found)));
            known
        };
        directory.setups().iter().flat_map(of_setup).collect()
    }
}

fn of_environment(setup: &Setup, found: &FoundKey) -> Known {
    Known {
        provider: setup.id.clone(),
        name: found.name(),
        key: found.variable.clone().unwrap_or_default(),
        label: shown_name(found),
        refused_at: None,
    }
}

/// Why a model cannot be asked at all.
fn unavailable(directory: &Directory, known: &[Known], model: &ModelRef) -> Option<String> {
    let setup = match directory.resolve(&model.to_string()) {
        Ok((setup, _)) => setup,
        Err(error) => return Some(error.message),
    };
    let has_key = known.iter().any(|key| key.provider == setup.id);
    (setup.needs_key() && !has_key).then(|| missing_key(&setup).message)
}

impl Moment<'_> {
    /// Models of groups and pools, and those asked since the start.
    fn models(
        &mut self,
        routes: &Routes,
        unavailable: impl Fn(&ModelRef) -> Option<String>,
    ) -> Vec<ModelStanding> {
        let expansion = routes.expand(&Resolved::Auto, None);
        let mut models: BTreeSet<ModelRef> = expansion.candidates.into_iter().map(|one| one.model).collect();
        let mut accounts: BTreeMap<ModelRef, Vec<Scope>> = BTreeMap::new();
        for scope in self.guards.scopes() {
            match scope {
                Scope::Model { model } => {
                    models.insert(model.clone());
                }
                Scope::AccountModel { model, .. } => {
                    models.insert(model.clone());
                    accounts.entry(model.clone()).or_default().push(scope.clone());
                }
                _ => {}
            }
        }
        let standing = |model: ModelRef| {
            let scope = Scope::Model { model: model.clone() };
            ModelStanding {
                target: model.to_string(),
                breaker: self.breaker(&scope),
                allowance: allowance_of(
                    self.guards,
                    accounts.get(&model).map_or(&[][..], Vec::as_slice),
                    self.now_ms,
                ),
                closed_until: self.guards.closed_until_ms(&scope, self.now_ms).map(|at_ms| self.wall(at_ms)),
                unavailable: unavailable(&model),
            }
        };
        models.into_iter().map(standing).collect()
    }

    /// Hosts asked since the start, those that nobody looks at among them.
    fn hosts(&self, looked_at: Vec<HostHealth>) -> Vec<HostStanding> {
        let mut hosts: BTreeMap<String, HostHealth> = BTreeMap::new();
        for scope in self.guards.scopes() {
            if let Scope::Host { origin } = scope {
                hosts.insert(origin.clone(), HostHealth { origin: origin.clone(), ..HostHealth::default() });
            }
        }
        hosts.extend(looked_at.into_iter().map(|host| (host.origin.clone(), host)));
        let standing = |host: HostHealth| {
            let scope = Scope::Host { origin: host.origin.clone() };
            HostStanding {
                breaker: self.breaker(&scope),
                allowance: allowance_of(self.guards, &[scope], self.now_ms),
                origin: host.origin,
                providers: host.providers,
                well: host.well,
                heard_at: host.heard_ms.map(|at_ms| self.wall(at_ms)),
                next_look_at: host.next_look_ms.map(|at_ms| self.wall(at_ms)),
            }
        };
        hosts.into_values().map(standing).collect()
    }

    fn keys(&mut self, known: &[Known]) -> Vec<KeyStanding> {
        let standing = |key: &Known| {
            let router = self.router;
            let wall = |at_ms: u64| router.wall(at_ms, self.now);
            let (in_ring, answered_ms) = self.guards.ring_mut(&key.provider).map_or((None, None), |ring| {
                let all = ring.standings(self.now_ms);
                let state = all.into_iter().find(|(name, _)| *name == key.name).map(|(_, state)| state);
                (state, ring.answered_ms(&key.name))
            });
            let (state, until_ms) = match in_ring {
                Some(KeyState::Limited { until_ms }) => ("limited", Some(until_ms)),
                Some(KeyState::Failed { retest_ms, .. }) => ("failed", Some(retest_ms)),
                Some(KeyState::Retesting) => ("retesting", None),
                // Calls have nothing against it; its check does, until a call says otherwise.
                Some(KeyState::Ready) | None if key.stands_refused(answered_ms.map(wall)) => ("failed", None),
                Some(KeyState::Ready) | None => ("ready", None),
            };
            KeyStanding {
                provider: key.provider.clone(),
                key: key.key.clone(),
                label: key.label.clone(),
                state: state.to_owned(),
                until: until_ms.map(wall),
            }
        };
        known.iter().map(standing).collect()
    }

    /// Rungs with limits.
    fn rungs(&self, routes: &Routes) -> Vec<RungStanding> {
        let rungs = routes
            .groups
            .values()
            .flat_map(|group| group.echelons.iter().map(move |echelon| (group.name.as_str(), echelon)));
        rungs
            .filter_map(|(group, echelon)| {
                let scope = Scope::Rung { group: group.to_owned(), echelon: echelon.number };
                let allowance =
                    allowance_of_rung(self.guards, &scope, echelon.settings.limits(), self.now_ms)?;
                Some(RungStanding { route: scope.to_string(), allowance })
            })
            .collect()
    }

    fn breaker(&self, scope: &Scope) -> BreakerView {
        match self.guards.breaker_state(scope, self.now_ms) {
            BreakerState::Closed => BreakerView::Closed,
            BreakerState::Open { until_ms } => BreakerView::Open { until: self.wall(until_ms) },
            BreakerState::HalfOpen { .. } => BreakerView::HalfOpen,
        }
    }

    fn wall(&self, at_ms: u64) -> UnixMs {
        self.router.wall(at_ms, self.now)
    }
}
