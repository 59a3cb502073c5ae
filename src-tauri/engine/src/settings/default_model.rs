//! Which model the environment wants asked when nobody names another.

use roundtable_providers::dialect;

use crate::directory::{Directory, Setup};
use crate::engine::Engine;
use crate::error::EngineError;

impl Engine {
    /// The target the environment names (`LLM_DEFAULT_MODEL`, with `LLM_DEFAULT_PROVIDER` where it stands alone): the lane of a
    /// new conversation, and of a question that names none. A model's name alone is looked for among the providers here.
    /// `None` when the environment names none; an error when what it names is nowhere.
    pub async fn default_target(&self) -> Result<Option<String>, EngineError> {
        let environment = &self.inner.environment;
        let Some(named) = &environment.default_model else { return Ok(None) };
        let directory = self.directory().await?;
        if let Some(provider) = &environment.default_provider {
            let with = named.strip_prefix(provider.as_str()).is_some_and(|rest| rest.starts_with('/'));
            return Ok(Some(if with { named.clone() } else { format!("{provider}/{named}") }));
        }
        let provider = named.split_once('/').map(|(provider, _)| provider);
        let is_target = |word: &str| directory.find(word).is_some() || dialect(word).is_some();
        if provider.is_some_and(is_target) {
            return Ok(Some(named.clone()));
        }
        match self.provider_with(&directory, named).await? {
            Some(setup) => Ok(Some(format!("{}/{named}", setup.id))),
            None => Err(EngineError::UnknownDefaultModel(named.clone())),
        }
    }

    /// A provider here that has a model: one that lists it, else one of whose kind the catalogue knows it, else the only one.
    async fn provider_with(&self, directory: &Directory, model: &str) -> Result<Option<Setup>, EngineError> {
        for setup in directory.setups() {
            if self.inner.store.models().get(&setup.id, model).await?.is_some() {
                return Ok(Some(setup.clone()));
            }
        }
        let setups = directory.setups();
        let known = setups.iter().find(|setup| setup.facts(model).is_some());
        let only = if let [only] = setups { Some(only) } else { None };
        Ok(known.or(only).cloned())
    }
}
