//! Taking over a public price list, and what the window shows of it.

use std::collections::HashSet;
use std::path::Path;

use roundtable_domain::UnixMs;
use roundtable_ledger::{
    Catalogue, Comparison, HeldBack, ListedAt, ModelFacts, PriceStep, STALE_AFTER_DAYS, TokenPrice, age_days,
    day_of, price_steps, read_public_prices,
};
use roundtable_store::{CatalogueModel, CatalogueOrigin};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::layers::{HeldRow, of_origin};
use super::{PriceListError, fetch, layers};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AppError, CatalogueView, PriceChange};

/// The setting that remembers the last update.
const LAST_UPDATE: &str = "catalogue.update";

/// What the last update did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct LastUpdate {
    at: UnixMs,
    source: String,
    changed: u32,
    /// The prices that changed, the first [`MOST_SHOWN`] of them.
    #[serde(default)]
    prices: Vec<ChangedPrice>,
}

/// So many changed prices are remembered of an update: more than anybody reads, few enough for a setting.
const MOST_SHOWN: usize = 500;

/// A price an update has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct ChangedPrice {
    target: String,
    #[serde(flatten)]
    step: PriceStep,
}

impl Engine {
    /// The state of the price list.
    pub async fn catalogue_status(&self) -> Result<CatalogueView, AppError> {
        Ok(self.catalogue_view().await?)
    }

    /// Fetches the public price list and takes over what is plausible. Nothing is fetched unless this is called.
    pub async fn update_catalogue(&self) -> Result<CatalogueView, AppError> {
        let source = self.inner.prices.source.clone();
        let text = fetch::fetch(&source, &self.inner.closing).await.map_err(EngineError::from)?;
        Ok(self.take_over(&text, source).await?)
    }

    /// Takes over a price list that stands in a file, in one of the public forms.
    pub async fn update_catalogue_from(&self, file: &Path) -> Result<CatalogueView, AppError> {
        let text = fetch::read_file(file).await.map_err(EngineError::from)?;
        Ok(self.take_over(&text, file.display().to_string()).await?)
    }

    async fn take_over(&self, text: &str, source: String) -> Result<CatalogueView, EngineError> {
        let now = self.inner.clock.now();
        let list = read_public_prices(text, &day_of(now))
            .map_err(|error| PriceListError::Read { address: source.clone(), reason: error.to_string() })?;
        for entry in &list.unreadable {
            tracing::debug!(provider = entry.provider, model = entry.model, "not taken over");
        }
        let known = self.catalogue().await;
        let Comparison { changed, held, unchanged } = known.compare(list.models);
        tracing::info!(
            changed = changed.len(),
            held = held.len(),
            unchanged,
            unreadable = list.unreadable.len(),
            "price list read"
        );
        let turned_down = self.turned_down().await?;
        let held: Vec<HeldBack> =
            held.into_iter().filter(|held| !turned_down.contains(&held.facts)).collect();
        let prices = changed_prices(&known, &changed);
        let rows = changed.iter().map(|facts| row(facts, CatalogueOrigin::Update, json!(facts), now)).chain(
            held.iter().map(|held| row(&held.facts, CatalogueOrigin::Held, json!(HeldRow::of(held)), now)),
        );
        let rows: Vec<CatalogueModel> = rows.collect();
        self.inner.store.catalogue().put_update(&rows).await?;
        let update = LastUpdate { at: now, source, changed: count(changed.len()), prices };
        self.inner.store.settings().set(LAST_UPDATE, &json!(update), now).await?;
        self.reload_catalogue().await?;
        self.tell_of_prices().await;
        self.catalogue_view().await
    }

    /// Puts held-back prices in force. `targets` are `provider/model` as [`CatalogueView::held_back`] names them.
    pub async fn accept_prices(&self, targets: &[String]) -> Result<CatalogueView, AppError> {
        Ok(self.decide_on_held(targets, CatalogueOrigin::Update).await?)
    }

    /// Keeps the known prices: what is held back for these targets goes, and the same offer is not held back again.
    pub async fn dismiss_prices(&self, targets: &[String]) -> Result<CatalogueView, AppError> {
        Ok(self.decide_on_held(targets, CatalogueOrigin::Dismissed).await?)
    }

    async fn decide_on_held(
        &self,
        targets: &[String],
        becomes: CatalogueOrigin,
    ) -> Result<CatalogueView, EngineError> {
        let wanted: HashSet<&str> = targets.iter().map(String::as_str).collect();
        let rows = self.inner.store.catalogue().list().await?;
        let now = self.inner.clock.now();
        let decided: Vec<CatalogueModel> = of_origin(&rows, CatalogueOrigin::Held)
            .filter(|row| wanted.contains(format!("{}/{}", row.provider, row.model).as_str()))
            .filter_map(|row| {
                let held: HeldRow = serde_json::from_value(row.facts.clone()).ok()?;
                Some(self::row(&held.facts, becomes, json!(held.facts), now))
            })
            .collect();
        self.inner.store.catalogue().decide(&decided).await?;
        self.reload_catalogue().await?;
        self.tell_of_prices().await;
        self.catalogue_view().await
    }

    /// Offers that somebody has turned down.
    async fn turned_down(&self) -> Result<Vec<ModelFacts>, EngineError> {
        let rows = self.inner.store.catalogue().list().await?;
        let offers = of_origin(&rows, CatalogueOrigin::Dismissed);
        Ok(offers.filter_map(|row| serde_json::from_value(row.facts.clone()).ok()).collect())
    }

    /// Reads the layers anew: another process of this data folder may have changed them.
    pub(crate) async fn reload_catalogue(&self) -> Result<(), EngineError> {
        self.inner.prices.set(layers::load(&self.inner.store).await?);
        Ok(())
    }

    /// Prices may have changed: whoever uses the models should hear of it.
    async fn tell_of_prices(&self) {
        self.inner.lookout.compare_prices_soon();
        self.look_for_alerts().await;
    }

    /// The day of the newest price, how many days ago that is, and whether that is long.
    pub(crate) async fn catalogue_age(&self) -> Result<(String, u32, bool), EngineError> {
        let last = self.last_update().await?;
        let listed = self.inner.prices.get().newest_price_day().unwrap_or_default().to_owned();
        // A list that was looked at and said the same is as fresh as the day it was looked at.
        let day = last.map(|last| day_of(last.at)).filter(|day| *day > listed).unwrap_or(listed);
        let days = age_days(&day, self.inner.clock.now()).unwrap_or(u32::MAX);
        Ok((day, days, days > STALE_AFTER_DAYS))
    }

    async fn last_update(&self) -> Result<Option<LastUpdate>, EngineError> {
        let stored = self.inner.store.settings().get(LAST_UPDATE).await?;
        Ok(stored.and_then(|value| serde_json::from_value(value).ok()))
    }

    async fn catalogue_view(&self) -> Result<CatalogueView, EngineError> {
        self.reload_catalogue().await?;
        let catalogue = self.inner.prices.get();
        let rows = self.inner.store.catalogue().list().await?;
        let last = self.last_update().await?;
        let (price_date, age_days, stale) = self.catalogue_age().await?;
        let (models, providers) = size_of(&catalogue);
        Ok(CatalogueView {
            models,
            providers,
            price_date,
            age_days,
            stale,
            own_prices: count(catalogue.own_prices()),
            updated: last.as_ref().map_or(0, |last| last.changed),
            changes: last.iter().flat_map(|last| &last.prices).map(ChangedPrice::view).collect(),
            source: last.map_or_else(|| self.inner.prices.source.clone(), |last| last.source),
            held_back: of_origin(&rows, CatalogueOrigin::Held).flat_map(changes).collect(),
        })
    }
}

fn row(facts: &ModelFacts, origin: CatalogueOrigin, value: Value, at: UnixMs) -> CatalogueModel {
    CatalogueModel {
        provider: facts.provider.clone(),
        model: facts.model.clone(),
        origin,
        facts: value,
        updated_at: at,
    }
}

/// Models and the providers they are of, the invented ones left out.
fn size_of(catalogue: &Catalogue) -> (u32, u32) {
    let real = || catalogue.models().iter().filter(|facts| facts.provider != crate::directory::DEMO);
    let providers: HashSet<&str> = real().map(|facts| facts.provider.as_str()).collect();
    (count(real().count()), count(providers.len()))
}

fn changes(row: &CatalogueModel) -> Vec<PriceChange> {
    let Ok(held) = serde_json::from_value::<HeldRow>(row.facts.clone()) else { return Vec::new() };
    let shown = |price: Option<TokenPrice>| price.map(TokenPrice::usd_per_mtok);
    held.doubts
        .into_iter()
        .map(|doubt| PriceChange {
            target: format!("{}/{}", row.provider, row.model),
            field: doubt.field,
            before: shown(doubt.before),
            after: shown(doubt.after),
            reason: doubt.reason,
        })
        .collect()
}

/// What has become dearer or cheaper for somebody: models that are new have had no price to change.
fn changed_prices(known: &Catalogue, changed: &[ModelFacts]) -> Vec<ChangedPrice> {
    let of_model = |facts: &ModelFacts| {
        let at = ListedAt { slug: &facts.provider, dialect: &facts.provider };
        let before = known.find(at, &facts.model).and_then(|known| known.price.clone());
        let target = format!("{}/{}", facts.provider, facts.model);
        let steps = before.map(|before| price_steps(Some(&before), facts.price.as_ref())).unwrap_or_default();
        steps.into_iter().map(move |step| ChangedPrice { target: target.clone(), step })
    };
    changed.iter().flat_map(of_model).take(MOST_SHOWN).collect()
}

impl ChangedPrice {
    fn view(&self) -> PriceChange {
        PriceChange {
            target: self.target.clone(),
            field: self.step.field.clone(),
            before: self.step.before.map(TokenPrice::usd_per_mtok),
            after: self.step.after.map(TokenPrice::usd_per_mtok),
            reason: String::new(),
        }
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl HeldRow {
    fn of(held: &HeldBack) -> Self {
        Self { facts: held.facts.clone(), doubts: held.doubts.clone() }
    }
}
