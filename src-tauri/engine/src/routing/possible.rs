//! A model that could answer: what is known of it, of its keys and of its limits at this moment.

mod moment;
mod ring;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::join_all;
use roundtable_domain::{PicoUsd, UnixMs};
use roundtable_ledger::{ModelFacts, estimate_cost};
use roundtable_router::attempt::Candidate;
use roundtable_router::choose::{
    self, Abilities, Availability, ListPrices, PromptCost, Situation, Tier, WarmCache,
};
use roundtable_router::route::RouteCandidate;
use roundtable_store::RoutePlace;

use super::facts::PromptFacts;
use super::route::{Purpose, Routed};
use crate::directory::{DEMO, Directory, Setup};
use crate::engine::Engine;
use crate::keys::FoundKey;
use crate::turn::{Asked, price_of};
pub(super) use ring::pool_settings;

/// The answer that is set aside under token limits where nobody limits it, in tokens. Providers count what was asked for, or a
/// guess of their own.
const USUAL_ANSWER: u64 = 1_024;

/// A model that could answer.
#[derive(Clone)]
pub(super) struct Possible {
    reached: RouteCandidate,
    /// `None`: its provider is not set up here.
    asked: Option<Asked>,
    /// It is not to be kept out by what is known of it.
    unjudged: bool,
    tokens: u64,
    answer_tokens: u64,
    expected_answer: u64,
    warm: Option<(u64, UnixMs)>,
}

impl Engine {
    /// What is known of each candidate. The keys of their providers are told to the router.
    pub(super) async fn possibles(
        &self,
        directory: &Directory,
        candidates: &[RouteCandidate],
        facts: &PromptFacts<'_>,
        purpose: Purpose,
    ) -> Vec<Possible> {
        let found: Vec<Option<Setup>> = candidates
            .iter()
            .map(|one| directory.resolve(&one.model.to_string()).ok().map(|(setup, _)| setup))
            .collect();
        let providers: BTreeMap<&str, &Setup> =
            found.iter().flatten().map(|setup| (setup.id.as_str(), setup)).collect();
        // A keyring takes its time to answer, once for each provider.
        let keys = join_all(providers.values().map(|setup| async {
            match purpose {
                Purpose::Send => self.find_keys(setup).await,
                Purpose::Look => self.look_for_keys(setup).await,
            }
        }));
        let keys = keys.await;
        let keys: BTreeMap<String, Arc<[FoundKey]>> = providers
            .keys()
            .zip(keys)
            // Keys that cannot be read are as good as none; asked by its own name, the model says why.
            .map(|(provider, keys)| ((*provider).to_owned(), keys.unwrap_or_default().into()))
            .collect();
        for (provider, keys) in &keys {
            self.tell_keys(provider, keys);
        }
        candidates
            .iter()
            .zip(found)
            .map(|(reached, setup)| {
                let asked = setup.map(|setup| Asked {
                    keys: keys.get(&setup.id).cloned().unwrap_or_default(),
                    model: reached.model.model.clone(),
                    setup,
                    unsaved: false,
                });
                Possible::new(reached.clone(), asked, facts)
            })
            .collect()
    }

    /// Tells the router which keys a provider has. What the emulator is sent is none: it cannot be refused for good.
    pub(super) fn tell_keys(&self, provider: &str, keys: &[FoundKey]) {
        if provider != DEMO {
            self.inner.router.set_keys(provider, keys.iter().map(FoundKey::name));
        }
    }
}

impl Possible {
    fn new(reached: RouteCandidate, asked: Option<Asked>, facts: &PromptFacts<'_>) -> Self {
        let previous = facts.previous.as_ref().filter(|previous| previous.model == reached.model);
        Self {
            warm: previous.and_then(|previous| previous.warm),
            answer_tokens: facts.max_output_tokens.unwrap_or(USUAL_ANSWER),
            expected_answer: facts.expected_answer(),
            tokens: facts.tokens,
            unjudged: false,
            reached,
            asked,
        }
    }

    /// A model that was asked for by its own name.
    pub(super) fn unjudged(reached: RouteCandidate, asked: Asked, facts: &PromptFacts<'_>) -> Self {
        Self { unjudged: true, ..Self::new(reached, Some(asked), facts) }
    }

    /// The same for another prompt, in tokens of it and of its answer.
    pub(super) fn sized(&self, tokens: u64, answer_tokens: u64) -> Self {
        Self { tokens, answer_tokens, expected_answer: answer_tokens, ..self.clone() }
    }

    fn facts(&self) -> Option<&ModelFacts> {
        self.asked.as_ref().and_then(|asked| asked.setup.facts(&asked.model))
    }

    /// Whether there are keys for it: what keeps them from being used passes.
    pub(super) fn has_keys(&self) -> bool {
        self.asked.as_ref().is_some_and(|asked| !asked.keys.is_empty())
    }

    fn can_ever_be_asked(&self) -> bool {
        self.asked.as_ref().is_some_and(|asked| !asked.keys.is_empty() || !asked.setup.needs_key())
    }

    /// The candidate as choosing sees it. `rank`: where a pool's turn puts it; else its tier counts.
    pub(super) fn as_choice(
        &self,
        engine: &Engine,
        situation: &Situation,
        rank: Option<u32>,
    ) -> choose::Candidate {
        let known = choose::Candidate {
            route: self.reached.rung.as_ref().map(|rung| format!("{}.echelon{}", rung.group, rung.echelon)),
            rank: rank.unwrap_or(self.reached.tier),
            local: self.asked.as_ref().is_some_and(|asked| asked.setup.is_local()),
            cost: self.cost(situation),
            stats: engine.model_stats(&self.reached.model),
            picks: engine.model_picks(&self.reached.model),
            ..choose::Candidate::new(self.reached.model.clone())
        };
        if self.unjudged {
            return known;
        }
        let facts = self.facts();
        let can = facts.map(|facts| facts.capabilities).unwrap_or_default();
        let (availability, load) = self.moment(engine);
        choose::Candidate {
            availability: if self.is_retired(engine) { Availability::Retired } else { availability },
            context_window: facts.and_then(|facts| facts.context_window),
            max_input: facts.and_then(|facts| facts.max_input),
            max_output: facts.and_then(|facts| facts.max_output),
            abilities: Abilities {
                vision: can.vision,
                pdf: can.pdf,
                audio_input: can.audio_input,
                tools: can.tools,
                parallel_tools: can.parallel_tools,
                json_schema: can.json_schema,
                reasoning: can.reasoning,
            },
            tier: facts.and_then(tier),
            load,
            ..known
        }
    }

    fn is_retired(&self, engine: &Engine) -> bool {
        let day = self.facts().and_then(|facts| facts.retirement_date.as_deref());
        day.is_some_and(|day| day <= engine.today().as_str())
    }

    /// What the prompt would cost.
    fn cost(&self, situation: &Situation) -> Option<PromptCost> {
        let asked = self.asked.as_ref()?;
        let price = price_of(&asked.setup, &asked.model, None)?;
        let usd = estimate_cost(price, self.tokens, self.expected_answer, situation.at).usd?;
        let warm = self.warm.and_then(|(tokens, until)| {
            let cheaper = price.input.pico_per_token().checked_sub(price.cache_read?.pico_per_token())?;
            let saving = cheaper.saturating_mul(tokens.min(self.tokens));
            Some(WarmCache { saving: PicoUsd::from_pico(i64::try_from(saving).ok()?), until })
        });
        let prices = ListPrices {
            input_usd_per_mtok: price.input.usd_per_mtok(),
            output_usd_per_mtok: price.output.usd_per_mtok(),
            date: (!price.date.is_empty()).then(|| price.date.clone()),
        };
        Some(PromptCost { usd, warm, prices: Some(prices) })
    }

    fn host(&self) -> String {
        self.asked.as_ref().map(Asked::host).unwrap_or_default()
    }

    /// The candidate as a plan sees it; `None` when its provider is not set up here.
    pub(super) fn into_routed(self, pool: Option<&str>) -> Option<Routed> {
        let host = self.host();
        let window = self.facts().and_then(|facts| facts.context_window);
        let estimate = self.asked.as_ref().and_then(|asked| {
            let price = price_of(&asked.setup, &asked.model, None)?;
            estimate_cost(price, self.tokens, self.answer_tokens, UnixMs(0)).usd
        });
        let Self { reached, asked, tokens, answer_tokens, .. } = self;
        let asked = asked?;
        let in_ring = pool.filter(|_| reached.tier == 0);
        let candidate = Candidate {
            tier: reached.tier,
            rung: reached.rung.clone(),
            instance: in_ring.map(|_| reached.model.to_string()),
            // A history that is too long is shortened before it is sent.
            prompt_tokens: tokens.min(window.unwrap_or(u64::MAX)),
            answer_tokens,
            context_window: window,
            estimate,
            timeout_ms: reached.settings.timeout_ms,
            max_retries: reached.settings.max_retries,
            breaker: reached.breaker,
            limits: reached.settings.limits(),
            ..Candidate::new(asked.model_ref(), host)
        };
        let place = RoutePlace {
            group: reached.rung.as_ref().map(|rung| rung.group.clone()),
            echelon: reached.rung.as_ref().map(|rung| rung.echelon),
            pool: pool.map(str::to_owned),
        };
        Some(Routed { asked, candidate, values: reached.settings, place })
    }
}

fn tier(facts: &ModelFacts) -> Option<Tier> {
    let per_token = facts.price.as_ref()?.output.pico_per_token();
    Tier::from_output_price(PicoUsd::from_pico(i64::try_from(per_token).ok()?))
}
