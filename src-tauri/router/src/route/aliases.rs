//! Short names for models (`aliases.yaml`): one `name: provider/model` a line.

use std::collections::BTreeMap;

use roundtable_domain::ModelRef;

use super::fields::Fields;
use super::mention::{Mention, Named};
use super::mistake::{MistakeCode, Report};
use super::yaml::{Content, Node, Value};

/// The aliases of `aliases.yaml`, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aliases(BTreeMap<String, ModelRef>);

impl Aliases {
    /// The model an alias stands for.
    pub fn get(&self, name: &str) -> Option<&ModelRef> {
        self.0.get(name)
    }

    /// Every alias, in the order of the alphabet.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ModelRef)> {
        self.0.iter().map(|(name, model)| (name.as_str(), model))
    }

    /// The model a text of a file stands for: `provider/model` itself, or what the alias says.
    pub fn model(&self, text: &str) -> Option<ModelRef> {
        text.parse().ok().or_else(|| self.get(text.trim()).cloned())
    }

    /// What `aliases.yaml` holds.
    pub fn to_value(&self) -> Value {
        Value::Map(
            self.iter().map(|(name, model)| (name.to_owned(), Value::Text(model.to_string()))).collect(),
        )
    }
}

impl FromIterator<(String, ModelRef)> for Aliases {
    fn from_iter<T: IntoIterator<Item = (String, ModelRef)>>(aliases: T) -> Self {
        Self(aliases.into_iter().collect())
    }
}

/// Reads the aliases. One with a mistake is left out, the others count.
pub(crate) fn read_aliases(node: &Node, report: &mut Report, mentions: &mut Vec<Mention>) -> Aliases {
    if matches!(node.content, Content::Null) {
        return Aliases::default(); // A file with nothing but comments.
    }
    let Some(fields) = Fields::of(node, "the list of aliases", report) else { return Aliases::default() };
    let mut aliases = BTreeMap::new();
    for entry in fields.entries() {
        let name = entry.key.as_str();
        if name.trim() != name || name.is_empty() || name == "auto" || name.contains('/') {
            let reason =
                format!("\"{name}\" cannot be an alias: it is neither empty nor auto and has no \"/\"");
            report.error(entry.key_place, MistakeCode::BadName, reason);
            continue;
        }
        let Some(text) = fields.text(name, report) else {
            if matches!(entry.value.content, Content::Null) {
                let reason = format!("the alias \"{name}\" stands for nothing; write provider/model");
                report.error(entry.key_place, MistakeCode::WrongType, reason);
            }
            continue;
        };
        if let Ok(model) = text.parse::<ModelRef>() {
            mentions.push(Mention::model(&text, entry.value.place));
            mentions.push(Mention { place: entry.key_place, named: Named::Alias(name.to_owned()) });
            aliases.insert(name.to_owned(), model);
        } else {
            let reason =
                format!("the alias \"{name}\" has to stand for a model, provider/model, not for \"{text}\"");
            report.error(entry.value.place, MistakeCode::BadName, reason);
        }
    }
    Aliases(aliases)
}
