//! The candidates behind a target, by the files, the rules and whatever can be asked.

use std::sync::Arc;

use roundtable_domain::{ErrorCategory, ModelRef, ProviderError, Target};
use roundtable_router::choose::Verdict;
use roundtable_router::route::{EchelonSettings, Expansion, Reached, Resolved, RouteCandidate};

use super::MOST;
use crate::directory::Directory;
use crate::engine::Engine;
use crate::routing::folder::Config;
use crate::turn::Refused;

impl Engine {
    /// The candidates behind a target.
    pub(in crate::routing) async fn expand(
        &self,
        directory: &Directory,
        config: &Arc<Config>,
        target: &Target,
        verdict: &Verdict,
    ) -> Result<Expansion, Refused> {
        let by_rule: Option<Target> = match (target, &verdict.to) {
            (Target::Auto, Some(to)) => to.parse().ok(),
            _ => None,
        };
        for target in by_rule.iter().chain([target]) {
            config.keeps_back(target).map_or(Ok(()), |why| Err(kept_back(&why)))?;
        }
        // A rule that names what is not there is told where the files are checked; it sends nobody anywhere.
        let resolved = match by_rule.and_then(|to| config.routes.resolve(&to).ok()) {
            Some(resolved) => resolved,
            None => config.routes.resolve(target).map_err(|error| nothing(config, &error.to_string()))?,
        };
        let default: Option<ModelRef> = match resolved {
            Resolved::Auto => self.default_target().await.ok().flatten().and_then(|name| name.parse().ok()),
            _ => None,
        };
        let mut expansion = config.routes.expand(&resolved, default.as_ref());
        if expansion.candidates.is_empty() && resolved == Resolved::Auto {
            let models = self.askable_models(directory).await.map_err(|error| unknown(&error.to_string()))?;
            expansion.candidates = models.into_iter().map(lone).collect();
        }
        expansion.candidates.truncate(MOST);
        if expansion.candidates.is_empty() {
            let why = match resolved {
                Resolved::Auto => {
                    "There is no model that can be asked. Add a provider with a key.".to_owned()
                }
                _ => format!("No model of “{target}” is known here."),
            };
            return Err(nothing(config, &why));
        }
        Ok(expansion)
    }
}

/// A model that stands on no rung.
pub(in crate::routing) fn lone(model: ModelRef) -> RouteCandidate {
    RouteCandidate {
        model,
        rung: None,
        tier: 0,
        reached: Reached::Asked,
        weight: 1,
        settings: EchelonSettings::default(),
        breaker: roundtable_router::BreakerSettings::default(),
    }
}

/// A name that means nothing, or nobody; what is wrong with the files may be why.
fn nothing(config: &Config, why: &str) -> Refused {
    let why = capitalised(why);
    unknown(&config.may_be_why().map_or_else(|| why.clone(), |files| format!("{why} {files}")))
}

/// What a file of the user's might keep back is not sent while the file cannot be understood.
fn kept_back(why: &str) -> Refused {
    let error = ProviderError::local(ErrorCategory::InvalidRequest, "roundtable", why);
    Refused { provider: None, model: None, error }
}

fn unknown(why: &str) -> Refused {
    let error = ProviderError::local(ErrorCategory::ModelNotFound, "roundtable", capitalised(why));
    Refused { provider: None, model: None, error }
}

/// A message as a sentence.
fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if text.ends_with('.') { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}
