//! The price catalogue in force: the list the program was built with, below later lists, below the user's own prices.

mod fetch;
pub(crate) mod layers;
mod own;
mod update;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use roundtable_ledger::Catalogue;
use tokio::sync::OnceCell;

use crate::engine::Engine;

/// The catalogue in force. Prices already booked never change with it: each entry keeps the price it used.
#[derive(Debug)]
pub(crate) struct Prices {
    loaded: OnceCell<()>,
    current: RwLock<Arc<Catalogue>>,
    /// Where the public list is.
    source: String,
}

/// The variable that names another public list.
const SOURCE_VARIABLE: &str = "ROUNDTABLE_PRICE_LIST";

/// Why a public price list was not taken over.
#[derive(Debug, thiserror::Error)]
pub enum PriceListError {
    /// It did not come.
    #[error(
        "the price list could not be fetched from {address}: {reason}. The prices known so far stay in use"
    )]
    Fetch {
        /// Where it was looked for.
        address: String,
        /// Why it did not come.
        reason: String,
    },
    /// It came, but is no price list.
    #[error("what came from {address} cannot be used: {reason}. The prices known so far stay in use")]
    Read {
        /// Where it came from.
        address: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The program is ending.
    #[error("the program is closing")]
    Closing,
}

impl Prices {
    pub(crate) fn new(environment: &HashMap<String, String>) -> Self {
        let named = environment.get(SOURCE_VARIABLE).map(|text| text.trim()).filter(|text| !text.is_empty());
        Self {
            loaded: OnceCell::new(),
            current: RwLock::new(Arc::clone(Catalogue::builtin())),
            source: named.unwrap_or(fetch::PUBLIC_LIST).to_owned(),
        }
    }

    fn get(&self) -> Arc<Catalogue> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn set(&self, catalogue: Catalogue) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(catalogue);
    }
}

impl Engine {
    /// The catalogue in force, read from the database before it is used first.
    pub(crate) async fn catalogue(&self) -> Arc<Catalogue> {
        let prices = &self.inner.prices;
        let loaded = prices.loaded.get_or_try_init(|| async {
            prices.set(layers::load(&self.inner.store).await?);
            Ok::<(), roundtable_store::StoreError>(())
        });
        if let Err(error) = loaded.await {
            tracing::warn!(%error, "later prices and the user's own could not be read; the built-in list stands in");
        }
        prices.get()
    }

    /// The catalogue in force: the built-in list with updates and the user's own prices above it.
    pub async fn catalogue_in_force(&self) -> Arc<Catalogue> {
        self.catalogue().await
    }

    /// Reads the catalogue behind the window that opens.
    pub(crate) fn load_catalogue_behind(&self) {
        let (engine, closing) = (self.clone(), self.inner.closing.clone());
        self.inner.tasks.spawn(async move {
            tokio::select! {
                () = closing.cancelled() => {}
                _ = engine.catalogue() => {}
            }
        });
    }
}
