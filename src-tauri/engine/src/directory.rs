//! The providers there are: those set up here, those whose key stands in the environment, servers of this machine that want
//! no key, and the built-in demo. And what a target means among them.

use std::sync::Arc;

use roundtable_domain::endpoint::{PlainHttp, parse_base_url};
use roundtable_domain::{
    Endpoint, ErrorCategory, ModelRef, Network, Origin, Params, ProviderError, Target, WireApi,
};
use roundtable_ledger::{Catalogue, ListedAt, ModelFacts};
use roundtable_providers::{Dialect, ModelKind, dialect, dialects, kind_of_name};
use roundtable_store::Provider;
use url::Url;

use crate::settings::Environment;

/// The slug of the built-in emulator.
pub(crate) const DEMO: &str = "demo";

/// The dialect of servers nobody has described.
pub(crate) const CUSTOM: &str = "custom";

/// One provider as it can be asked.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) api: WireApi,
    pub(crate) dialect: &'static Dialect,
    /// Without a trailing slash. The demo's is filled in once the emulator runs.
    pub(crate) base_url: Url,
    pub(crate) extra_headers: Vec<(String, String)>,
    pub(crate) network: Network,
    /// Values for all of its models.
    pub(crate) params: Params,
    /// Calls at once, where somebody has said so.
    pub(crate) calls_at_once: Option<u32>,
    /// The environment variable the address is from.
    pub(crate) moved_by: Option<String>,
    /// Set up here, as opposed to known from the environment or built in.
    pub(crate) stored: bool,
    /// The prices in force when it was looked up: an answer is booked at the prices it was reserved at.
    pub(crate) catalogue: Arc<Catalogue>,
}

impl Setup {
    pub(crate) fn of_row(row: &Provider) -> Option<Self> {
        let dialect = dialect(&row.dialect).or_else(|| dialect(CUSTOM))?;
        Some(Self {
            id: row.id.clone(),
            name: row.name.clone(),
            api: row.api,
            extra_headers: row.extra_headers.clone(),
            network: row.settings.network.clone(),
            params: row.settings.params.clone(),
            calls_at_once: row.settings.calls_at_once,
            stored: true,
            ..Self::at(dialect, row.base_url.parse().ok()?)
        })
    }

    /// A dialect's provider at its usual address.
    pub(crate) fn of_dialect(dialect: &'static Dialect) -> Option<Self> {
        Some(Self::at(dialect, parse_base_url(home(dialect)?, PlainHttp::Loopback).ok()?))
    }

    /// A dialect's provider at an address, not set up here.
    pub(crate) fn at(dialect: &'static Dialect, base_url: Url) -> Self {
        Self {
            id: dialect.id.to_owned(),
            name: dialect.name.to_owned(),
            api: dialect.api,
            dialect,
            base_url,
            extra_headers: Vec::new(),
            network: Network::default(),
            params: Params::default(),
            calls_at_once: None,
            moved_by: None,
            stored: false,
            catalogue: Arc::clone(Catalogue::builtin()),
        }
    }

    pub(crate) fn is_demo(&self) -> bool {
        self.id == DEMO
    }

    /// The provider as this model is asked: one that has no chat form goes through the wire for texts that go on.
    fn for_model(self, model: &str) -> Self {
        let completes = kind_of_name(model) == Some(ModelKind::Completion);
        let api =
            if self.api == WireApi::OpenaiChat && completes { WireApi::OpenaiCompletions } else { self.api };
        Self { api, ..self }
    }

    /// Whether it stands on this machine.
    pub(crate) fn is_local(&self) -> bool {
        parse_base_url(self.base_url.as_str(), PlainHttp::Loopback).is_ok()
            && self.base_url.scheme() == "http"
    }

    /// Whether it wants a key. A server on this machine and one of the user's own making may do without.
    pub(crate) fn needs_key(&self) -> bool {
        self.dialect.needs_key() && self.dialect.id != CUSTOM && !self.is_local()
    }

    pub(crate) fn origin(&self) -> Origin {
        Origin::of(&self.base_url)
    }

    /// Whether it stands where its dialect usually does.
    pub(crate) fn is_at_home(&self) -> bool {
        self.dialect
            .base_url
            .and_then(|home| Url::parse(home).ok())
            .is_some_and(|home| Origin::of(&home) == self.origin())
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        Endpoint {
            provider: self.id.clone(),
            api: self.api,
            dialect: self.dialect.id.to_owned(),
            base_url: self.base_url.clone(),
            extra_headers: self.extra_headers.clone(),
            network: self.network.clone(),
        }
    }

    /// What the catalogue knows of a model of this provider.
    pub(crate) fn facts(&self, model: &str) -> Option<&ModelFacts> {
        self.catalogue.find(self.listed_at(), model)
    }

    /// Where it stands in the catalogue.
    pub(crate) fn listed_at(&self) -> ListedAt<'_> {
        ListedAt { slug: &self.id, dialect: self.dialect.id }
    }
}

/// Where a dialect usually is. The demo has no port before its first question, see `Engine::demo_url`.
fn home(dialect: &Dialect) -> Option<&'static str> {
    if dialect.id == DEMO { Some("http://localhost") } else { dialect.base_url }
}

/// All providers at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Directory {
    setups: Vec<Setup>,
    catalogue: Arc<Catalogue>,
}

impl Directory {
    /// `has_environment_key` tells whether a key for a dialect stands in the environment.
    pub(crate) fn new(rows: &[Provider], has_environment_key: impl Fn(&Dialect) -> bool) -> Self {
        let mut setups: Vec<Setup> = rows.iter().filter_map(Setup::of_row).collect();
        for dialect in dialects().iter().filter(|dialect| has_environment_key(dialect)) {
            if !setups.iter().any(|setup| setup.id == dialect.id) {
                setups.extend(Setup::of_dialect(dialect));
            }
        }
        Self { setups, catalogue: Arc::clone(Catalogue::builtin()) }
    }

    /// Moves providers to where the environment says. One that was given an address of its own stays there: what a person
    /// sets up goes before the environment, and a provider at its usual address has not been given any.
    pub(crate) fn following(mut self, environment: &Environment) -> Self {
        for (dialect, moved) in environment.moves() {
            let place = self.setups.iter().position(|setup| setup.id == dialect.id);
            let new = Setup {
                moved_by: Some(moved.variable.clone()),
                ..Setup::at(dialect, moved.base_url.clone())
            };
            match place.and_then(|at| self.setups.get_mut(at)) {
                Some(setup) if setup.is_at_home() => {
                    setup.base_url = new.base_url;
                    setup.moved_by = new.moved_by;
                }
                Some(_) => {}
                None => self.setups.push(new),
            }
        }
        self
    }

    /// All of them at the prices in force.
    pub(crate) fn at_prices(mut self, catalogue: Arc<Catalogue>) -> Self {
        for setup in &mut self.setups {
            setup.catalogue = Arc::clone(&catalogue);
        }
        Self { catalogue, ..self }
    }

    /// Those a person has set up or has a key for, in order of their names; the demo is not among them.
    pub(crate) fn setups(&self) -> &[Setup] {
        &self.setups
    }

    /// The provider of a slug. Beyond [`Self::setups`] it finds the demo and servers of this machine that want no key.
    pub(crate) fn find(&self, id: &str) -> Option<Setup> {
        self.setups.iter().find(|setup| setup.id == id).cloned().or_else(|| {
            let implied = dialect(id).filter(|dialect| !dialect.needs_key()).and_then(Setup::of_dialect)?;
            Some(Setup { catalogue: Arc::clone(&self.catalogue), ..implied })
        })
    }

    /// The name of a provider for people, also when it is gone.
    pub(crate) fn name_of(&self, id: &str) -> String {
        self.find(id)
            .map(|setup| setup.name)
            .or_else(|| dialect(id).map(|dialect| dialect.name.to_owned()))
            .unwrap_or_else(|| id.to_owned())
    }

    /// What a target means.
    pub(crate) fn resolve(&self, target: &str) -> Result<(Setup, ModelRef), ProviderError> {
        let model = match target.parse() {
            Ok(Target::Model(model)) => model,
            Ok(Target::Route(_) | Target::Auto) | Err(_) => return Err(unknown_target(target)),
        };
        match self.find(&model.provider) {
            Some(setup) => Ok((setup.for_model(&model.model), model)),
            None => Err(unknown_provider(&model)),
        }
    }
}

fn unknown_target(target: &str) -> ProviderError {
    ProviderError::local(
        ErrorCategory::ModelNotFound,
        "roundtable",
        format!("There is no model “{target}”. Name one as provider/model, for example demo/swift."),
    )
}

fn unknown_provider(model: &ModelRef) -> ProviderError {
    let name = dialect(&model.provider).map_or(model.provider.as_str(), |dialect| dialect.name);
    ProviderError::local(
        ErrorCategory::ModelNotFound,
        model.provider.as_str(),
        format!("{name} is not set up here. Add it with a key, or choose another model."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_and_the_emulator_agree_on_the_demo_models() {
        for demo in roundtable_emulator::demo_models() {
            let facts = Catalogue::builtin().find(DEMO, demo.id).expect("every demo model has a price");
            assert_eq!(
                (facts.context_window, facts.max_output),
                (Some(demo.context_window), Some(demo.max_output))
            );
            assert!(facts.price.as_ref().is_some_and(|price| price.simulated), "{}", demo.id);
        }
    }

    #[test]
    fn a_key_of_the_environment_is_for_its_dialects_own_address_only() {
        let mut setup = Setup::of_dialect(dialect("openai").unwrap()).unwrap();
        assert!(setup.is_at_home() && setup.needs_key());
        setup.base_url = "https://elsewhere.example/v1".parse().unwrap();
        assert!(!setup.is_at_home());
    }

    #[test]
    fn a_model_without_a_chat_form_is_asked_through_the_wire_it_has() {
        let directory = Directory::new(&[], |dialect| dialect.id == "openai");
        let api = |target: &str| directory.resolve(target).unwrap().0.api;
        assert_eq!(api("openai/gpt-3.5-turbo-instruct"), WireApi::OpenaiCompletions);
        assert_eq!(api("openai/gpt-4o"), WireApi::OpenaiChat);
    }

    #[test]
    fn local_servers_and_the_demo_are_found_without_setup_and_others_say_what_is_missing() {
        let directory = Directory::new(&[], |_| false);
        assert!(directory.find(DEMO).is_some() && directory.find("ollama").is_some());
        let error = directory.resolve("openai/gpt-5").unwrap_err();
        assert!(error.message.starts_with("OpenAI is not set up here"), "{}", error.message);
        assert!(directory.resolve("nonsense").is_err());
        assert!(Directory::new(&[], |dialect| dialect.id == "openai").resolve("openai/gpt-5").is_ok());
    }
}
