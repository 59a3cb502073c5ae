//! Prices: those of models in use that have changed, by whatever changed them (an update of the list, a provider's own listing, a
//! newer program), and a list that is old.
//!
//! The database remembers the price people know of each model in use. What differs from it is news, whichever process notices it.
//! A price the user has set is none: nothing is remembered of that model until it is taken back.

use std::collections::HashMap;

use roundtable_domain::budget::Scope;
use roundtable_domain::{PicoUsd, UnixMs};
use roundtable_ledger::{FactsLayer, PriceList, PriceStep, price_steps};
use roundtable_store::{KnownPrice, NewAlert, OnlyIf, PriceNews};
use serde_json::{Value, json};

use super::Draft;
use super::sayings::{self, MainPrices, Replayed};
use crate::directory::Directory;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AlertKind, AlertLevel, ReplayOf, SpendFilter, SpendRange};

/// A model counts as in use when it was called on one of so many days.
const IN_USE_DAYS: u16 = 30;

/// An old list is told of once in so long.
const STALE_AGAIN_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// What a look at the prices of the models in use has found.
#[derive(Default)]
struct Look {
    changed: Vec<Changed>,
    /// In use for the first time.
    new: Vec<KnownPrice>,
    /// Out of use, or priced by the user.
    forgotten: Vec<String>,
    /// Models in use that have a price.
    priced: usize,
}

struct Changed {
    target: String,
    before: (Value, PriceList),
    after: Option<PriceList>,
    steps: Vec<PriceStep>,
}

impl Engine {
    /// What is new about prices.
    pub(super) async fn price_news(&self) -> Result<Vec<NewAlert>, EngineError> {
        let used = self.models_used(IN_USE_DAYS).await?;
        let alerts = self.inner.store.alerts();
        let known = alerts.known_prices().await?;
        if used.is_empty() && known.is_empty() {
            return Ok(Vec::new());
        }
        // Another process of this data folder may have changed them.
        self.reload_catalogue().await?;
        let look = compare(&used, known, &self.directory().await?);
        let now = self.inner.clock.now();
        alerts.know_prices(&look.new, now).await?;
        alerts.forget_prices(&look.forgotten).await?;
        let mut news = Vec::new();
        for changed in look.changed {
            news.push(self.alert_of(self.price_draft(changed).await?));
        }
        if look.priced > 0 {
            news.extend(self.stale_prices(look.priced).await?);
        }
        Ok(news)
    }

    async fn price_draft(&self, changed: Changed) -> Result<Draft, EngineError> {
        let Changed { target, before: (known, before), after, steps } = changed;
        let replayed = if after.is_some() { self.replayed(&target).await } else { None };
        let body = match &after {
            Some(after) => sayings::price_body(
                &MainPrices::of(&before),
                &MainPrices::of(after),
                &steps,
                replayed.as_ref(),
            ),
            None => sayings::price_gone_body(&MainPrices::of(&before)),
        };
        let now = self.inner.clock.now();
        let dearer = sayings::has_risen(&steps);
        let after = after.map(|after| json!(after));
        let model = self.label(&Scope::Model(target.clone())).await?;
        Ok(Draft {
            // The same change may come again; that no two processes tell it is seen to by the price that is known.
            key: format!("{target}:{known}>{}:{}", after.as_ref().unwrap_or(&Value::Null), now.0),
            kind: AlertKind::PriceChange,
            level: if dearer || after.is_none() { AlertLevel::Warning } else { AlertLevel::Info },
            at: now,
            title: sayings::price(&model, &steps, after.is_none()),
            body,
            subject: target.clone(),
            seen: false,
            simulated: false,
            only_if: OnlyIf::Price(PriceNews { target, before: known, after }),
        })
    }

    /// What the last 30 days have cost, and would have at today's price; `None`: nothing of it can be priced.
    async fn replayed(&self, target: &str) -> Option<Replayed> {
        let filter = SpendFilter {
            range: SpendRange::Days { days: IN_USE_DAYS },
            models: vec![target.to_owned()],
            ..SpendFilter::default()
        };
        let replay = match self.replay_cost(&ReplayOf::Filter { filter }, &[target.to_owned()]).await {
            Ok(replay) => replay,
            Err(error) => {
                tracing::warn!(%error, "what another price would have cost is not known");
                return None;
            }
        };
        let amount = |usd: &str| usd.parse::<PicoUsd>().ok();
        let actual = amount(&replay.actual_usd).filter(|_| replay.requests > 0)?;
        Some(Replayed { actual, at_new_price: amount(replay.models.first()?.usd.as_deref()?)? })
    }

    async fn stale_prices(&self, models: usize) -> Result<Option<NewAlert>, EngineError> {
        let (day, days, stale) = self.catalogue_age().await?;
        if !stale {
            return Ok(None);
        }
        let now = self.inner.clock.now();
        Ok(Some(self.alert_of(Draft {
            key: format!("{day}:{}", now.0),
            kind: AlertKind::StalePrices,
            level: AlertLevel::Warning,
            at: now,
            subject: String::new(),
            title: sayings::stale_prices(days),
            body: sayings::stale_prices_body(&day, models),
            seen: false,
            simulated: false,
            only_if: OnlyIf::NoneSince(UnixMs(now.0.saturating_sub(STALE_AGAIN_MS))),
        })))
    }
}

/// The prices of models in use against those people know.
fn compare(used: &[String], known: Vec<KnownPrice>, directory: &Directory) -> Look {
    let mut look = Look::default();
    let mut known: HashMap<String, Value> =
        known.into_iter().map(|known| (known.target, known.price)).collect();
    for target in used {
        let before = known.remove(target);
        // Of a provider that is not set up any more nothing is known.
        let Ok((setup, model)) = directory.resolve(target) else { continue };
        let facts = setup.facts(&model.model);
        if facts.is_some_and(|facts| facts.layer == FactsLayer::Own) {
            look.priced += 1;
            look.forgotten.extend(before.map(|_| target.clone()));
            continue;
        }
        let price = setup.catalogue.price(setup.listed_at(), &model.model);
        look.priced += usize::from(price.is_some());
        match (before, price) {
            (None, Some(price)) => {
                look.new.push(KnownPrice { target: target.clone(), price: json!(price) });
            }
            (Some(before), after) => look.changed.extend(changed(target, before, after)),
            (None, None) => {}
        }
    }
    look.forgotten.extend(known.into_keys());
    look
}

fn changed(target: &str, known: Value, after: Option<&PriceList>) -> Option<Changed> {
    let before: PriceList = match serde_json::from_value(known.clone()) {
        Ok(before) => before,
        Err(error) => {
            tracing::warn!(%error, target, "the price that was known cannot be read");
            return None;
        }
    };
    let steps = price_steps(Some(&before), after);
    if steps.is_empty() {
        return None;
    }
    Some(Changed { target: target.to_owned(), before: (known, before), after: after.cloned(), steps })
}

impl MainPrices {
    fn of(list: &PriceList) -> Self {
        Self { input: list.input, output: list.output }
    }
}
