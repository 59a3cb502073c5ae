//! The layers of the catalogue as rows of the database.

use roundtable_ledger::{Catalogue, Doubt, ListedAt, ModelFacts, OwnRates};
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

/// The built-in list with everything above it.
pub(crate) async fn load(store: &Store) -> Result<Catalogue, StoreError> {
    let rows = store.catalogue().list().await?;
    let updates = of_origin(&rows, CatalogueOrigin::Update).filter_map(facts);
    let mut catalogue = Catalogue::clone(Catalogue::builtin()).with_updates(updates);
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
