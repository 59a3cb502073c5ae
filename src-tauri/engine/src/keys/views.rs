//! What the window may know of keys: a mask, a place, a state.

use futures_util::future::join_all;
use roundtable_store::{Key, StoredPlace};

use super::check::LastCheck;
use super::{FoundKey, key_place, shown_name, stored_place};
use crate::directory::Setup;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{KeyState, KeyView};

impl Engine {
    /// A provider's keys in the order in which they are used; those that are missing come last, because nothing is asked with
    /// them. One that is bound to another origin is not among them.
    pub(crate) async fn key_views(&self, setup: &Setup) -> Result<Vec<KeyView>, EngineError> {
        if setup.is_demo() {
            return Ok(Vec::new());
        }
        let rows = self.key_rows(setup).await?;
        let was_in_keyring: Vec<bool> = rows.iter().map(|row| row.place == StoredPlace::Keyring).collect();
        let stored = join_all(rows.into_iter().map(|row| self.stored_view(row))).await;
        let gone = |(view, kept): (&KeyView, bool)| kept && view.state == KeyState::Missing;
        if stored.iter().zip(was_in_keyring).any(gone) {
            // One that was locked meanwhile may hide them, and says so only to who tries to write.
            self.inner.vault.recheck().await;
        }
        let (missing, mut views): (Vec<KeyView>, Vec<KeyView>) =
            stored.into_iter().partition(|view| view.state == KeyState::Missing);
        views.extend(self.environment_key(setup).and_then(|found| environment_view(found, setup)));
        views.extend(missing);
        Ok(views)
    }

    async fn stored_view(&self, row: Key) -> KeyView {
        let (place, missing) = match self.kept(&row).await {
            Ok(Some((_, place))) => (key_place(place), None),
            Ok(None) => (stored_place(row.place), Some(gone(row.place))),
            Err(error) => (stored_place(row.place), Some(format!("It cannot be read: {error}."))),
        };
        let check = LastCheck::of(&row);
        let state = if missing.is_some() {
            KeyState::Missing
        } else {
            check.as_ref().map_or(KeyState::Unchecked, |check| check.state)
        };
        KeyView {
            id: Some(row.id),
            spend_id: row.id,
            mask: row.mask,
            place,
            variable: None,
            origin: row.origin.as_str().to_owned(),
            state,
            message: missing.or(check.map(|check| check.message)),
            checked_at: row.last_checked_at,
            label: row.label,
        }
    }
}

fn environment_view(found: FoundKey, setup: &Setup) -> Option<KeyView> {
    Some(KeyView {
        id: None,
        spend_id: found.booked_as()?,
        mask: shown_name(&found),
        place: found.place,
        variable: found.variable,
        origin: setup.origin().as_str().to_owned(),
        state: KeyState::Unchecked,
        message: None,
        checked_at: None,
        label: String::new(),
    })
}

fn gone(place: StoredPlace) -> String {
    match place {
        StoredPlace::Keyring => "It is not in the keyring any more. Add it again.".to_owned(),
        StoredPlace::Session | StoredPlace::Vault => {
            "It was kept in memory only and is gone since the last start. Add it again.".to_owned()
        }
    }
}
