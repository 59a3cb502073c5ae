//! What the environment says, read once at the start from the variables the engine was opened with.
//!
//! Values: the table [`VALUES`]. Which model to ask by default: `LLM_DEFAULT_MODEL`. Where a provider is: `*_BASE_URL`, by
//! which a provider is moved (see [`crate::directory`]). Keys are not read here but by the vault.
//!
//! What cannot be understood is told ([`Environment::notices`], and beside the value it would have been) and otherwise left
//! out: a stray variable must not keep the program from working. A variable's content is quoted, so none that could hold a
//! key is read here; addresses are quoted by their refusal, which shows no credentials.

mod address;
mod read;

use std::collections::HashMap;

use roundtable_domain::{Layer, Origin};
use roundtable_providers::Dialect;
use serde_json::Value;

pub(crate) use address::MovedTo;

use super::merge::LayerValues;

/// Which model to ask when nobody says another: `provider/model`, or a model's name alone.
const DEFAULT_MODEL: &str = "LLM_DEFAULT_MODEL";

/// The provider of a default model that is named without one.
const DEFAULT_PROVIDER: &str = "LLM_DEFAULT_PROVIDER";

/// How a variable's text becomes a value.
type Read = fn(&str) -> Result<Value, &'static str>;

/// Variables by the value they set; of several, the first that is set is read.
const VALUES: &[(&str, &[&str], Read)] = &[
    ("temperature", &["LLM_DEFAULT_TEMPERATURE", "LLM_TEMPERATURE"], read::decimal),
    ("top_p", &["LLM_TOP_P", "LLM_DEFAULT_TOP_P"], read::decimal),
    ("max_tokens", &["LLM_MAX_TOKENS", "LLM_DEFAULT_MAX_TOKENS"], read::count),
    ("stop", &["LLM_STOP"], read::stop),
    ("seed", &["LLM_SEED"], read::integer),
    ("top_k", &["LLM_TOP_K"], read::count),
    ("presence_penalty", &["LLM_PRESENCE_PENALTY"], read::decimal),
    ("frequency_penalty", &["LLM_FREQUENCY_PENALTY"], read::decimal),
    ("reasoning_effort", &["LLM_REASONING_EFFORT"], read::effort),
    ("reasoning_tokens", &["LLM_REASONING_TOKENS"], read::count),
    ("connect_ms", &["LLM_CONNECT_TIMEOUT"], read::seconds),
    ("first_delta_ms", &["LLM_FIRST_TOKEN_TIMEOUT"], read::seconds),
    ("idle_ms", &["LLM_IDLE_TIMEOUT"], read::seconds),
    ("total_ms", &["LLM_TIMEOUT"], read::seconds),
];

/// A variable that was set, but to nothing that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unusable {
    /// The value it would have set, or the id of the provider it would have moved.
    pub(crate) about: String,
    /// What is wrong, ready to show.
    pub(crate) problem: String,
}

/// What the environment says.
#[derive(Clone, Debug)]
pub(crate) struct Environment {
    pub(crate) values: LayerValues,
    pub(crate) default_model: Option<String>,
    pub(crate) default_provider: Option<String>,
    pub(crate) unusable: Vec<Unusable>,
    moved: Vec<(&'static Dialect, MovedTo)>,
}

impl Environment {
    /// Reads the variables.
    pub(crate) fn read(variables: &HashMap<String, String>) -> Self {
        let mut unusable = Vec::new();
        let values = VALUES.iter().filter_map(|(name, names, read)| {
            let (variable, text) = first_set(variables, names)?;
            match read(text) {
                Ok(value) => Some(((*name).to_owned(), value, variable.to_owned())),
                Err(wanted) => {
                    let problem =
                        format!("{variable} is “{}”, but {wanted}; it is not used.", shortened(text));
                    unusable.push(Unusable { about: (*name).to_owned(), problem });
                    None
                }
            }
        });
        let values = LayerValues::of_each(Layer::Environment, values.collect::<Vec<_>>());
        let moved = address::moved(variables, &mut unusable);
        let text = |name| first_set(variables, &[name]).map(|(_, text)| text.to_owned());
        Self {
            values,
            default_model: text(DEFAULT_MODEL),
            default_provider: text(DEFAULT_PROVIDER),
            unusable,
            moved,
        }
    }

    /// The providers that are moved, by their dialects.
    pub(crate) fn moves(&self) -> impl Iterator<Item = (&'static Dialect, &MovedTo)> {
        self.moved.iter().map(|(dialect, moved)| (*dialect, moved))
    }

    /// Whether a dialect's key from the environment is meant for this origin: a key and an address that stand side by side in
    /// the environment are its owner's own word that they belong together.
    pub(crate) fn means(&self, dialect: &Dialect, origin: &Origin) -> bool {
        self.moves().any(|(moved, to)| moved.id == dialect.id && Origin::of(&to.base_url) == *origin)
    }

    /// What could not be understood, to be told once.
    pub(crate) fn notices(&self) -> impl Iterator<Item = String> {
        self.unusable.iter().map(|one| one.problem.clone())
    }
}

/// The first of these variables that is set and not blank, and its value without surrounding blanks.
fn first_set<'v>(variables: &'v HashMap<String, String>, names: &[&'v str]) -> Option<(&'v str, &'v str)> {
    names.iter().find_map(|name| {
        let text = variables.get(*name)?.trim();
        (!text.is_empty()).then_some((*name, text))
    })
}

/// As much of a text as fits into a sentence.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut start: String = text.chars().take(LONGEST).collect();
    if text.chars().nth(LONGEST).is_some() {
        start.push('…');
    }
    start
}

#[cfg(test)]
mod tests;
