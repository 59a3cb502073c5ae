//! What a name means.

use std::fmt;

use roundtable_domain::{ModelRef, Target};

use super::load::Routes;
use super::mistake::did_you_mean;
use super::name::{GroupRef, echelon_key};

/// What a target turned out to be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Resolved {
    /// One model, by its own name or by an alias.
    Model(ModelRef),
    /// A group, or one of its echelons and what is below it.
    Group(GroupRef),
    /// A pool.
    Pool(String),
    /// Whatever fits best.
    Auto,
}

/// Why a name means nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// There is nothing of that name.
    #[error("there is no pool, group or alias \"{name}\" (a model is written provider/model){hint}")]
    UnknownName {
        /// The name.
        name: String,
        /// `; did you mean "x"?`, or empty.
        hint: String,
    },
    /// The group is there, the echelon is not.
    #[error("the group \"{}\" has no {}; it has {there}", .reference.group, .reference.echelon.map(echelon_key).unwrap_or_default())]
    UnknownEchelon {
        /// What was named.
        reference: GroupRef,
        /// The echelons it has.
        there: String,
    },
}

impl fmt::Display for Resolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Model(model) => model.fmt(f),
            Self::Group(group) => group.fmt(f),
            Self::Pool(name) => f.write_str(name),
            Self::Auto => f.write_str("auto"),
        }
    }
}

impl Routes {
    /// What a target means. A name is a pool before it is a group (or `group.echelon`) before it is an alias.
    pub fn resolve(&self, target: &Target) -> Result<Resolved, ResolveError> {
        let name = match target {
            Target::Model(model) => return Ok(Resolved::Model(model.clone())),
            Target::Auto => return Ok(Resolved::Auto),
            Target::Route(name) => name.trim(),
        };
        if self.pools.contains_key(name) {
            return Ok(Resolved::Pool(name.to_owned()));
        }
        if let Some(group) = self.group_named(name) {
            return Ok(Resolved::Group(group));
        }
        if let Some(model) = self.aliases.get(name) {
            return Ok(Resolved::Model(model.clone()));
        }
        Err(self.unknown(name))
    }

    /// The group or echelon of that name, if it is there.
    pub(crate) fn group_named(&self, name: &str) -> Option<GroupRef> {
        let reference: GroupRef = name.parse().ok()?;
        let group = self.groups.get(&reference.group)?;
        reference.echelon.is_none_or(|number| group.echelon(number).is_some()).then_some(reference)
    }

    fn unknown(&self, name: &str) -> ResolveError {
        if let Ok(reference) = name.parse::<GroupRef>()
            && let Some(group) = self.groups.get(&reference.group)
        {
            let there: Vec<String> =
                group.echelons.iter().map(|echelon| echelon_key(echelon.number)).collect();
            return ResolveError::UnknownEchelon { reference, there: there.join(", ") };
        }
        let echelons = self.groups.values().flat_map(|group| {
            group.echelons.iter().map(|echelon| GroupRef::echelon(&group.name, echelon.number).to_string())
        });
        let names: Vec<String> =
            self.pools.keys().chain(self.groups.keys()).cloned().chain(echelons).collect();
        let aliases = self.aliases.iter().map(|(name, _)| name);
        let hint = did_you_mean(name, names.iter().map(String::as_str).chain(aliases));
        ResolveError::UnknownName { name: name.to_owned(), hint }
    }
}
