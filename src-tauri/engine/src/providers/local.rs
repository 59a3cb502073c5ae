//! Model servers of this machine, found at their usual ports.

use std::collections::HashSet;
use std::time::Duration;

use roundtable_domain::ProviderError;
use roundtable_providers::{Dialect, ListedModel, dialects, list_models};
use tokio::task::JoinSet;
use url::Url;

use crate::directory::Setup;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AppError, LocalServer};

/// How long a server on this machine may take to say that it is there.
const DETECT_PATIENCE: Duration = Duration::from_millis(800);

impl Engine {
    /// Looks for model servers on this machine at their usual ports, all at once.
    pub async fn detect_local_servers(&self) -> Result<Vec<LocalServer>, AppError> {
        let stored = self.inner.store.providers().list().await.map_err(EngineError::from)?;
        let known: HashSet<String> =
            stored.iter().map(|row| row.base_url.trim_end_matches('/').to_owned()).collect();
        let mut probes = JoinSet::new();
        for (index, setup) in dialects().iter().filter_map(local_setup).enumerate() {
            let (client, closing) = (self.inner.client.clone(), self.inner.closing.clone());
            probes.spawn(async move {
                let endpoint = setup.endpoint();
                let listing = list_models(&client, &endpoint, None, &closing);
                let listed: Option<Result<Vec<ListedModel>, ProviderError>> =
                    tokio::time::timeout(DETECT_PATIENCE, listing).await.ok();
                Some((index, setup, listed?.ok()?))
            });
        }
        let mut found = Vec::new();
        while let Some(probe) = probes.join_next().await {
            found.extend(probe.ok().flatten());
        }
        found.sort_by_key(|(index, ..)| *index);
        let mut servers: Vec<LocalServer> = Vec::new();
        for (_, setup, listed) in found {
            // One server answers to several dialects: the first of the table is its own.
            if !servers.iter().any(|server| same_server(&server.base_url, &setup.base_url)) {
                servers.push(local_server(&setup, listed, &known));
            }
        }
        Ok(servers)
    }
}

fn same_server(base_url: &str, other: &Url) -> bool {
    Url::parse(base_url).is_ok_and(|url| url.origin() == other.origin())
}

fn local_setup(dialect: &'static Dialect) -> Option<Setup> {
    Setup::of_dialect(dialect).filter(|setup| !setup.is_demo() && setup.is_local())
}

fn local_server(setup: &Setup, listed: Vec<ListedModel>, known: &HashSet<String>) -> LocalServer {
    let base_url = setup.base_url.to_string();
    LocalServer {
        dialect: setup.dialect.id.to_owned(),
        name: setup.name.clone(),
        added: known.contains(base_url.trim_end_matches('/')),
        base_url,
        models: listed.into_iter().map(|model| model.id).collect(),
    }
}
