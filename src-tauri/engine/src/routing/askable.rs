//! Every model that can be asked right now, for `auto` where there are no routes.

use futures_util::future::join_all;
use roundtable_domain::ModelRef;

use crate::directory::{DEMO, Directory, Setup};
use crate::engine::Engine;
use crate::error::EngineError;

/// More than these are not looked at for one prompt.
const MOST: usize = 50;

impl Engine {
    /// Chat models of providers that have a key or want none, and of the demo where it is on: of each provider in turn one, so
    /// that a long list does not crowd out a short one.
    pub(crate) async fn askable_models(&self, directory: &Directory) -> Result<Vec<ModelRef>, EngineError> {
        let mut setups = directory.setups().to_vec();
        if self.is_demo_on().await? {
            setups.extend(directory.find(DEMO));
        }
        let can_be_asked = join_all(setups.iter().map(|setup| self.ask_key(setup))).await;
        let setups: Vec<Setup> = setups
            .into_iter()
            .zip(can_be_asked)
            .filter_map(|(setup, asked)| asked.is_ok().then_some(setup))
            .collect();
        let mut lists = Vec::with_capacity(setups.len());
        for setup in &setups {
            lists.push(self.models_to_ask(setup).await?.into_iter());
        }
        let mut models = Vec::new();
        while models.len() < MOST {
            let before = models.len();
            models.extend(lists.iter_mut().filter_map(Iterator::next));
            if models.len() == before {
                break;
            }
        }
        models.truncate(MOST);
        Ok(models)
    }

    /// Chat models of one provider.
    pub(crate) async fn models_to_ask(&self, setup: &Setup) -> Result<Vec<ModelRef>, EngineError> {
        let models = self.chat_models(setup).await?;
        Ok(models.into_iter().map(|model| ModelRef { provider: setup.id.clone(), model }).collect())
    }
}
