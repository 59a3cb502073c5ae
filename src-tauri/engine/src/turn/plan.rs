//! What a lane will ask, worked out before anything is written or sent.

use std::sync::Arc;

use futures_util::future::try_join_all;
use roundtable_domain::{LaneId, ModelRef, Params, ProviderError, TurnId};
use roundtable_ledger::PriceList;
use roundtable_store::{Lane, SharedFiles};

use super::course::{Course, Move, Resuming};
use super::prompt::Prompt;
use crate::directory::{DEMO, Directory, Setup};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::keys::{FoundKey, missing_key};
use crate::routing::guarded_name;

/// A model, where it is and with which keys it can be asked.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) setup: Setup,
    pub(crate) model: String,
    /// In the order in which they are used.
    pub(crate) keys: Arc<[FoundKey]>,
    /// A server that is not set up here.
    pub(crate) unsaved: bool,
}

/// One answer to be, on its way or refused before.
pub(crate) struct PlannedRun {
    pub(crate) lane_id: LaneId,
    pub(crate) target: String,
    pub(crate) params: Params,
    pub(crate) way: Result<Way, Refused>,
}

/// A request and the first thing to do with it.
pub(crate) struct Way {
    pub(crate) course: Course,
    pub(crate) first: Move,
}

/// Why nothing is sent, and whom it would have gone to.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub(crate) provider: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) error: ProviderError,
}

/// A lane and what it asks.
#[derive(Clone)]
pub(crate) struct LaneToAsk {
    pub(crate) lane: Lane,
    /// A server that is not set up here, in place of the lane's target.
    pub(crate) unsaved: Option<Asked>,
    /// What an earlier answer is to become.
    pub(crate) resuming: Option<Resuming>,
    /// A cheaper model is asked in its place.
    pub(crate) instead: Option<Instead>,
}

/// Another model than a lane names.
#[derive(Clone, Debug)]
pub(crate) struct Instead {
    /// `provider/model`.
    pub(crate) target: String,
    /// Why, for people.
    pub(crate) why: String,
}

impl From<Lane> for LaneToAsk {
    fn from(lane: Lane) -> Self {
        Self { lane, unsaved: None, resuming: None, instead: None }
    }
}

impl Asked {
    /// Nothing is sent to it, for this reason.
    pub(crate) fn refused(&self, error: ProviderError) -> Refused {
        Refused { provider: Some(self.setup.id.clone()), model: Some(self.model.clone()), error }
    }

    /// What the router calls it.
    pub(crate) fn model_ref(&self) -> ModelRef {
        ModelRef { provider: guarded_name(&self.setup, self.unsaved), model: self.model.clone() }
    }

    /// How it is asked for by name.
    pub(crate) fn target(&self) -> String {
        format!("{}/{}", self.setup.id, self.model)
    }

    /// Where it is, for the health of a host. The emulator has a port of its own with every start.
    pub(crate) fn host(&self) -> String {
        if self.setup.is_demo() { DEMO.to_owned() } else { self.setup.origin().as_str().to_owned() }
    }

    /// The key of a name; the first where none is named.
    pub(crate) fn key(&self, name: Option<&str>) -> Option<&FoundKey> {
        let named = name.and_then(|name| self.keys.iter().find(|key| key.name() == name));
        named.or_else(|| self.keys.first())
    }
}

/// The price an answer is charged at: that of the model that served it, where it is another than was asked for.
pub(crate) fn price_of<'a>(setup: &'a Setup, asked: &str, served: Option<&str>) -> Option<&'a PriceList> {
    setup.catalogue.price_served(setup.listed_at(), asked, served)
}

impl Engine {
    /// Finds out where a model is and with which keys it can be asked; starts the emulator for a demo model.
    pub(crate) async fn ask_whom(&self, directory: &Directory, target: &str) -> Result<Asked, Refused> {
        let (mut setup, model) =
            directory.resolve(target).map_err(|error| Refused { provider: None, model: None, error })?;
        let refuse = |error| Refused {
            provider: Some(model.provider.clone()),
            model: Some(model.model.clone()),
            error,
        };
        if setup.is_demo() {
            setup.base_url = self.demo_url().await.map_err(refuse)?;
        }
        let keys = self.find_keys(&setup).await.map_err(refuse)?;
        if keys.is_empty() && setup.needs_key() {
            return Err(refuse(missing_key(&setup)));
        }
        Ok(Asked { setup, model: model.model.clone(), keys: keys.into(), unsaved: false })
    }

    /// Plans the answers of several lanes at once, in their order. `before`: the turn that is answered again; `None` for a new
    /// one.
    pub(crate) async fn plan_lanes(
        &self,
        lanes: Vec<LaneToAsk>,
        prompt: Arc<Prompt>,
        before: Option<TurnId>,
    ) -> Result<Vec<PlannedRun>, EngineError> {
        let directory = self.directory().await?;
        let files = SharedFiles::default();
        let plan = |lane| self.plan_lane(lane, &directory, Arc::clone(&prompt), before, &files);
        let begun: Vec<(Lane, Result<Course, Refused>)> = try_join_all(lanes.into_iter().map(plan)).await?;
        let mut planned = Vec::with_capacity(begun.len());
        // One after the other: of lanes that ask the same, the first one leads.
        for (lane, course) in begun {
            let way = match course {
                Ok(mut course) => {
                    let first = course.first().await;
                    Ok(Way { course, first })
                }
                Err(refused) => Err(refused),
            };
            // What a run is recorded with is what it is sent with.
            let params = way.as_ref().ok().and_then(Way::params).unwrap_or(lane.params);
            planned.push(PlannedRun { lane_id: lane.id, target: lane.target, params, way });
        }
        Ok(planned)
    }

    async fn plan_lane(
        &self,
        asked: LaneToAsk,
        directory: &Directory,
        prompt: Arc<Prompt>,
        before: Option<TurnId>,
        files: &SharedFiles,
    ) -> Result<(Lane, Result<Course, Refused>), EngineError> {
        let history = self.inner.store.lane_history_sharing(asked.lane.id, before, files).await?;
        let lane = asked.lane.clone();
        Ok((lane, Course::begin(self, asked, directory, prompt, history).await?))
    }
}

impl Way {
    fn params(&self) -> Option<Params> {
        self.course.foremost(&self.first).map(|ready| ready.request.params.clone())
    }
}
