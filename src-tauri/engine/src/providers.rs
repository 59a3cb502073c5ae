//! Providers and their models: what is set up, what can be added, what is found on this machine.

use std::collections::HashSet;
use std::time::Duration;

use roundtable_domain::endpoint::{PlainHttp, parse_base_url};
use roundtable_domain::{ProviderError, WireApi};
use roundtable_ledger::{Catalogue, ModelFacts};
use roundtable_providers::{Dialect, ListedModel, dialect, dialects, list_models};
use roundtable_store::{Provider, ProviderSettings};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use url::Url;

use crate::directory::{CUSTOM, DEMO, Directory, Setup};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{
    AppError, DialectView, LocalServer, ModelView, NewProvider, PriceOrigin, PriceView, ProviderView,
};

/// How long a server on this machine may take to say that it is there.
const DETECT_PATIENCE: Duration = Duration::from_millis(800);

impl Engine {
    /// All providers at this moment.
    pub(crate) async fn directory(&self) -> Result<Directory, EngineError> {
        let rows = self.inner.store.providers().list().await?;
        let in_environment = |dialect: &Dialect| {
            dialect.base_url.is_some() && self.inner.vault.from_environment(dialect.env).is_some()
        };
        Ok(Directory::new(&rows, in_environment).following(&self.inner.environment))
    }

    /// The provider of a slug, written to the database first if it was only implied (by the environment, or a server of
    /// this machine): keys and models hang on its row.
    pub(crate) async fn stored_setup(&self, id: &str) -> Result<Setup, EngineError> {
        let setup =
            self.directory().await?.find(id).ok_or_else(|| EngineError::UnknownProvider(id.to_owned()))?;
        if !setup.stored && !setup.is_demo() {
            self.inner.store.providers().upsert(&self.row_of(&setup, false)).await?;
        }
        Ok(setup)
    }

    fn row_of(&self, setup: &Setup, plain_http_confirmed: bool) -> Provider {
        let now = self.inner.clock.now();
        Provider {
            id: setup.id.clone(),
            name: setup.name.clone(),
            api: setup.api,
            dialect: setup.dialect.id.to_owned(),
            base_url: setup.base_url.to_string(),
            extra_headers: setup.extra_headers.clone(),
            settings: ProviderSettings { params: setup.params.clone(), network: setup.network.clone() },
            enabled: true,
            plain_http_confirmed,
            created_at: now,
            updated_at: now,
        }
    }

    /// Providers set up here or known from the environment; the demo last, once it is on.
    pub async fn list_providers(&self) -> Result<Vec<ProviderView>, AppError> {
        let directory = self.directory().await?;
        let mut views = Vec::new();
        for setup in directory.setups() {
            views.push(self.provider_view(setup).await?);
        }
        if self.is_demo_on().await?
            && let Some(demo) = directory.find(DEMO)
        {
            views.push(self.provider_view(&demo).await?);
        }
        Ok(views)
    }

    pub(crate) async fn provider_view(&self, setup: &Setup) -> Result<ProviderView, EngineError> {
        let models = self.models_of(setup).await?.len();
        Ok(ProviderView {
            id: setup.id.clone(),
            name: setup.name.clone(),
            api: setup.api,
            dialect: setup.dialect.id.to_owned(),
            base_url: setup.base_url.to_string(),
            simulated: setup.is_demo(),
            local: setup.is_local(),
            needs_key: setup.needs_key(),
            key: if setup.is_demo() { None } else { self.key_view(setup).await? },
            models: u32::try_from(models).unwrap_or(u32::MAX),
        })
    }

    /// What can be added.
    pub fn list_dialects(&self) -> Vec<DialectView> {
        dialects().iter().filter(|dialect| dialect.id != DEMO).map(dialect_view).collect()
    }

    /// Adds a provider, or changes one. A changed origin leaves its old key unused: the key is asked for again.
    pub async fn save_provider(&self, new: NewProvider) -> Result<ProviderView, AppError> {
        let setup = self.checked_setup(&new).await?;
        let mut row = self.row_of(&setup, new.plain_http_confirmed);
        if let Some(old) = self.inner.store.providers().get(&setup.id).await.map_err(EngineError::from)? {
            row.created_at = old.created_at;
            row.extra_headers = old.extra_headers;
            row.settings = old.settings;
        }
        self.inner.store.providers().upsert(&row).await.map_err(EngineError::from)?;
        Ok(self.provider_view(&setup).await?)
    }

    async fn checked_setup(&self, new: &NewProvider) -> Result<Setup, EngineError> {
        let dialect =
            dialect(&new.dialect).ok_or_else(|| EngineError::UnknownDialect(new.dialect.clone()))?;
        let name = if new.name.trim().is_empty() { dialect.name } else { new.name.trim() };
        let typed =
            if new.base_url.trim().is_empty() { dialect.base_url.unwrap_or_default() } else { &new.base_url };
        let plain = if new.plain_http_confirmed { PlainHttp::ConfirmedPrivate } else { PlainHttp::Loopback };
        let base_url = parse_base_url(typed, plain)?;
        let id = match &new.id {
            Some(id) => id.clone(),
            None => self.free_slug(dialect, name).await?,
        };
        if id == DEMO {
            return Err(EngineError::DemoIsBuiltIn);
        }
        let api = if dialect.id == CUSTOM { new.api.unwrap_or(dialect.api) } else { dialect.api };
        if api == WireApi::OpenaiResponses && roundtable_providers::wire_for(api).is_none() {
            return Err(EngineError::UnknownDialect(api.as_str().to_owned()));
        }
        Ok(Setup {
            id,
            name: name.to_owned(),
            api,
            stored: true,
            ..Setup::at(dialect, base_url)
        })
    }

    /// The dialect's own word when it is free, else one made from the name.
    async fn free_slug(&self, dialect: &Dialect, name: &str) -> Result<String, EngineError> {
        let taken: HashSet<String> =
            self.inner.store.providers().list().await?.into_iter().map(|row| row.id).collect();
        let wish = if dialect.id == CUSTOM { slug(name) } else { dialect.id.to_owned() };
        let reserved = |word: &String| {
            word == DEMO || (dialect.id != *word && roundtable_providers::dialect(word).is_some())
        };
        let wishes = std::iter::once(wish.clone()).chain((2_u32..).map(|number| format!("{wish}-{number}")));
        Ok(wishes.into_iter().find(|word| !taken.contains(word) && !reserved(word)).unwrap_or(wish))
    }

    /// Removes a provider with its keys and models. Answers and spend stay.
    pub async fn remove_provider(&self, id: &str) -> Result<(), AppError> {
        if id == DEMO {
            return Ok(self.set_demo(false).await?);
        }
        let setup = self.stored_setup(id).await?;
        self.forget_keys(&setup).await?;
        self.inner.store.providers().remove(id).await.map_err(EngineError::from)?;
        Ok(())
    }

    /// Models that can stand in a lane, by provider, then by name; the demo's once it is on.
    pub async fn list_models(&self) -> Result<Vec<ModelView>, AppError> {
        let demo = self.is_demo_on().await?;
        Ok(self.models_with(demo).await?)
    }

    /// All models that can be asked by name, the demo's among them.
    pub async fn list_all_models(&self) -> Result<Vec<ModelView>, AppError> {
        Ok(self.models_with(true).await?)
    }

    async fn models_with(&self, demo: bool) -> Result<Vec<ModelView>, EngineError> {
        let directory = self.directory().await?;
        let mut models = Vec::new();
        for setup in directory.setups() {
            models.extend(self.models_of(setup).await?);
        }
        if let Some(setup) = directory.find(DEMO).filter(|_| demo) {
            models.extend(self.models_of(&setup).await?);
        }
        Ok(models)
    }

    /// Sets up the provider of a dialect at its usual address, if it is not there yet.
    pub async fn ensure_provider(&self, id: &str) -> Result<(), AppError> {
        if self.directory().await?.find(id).is_some() {
            return Ok(());
        }
        let known = dialect(id).filter(|dialect| dialect.base_url.is_some());
        let setup =
            known.and_then(Setup::of_dialect).ok_or_else(|| EngineError::UnknownProvider(id.to_owned()))?;
        Ok(self
            .inner
            .store
            .providers()
            .upsert(&self.row_of(&setup, false))
            .await
            .map_err(EngineError::from)?)
    }

    async fn models_of(&self, setup: &Setup) -> Result<Vec<ModelView>, EngineError> {
        if setup.is_demo() {
            return Ok(demo_models(setup));
        }
        let ready = !setup.needs_key() || self.find_key(setup).await.is_ok_and(|key| key.is_some());
        let listed = self.inner.store.models().list(Some(&setup.id)).await?;
        let mut views: Vec<ModelView> = listed
            .iter()
            .map(|row| {
                let facts = setup.facts(&row.model);
                let mut view = model_view(setup, &row.model, facts, ready, true);
                fill_from_listing(&mut view, &row.facts);
                view
            })
            .collect();
        if views.is_empty() {
            let known = Catalogue::builtin().models_of(setup.dialect.id);
            views.extend(known.map(|facts| model_view(setup, &facts.model, Some(facts), ready, false)));
        }
        Ok(views)
    }

    /// Keeps what a provider listed. Failing costs nothing but the list.
    pub(crate) async fn keep_listing(&self, setup: &Setup, listed: Vec<ListedModel>) {
        if setup.is_demo() {
            return;
        }
        let rows: Vec<(String, Value)> = listed
            .into_iter()
            .map(|model| {
                let facts = json!({"name": model.name, "context_window": model.context_window, "max_output": model.max_output});
                (model.id, facts)
            })
            .collect();
        if let Err(error) = self.inner.store.models().replace(&setup.id, &rows, self.inner.clock.now()).await
        {
            tracing::warn!(%error, provider = setup.id, "the list of models was not kept");
        }
    }

    /// Asks a provider for its models and keeps them.
    pub async fn refresh_models(&self, provider_id: &str) -> Result<Vec<ModelView>, AppError> {
        let setup = self.stored_setup(provider_id).await?;
        if !setup.is_demo() {
            let key = self.find_key(&setup).await.map_err(EngineError::Provider)?;
            let listed = list_models(
                &self.inner.client,
                &setup.endpoint(),
                key.as_ref().map(|key| &key.secret),
                &self.inner.closing,
            )
            .await
            .map_err(EngineError::Provider)?;
            self.keep_listing(&setup, listed).await;
        }
        Ok(self.models_of(&setup).await?)
    }

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

pub(crate) fn slug(name: &str) -> String {
    let words: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let slug = words.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
    if slug.is_empty() { "custom".to_owned() } else { slug }
}

fn dialect_view(dialect: &Dialect) -> DialectView {
    let setup_is_local = dialect
        .base_url
        .and_then(|text| parse_base_url(text, PlainHttp::Loopback).ok())
        .is_some_and(|url| url.scheme() == "http");
    DialectView {
        id: dialect.id.to_owned(),
        name: dialect.name.to_owned(),
        api: dialect.api,
        base_url: dialect.base_url.unwrap_or_default().to_owned(),
        environment: dialect.env.iter().map(|name| (*name).to_owned()).collect(),
        needs_key: dialect.needs_key() && dialect.id != CUSTOM,
        local: setup_is_local,
        key_page: dialect.key_url.map(str::to_owned),
    }
}

fn model_view(
    setup: &Setup,
    model: &str,
    facts: Option<&ModelFacts>,
    ready: bool,
    listed: bool,
) -> ModelView {
    ModelView {
        target: format!("{}/{model}", setup.id),
        provider: setup.id.clone(),
        provider_name: setup.name.clone(),
        model: model.to_owned(),
        name: facts.map_or_else(|| model.to_owned(), |facts| facts.name.clone()),
        description: None,
        context_window: facts.and_then(|facts| facts.context_window),
        max_output: facts.and_then(|facts| facts.max_output),
        price: facts.and_then(|facts| facts.price.as_ref()).map(price_view),
        simulated: setup.is_demo(),
        vision: facts.and_then(|facts| facts.capabilities.vision),
        tools: facts.and_then(|facts| facts.capabilities.tools),
        reasoning: facts.and_then(|facts| facts.capabilities.reasoning),
        pdf: facts.and_then(|facts| facts.capabilities.pdf),
        audio: facts.and_then(|facts| facts.capabilities.audio_input),
        json_schema: facts.and_then(|facts| facts.capabilities.json_schema),
        retirement_date: facts.and_then(|facts| facts.retirement_date.clone()),
        ready,
        listed,
    }
}

fn price_view(price: &roundtable_ledger::PriceList) -> PriceView {
    PriceView {
        input: price.input.usd_per_mtok(),
        output: price.output.usd_per_mtok(),
        date: price.date.clone(),
        origin: if price.simulated { PriceOrigin::Simulated } else { PriceOrigin::BuiltIn },
        tiered: price.is_tiered(),
    }
}

/// What the provider says of its own model fills what the catalogue leaves open.
fn fill_from_listing(view: &mut ModelView, listed: &Value) {
    if view.name == view.model
        && let Some(name) = listed.get("name").and_then(Value::as_str)
    {
        name.clone_into(&mut view.name);
    }
    view.context_window =
        view.context_window.or_else(|| listed.get("context_window").and_then(Value::as_u64));
    view.max_output = view.max_output.or_else(|| listed.get("max_output").and_then(Value::as_u64));
}

fn demo_models(setup: &Setup) -> Vec<ModelView> {
    roundtable_emulator::demo_models()
        .iter()
        .map(|demo| ModelView {
            name: demo.name.to_owned(),
            context_window: Some(demo.context_window),
            max_output: Some(demo.max_output),
            description: Some(demo.voice.to_owned()),
            reasoning: Some(demo.reasons),
            ..model_view(setup, demo.id, setup.facts(demo.id), true, true)
        })
        .collect()
}
