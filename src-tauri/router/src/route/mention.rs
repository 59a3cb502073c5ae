//! What a file names that has to be somewhere else: models and groups, with the place, for the checks across files.

use super::fields::Fields;
use super::mistake::{MistakeCode, Place, Report};
use super::name::GroupRef;

/// Something named in a file.
#[derive(Clone, Debug)]
pub(crate) struct Mention {
    pub place: Place,
    pub named: Named,
}

/// What is named.
#[derive(Clone, Debug)]
pub(crate) enum Named {
    /// `provider/model` or an alias.
    Model(String),
    /// A group or an echelon, and under which key.
    Group(GroupRef, &'static str),
    /// An alias, where it is given its meaning.
    Alias(String),
    /// Whatever a lane could name: a model, an alias, a pool, a group or an echelon.
    Target(String),
}

impl Mention {
    pub fn model(text: &str, place: Place) -> Self {
        Self { place, named: Named::Model(text.to_owned()) }
    }

    /// The groups a list names, each noted for the checks; what is no name is reported.
    pub fn read_groups(
        key: &'static str,
        fields: &Fields<'_>,
        report: &mut Report,
        mentions: &mut Vec<Self>,
    ) -> Vec<GroupRef> {
        let mut groups = Vec::new();
        for (text, place) in fields.texts(key, report).unwrap_or_default() {
            match text.parse::<GroupRef>() {
                Ok(group) => {
                    mentions.push(Self { place, named: Named::Group(group.clone(), key) });
                    groups.push(group);
                }
                Err(error) => report.error(place, MistakeCode::BadName, error.to_string()),
            }
        }
        groups
    }
}
