//! A keyring to rehearse with: it keeps keys in memory, takes its time to answer, and counts how often it is asked.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Result, mock};

use crate::vault::VaultError;

/// The keyring. Clones share it.
#[derive(Clone)]
pub struct SlowKeyring(Arc<Inner>);

struct Inner {
    entries: Arc<mock::Store>,
    asked: AtomicUsize,
    answers_after: Duration,
}

impl fmt::Debug for SlowKeyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SlowKeyring").field("asked", &self.asked()).finish_non_exhaustive()
    }
}

impl SlowKeyring {
    /// An empty one that needs so long for each question.
    pub fn new(answers_after: Duration) -> std::result::Result<Self, VaultError> {
        let entries = mock::Store::new().map_err(|error| VaultError::Keyring(error.to_string()))?;
        Ok(Self(Arc::new(Inner { entries, asked: AtomicUsize::new(0), answers_after })))
    }

    /// How often it was asked, to read or to write.
    pub fn asked(&self) -> usize {
        self.0.asked.load(Ordering::SeqCst)
    }
}

impl CredentialStoreApi for SlowKeyring {
    fn vendor(&self) -> String {
        self.0.entries.vendor()
    }

    fn id(&self) -> String {
        self.0.entries.id()
    }

    // Every question begins with this, on the keyring's own thread. The store beneath takes no labels.
    fn build(&self, service: &str, user: &str, _label: Option<&HashMap<&str, &str>>) -> Result<Entry> {
        self.0.asked.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(self.0.answers_after);
        self.0.entries.build(service, user, None)
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}
