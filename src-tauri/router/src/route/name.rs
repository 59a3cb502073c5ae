//! Names of groups, echelons and pools.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a text cannot be the name of a group, a pool or an alias.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing there.
    #[error("a name cannot be empty")]
    Empty,
    /// A word with a meaning of its own.
    #[error("\"auto\" is what a lane says to leave the choice to the router; take another name")]
    Reserved,
    /// A character that means something between names, or that nobody sees.
    #[error(
        "the name \"{name}\" cannot have {found:?} in it: \"/\" is between provider and model, \".\" between group and echelon"
    )]
    Character {
        /// The name.
        name: String,
        /// The first character that cannot be in it.
        found: char,
    },
    /// What follows the dot is no echelon.
    #[error("\"{0}\" is no echelon; echelons are echelon1, echelon2 and so on")]
    Echelon(String),
}

/// Checks the name of a group, a pool or an alias: any letters and digits of any language, spaces inside, `-` and `_`.
pub fn check_name(name: &str) -> Result<(), NameError> {
    if name.trim().is_empty() {
        return Err(NameError::Empty);
    }
    if name == "auto" {
        return Err(NameError::Reserved);
    }
    let edge = name.trim() != name;
    let bad = |c: &char| matches!(c, '/' | '.' | '\\' | ':') || c.is_control() || (edge && c.is_whitespace());
    match name.chars().find(bad) {
        Some(found) => Err(NameError::Character { name: name.to_owned(), found }),
        None => Ok(()),
    }
}

/// A group or one of its echelons, as `fallback_groups` and `task_groups` name it: `coding` or `coding.echelon2`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct GroupRef {
    /// The group's name.
    pub group: String,
    /// The number of the echelon; none is the group as a whole.
    pub echelon: Option<u32>,
}

impl GroupRef {
    /// A group as a whole.
    pub fn whole(group: impl Into<String>) -> Self {
        Self { group: group.into(), echelon: None }
    }

    /// One echelon of a group.
    pub fn echelon(group: impl Into<String>, number: u32) -> Self {
        Self { group: group.into(), echelon: Some(number) }
    }
}

impl fmt::Display for GroupRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.group)?;
        self.echelon.map_or(Ok(()), |number| write!(f, ".{}", echelon_key(number)))
    }
}

impl From<GroupRef> for String {
    fn from(reference: GroupRef) -> Self {
        reference.to_string()
    }
}

impl TryFrom<String> for GroupRef {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl FromStr for GroupRef {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        let text = text.trim();
        let Some((group, echelon)) = text.split_once('.') else {
            check_name(text)?;
            return Ok(Self::whole(text));
        };
        check_name(group)?;
        let number = echelon_number(echelon).ok_or_else(|| NameError::Echelon(echelon.to_owned()))?;
        Ok(Self::echelon(group, number))
    }
}

/// The number in `echelonN`, from 1, if that is what the key is.
pub(crate) fn echelon_number(key: &str) -> Option<u32> {
    let digits = key.strip_prefix("echelon")?;
    let canonical = !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    if canonical { digits.parse().ok() } else { None }
}

/// The key of an echelon.
pub(crate) fn echelon_key(number: u32) -> String {
    format!("echelon{number}")
}
