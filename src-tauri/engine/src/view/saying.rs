//! Sentences for windows that speak another language than the host.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::analysis::Said;

/// A sentence as a stable word and what stands in it. The window's catalogue has the words (`ui/src/shared/i18n`); the same
/// sentence in English stands beside it, for the command line and for windows that do not know the word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Saying {
    /// Which sentence.
    pub code: String,
    /// What stands in it, by name: names and numbers, units in the names (`wait_ms`).
    pub values: BTreeMap<String, String>,
}

impl Saying {
    pub(crate) fn new(code: impl Into<String>) -> Self {
        Self { code: code.into(), values: BTreeMap::new() }
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.values.insert(name.to_owned(), value.into());
        self
    }

    /// A part that is said by a code of its own: its English words under `name`, its code under `name_code`, and what stands in it
    /// under `name_` and its name.
    pub(crate) fn with_part(mut self, name: &str, part: &Said) -> Self {
        for (inner, value) in &part.saying.values {
            self = self.with(&format!("{name}_{inner}"), value);
        }
        self.with(name, &part.text).with(&format!("{name}_code"), &part.saying.code)
    }
}
