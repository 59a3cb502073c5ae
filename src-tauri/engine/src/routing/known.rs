//! Which models are known by their names, for what a file says of them.

use std::collections::BTreeSet;

use roundtable_domain::ModelRef;

use crate::directory::DEMO;
use crate::engine::Engine;
use crate::error::EngineError;

impl Engine {
    /// Every model of a provider that is set up here, as it lists them or the catalogue has them, and the demo's. No key is
    /// looked for.
    pub(super) async fn models_known_by_name(&self) -> Result<BTreeSet<ModelRef>, EngineError> {
        let directory = self.directory().await?;
        let listed = self.inner.store.models().list(None).await?;
        let mut known: BTreeSet<ModelRef> =
            listed.into_iter().map(|row| ModelRef { provider: row.provider, model: row.model }).collect();
        for setup in directory.setups() {
            let models = setup.catalogue.models_of(setup.dialect.id);
            known.extend(
                models.map(|facts| ModelRef { provider: setup.id.clone(), model: facts.model.clone() }),
            );
        }
        known.extend(
            roundtable_emulator::demo_models()
                .iter()
                .map(|demo| ModelRef { provider: DEMO.to_owned(), model: demo.id.to_owned() }),
        );
        Ok(known)
    }
}
