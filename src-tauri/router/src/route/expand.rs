//! From a name to the models behind it, in the order they are to be tried.

use std::collections::{BTreeSet, HashSet};

use roundtable_domain::ModelRef;

use crate::attempt::AfterCommit;
use crate::breaker::BreakerSettings;

use super::group::{Echelon, EchelonSettings, FallbackStrategy, TaskGroup};
use super::load::Routes;
use super::name::GroupRef;
use super::pool::PollingPool;
use super::resolve::Resolved;

/// A rung of a group.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Rung {
    /// The group.
    pub group: String,
    /// The number of the echelon.
    pub echelon: u32,
}

/// How the route comes to a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reached {
    /// It is what was asked for: the model, the rung, the group's first rung, the pool's ring.
    Asked,
    /// A lower rung of the group.
    Down,
    /// Another group's.
    OtherGroup,
    /// The default model, when nothing else was named.
    Default,
}

/// A model to try, and what holds for the call.
#[derive(Clone, Debug, PartialEq)]
pub struct RouteCandidate {
    /// The model.
    pub model: ModelRef,
    /// Where it stands; none for a model that was asked for by itself.
    pub rung: Option<Rung>,
    /// Candidates of one tier stand for each other: any of them may be first. Lower tiers come first, from 0, without gaps.
    pub tier: u32,
    /// How the route comes to it.
    pub reached: Reached,
    /// Its share in a weighted pool; 1 elsewhere.
    pub weight: u32,
    /// What its rung says.
    pub settings: EchelonSettings,
    /// What its group says about breakers.
    pub breaker: BreakerSettings,
}

/// What the group that was asked for says about going on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupRules {
    /// How it falls back.
    pub strategy: FallbackStrategy,
    /// Calls for one request over all candidates.
    pub max_attempts: Option<u32>,
    /// The base of the growing wait, in milliseconds.
    pub retry_delay_ms: Option<u64>,
    /// What happens to a partial answer.
    pub after_commit: AfterCommit,
    /// What is shown when nobody has answered.
    pub last_resort: Option<String>,
}

/// A name of a file that stands for no model (yet).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedOver {
    /// What the file says.
    pub text: String,
    /// Where.
    pub rung: Rung,
}

/// Everything behind a target.
#[derive(Clone, Debug, PartialEq)]
pub struct Expansion {
    /// What was asked for.
    pub resolved: Resolved,
    /// The models, each once, where it comes first.
    pub candidates: Vec<RouteCandidate>,
    /// Of the group that was asked for.
    pub group: Option<GroupRules>,
    /// The pool that was asked for; its ring is tier 0.
    pub pool: Option<PollingPool>,
    /// What could not be made a candidate.
    pub passed_over: Vec<PassedOver>,
}

impl Routes {
    /// The candidates behind a target, in order.
    ///
    /// - A model: itself, and nothing to fall back to.
    /// - A group: its first rung, then what its strategy says ([`FallbackStrategy`]); `group.echelon` begins at that rung. A
    ///   fallback group brings its own ladder and fallbacks along, a fallback echelon only itself.
    /// - A pool: the ring, then the rest of the ladder of each group it names as a whole.
    /// - `auto`: every pool, then every group, then the default model.
    ///
    /// A rung whose models are all unknown is left out, and so is a group that is not there: what is left keeps its order.
    pub fn expand(&self, resolved: &Resolved, default_model: Option<&ModelRef>) -> Expansion {
        let mut walk = Walk::new(self);
        let (mut group_rules, mut pool) = (None, None);
        match resolved {
            Resolved::Model(model) => walk.add_model(model, Reached::Asked),
            Resolved::Group(reference) => {
                if let Some(group) = self.groups.get(&reference.group) {
                    group_rules = Some(rules(group));
                    walk.climb_down(group, reference.echelon, Reached::Asked);
                }
            }
            Resolved::Pool(name) => {
                pool = self.pools.get(name).cloned();
                walk.go_round(pool.iter());
            }
            Resolved::Auto => {
                walk.go_round(self.pools.values());
                for group in self.groups.values() {
                    walk.climb_down(group, None, Reached::Asked);
                }
                if let Some(model) = default_model {
                    walk.add_model(model, Reached::Default);
                }
            }
        }
        let Walk { candidates, passed_over, .. } = walk;
        Expansion { resolved: resolved.clone(), candidates, group: group_rules, pool, passed_over }
    }
}

fn rules(group: &TaskGroup) -> GroupRules {
    let fallback = group.fallback.as_ref();
    GroupRules {
        strategy: group.strategy(),
        max_attempts: fallback.and_then(|fallback| fallback.max_attempts),
        retry_delay_ms: fallback.and_then(|fallback| fallback.retry_delay_ms),
        after_commit: fallback.and_then(|fallback| fallback.after_commit).unwrap_or_default(),
        last_resort: fallback.and_then(|fallback| fallback.last_resort.clone()),
    }
}

/// A way through the groups that comes to each model and each ladder once.
struct Walk<'r> {
    routes: &'r Routes,
    candidates: Vec<RouteCandidate>,
    passed_over: Vec<PassedOver>,
    models: HashSet<ModelRef>,
    ladders: BTreeSet<&'r str>,
    next_tier: u32,
}

impl<'r> Walk<'r> {
    fn new(routes: &'r Routes) -> Self {
        Self {
            routes,
            candidates: Vec::new(),
            passed_over: Vec::new(),
            models: HashSet::new(),
            ladders: BTreeSet::new(),
            next_tier: 0,
        }
    }

    fn add_model(&mut self, model: &ModelRef, reached: Reached) {
        if self.models.insert(model.clone()) {
            self.candidates.push(RouteCandidate {
                model: model.clone(),
                rung: None,
                tier: self.next_tier,
                reached,
                weight: 1,
                settings: EchelonSettings::default(),
                breaker: BreakerSettings::default(),
            });
        }
        self.end_tier();
    }

    /// The rings of pools, then the ladders of the groups they name as a whole.
    fn go_round<'p>(&mut self, pools: impl Iterator<Item = &'p PollingPool>) {
        for pool in pools {
            for entry in &pool.task_groups {
                let Some(group) = self.routes.groups.get(&entry.group) else { continue };
                let rung = match entry.echelon {
                    Some(number) => group.echelon(number),
                    None => group.echelons.first(),
                };
                if let Some(echelon) = rung {
                    self.add_rung(group, echelon, Reached::Asked, pool.weight(entry));
                }
            }
            self.end_tier();
            for entry in pool.task_groups.iter().filter(|entry| entry.echelon.is_none()) {
                if let Some(group) = self.routes.groups.get(&entry.group) {
                    self.climb_down(group, None, Reached::Down);
                }
            }
        }
    }

    /// A group from one of its rungs (or its first) on, with everything it falls back to.
    fn climb_down(&mut self, group: &'r TaskGroup, from: Option<u32>, reached: Reached) {
        self.ladders.insert(&group.name);
        let start = from
            .and_then(|number| group.echelons.iter().position(|echelon| echelon.number == number))
            .unwrap_or(0);
        let rungs = group.echelons.get(start..).unwrap_or_default();
        let Some((first, lower)) = rungs.split_first() else { return };
        let lower_reached = if reached == Reached::Asked { Reached::Down } else { reached };
        self.add_tier(group, first, reached);
        match group.strategy() {
            FallbackStrategy::EchelonDown | FallbackStrategy::ProviderFailover => {
                self.add_tiers(group, lower, lower_reached);
                self.switch_group(group);
            }
            FallbackStrategy::TaskGroupSwitch => {
                self.switch_group(group);
                self.add_tiers(group, lower, lower_reached);
            }
        }
    }

    /// What the group falls back to outside itself.
    fn switch_group(&mut self, group: &'r TaskGroup) {
        let routes = self.routes;
        let fallback_groups = group.fallback.iter().flat_map(|fallback| &fallback.fallback_groups);
        for GroupRef { group: name, echelon } in fallback_groups {
            let Some(other) = routes.groups.get(name) else { continue };
            match echelon {
                Some(number) => {
                    let rung = other.echelon(*number);
                    self.add_tiers(other, rung.map_or(&[], std::slice::from_ref), Reached::OtherGroup);
                }
                // A circle is reported when the files are read; here it ends.
                None if !self.ladders.contains(name.as_str()) => {
                    self.climb_down(other, None, Reached::OtherGroup);
                }
                None => {}
            }
        }
    }

    fn add_tiers(&mut self, group: &TaskGroup, echelons: &[Echelon], reached: Reached) {
        for echelon in echelons {
            self.add_tier(group, echelon, reached);
        }
    }

    fn add_tier(&mut self, group: &TaskGroup, echelon: &Echelon, reached: Reached) {
        let first = self.candidates.len();
        self.add_rung(group, echelon, reached, 1);
        if group.strategy() == FallbackStrategy::ProviderFailover {
            alternate_providers(&mut self.candidates, first);
        }
        self.end_tier();
    }

    fn add_rung(&mut self, group: &TaskGroup, echelon: &Echelon, reached: Reached, weight: u32) {
        for text in &echelon.models {
            let rung = Rung { group: group.name.clone(), echelon: echelon.number };
            let Some(model) = self.routes.aliases.model(text) else {
                let passed = PassedOver { text: text.clone(), rung };
                if !self.passed_over.contains(&passed) {
                    self.passed_over.push(passed);
                }
                continue;
            };
            if self.models.insert(model.clone()) {
                self.candidates.push(RouteCandidate {
                    model,
                    rung: Some(rung),
                    tier: self.next_tier,
                    reached,
                    weight,
                    settings: echelon.settings,
                    breaker: group.breaker(),
                });
            }
        }
    }

    /// Begins the next tier, unless this one is empty.
    fn end_tier(&mut self) {
        if self.candidates.last().is_some_and(|candidate| candidate.tier == self.next_tier) {
            self.next_tier += 1;
        }
    }
}

/// Orders a tier so that each provider's second model comes after every provider's first, and so on.
fn alternate_providers(candidates: &mut [RouteCandidate], first: usize) {
    let Some(tier) = candidates.get_mut(first..) else { return };
    let providers: Vec<String> = tier.iter().map(|candidate| candidate.model.provider.clone()).collect();
    let nth =
        |at: usize| providers.iter().take(at).filter(|provider| providers.get(at) == Some(*provider)).count();
    let mut turns: Vec<(usize, RouteCandidate)> =
        tier.iter().enumerate().map(|(at, candidate)| (nth(at), candidate.clone())).collect();
    turns.sort_by_key(|(turn, _)| *turn); // Stable: within a turn the file's order stays.
    for (place, (_, candidate)) in tier.iter_mut().zip(turns) {
        *place = candidate;
    }
}

#[cfg(test)]
mod tests;
