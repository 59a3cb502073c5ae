//! What one lane will be sent with: all layers asked, held to what the model takes.

use roundtable_domain::{LaneId, Layer, Notice, Params, Timeouts};
use roundtable_providers::Timers;
use roundtable_router::route::EchelonSettings;

use super::fit::{Limits, Remark, fit};
use super::merge::{LayerValues, Merged, params_of, timeouts_of};
use crate::directory::Setup;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AppError, EffectiveValue};

/// The values one request is sent with.
#[derive(Clone, Debug)]
pub(crate) struct Effective {
    /// For the request.
    pub(crate) params: Params,
    /// Every phase has one.
    pub(crate) timeouts: Timeouts,
    /// All of them with where they come from, for people.
    pub(crate) values: Vec<EffectiveValue>,
    /// Why nothing may be sent, ready to show: a value said for this lane or this model is one the model does not take.
    pub(crate) refusal: Option<String>,
    /// What was said for many models at once and is not taken as it stands by this one.
    pub(crate) notes: Vec<Notice>,
}

impl Effective {
    /// The timers of an attempt. What the user says for this call alone goes before.
    pub(crate) fn timers(&self, user: &Timeouts) -> Timers {
        let usual = Timers::default();
        let of = &self.timeouts;
        Timers {
            connect_ms: user.connect_ms.or(of.connect_ms).unwrap_or(usual.connect_ms),
            first_delta_ms: user.first_delta_ms.or(of.first_delta_ms).unwrap_or(usual.first_delta_ms),
            idle_ms: user.idle_ms.or(of.idle_ms).unwrap_or(usual.idle_ms),
            total_ms: user.total_ms.or(of.total_ms).unwrap_or(usual.total_ms),
        }
    }
}

/// What a rung of a task group says about requests.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RungValues {
    /// `group.echelonN`.
    pub(crate) origin: String,
    pub(crate) settings: EchelonSettings,
}

impl RungValues {
    fn params(&self) -> Params {
        let EchelonSettings { temperature, max_tokens, .. } = self.settings;
        Params { temperature, max_tokens, ..Params::default() }
    }
}

/// The timers that hold when nobody says anything.
fn usual_timeouts() -> Timeouts {
    let usual = Timers::default();
    Timeouts {
        connect_ms: Some(usual.connect_ms),
        first_delta_ms: Some(usual.first_delta_ms),
        idle_ms: Some(usual.idle_ms),
        total_ms: Some(usual.total_ms),
    }
}

impl Engine {
    /// The values a lane with these parameters is sent with, to this model.
    pub(crate) async fn effective(
        &self,
        setup: &Setup,
        model: &str,
        lane: &Params,
    ) -> Result<Effective, EngineError> {
        self.effective_in(setup, model, lane, None).await
    }

    /// As [`Self::effective`], in another profile than the one in use.
    pub(crate) async fn effective_in(
        &self,
        setup: &Setup,
        model: &str,
        lane: &Params,
        profile: Option<&str>,
    ) -> Result<Effective, EngineError> {
        self.effective_on(setup, model, lane, profile, None).await
    }

    /// As [`Self::effective_in`], on a rung of a task group: what it says holds below what the lane says.
    pub(crate) async fn effective_on(
        &self,
        setup: &Setup,
        model: &str,
        lane: &Params,
        profile: Option<&str>,
        rung: Option<&RungValues>,
    ) -> Result<Effective, EngineError> {
        let target = format!("{}/{model}", setup.id);
        let of_model = self.stored_model_params(&setup.id, model).await?;
        let (profile, profile_params, profile_timeouts) = self.profiles().await?.values(profile)?;
        let none = Timeouts::default();
        let on_rung = rung.map(RungValues::params).unwrap_or_default();
        let mut layers = [
            LayerValues::new(Layer::User, "", lane, &none),
            // For several models at once, so a wish like a profile's; it stands above all but the lane.
            LayerValues::new(Layer::Profile, rung.map_or("", |rung| rung.origin.as_str()), &on_rung, &none),
            self.inner.environment.values.clone(),
            LayerValues::new(Layer::Model, &target, &of_model, &none),
            LayerValues::new(Layer::Provider, &setup.name, &setup.params, &setup.network.timeouts),
            LayerValues::new(Layer::Profile, &profile, &profile_params, &profile_timeouts),
            LayerValues::new(Layer::Default, "", &Params::default(), &usual_timeouts()),
        ];
        let limits = Limits {
            dialect: setup.dialect.id,
            api: setup.api,
            model,
            max_output: self.longest_answer(setup, model).await?,
        };
        let unreadable = |error: serde_json::Error| EngineError::BadSetting(error.to_string());
        let (merged, remarks) = fit(&mut layers, limits).map_err(unreadable)?;
        let refusals: Vec<&str> =
            remarks.iter().filter(|one| one.refuses).map(|one| one.told.text.as_str()).collect();
        Ok(Effective {
            params: params_of(&merged).map_err(unreadable)?,
            timeouts: timeouts_of(&merged).map_err(unreadable)?,
            refusal: (!refusals.is_empty()).then(|| format!("Nothing was sent: {}.", refusals.join("; "))),
            notes: remarks.iter().filter(|one| !one.refuses).map(|one| one.told.clone()).collect(),
            values: merged.into_iter().map(|one| self.value_view(one, limits, &remarks)).collect(),
        })
    }

    /// The longest answer of a model in tokens, as the catalogue or else the provider says.
    async fn longest_answer(&self, setup: &Setup, model: &str) -> Result<Option<u64>, EngineError> {
        let known = setup.facts(model).and_then(|facts| facts.max_output);
        if known.is_some() || !setup.stored {
            return Ok(known);
        }
        let listed = self.inner.store.models().get(&setup.id, model).await?;
        Ok(listed.and_then(|row| row.facts.get("max_output")?.as_u64()))
    }

    fn value_view(&self, merged: Merged, limits: Limits<'_>, remarks: &[Remark]) -> EffectiveValue {
        let remark =
            remarks.iter().find(|remark| remark.name == merged.name).map(|remark| remark.told.text.clone());
        let left_out = || {
            let asked_for = merged.value.is_some() && !limits.takes(merged.name);
            asked_for.then(|| format!("{} does not take it; it is left out.", limits.model))
        };
        // What a stronger layer says makes a broken variable beside the point.
        let unusable = || {
            let told = self.inner.environment.unusable.iter().find(|one| one.about == merged.name);
            told.filter(|_| merged.layer > Layer::Environment).map(|one| one.problem.clone())
        };
        let problem = remark.or_else(left_out).or_else(unusable);
        let (minimum, maximum) = limits.range(merged.name);
        EffectiveValue {
            name: merged.name.to_owned(),
            value: merged.value.map(|value| value.to_string()),
            layer: merged.layer,
            origin: merged.origin,
            minimum,
            maximum,
            problem,
        }
    }

    /// Every value a lane will use, and where it comes from.
    pub async fn effective_values(&self, lane_id: LaneId) -> Result<Vec<EffectiveValue>, AppError> {
        let lane = self.inner.store.lanes().get(lane_id).await.map_err(EngineError::from)?;
        let directory = self.directory().await?;
        let (setup, model) = self.foremost(&directory, &lane.target).await.map_err(EngineError::Provider)?;
        Ok(self.effective(&setup, &model.model, &lane.params).await?.values)
    }

    /// Every value a lane with this model will use as long as it sets none itself, and where it comes from. `profile`: by its
    /// id; `None` is the one in use.
    pub async fn model_values(
        &self,
        target: &str,
        profile: Option<&str>,
    ) -> Result<Vec<EffectiveValue>, AppError> {
        let (setup, model) = self.directory().await?.resolve(target).map_err(EngineError::Provider)?;
        let effective = self.effective_in(&setup, &model.model, &Params::default(), profile).await?;
        Ok(effective.values)
    }
}
