//! Providers: what is set up and what can be added. Their models are in [`registry`], servers of this machine in [`local`].

mod local;
mod registry;

use std::collections::HashSet;

use roundtable_domain::endpoint::{PlainHttp, parse_base_url};
use roundtable_providers::{Dialect, dialect, dialects, wire_for};
use roundtable_store::{Provider, ProviderSettings};

pub(crate) use registry::{Refreshes, model_view};

use crate::directory::{CUSTOM, DEMO, Directory, Setup};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AppError, DialectView, NewProvider, ProviderView};

impl Engine {
    /// All providers at this moment.
    pub(crate) async fn directory(&self) -> Result<Directory, EngineError> {
        let rows = self.inner.store.providers().list().await?;
        let in_environment = |dialect: &Dialect| {
            dialect.base_url.is_some() && self.inner.vault.from_environment(dialect.env).is_some()
        };
        Ok(Directory::new(&rows, in_environment)
            .following(&self.inner.environment)
            .at_prices(self.catalogue().await))
    }

    /// The provider of a slug, written to the database first if it was only implied (by the environment, or a server of
    /// this machine): keys and models hang on its row.
    pub(crate) async fn stored_setup(&self, id: &str) -> Result<Setup, EngineError> {
        let setup =
            self.directory().await?.find(id).ok_or_else(|| EngineError::UnknownProvider(id.to_owned()))?;
        if !setup.stored && !setup.is_demo() {
            self.inner.store.providers().upsert(&self.row_of(&setup)).await?;
        }
        Ok(setup)
    }

    /// Writes what is set for a provider; its address stays as it was set up.
    pub(crate) async fn keep_setup(&self, setup: &Setup) -> Result<(), EngineError> {
        let mut row = self.row_of(setup);
        if let Some(old) = self.inner.store.providers().get(&setup.id).await? {
            row.base_url = old.base_url;
            row.plain_http_confirmed = old.plain_http_confirmed;
            row.created_at = old.created_at;
        }
        Ok(self.inner.store.providers().upsert(&row).await?)
    }

    fn row_of(&self, setup: &Setup) -> Provider {
        let now = self.inner.clock.now();
        // Where the environment moves a provider holds as long as the environment says so.
        let usual = setup.dialect.base_url.filter(|_| setup.moved_by.is_some());
        Provider {
            id: setup.id.clone(),
            name: setup.name.clone(),
            api: setup.api,
            dialect: setup.dialect.id.to_owned(),
            base_url: usual.map_or_else(|| setup.base_url.to_string(), str::to_owned),
            extra_headers: setup.extra_headers.clone(),
            settings: ProviderSettings {
                params: setup.params.clone(),
                network: setup.network.clone(),
                calls_at_once: setup.calls_at_once,
            },
            enabled: true,
            plain_http_confirmed: false,
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
        let keys = self.key_views(setup).await?;
        Ok(ProviderView {
            id: setup.id.clone(),
            name: setup.name.clone(),
            api: setup.api,
            dialect: setup.dialect.id.to_owned(),
            base_url: setup.base_url.to_string(),
            address_from: setup.moved_by.clone(),
            simulated: setup.is_demo(),
            local: setup.is_local(),
            needs_key: setup.needs_key(),
            key: keys.first().cloned(),
            keys,
            models: u32::try_from(self.count_models(setup).await?).unwrap_or(u32::MAX),
        })
    }

    /// What can be added.
    pub fn list_dialects(&self) -> Vec<DialectView> {
        dialects().iter().filter(|dialect| dialect.id != DEMO).map(dialect_view).collect()
    }

    /// Adds a provider, or changes one. A changed origin leaves its old key unused: the key is asked for again. Models that
    /// were listed at another address are forgotten.
    pub async fn save_provider(&self, new: NewProvider) -> Result<ProviderView, AppError> {
        let setup = self.checked_setup(&new).await?;
        let rows = self.inner.store.providers();
        let mut row = Provider { plain_http_confirmed: new.plain_http_confirmed, ..self.row_of(&setup) };
        let old = rows.get(&setup.id).await.map_err(EngineError::from)?;
        let moved = old.as_ref().is_some_and(|old| old.base_url != row.base_url || old.api != row.api);
        if let Some(old) = old {
            row.created_at = old.created_at;
            row.extra_headers = old.extra_headers;
            row.settings = old.settings;
        }
        rows.upsert(&row).await.map_err(EngineError::from)?;
        if moved {
            self.keep_listing(&setup, Vec::new()).await;
        }
        let saved = self.directory().await?.find(&setup.id).unwrap_or(setup);
        Ok(self.provider_view(&saved).await?)
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
            Some(id) if *id == slug(id) => id.clone(),
            Some(id) => {
                let problem = format!("“{id}” is no short name; use small letters, digits and -");
                return Err(EngineError::BadSetting(problem));
            }
            None => self.free_slug(dialect, name).await?,
        };
        if id == DEMO {
            return Err(EngineError::DemoIsBuiltIn);
        }
        let api = if dialect.id == CUSTOM { new.api.unwrap_or(dialect.api) } else { dialect.api };
        if wire_for(api).is_none() {
            return Err(EngineError::UnknownDialect(api.as_str().to_owned()));
        }
        Ok(Setup { id, name: name.to_owned(), api, stored: true, ..Setup::at(dialect, base_url) })
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

    /// Sets up the provider of a dialect at its usual address, if it is not there yet.
    pub async fn ensure_provider(&self, id: &str) -> Result<(), AppError> {
        if self.directory().await?.find(id).is_some() {
            return Ok(());
        }
        let known = dialect(id).filter(|dialect| dialect.base_url.is_some());
        let setup =
            known.and_then(Setup::of_dialect).ok_or_else(|| EngineError::UnknownProvider(id.to_owned()))?;
        Ok(self.inner.store.providers().upsert(&self.row_of(&setup)).await.map_err(EngineError::from)?)
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
