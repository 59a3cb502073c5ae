//! The registry of models: what providers list, filled up with what the catalogue knows.
//!
//! [`Engine::list_models`] answers from the database and the catalogue at once. Listings that are older than a day are asked
//! for again behind it, of providers that can be asked; who opens the list next sees them.

mod refresh;

use std::collections::HashMap;

use futures_util::future::join_all;
use roundtable_domain::UnixMs;
use roundtable_ledger::{FactsLayer, ModelFacts, PriceList, TokenPrice};
use roundtable_providers::{ListedModel, ModelKind};
use roundtable_store::Model;
use serde::Deserialize;

pub(crate) use refresh::Refreshes;

use crate::directory::{DEMO, Setup};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AppError, ModelView, PriceOrigin, PriceView};

impl Engine {
    /// Models that can stand in a lane, by provider, then by name; the demo's once it is on. Old listings are refreshed
    /// behind it.
    pub async fn list_models(&self) -> Result<Vec<ModelView>, AppError> {
        let demo = self.is_demo_on().await?;
        let known = self.known_models(demo).await?;
        self.refresh_old_listings(&known);
        Ok(known.into_iter().flat_map(|known| known.models).collect())
    }

    /// All models that can be asked by name, the demo's among them.
    pub async fn list_all_models(&self) -> Result<Vec<ModelView>, AppError> {
        Ok(self.known_models(true).await?.into_iter().flat_map(|known| known.models).collect())
    }

    async fn known_models(&self, demo: bool) -> Result<Vec<Known>, EngineError> {
        let directory = self.directory().await?;
        let mut setups = directory.setups().to_vec();
        setups.extend(directory.find(DEMO).filter(|_| demo));
        let mut listed: HashMap<String, Vec<Model>> = HashMap::new();
        for row in self.inner.store.models().list(None).await? {
            listed.entry(row.provider.clone()).or_default().push(row);
        }
        // A keyring takes its time to answer, once for each provider.
        let ready = join_all(setups.iter().map(|setup| self.is_ready(setup))).await;
        let known = setups.into_iter().zip(ready).map(|(setup, ready)| {
            let rows = listed.remove(&setup.id).unwrap_or_default();
            let models = models_of(&setup, &rows, ready, &self.today());
            let listed_at = rows.iter().map(|row| row.listed_at).max();
            Known { setup, ready, listed_at, models }
        });
        Ok(known.collect())
    }

    /// Whether a provider can be asked now, as far as its key goes.
    async fn is_ready(&self, setup: &Setup) -> bool {
        self.ask_key(setup).await.is_ok()
    }

    /// How many models of a provider can stand in a lane.
    pub(super) async fn count_models(&self, setup: &Setup) -> Result<usize, EngineError> {
        let rows = self.inner.store.models().list(Some(&setup.id)).await?;
        Ok(names_of(setup, &rows, &self.today()).len())
    }

    /// The names of a provider's models that can stand in a lane.
    pub(crate) async fn chat_models(&self, setup: &Setup) -> Result<Vec<String>, EngineError> {
        let rows = self.inner.store.models().list(Some(&setup.id)).await?;
        Ok(names_of(setup, &rows, &self.today()))
    }

    pub(crate) fn today(&self) -> String {
        let now = jiff::Timestamp::from_millisecond(self.inner.clock.now().0).unwrap_or_default();
        now.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
    }
}

/// One provider and its models.
struct Known {
    setup: Setup,
    ready: bool,
    /// When it last listed them; `None`: never.
    listed_at: Option<UnixMs>,
    models: Vec<ModelView>,
}

/// The models of a provider that can stand in a lane: those it lists, else those the catalogue has, as long as they are not
/// retired. `today` is `YYYY-MM-DD`.
fn models_of(setup: &Setup, rows: &[Model], ready: bool, today: &str) -> Vec<ModelView> {
    if setup.is_demo() {
        return demo_models(setup);
    }
    if rows.is_empty() {
        let known = of_catalogue(setup, today);
        return known.map(|facts| model_view(setup, &facts.model, Some(facts), ready, false)).collect();
    }
    let listed = rows.iter().filter(|row| is_chat(row));
    listed
        .map(|row| {
            let mut view = model_view(setup, &row.model, setup.facts(&row.model), ready, true);
            fill_from_listing(&mut view, serde_json::from_value(row.facts.clone()).unwrap_or_default());
            view
        })
        .collect()
}

/// Their names alone: who types asks for them with every key, and prices in words take longer than all the rest.
fn names_of(setup: &Setup, rows: &[Model], today: &str) -> Vec<String> {
    if setup.is_demo() {
        return roundtable_emulator::demo_models().iter().map(|demo| demo.id.to_owned()).collect();
    }
    if rows.is_empty() {
        return of_catalogue(setup, today).map(|facts| facts.model.clone()).collect();
    }
    rows.iter().filter(|row| is_chat(row)).map(|row| row.model.clone()).collect()
}

/// What the catalogue has of a provider, as long as it is not retired.
fn of_catalogue<'a>(setup: &'a Setup, today: &'a str) -> impl Iterator<Item = &'a ModelFacts> {
    let known = setup.catalogue.models_of(setup.dialect.id).filter_map(|facts| setup.facts(&facts.model));
    known.filter(move |facts| {
        !facts.embeds && facts.retirement_date.as_ref().is_none_or(|day| day.as_str() > today)
    })
}

/// Whether a listed model answers prompts, as far as is known.
fn is_chat(row: &Model) -> bool {
    let kind = row.facts.get("kind").and_then(|kind| ModelKind::deserialize(kind).ok());
    matches!(kind, None | Some(ModelKind::Chat | ModelKind::Completion))
}

/// A model with what the catalogue knows of it.
pub(crate) fn model_view(
    setup: &Setup,
    model: &str,
    facts: Option<&ModelFacts>,
    ready: bool,
    listed: bool,
) -> ModelView {
    let can = facts.map(|facts| facts.capabilities).unwrap_or_default();
    ModelView {
        target: format!("{}/{model}", setup.id),
        provider: setup.id.clone(),
        provider_name: setup.name.clone(),
        model: model.to_owned(),
        name: facts.map_or_else(|| model.to_owned(), |facts| facts.name.clone()),
        description: None,
        context_window: facts.and_then(|facts| facts.context_window),
        max_output: facts.and_then(|facts| facts.max_output),
        price: facts.and_then(|facts| Some(price_view(facts.price.as_ref()?, facts.layer))),
        simulated: setup.is_demo(),
        vision: can.vision,
        tools: can.tools,
        reasoning: can.reasoning,
        pdf: can.pdf,
        audio: can.audio_input,
        json_schema: can.json_schema,
        retirement_date: facts.and_then(|facts| facts.retirement_date.clone()),
        ready,
        listed,
    }
}

fn price_view(price: &PriceList, layer: FactsLayer) -> PriceView {
    PriceView {
        input: price.input.usd_per_mtok(),
        output: price.output.usd_per_mtok(),
        cache_read: price.cache_read.map(TokenPrice::usd_per_mtok),
        cache_write: price.cache_write_5m.map(TokenPrice::usd_per_mtok),
        date: price.date.clone(),
        origin: match layer {
            _ if price.simulated => PriceOrigin::Simulated,
            FactsLayer::Stated => PriceOrigin::Listed,
            FactsLayer::BuiltIn => PriceOrigin::BuiltIn,
            FactsLayer::Update => PriceOrigin::Update,
            FactsLayer::Own => PriceOrigin::Own,
        },
        tiered: price.is_tiered(),
    }
}

/// What the provider says of its own model fills what the catalogue leaves open. What an announcement of its end says goes
/// before: it is news.
fn fill_from_listing(view: &mut ModelView, listed: ListedModel) {
    if view.name == view.model
        && let Some(name) = listed.name
    {
        view.name = name;
    }
    view.context_window = view.context_window.or(listed.context_window);
    view.max_output = view.max_output.or(listed.max_output);
    view.vision = view.vision.or(listed.vision);
    view.tools = view.tools.or(listed.tools);
    view.reasoning = view.reasoning.or(listed.reasoning);
    view.pdf = view.pdf.or(listed.pdf);
    view.audio = view.audio.or(listed.audio);
    view.json_schema = view.json_schema.or(listed.json_schema);
    view.retirement_date = listed.retirement_date.or_else(|| view.retirement_date.take());
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
