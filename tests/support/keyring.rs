//! A keyring of its own for an engine: it keeps keys in memory, takes its time to answer, and counts how often it is asked.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Result, mock};
use roundtable_engine::KeyringUse;

/// The keyring. Clones share it.
#[derive(Clone)]
pub struct SlowKeyring(Arc<Inner>);

struct Inner {
    entries: Arc<mock::Store>,
    asked: AtomicUsize,
    answers_after: Duration,
}

impl SlowKeyring {
    /// An empty one that needs so long for each question.
    pub fn new(answers_after: Duration) -> Self {
        let entries = mock::Store::new().unwrap();
        Self(Arc::new(Inner { entries, asked: AtomicUsize::new(0), answers_after }))
    }

    /// How often it was asked, to read or to write.
    pub fn asked(&self) -> usize {
        self.0.asked.load(Ordering::SeqCst)
    }

    /// For the options of an engine.
    pub fn in_use(&self) -> KeyringUse {
        KeyringUse::Other(Arc::new(self.clone()))
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
