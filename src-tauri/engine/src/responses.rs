//! Answers that are given again instead of being paid for again, and requests under way that share one call.
//!
//! Before a request is sent, [`Engine::look_for_response`] is asked what to do with it:
//!
//! - [`Looked::Apart`]: it goes its own way, and nothing is said about it here any more.
//! - [`Looked::Kept`]: it was answered before. Nothing is sent and nothing is paid.
//! - [`Looked::Lead`]: send it. When its end is saved, [`Lead::answered`] keeps a complete answer and gives it to all who wait.
//!   Dropped without (it failed, it was stopped), the next of those who wait leads.
//! - [`Looked::Follow`]: the same request is under way. [`Follow::wait`] gives its answer, or makes this one lead. It may be dropped
//!   at any time.
//!
//! What the key holds and which requests and answers qualify is policy (`router::attempt::cache_key`). A request that is sent again
//! on purpose is `fresh`: it looks at nothing, and its answer takes the place of the one that was kept.

mod flight;
mod form;
mod rules;

use roundtable_domain::{Answer, ChatRequest, Endpoint, FinishReason, PicoUsd, RunId, RunState};
use roundtable_router::attempt::{CacheInput, CacheKey, cache_key, check_answer, check_request};
use roundtable_store::{CallSource, ResponseKey, StoreError, StoredResponse};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AppError, ResponseCacheView};
use flight::{Flights, Place, Seat};
use rules::{Mode, Rules, RulesInForce};

/// The room for kept answers, in bytes.
const CAPACITY: u64 = 256 * 1024 * 1024;

/// Another version of this program may say the same request in other words on a wire.
const ADAPTER_REVISION: &str = env!("CARGO_PKG_VERSION");

/// What this process knows of kept answers and of requests under way.
#[derive(Default)]
pub(crate) struct Responses {
    rules: RulesInForce,
    flights: Flights,
}

/// A request that is about to be sent.
#[derive(Clone, Copy)]
pub(crate) struct Requested<'a> {
    /// The provider's name in calls (`store::Call::provider`).
    pub(crate) provider: &'a str,
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) request: &'a ChatRequest,
}

/// By what a request is known again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub(crate) key: ResponseKey,
    /// It is meant to give the same answer each time.
    pub(crate) repeatable: bool,
}

/// An answer that needed no call of its own.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Kept {
    /// As it came when it was paid for, usage included.
    pub(crate) answer: Answer,
    /// Where it comes from: never a model.
    pub(crate) source: CallSource,
    /// What it has cost whoever paid; `None`: not known.
    pub(crate) saved: Option<PicoUsd>,
    /// For `store::Call::response`.
    pub(crate) key: ResponseKey,
}

/// What to do with a request.
pub(crate) enum Looked {
    /// Send it; it is not for keeping.
    Apart,
    /// Nothing is sent: this is the answer.
    Kept(Box<Kept>),
    /// Send it, and say what came.
    Lead(Lead),
    /// Wait for the same request of somebody else.
    Follow(Follow),
}

/// What came of waiting.
pub(crate) enum Followed {
    /// The answer of whoever led.
    Kept(Box<Kept>),
    /// Whoever led did not get one: send it.
    Lead(Lead),
}

/// A request that others may wait for. Dropping it lets the next one lead.
pub(crate) struct Lead {
    engine: Engine,
    key: CacheKey,
    rules: Rules,
    /// `None`: nobody waits for this one.
    seat: Option<Seat>,
}

/// A wait for somebody else's answer.
pub(crate) struct Follow {
    engine: Engine,
    key: CacheKey,
    rules: Rules,
    place: Place,
}

/// What came of a request, once its end is saved.
#[derive(Clone, Copy)]
pub(crate) struct Came<'a> {
    pub(crate) run_id: RunId,
    pub(crate) answer: &'a Answer,
    pub(crate) state: RunState,
    /// What is booked for it; `None`: not known.
    pub(crate) cost: Option<PicoUsd>,
}

impl Engine {
    /// What to do with a request that is about to be sent. Of one that is not for keeping no key is made, and nothing is read but,
    /// once, the rules. When they or what is kept cannot be read, it is sent.
    pub(crate) async fn look_for_response(&self, requested: Requested<'_>, fresh: bool) -> Looked {
        match self.look(requested, fresh).await {
            Ok(looked) => looked,
            Err(error) => {
                tracing::warn!(%error, "kept answers could not be looked at");
                Looked::Apart
            }
        }
    }

    async fn look(&self, requested: Requested<'_>, fresh: bool) -> Result<Looked, EngineError> {
        let responses = &self.inner.responses;
        let rules = responses.rules.get(&self.inner.store).await?;
        if rules.mode == Mode::Off || check_request(requested.request, rules.mode == Mode::Always).is_err() {
            return Ok(Looked::Apart);
        }
        let calls = self.inner.store.calls();
        let served = calls.last_served(requested.provider, &requested.request.model).await?;
        let key = requested.key(served.as_deref());
        let lead = |seat| Lead { engine: self.clone(), key, rules, seat };
        if fresh {
            return Ok(Looked::Lead(lead(responses.flights.lead(key))));
        }
        let seat = match responses.flights.join(key) {
            Place::Leading(seat) => seat,
            place @ Place::Waiting(_) => {
                return Ok(Looked::Follow(Follow { engine: self.clone(), key, rules, place }));
            }
        };
        Ok(match self.find(key, rules).await? {
            Some(kept) => {
                seat.give(&kept);
                Looked::Kept(Box::new(kept))
            }
            None => Looked::Lead(lead(Some(seat))),
        })
    }

    async fn find(&self, key: CacheKey, rules: Rules) -> Result<Option<Kept>, StoreError> {
        let now = self.inner.clock.now();
        let found = self.inner.store.responses().find(key.as_bytes(), now, rules.made_after(now)).await?;
        Ok(found.and_then(|found| {
            let answer = form::read(found.answer)?;
            Some(Kept { answer, source: CallSource::Cache, saved: found.cost, key: found.key })
        }))
    }

    /// What is kept, under which rules, and what it has saved since the statistics were last reset (at most 90 days).
    pub async fn response_cache(&self) -> Result<ResponseCacheView, AppError> {
        Ok(self.response_cache_view().await?)
    }

    async fn response_cache_view(&self) -> Result<ResponseCacheView, EngineError> {
        let store = &self.inner.store;
        let now = self.inner.clock.now();
        let rules = self.inner.responses.rules.get(store).await?;
        let totals = store.responses().totals(now, rules.made_after(now)).await?;
        let counts = store.calls().response_counts(self.statistics_reset_at().await?).await?;
        Ok(ResponseCacheView {
            mode: rules.mode.as_str().to_owned(),
            ttl_hours: rules.ttl_hours,
            entries: u32::try_from(totals.entries).unwrap_or(u32::MAX),
            bytes: totals.bytes,
            hits: counts.hits,
            misses: counts.misses,
            shared: counts.shared,
            saved_usd: counts.saved.to_string(),
        })
    }

    /// Which answers are kept (`off`, `deterministic`, `always`), and for how many hours, also where another process has set it.
    pub(crate) async fn response_rules(&self) -> Result<(&'static str, u32), EngineError> {
        let rules = self.inner.responses.rules.fresh(&self.inner.store).await?;
        Ok((rules.mode.as_str(), rules.ttl_hours))
    }

    /// Sets which answers are kept (`off`, `deterministic`, `always`) and for how long, in hours (1 to 2160). With `off` nothing is
    /// given or kept, and what is kept stays until it expires; a shorter time holds for what is kept already.
    pub async fn set_response_cache(
        &self,
        mode: &str,
        ttl_hours: u32,
    ) -> Result<ResponseCacheView, AppError> {
        self.keep_responses(mode, ttl_hours).await?;
        self.response_cache().await
    }

    /// As [`Self::set_response_cache`], without looking at what is kept.
    pub(crate) async fn keep_responses(&self, mode: &str, ttl_hours: u32) -> Result<(), EngineError> {
        let rules = Rules::checked(mode, ttl_hours)?;
        let inner = &self.inner;
        Ok(inner.responses.rules.set(&inner.store, rules, inner.clock.now()).await?)
    }

    /// Forgets all kept answers. What they have saved stays in the statistics.
    pub async fn clear_responses(&self) -> Result<ResponseCacheView, AppError> {
        self.inner.store.responses().clear().await.map_err(EngineError::from)?;
        self.response_cache().await
    }

    /// Forgets the kept answer behind a run, whether the run made it or was given it. Repeating it does nothing.
    pub async fn forget_response(&self, run_id: RunId) -> Result<ResponseCacheView, AppError> {
        self.inner.store.responses().forget_of_run(run_id).await.map_err(EngineError::from)?;
        self.response_cache().await
    }
}

impl Requested<'_> {
    /// By what the request is known again, whether answers are kept or not; `None`: its answer is never given again. Other than the key
    /// of a kept answer it does not know which model serves a name at present.
    pub(crate) fn mark(&self) -> Option<Mark> {
        check_request(self.request, true).ok()?;
        let repeatable = check_request(self.request, false).is_ok();
        Some(Mark { key: *self.key(None).as_bytes(), repeatable })
    }

    fn key(&self, served: Option<&str>) -> CacheKey {
        cache_key(&CacheInput {
            endpoint: self.endpoint,
            request: self.request,
            model_served: served.unwrap_or(&self.request.model),
            adapter_revision: ADAPTER_REVISION,
        })
    }
}

impl Lead {
    /// For `store::Call::response`: what the request was looked for under.
    pub(crate) fn key(&self) -> ResponseKey {
        *self.key.as_bytes()
    }

    /// Gives a complete answer to all who wait, and keeps it under the model that has served it. With one that is not for keeping
    /// they go their own ways; after a failure the next of them leads.
    pub(crate) fn answered(mut self, requested: Requested<'_>, came: Came<'_>) {
        if came.state != RunState::Complete {
            return;
        }
        let seat = self.seat.take();
        if !may_be_kept(came) {
            if let Some(seat) = seat {
                seat.give_nothing();
            }
            return;
        }
        let key = *requested.key(came.answer.model_served.as_deref()).as_bytes();
        if let Some(seat) = &seat {
            let answer = came.answer.clone();
            seat.give(&Kept { answer, source: CallSource::Shared, saved: came.cost, key });
        }
        let now = self.engine.inner.clock.now();
        let response = StoredResponse {
            key,
            run_id: Some(came.run_id),
            provider: requested.provider.to_owned(),
            model: requested.request.model.clone(),
            answer: form::write(came.answer),
            cost: came.cost,
            created_at: now,
            expires_at: self.rules.expires_at(now),
        };
        let store = self.engine.inner.store.clone();
        self.engine.inner.tasks.spawn(async move {
            if let Err(error) = store.responses().put(&response, CAPACITY).await {
                // The next one pays again; this one has its answer.
                tracing::warn!(%error, "an answer could not be kept");
            }
            // Until it is kept, whoever asks the same is given it by its flight.
            drop(seat);
        });
    }
}

impl Follow {
    /// Waits until the answer is there, or until it is this one's turn to ask.
    pub(crate) async fn wait(self) -> Followed {
        let Self { engine, key, rules, place } = self;
        match place.resolve().await {
            flight::Outcome::Given(kept) => Followed::Kept(Box::new(Kept::clone(&kept))),
            flight::Outcome::Leading(seat) => Followed::Lead(Lead { engine, key, rules, seat }),
        }
    }
}

/// Whether a complete answer is given again. One that says nothing is more likely an accident than an answer.
fn may_be_kept(came: Came<'_>) -> bool {
    let answer = came.answer;
    let finish = answer
        .finish_reason
        .as_deref()
        .map_or(FinishReason::Stop, |word| FinishReason::of(word, !answer.tool_calls.is_empty()));
    answer.has_content() && check_answer(came.state, finish, !answer.other_parts.is_empty()).is_ok()
}
