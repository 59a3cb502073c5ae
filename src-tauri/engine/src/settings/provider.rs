//! What is set for one provider beyond its address: values for its models, headers, the way through the network.

use roundtable_domain::Network;
use roundtable_providers::check_network;

use super::headers::checked_headers;
use super::limits::check_anywhere;
use crate::directory::Setup;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AppError, ProviderSettings};

impl Engine {
    /// What is set for a provider.
    pub async fn provider_settings(&self, provider_id: &str) -> Result<ProviderSettings, AppError> {
        Ok(self.settings_of_provider(provider_id).await?)
    }

    pub(crate) async fn settings_of_provider(
        &self,
        provider_id: &str,
    ) -> Result<ProviderSettings, EngineError> {
        Ok(settings_of(self.settable(provider_id).await?))
    }

    /// Keeps what is set for a provider, tidied. Nothing changes unless all of it can be used.
    pub async fn save_provider_settings(
        &self,
        provider_id: &str,
        settings: ProviderSettings,
    ) -> Result<ProviderSettings, AppError> {
        Ok(self.keep_provider_settings(provider_id, settings).await?)
    }

    pub(crate) async fn keep_provider_settings(
        &self,
        provider_id: &str,
        settings: ProviderSettings,
    ) -> Result<ProviderSettings, EngineError> {
        let setup = self.settable(provider_id).await?;
        let ProviderSettings { params, extra_headers, network, calls_at_once } = settings;
        if calls_at_once == Some(0) {
            let problem = "Calls at once begin at 1; leave it empty for what is usual.";
            return Err(EngineError::BadSetting(problem.to_owned()));
        }
        let network = tidied(network);
        check_anywhere(&params, &network.timeouts)?;
        check_network(&network).map_err(|error| EngineError::BadSetting(error.to_string()))?;
        let extra_headers = checked_headers(extra_headers)?;
        let setup = Setup { extra_headers, network, params, calls_at_once, ..setup };
        self.keep_setup(&setup).await?;
        self.limit_host(&setup);
        Ok(settings_of(setup))
    }

    async fn settable(&self, provider_id: &str) -> Result<Setup, EngineError> {
        let setup = self.directory().await?.find(provider_id);
        let setup = setup.ok_or_else(|| EngineError::UnknownProvider(provider_id.to_owned()))?;
        if setup.is_demo() { Err(EngineError::DemoIsBuiltIn) } else { Ok(setup) }
    }
}

fn settings_of(setup: Setup) -> ProviderSettings {
    ProviderSettings {
        params: setup.params,
        extra_headers: setup.extra_headers,
        network: setup.network,
        calls_at_once: setup.calls_at_once,
    }
}

/// Without blank rows and texts.
fn tidied(mut network: Network) -> Network {
    network.certificate_authority = network.certificate_authority.filter(|pem| !pem.trim().is_empty());
    network.query.retain(|(name, value)| !name.trim().is_empty() || !value.trim().is_empty());
    network
}
