//! Keys: found for a call, stored, checked, removed. The key itself never leaves towards the window.
//!
//! A provider may have several. They are used in the order in which they were added, the environment's last; the router turns
//! to the next one when one fails. Each is bound to its origin: one that was given for another address is as good as not there.

mod change;
mod check;
mod find;
mod variable;
mod views;

use roundtable_domain::KeyId;
use roundtable_store::{Key, StoredPlace};
use roundtable_vault::{KeySlot, Place, mask};
use secrecy::SecretString;

pub(crate) use check::was_refused;
pub(crate) use find::{missing_key, without_key};
pub use variable::booked_name;
pub(crate) use variable::{id_of_variable, variable_of};

use crate::directory::DEMO;
use crate::view::KeyPlace;

/// A key for one call.
#[derive(Clone)]
pub(crate) struct FoundKey {
    /// `None` for one from the environment.
    pub(crate) id: Option<KeyId>,
    /// `None`: it was only looked whether it is there.
    secret: Option<SecretString>,
    pub(crate) place: KeyPlace,
    /// The environment variable it came from.
    pub(crate) variable: Option<String>,
}

impl FoundKey {
    /// One of the environment, by its variable.
    pub(crate) fn of_variable(secret: SecretString, variable: Option<String>) -> Self {
        Self { id: None, secret: Some(secret), place: KeyPlace::Environment, variable }
    }

    /// What is sent.
    pub(crate) fn secret(&self) -> Option<&SecretString> {
        self.secret.as_ref()
    }

    /// What money spent with it is booked under: its id, or its variable's; `None` for what the emulator is sent.
    pub(crate) fn booked_as(&self) -> Option<KeyId> {
        self.id.or_else(|| self.variable.as_deref().map(id_of_variable))
    }

    /// What the router calls it: its id, `env:VARIABLE` for one from the environment, and `demo` for what the emulator is sent.
    pub(crate) fn name(&self) -> String {
        match (&self.id, &self.variable) {
            (Some(id), _) => id.to_string(),
            (None, Some(variable)) => format!("env:{variable}"),
            (None, None) => DEMO.to_owned(),
        }
    }
}

/// What an environment's key is called for people: its mask, because the variable is told beside it.
pub(crate) fn shown_name(found: &FoundKey) -> String {
    found.secret().map(mask).unwrap_or_default()
}

fn slot(row: &Key) -> KeySlot {
    KeySlot { provider: row.provider.clone(), key_id: row.id, origin: row.origin.clone() }
}

const fn stored_place(place: StoredPlace) -> KeyPlace {
    match place {
        StoredPlace::Keyring => KeyPlace::Keyring,
        StoredPlace::Session | StoredPlace::Vault => KeyPlace::Session,
    }
}

const fn key_place(place: Place) -> KeyPlace {
    match place {
        Place::Keyring => KeyPlace::Keyring,
        Place::Session => KeyPlace::Session,
        Place::Environment => KeyPlace::Environment,
    }
}
