//! The layers of the catalogue as rows of the database.

use std::collections::HashMap;

use roundtable_ledger::{Catalogue, Doubt, ListedAt, ModelFacts, OwnRates, StatedRates, day_of};
use roundtable_providers::ListedPrices;
use roundtable_store::{CatalogueModel, CatalogueOrigin, Store, StoreError};
use serde::{Deserialize, Serialize};

/// What a row of [`CatalogueOrigin::Own`] holds. Its provider is the slug; its lists are those of the dialect.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct OwnRow {
    pub(super) dialect: String,
    pub(super) rates: OwnRates,
}

/// What a row of [`CatalogueOrigin::Held`] holds.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct HeldRow {
    pub(super) facts: ModelFacts,
    pub(super) doubts: Vec<Doubt>,
}

/// The built-in list with everything above it, and below it what providers state themselves.
pub(crate) async fn load(store: &Store) -> Result<Catalogue, StoreError> {
    let rows = store.catalogue().list().await?;
    let updates = of_origin(&rows, CatalogueOrigin::Update).filter_map(facts);
    let mut catalogue = Catalogue::clone(Catalogue::builtin()).with_updates(updates);
    add_stated(store, &mut catalogue).await?;
    for row in of_origin(&rows, CatalogueOrigin::Own) {
        match serde_json::from_value::<OwnRow>(row.facts.clone()) {
            Ok(own) => {
                let at = ListedAt { slug: &row.provider, dialect: &own.dialect };
                catalogue = catalogue.with_own(at, &row.model, &own.rates);
            }
            Err(error) => tracing::warn!(%error, model = row.model, "a price of the user's cannot be read"),
        }
    }
    Ok(catalogue)
}

/// What providers state in their listings, below every list.
async fn add_stated(store: &Store, catalogue: &mut Catalogue) -> Result<(), StoreError> {
    let listed = store.models().list(None).await?;
    if listed.is_empty() {
        return Ok(());
    }
    let providers = store.providers().list().await?;
    let dialects: HashMap<&str, &str> =
        providers.iter().map(|row| (row.id.as_str(), row.dialect.as_str())).collect();
    for row in &listed {
        let Some(dialect) = dialects.get(row.provider.as_str()) else { continue };
        let stated: Option<ListedPrices> =
            row.facts.get("prices").and_then(|prices| ListedPrices::deserialize(prices).ok());
        let Some(ListedPrices {
            input: Some(input),
            output: Some(output),
            cached_input,
            cache_write,
            per_request,
        }) = &stated
        else {
            continue;
        };
        let rates = StatedRates {
            input,
            output,
            cache_read: cached_input.as_deref(),
            cache_write: cache_write.as_deref(),
            per_request: per_request.as_deref(),
            date: &day_of(row.listed_at),
        };
        if let Err(error) = catalogue.add_stated(ListedAt { slug: &row.provider, dialect }, &row.model, rates)
        {
            tracing::debug!(%error, provider = row.provider, model = row.model, "a stated price cannot be read");
        }
    }
    Ok(())
}

pub(super) fn of_origin(
    rows: &[CatalogueModel],
    origin: CatalogueOrigin,
) -> impl Iterator<Item = &CatalogueModel> {
    rows.iter().filter(move |row| row.origin == origin)
}

fn facts(row: &CatalogueModel) -> Option<ModelFacts> {
    match serde_json::from_value(row.facts.clone()) {
        Ok(facts) => Some(facts),
        Err(error) => {
            tracing::warn!(%error, model = row.model, "facts of an update cannot be read");
            None
        }
    }
}
