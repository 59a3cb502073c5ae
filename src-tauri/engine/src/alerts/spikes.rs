//! Spikes: a day against what is usual on one, for everything, for a provider, for a model. Of real money.
//!
//! Today is looked at, and yesterday too: what was booked in its last minute, or by a command that ended without a look, is told a day
//! late rather than never. A day is told of twice at most: once it is far above the usual, and once money runs away.

use std::collections::BTreeMap;

use roundtable_domain::budget::Scope;
use roundtable_domain::{PicoUsd, UnixMs};
use roundtable_ledger::{Spike, SpikeFactor, Usual};
use roundtable_store::{NewAlert, OnlyIf};

use super::sayings::{self, SpikeOf};
use super::{Draft, key_of};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::spend::DailyCosts;
use crate::view::{AlertKind, AlertLevel, AlertSettings};

/// So many days before a day say what is usual on it.
const DAYS: u16 = 28;

/// Something that is far above its usual.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    /// `provider/model`, a provider, or nothing: everything.
    subject: String,
    spent: PicoUsd,
    usual: Usual,
    spike: Spike,
}

impl Engine {
    /// What is far above the usual today, and was yesterday.
    pub(super) async fn spikes(&self, settings: &AlertSettings) -> Result<Vec<NewAlert>, EngineError> {
        let mut alerts = Vec::new();
        for costs in self.daily_costs(DAYS).await? {
            for found in spikes_of(&costs, settings.factor()) {
                alerts.push(self.alert_of(self.spike_draft(found, &costs).await?));
            }
        }
        Ok(alerts)
    }

    async fn spike_draft(&self, found: Found, costs: &DailyCosts) -> Result<Draft, EngineError> {
        let of = if found.subject.is_empty() {
            SpikeOf::Everything
        } else if found.subject.contains('/') {
            SpikeOf::Model(self.label(&Scope::Model(found.subject.clone())).await?)
        } else {
            SpikeOf::Provider(self.label(&Scope::Provider(found.subject.clone())).await?)
        };
        let key = |spike: Spike| match spike {
            Spike::High => format!("{}:{}:high", costs.day, found.subject),
            Spike::RunsAway => format!("{}:{}:runs_away", costs.day, found.subject),
        };
        let (level, only_if) = match found.spike {
            // Upwards only: a correction does not make what was told less.
            Spike::High => {
                (AlertLevel::Warning, OnlyIf::Without(key_of(AlertKind::Spike, &key(Spike::RunsAway))))
            }
            Spike::RunsAway => (AlertLevel::Critical, OnlyIf::New),
        };
        let (spent, usual) = (found.spent, found.usual.median);
        let (title, body, at) = match costs.over_at {
            None => {
                (sayings::spike(&of, spent, usual), sayings::spike_body(spent, usual), self.inner.clock.now())
            }
            Some(over) => (
                sayings::past_spike(&of, &costs.day, spent, usual),
                sayings::past_spike_body(spent, usual),
                // Still of that day.
                UnixMs(over.0 - 1),
            ),
        };
        Ok(Draft {
            key: key(found.spike),
            kind: AlertKind::Spike,
            level,
            at,
            title,
            body,
            subject: found.subject,
            seen: false,
            simulated: false,
            only_if,
        })
    }
}

/// What spikes, and is not said by a part of it that does: when everything is high because of one model, it is the model.
fn spikes_of(costs: &DailyCosts, factor: SpikeFactor) -> Vec<Found> {
    let mut providers: BTreeMap<&str, Vec<i128>> = BTreeMap::new();
    let mut everything = Vec::new();
    for (target, days) in &costs.models {
        let provider = target.split_once('/').map_or(target.as_str(), |(provider, _)| provider);
        add(providers.entry(provider).or_default(), days);
        add(&mut everything, days);
    }
    let mut models: BTreeMap<&str, Vec<Found>> = BTreeMap::new();
    for (target, days) in &costs.models {
        if let (Some(found), Some((provider, _))) = (find(target, days, factor), target.split_once('/')) {
            models.entry(provider).or_default().push(found);
        }
    }
    let mut told: Vec<Found> = Vec::new();
    for (provider, days) in &providers {
        let parts = models.remove(provider).unwrap_or_default();
        match find(provider, days, factor).filter(|whole| is_more_than(whole, &parts)) {
            // The provider says it for its models: more than those that spike are high.
            Some(whole) => told.push(whole),
            None => told.extend(parts),
        }
    }
    match find("", &everything, factor).filter(|whole| is_more_than(whole, &told)) {
        Some(whole) => vec![whole],
        None => told,
    }
}

fn find(subject: &str, days: &[i128], factor: SpikeFactor) -> Option<Found> {
    let (day, past) = days.split_last()?;
    let past: Vec<PicoUsd> = past.iter().copied().map(held).collect();
    let usual = Usual::of_days(&past, factor)?;
    let spent = held(*day);
    Some(Found { subject: subject.to_owned(), spent, usual, spike: usual.spike(spent)? })
}

fn is_more_than(whole: &Found, parts: &[Found]) -> bool {
    let parts: Vec<(PicoUsd, Usual)> = parts.iter().map(|part| (part.spent, part.usual)).collect();
    whole.usual.spikes_without(whole.spent, &parts)
}

fn add(sum: &mut Vec<i128>, days: &[i128]) {
    sum.resize(sum.len().max(days.len()), 0);
    for (sum, day) in sum.iter_mut().zip(days) {
        *sum += day;
    }
}

fn held(pico: i128) -> PicoUsd {
    let most = if pico < 0 { i64::MIN } else { i64::MAX };
    PicoUsd::from_pico_i128(pico).unwrap_or(PicoUsd::from_pico(most))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CENT: i128 = 10_000_000_000;

    /// Models with what each of 28 days has cost, and what today has, in cents.
    fn costs(models: &[(&str, i128, i128)]) -> DailyCosts {
        let days = |usual: i128, today: i128| {
            let mut days = vec![usual * CENT; 28];
            days.push(today * CENT);
            days
        };
        DailyCosts {
            day: "2026-11-21".to_owned(),
            over_at: None,
            models: models
                .iter()
                .map(|(name, usual, today)| ((*name).to_owned(), days(*usual, *today)))
                .collect(),
        }
    }

    fn subjects(models: &[(&str, i128, i128)]) -> Vec<String> {
        let factor = SpikeFactor::from_thousandths(3_000).unwrap();
        spikes_of(&costs(models), factor).into_iter().map(|found| found.subject).collect()
    }

    #[test]
    fn the_narrowest_thing_that_says_it_is_told() {
        let quiet: [String; 0] = [];
        assert_eq!(subjects(&[("a/x", 100, 120), ("b/y", 100, 90)]), quiet);
        assert_eq!(
            subjects(&[("a/x", 100, 900), ("a/z", 100, 90), ("b/y", 100, 90)]),
            ["a/x"],
            "not a, not everything"
        );
        assert_eq!(subjects(&[("a/x", 100, 900), ("b/y", 100, 900)]), ["a/x", "b/y"], "each by itself");
        assert_eq!(
            subjects(&[("a/x", 100, 290), ("a/z", 100, 290), ("a/w", 100, 400), ("b/y", 10, 10)]),
            ["a/w"],
            "without that one a is not high"
        );
    }

    #[test]
    fn what_is_new_here_shows_in_the_whole_it_belongs_to() {
        assert_eq!(subjects(&[("a/x", 100, 90), ("a/new", 0, 900), ("b/y", 100, 90)]), ["a"]);
        assert_eq!(subjects(&[("a/x", 100, 90), ("new/new", 0, 900)]), [""]);
        assert_eq!(subjects(&[("new/new", 0, 900)]), Vec::<String>::new(), "nothing is usual yet");
    }

    proptest! {
        /// Whoever was told of something is told of it, or of the whole it belongs to, when still more is spent.
        #[test]
        fn more_spend_never_leaves_everything_quiet(
            usual in prop::collection::vec(0_i128..300, 6),
            today in prop::collection::vec(0_i128..3_000, 6),
            more in prop::collection::vec(0_i128..3_000, 6),
        ) {
            const NAMES: [&str; 6] = ["a/x", "a/y", "a/z", "b/x", "b/y", "c/x"];
            let models = |more: Option<&Vec<i128>>| -> Vec<(&str, i128, i128)> {
                (0..6).map(|at| (NAMES[at], usual[at], today[at] + more.map_or(0, |more| more[at]))).collect()
            };
            if !subjects(&models(None)).is_empty() {
                prop_assert!(!subjects(&models(Some(&more))).is_empty());
            }
        }

        #[test]
        fn a_day_like_the_others_is_quiet(usual in prop::collection::vec(0_i128..3_000, 6)) {
            const NAMES: [&str; 6] = ["a/x", "a/y", "a/z", "b/x", "b/y", "c/x"];
            let models: Vec<(&str, i128, i128)> = (0..6).map(|at| (NAMES[at], usual[at], usual[at])).collect();
            prop_assert_eq!(subjects(&models), Vec::<String>::new());
        }
    }
}
