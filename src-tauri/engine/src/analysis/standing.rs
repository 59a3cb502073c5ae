//! Where a change stands: looked up in the settings and files themselves, and made there, each time only if what is there is what is
//! expected.

use super::error::AdviceError;
use super::step::{GroupEdit, GroupField, Step, Timer, kept_answers, rule_found, time, unset};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{ChangedValue, EchelonView, GroupView, RuleView, Said};

/// What stands in the place of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// What was there before it.
    Before,
    /// What it makes of it.
    After,
    /// Something else, or nothing.
    Other { place: Said, found: Said },
    /// The place itself is gone.
    Gone { place: Said },
}

/// Which way a change is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Apply,
    Undo,
}

impl Engine {
    /// What stands in the place of a change now.
    pub(super) async fn stands(&self, step: &Step) -> Result<Standing, EngineError> {
        match step {
            Step::ResponseCache { before, after, .. } => {
                let (mode, _) = self.response_rules().await?;
                Ok(compare(step, &before.as_str(), &after.as_str(), &mode, |mode| kept_answers(mode)))
            }
            Step::Group { group, edits, .. } => {
                let (groups, _) = self.groups_and_rules().await;
                let found = groups.iter().find(|found| found.name == *group);
                Ok(found.map_or_else(|| gone(step), |found| of_group(step, found, edits)))
            }
            Step::Provider { provider, timer, before_ms, after_ms, usual_ms } => {
                let Some(setup) = self.directory().await?.find(provider) else { return Ok(gone(step)) };
                let timeouts = setup.network.timeouts;
                let found = match timer {
                    Timer::FirstDelta => timeouts.first_delta_ms,
                    Timer::Total => timeouts.total_ms,
                };
                Ok(compare(step, before_ms, &Some(*after_ms), &found, |ms| {
                    ms.map_or_else(|| unset(*usual_ms), time)
                }))
            }
            Step::Rule { rule, .. } => {
                let (_, rules) = self.groups_and_rules().await;
                let found = rules.into_iter().find(|found| found.name == rule.name);
                let after = Some(RuleView::clone(rule));
                Ok(compare(step, &None, &after, &found, |found| rule_found(found.as_ref(), rule)))
            }
        }
    }

    /// Makes a change or takes it back. Nothing is written unless what is there is what is expected.
    pub(super) async fn make(&self, step: &Step, way: Way) -> Result<(), EngineError> {
        let expected = if way == Way::Apply { Standing::Before } else { Standing::After };
        if self.stands(step).await? != expected {
            return Err(changed(step).into());
        }
        let is_made = match step {
            Step::ResponseCache { before, after, ttl_hours } => {
                let (_, ttl_now) = self.response_rules().await?;
                let (mode, hours) = if way == Way::Apply { (after, *ttl_hours) } else { (before, ttl_now) };
                self.keep_responses(mode, hours).await?;
                true
            }
            Step::Group { group, edits, .. } => {
                self.amend_group(group, |view| edits.iter().all(|edit| amend(view, *edit, way))).await?
            }
            Step::Provider { provider, timer, before_ms, after_ms, .. } => {
                let value = if way == Way::Apply { Some(*after_ms) } else { *before_ms };
                self.set_timer(provider, *timer, value).await?;
                true
            }
            Step::Rule { rule, .. } => self.amend_rules(|rules| amend_rules(rules, rule, way)).await?,
        };
        if is_made { Ok(()) } else { Err(changed(step).into()) }
    }

    async fn set_timer(&self, provider: &str, timer: Timer, ms: Option<u64>) -> Result<(), EngineError> {
        let mut settings = self.settings_of_provider(provider).await?;
        match timer {
            Timer::FirstDelta => settings.network.timeouts.first_delta_ms = ms,
            Timer::Total => settings.network.timeouts.total_ms = ms,
        }
        self.keep_provider_settings(provider, settings).await?;
        Ok(())
    }
}

fn changed(step: &Step) -> AdviceError {
    AdviceError::Overtaken { place: Box::new(place_of(step)) }
}

/// Where a step begins; a step without any change is none.
fn place_of(step: &Step) -> Said {
    step.changes().into_iter().next().map_or_else(|| unset(None), |change| change.place)
}

fn gone(step: &Step) -> Standing {
    Standing::Gone { place: place_of(step) }
}

fn compare<T: PartialEq>(
    step: &Step,
    before: &T,
    after: &T,
    found: &T,
    shown: impl Fn(&T) -> Said,
) -> Standing {
    match found {
        found if found == after => Standing::After,
        found if found == before => Standing::Before,
        found => Standing::Other { place: place_of(step), found: shown(found) },
    }
}

/// All values of a step have to stand the same way; the first that does not is told.
fn of_group(step: &Step, group: &GroupView, edits: &[GroupEdit]) -> Standing {
    let found: Vec<Option<u64>> = edits.iter().map(|edit| value_of(group, edit.field)).collect();
    let all = |of: fn(&GroupEdit) -> Option<u64>| edits.iter().map(of).eq(found.iter().copied());
    if all(|edit| edit.after) {
        return Standing::After;
    }
    if all(|edit| edit.before) {
        return Standing::Before;
    }
    let other = edits.iter().zip(&found).zip(step.changes()).find(|((edit, found), _)| **found != edit.after);
    let Some(((edit, found), ChangedValue { place, .. })) = other else { return gone(step) };
    let shown = GroupEdit { after: *found, ..*edit }.said_after();
    Standing::Other { place, found: shown }
}

fn value_of(group: &GroupView, field: GroupField) -> Option<u64> {
    let rung = |echelon: u32| group.echelons.iter().find(|found| found.number == echelon);
    match field {
        GroupField::Timeout { echelon } => rung(echelon)?.timeout.map(in_ms),
        GroupField::MaxRetries { echelon } => rung(echelon)?.max_retries.map(u64::from),
        GroupField::MaxAttempts => group.fallback_config.as_ref()?.max_attempts.map(u64::from),
    }
}

/// Changes one value, if it is what is expected.
fn amend(group: &mut GroupView, edit: GroupEdit, way: Way) -> bool {
    let (from, to) = match way {
        Way::Apply => (edit.before, edit.after),
        Way::Undo => (edit.after, edit.before),
    };
    if value_of(group, edit.field) != from {
        return false;
    }
    let count = to.and_then(|to| u32::try_from(to).ok());
    match edit.field {
        GroupField::Timeout { echelon } => {
            rung_of(group, echelon).map(|rung| rung.timeout = to.map(in_seconds))
        }
        GroupField::MaxRetries { echelon } => rung_of(group, echelon).map(|rung| rung.max_retries = count),
        GroupField::MaxAttempts => {
            group.fallback_config.as_mut().map(|fallback| fallback.max_attempts = count)
        }
    }
    .is_some()
}

fn rung_of(group: &mut GroupView, echelon: u32) -> Option<&mut EchelonView> {
    group.echelons.iter_mut().find(|found| found.number == echelon)
}

fn amend_rules(rules: &mut Vec<RuleView>, rule: &RuleView, way: Way) -> bool {
    let there = rules.iter().position(|found| found.name == rule.name);
    match (way, there) {
        // Behind all others: what people have written themselves comes first.
        (Way::Apply, None) => rules.push(rule.clone()),
        (Way::Undo, Some(index)) if rules.get(index) == Some(rule) => drop(rules.remove(index)),
        _ => return false,
    }
    true
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of at most a week")]
fn in_seconds(ms: u64) -> f64 {
    ms as f64 / 1_000.0
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "seconds of a file that was checked: at least 0, and far below 2^53"
)]
pub(super) fn in_ms(seconds: f64) -> u64 {
    (seconds * 1_000.0).round() as u64
}
