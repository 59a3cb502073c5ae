//! What money is booked under when its key comes from the environment.
//!
//! Such a key has no row and no id that was made for it. Its variable's name is the one thing about it that stays, also when the key in
//! it is changed, and so it stands for it: the id is made from the name, the same in every process and on every machine.

use roundtable_domain::KeyId;
use roundtable_providers::{Dialect, dialects};
use sha2::{Digest as _, Sha256};
use uuid::Builder;

/// How people name such a key where an id is asked for: `env:OPENAI_API_KEY`.
const PREFIX: &str = "env:";

/// Keeps these ids apart from other things that may be made from names one day.
const SALT: &str = "roundtable key of the environment ";

/// The id money spent with a variable's key is booked under.
pub(crate) fn id_of_variable(variable: &str) -> KeyId {
    let hash = Sha256::new().chain_update(SALT).chain_update(variable).finalize();
    let mut bytes = [0; 16];
    for (byte, hashed) in bytes.iter_mut().zip(hash) {
        *byte = hashed;
    }
    KeyId::from_uuid(Builder::from_custom_bytes(bytes).into_uuid())
}

/// The variable behind an id, and whose key it holds; `None` where none of those that are read by themselves is.
pub(crate) fn variable_of(id: &str) -> Option<(&'static str, &'static Dialect)> {
    let id: KeyId = id.parse().ok()?;
    dialects().iter().find_map(|dialect| {
        let variable = dialect.env.iter().find(|variable| id_of_variable(variable) == id)?;
        Some((*variable, dialect))
    })
}

/// A key as people name it, in the books' words: `env:VARIABLE` becomes the id its money is booked under; an id stays as it is.
pub fn booked_name(name: &str) -> String {
    match name.strip_prefix(PREFIX) {
        Some(variable) => id_of_variable(variable.trim()).to_string(),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_same_for_ever() {
        // It stands in books and budgets.
        assert_eq!(id_of_variable("OPENAI_API_KEY").to_string(), "7810c408-4fd5-8ae8-ac01-7cf6fe0bf4e1");
        assert_ne!(id_of_variable("OPENAI_API_KEY"), id_of_variable("ANTHROPIC_API_KEY"));
        assert_eq!(id_of_variable("A").as_uuid().get_version_num(), 8, "no id that was made by time");
    }

    #[test]
    fn every_variable_that_is_read_is_found_by_its_id() {
        for dialect in dialects() {
            for variable in dialect.env {
                let found = variable_of(&id_of_variable(variable).to_string());
                assert_eq!(found.map(|(name, _)| name), Some(*variable));
            }
        }
        assert!(variable_of("no id").is_none());
        assert_eq!(booked_name("env:OPENAI_API_KEY"), id_of_variable("OPENAI_API_KEY").to_string());
        assert_eq!(booked_name("no id"), "no id");
    }
}
