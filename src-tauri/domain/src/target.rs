//! What a lane points at.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A model at a provider, written `provider/model`. The model's own name may hold slashes (`openrouter/meta/llama-4`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
pub struct ModelRef {
    /// The provider's slug.
    pub provider: String,
    /// The model's name at the provider.
    pub model: String,
}

impl fmt::Display for ModelRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.provider, self.model)
    }
}

/// Why a text names no target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Nothing there.
    #[error("name a model as provider/model, for example demo/swift")]
    Empty,
}

/// What a lane asks: a model, a route (`group`, `group.echelon` or a pool), or whatever fits best.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// One model.
    Model(ModelRef),
    /// A task group, an echelon of one, or a pool; the router's configuration tells which.
    Route(String),
    /// The router chooses.
    Auto,
}

impl FromStr for ModelRef {
    type Err = TargetError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim().split_once('/') {
            Some((provider, model)) if !provider.is_empty() && !model.is_empty() => {
                Ok(Self { provider: provider.to_owned(), model: model.to_owned() })
            }
            _ => Err(TargetError::Empty),
        }
    }
}

impl FromStr for Target {
    type Err = TargetError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.is_empty() || text.starts_with('/') || text.ends_with('/') {
            return Err(TargetError::Empty);
        }
        if text == "auto" {
            return Ok(Self::Auto);
        }
        Ok(text.parse().map_or_else(|_| Self::Route(text.to_owned()), Self::Model))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Model(model) => model.fmt(f),
            Self::Route(name) => f.write_str(name),
            Self::Auto => f.write_str("auto"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_form_of_target() {
        let model = |p: &str, m: &str| Target::Model(ModelRef { provider: p.into(), model: m.into() });
        assert_eq!("demo/swift".parse(), Ok(model("demo", "swift")));
        assert_eq!("openrouter/meta/llama-4".parse(), Ok(model("openrouter", "meta/llama-4")));
        assert_eq!("coding.premium".parse(), Ok(Target::Route("coding.premium".into())));
        assert_eq!(" auto ".parse(), Ok(Target::Auto));
        assert_eq!("".parse::<Target>(), Err(TargetError::Empty));
        assert_eq!("demo/".parse::<Target>(), Err(TargetError::Empty));
    }
}
