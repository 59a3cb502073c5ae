//! Settings: who says what a request is sent with, and in which order they are heard.
//!
//! Layers, the strongest first: the lane, the environment, the model, the provider, the active profile, what is built in
//! ([`roundtable_domain::Layer`]). [`merge`] is the pure rule, and [`fit`] holds what comes of it to what a model takes. The
//! others bring the layers: [`environment`] reads variables once at the start; [`model`], [`provider`] and [`profiles`] keep
//! what the user has set, having checked it ([`limits`], [`headers`]); [`effective`] asks them all for one lane.

mod default_model;
mod effective;
mod environment;
mod fit;
mod headers;
mod limits;
mod merge;
mod model;
mod named;
mod profiles;
mod provider;

pub(crate) use effective::{Effective, RungValues};
pub(crate) use environment::Environment;
pub use named::{NamedSetting, SettingName, SettingOrigin};
