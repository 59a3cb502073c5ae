//! From facts to advice: what was seen of the calls is laid beside what is set now. Reads only.

mod frugal;

use roundtable_domain::{Layer, Params, UnixMs};

use super::advice::{Advice, budget, cache, fallback, in_order, key, price, retry, timeout};
use super::facts::Facts;
use super::sayings::said;
use super::step::{Step, Timer};
use crate::directory::Directory;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::statistics::labels::Labels;
use crate::statistics::tally::Window;
use crate::view::{EchelonView, EffectiveValue, GroupView, RuleView, StatisticsOf};

/// What the names of keys in calls begin with that stand in the environment.
const ENVIRONMENT: &str = "env:";

/// What advice is made of besides the facts.
struct Surroundings {
    directory: Directory,
    labels: Labels,
    groups: Vec<GroupView>,
    rules: Vec<RuleView>,
    /// The facts are of invented calls.
    demo: bool,
    until: UnixMs,
    days: u32,
}

impl Engine {
    /// All advice there is on these facts, the most urgent first, then by what it saves; the same facts give the same advice. `demo`: the
    /// facts are of invented calls, which the advice says.
    pub(super) async fn advise_on(
        &self,
        facts: &Facts,
        demo: bool,
        window: Window,
    ) -> Result<Vec<Advice>, EngineError> {
        if facts.calls == 0 {
            return Ok(Vec::new());
        }
        let (groups, rules) = self.groups_and_rules().await;
        let days = u32::try_from(window.until.since_ms(window.since).div_ceil(24 * 3_600_000)).unwrap_or(1);
        let around = Surroundings {
            directory: self.directory().await?,
            labels: self.statistics_labels().await?,
            groups,
            rules,
            demo,
            until: window.until,
            days,
        };
        let mut advice = Vec::new();
        advice.extend(self.advise_cache(facts, &around).await?);
        advice.extend(self.advise_rungs(facts, &around).await);
        advice.extend(self.advise_providers(facts, &around).await?);
        advice.extend(self.advise_simple(facts, &around).await?);
        advice.extend(self.advise_keys(facts, &around).await?);
        advice.extend(advise_models(facts, &around));
        advice.extend(self.advise_budget(facts, &around).await?);
        if demo {
            let says = "These are demo models: their times and prices are invented.";
            for one in &mut advice {
                one.shown.evidence.push(said("advice_demo", &[], says));
            }
        }
        Ok(in_order(advice))
    }

    async fn advise_cache(
        &self,
        facts: &Facts,
        around: &Surroundings,
    ) -> Result<Option<Advice>, EngineError> {
        let (mode, ttl_hours) = self.response_rules().await?;
        Ok(cache::advise(&cache::CacheFacts {
            mode,
            ttl_hours,
            repeatable: facts.repeatable,
            varying: facts.varying,
            saves_repeatable: facts.in_30_days(facts.repeatable.cost, around.until),
            saves_varying: facts.in_30_days(facts.varying.cost, around.until),
        }))
    }

    /// Timeouts, second tries and company of groups.
    async fn advise_rungs(&self, facts: &Facts, around: &Surroundings) -> Vec<Advice> {
        let mut advice = Vec::new();
        for group in &around.groups {
            let Some(file) = self.editable_file(Some(&group.name)).await else { continue };
            for echelon in &group.echelons {
                advice.extend(advise_rung(facts, group, echelon, &file));
            }
            advice.extend(advise_lonely_group(facts, group));
        }
        advice
    }

    async fn advise_providers(
        &self,
        facts: &Facts,
        around: &Surroundings,
    ) -> Result<Vec<Advice>, EngineError> {
        let mut advice = Vec::new();
        for (id, seen) in &facts.providers {
            let Some(setup) = around.directory.find(id).filter(|setup| !setup.is_demo()) else { continue };
            // Nothing a model or a lane says touches its timers; any model tells what holds for the provider.
            let values = self.effective(&setup, "", &Params::default()).await?.values;
            let total = limit_of(&values, Timer::Total);
            for (timer, times, set_ms) in [
                (Timer::FirstDelta, &seen.first, setup.network.timeouts.first_delta_ms),
                (Timer::Total, &seen.whole, setup.network.timeouts.total_ms),
            ] {
                let Some(limit_ms) = limit_of(&values, timer) else { continue };
                let (provider, name) = (id.clone(), setup.name.clone());
                let place = timeout::Place::Provider { provider, timer, set_ms, name };
                let told = timeout::advise(&timeout::TimeoutFacts { place, limit_ms, times: times.clone() });
                // A first word may not take longer than the whole.
                advice.extend(told.filter(|told| timer == Timer::Total || fits_within(told, total)));
            }
        }
        Ok(advice)
    }

    async fn advise_keys(&self, facts: &Facts, around: &Surroundings) -> Result<Vec<Advice>, EngineError> {
        let kept = self.inner.store.keys().list(None).await?;
        // What is no longer there needs no looking at.
        let is_there = |name: &str| match name.strip_prefix(ENVIRONMENT) {
            Some(variable) => self.inner.vault.from_environment(&[variable]).is_some(),
            None => kept.iter().any(|key| key.id.to_string() == name),
        };
        let told = facts.keys.iter().filter(|(name, _)| is_there(name)).filter_map(|(name, seen)| {
            key::advise(&key::KeyFacts {
                key: name.clone(),
                label: around.labels.of(StatisticsOf::Key, name),
                provider: around.labels.of(StatisticsOf::Provider, &seen.provider),
                refusals: seen.refusals,
                category: seen.category,
            })
        });
        Ok(told.collect())
    }

    async fn advise_budget(
        &self,
        facts: &Facts,
        around: &Surroundings,
    ) -> Result<Option<Advice>, EngineError> {
        let budgets = self.budgets_now().await?;
        let any = budgets.iter().any(|row| !row.budget.paused && row.budget.simulated == around.demo);
        Ok(budget::advise(&budget::BudgetFacts {
            any,
            calls: facts.calls,
            days: around.days,
            cost: facts.cost,
            monthly: facts.in_30_days(facts.cost, around.until),
        }))
    }
}

fn advise_rung(facts: &Facts, group: &GroupView, echelon: &EchelonView, file: &str) -> Vec<Advice> {
    let name = (group.name.clone(), format!("echelon{}", echelon.number));
    let Some(seen) = facts.rungs.get(&name) else { return Vec::new() };
    let place =
        timeout::Place::Rung { group: group.name.clone(), file: file.to_owned(), echelon: echelon.number };
    let limit_ms = echelon.timeout.map(super::standing::in_ms);
    let told = limit_ms.and_then(|limit_ms| {
        timeout::advise(&timeout::TimeoutFacts { place, limit_ms, times: seen.whole.clone() })
    });
    let fallback = group.fallback_config.as_ref();
    let tries = retry::advise(&retry::RetryFacts {
        group: group.name.clone(),
        file: file.to_owned(),
        echelon: echelon.number,
        max_retries: echelon.max_retries.map(u64::from),
        max_attempts: fallback.and_then(|fallback| fallback.max_attempts).map(u64::from),
        calls: seen.clone(),
        elsewhere: facts.retries,
    });
    told.into_iter().chain(tries).collect()
}

/// A group with one model and no other group behind it is as alone as the model by its own name.
fn advise_lonely_group(facts: &Facts, group: &GroupView) -> Option<Advice> {
    let models: usize = group.echelons.iter().map(|echelon| echelon.models.len()).sum();
    let has_others =
        group.fallback_config.as_ref().is_some_and(|fallback| !fallback.fallback_groups.is_empty());
    if models != 1 || has_others {
        return None;
    }
    let rungs = facts.rungs.iter().filter(|((of, _), _)| *of == group.name);
    let mut all = fallback::FallbackFacts {
        subject: group.name.clone(),
        label: group.name.clone(),
        answered: 0,
        failures: 0,
        elsewhere: facts.fallbacks,
    };
    for (_, rung) in rungs {
        all.answered += rung.answered;
        all.failures += rung.transient + u64::try_from(rung.whole.given_up.len()).unwrap_or(0);
    }
    fallback::advise(&all)
}

/// Models without company, and without a price.
fn advise_models(facts: &Facts, around: &Surroundings) -> Vec<Advice> {
    let mut advice = Vec::new();
    for (target, seen) in &facts.models {
        let label = around.labels.of(StatisticsOf::Model, target);
        advice.extend(fallback::advise(&fallback::FallbackFacts {
            subject: target.clone(),
            label: label.clone(),
            answered: seen.alone_answered,
            failures: seen.alone_failed,
            elsewhere: facts.fallbacks,
        }));
        let resolved = around.directory.resolve(target).ok();
        let is_priced = resolved
            .is_none_or(|(setup, model)| setup.catalogue.price(setup.listed_at(), &model.model).is_some());
        if !is_priced {
            advice.extend(price::advise(&price::PriceFacts {
                model: target.clone(),
                label,
                answers: seen.answered,
                unpriced: seen.unpriced,
                tokens: seen.unpriced_tokens,
            }));
        }
    }
    advice
}

/// What is in force for a timer, unless the environment says so: no setting would change that.
fn limit_of(values: &[EffectiveValue], timer: Timer) -> Option<u64> {
    let value = values.iter().find(|value| value.name == timer.name() && value.layer >= Layer::Provider)?;
    value.value.as_ref()?.parse().ok()
}

fn fits_within(told: &Advice, total: Option<u64>) -> bool {
    let Some(Step::Provider { after_ms, .. }) = told.step else { return true };
    total.is_none_or(|total| after_ms <= total)
}
