//! The operating system's keyring on a thread of its own.
//!
//! Its library blocks: on the bus, on a daemon that does not answer, on a dialog that asks for a password. A pool thread of the
//! async runtime would keep the program from ending while it hangs, so one plain thread does all calls, one after the other,
//! and whoever asks stops waiting after [`PATIENCE`].

use std::collections::HashMap;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use keyring_core::{CredentialStore, Entry, Error};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

/// How long anybody waits for the keyring.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// Whether the operating system's keyring can be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum KeyringStatus {
    /// It can.
    Available,
    /// It is there, but locked, or it waits for its owner's password. Keys in it cannot be read until it is unlocked.
    Locked,
    /// It is not there.
    Absent {
        /// Why, for people.
        reason: String,
    },
}

/// Why a call did not work out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No such key.
    NoEntry,
    /// Locked, or nobody answered the prompt.
    Locked,
    /// Anything else. Never holds a key: `Display` of the library's errors does not, their `Debug` may.
    Failed(String),
}

/// One key in the keyring: what the library calls a user, and what a keyring program shows to people.
#[derive(Clone)]
pub(crate) struct Address {
    pub(crate) user: String,
    pub(crate) label: String,
}

enum Task {
    Probe,
    Set(Address, SecretString),
    Get(Address),
    Delete(Address),
}

type Outcome = Result<Option<SecretString>, Refusal>;
pub(crate) type Connect = Box<dyn Fn() -> keyring_core::Result<Arc<CredentialStore>> + Send>;

struct Job {
    task: Task,
    reply: oneshot::Sender<Outcome>,
}

/// The handle to the thread. The thread ends when the last handle is gone and its call has returned.
pub(crate) struct Keyring {
    jobs: Option<mpsc::Sender<Job>>,
    status: Arc<Mutex<KeyringStatus>>,
}

impl Keyring {
    /// A keyring that is never touched.
    pub(crate) fn none(reason: &str) -> Self {
        let status = KeyringStatus::Absent { reason: reason.to_owned() };
        Self { jobs: None, status: Arc::new(Mutex::new(status)) }
    }

    /// Starts the thread. Nothing is asked yet: see [`Keyring::probe`].
    pub(crate) fn start(service: String, connect: Connect) -> Self {
        let status = Arc::new(Mutex::new(KeyringStatus::Absent { reason: "not asked yet".to_owned() }));
        let (jobs, inbox) = mpsc::channel();
        let worker = Worker { service, connect, store: None, status: Arc::clone(&status) };
        let spawned =
            std::thread::Builder::new().name("keyring".to_owned()).spawn(move || worker.work(&inbox));
        match spawned {
            Ok(_detached) => Self { jobs: Some(jobs), status },
            Err(error) => Self::none(&format!("no thread for it: {error}")),
        }
    }

    pub(crate) fn status(&self) -> KeyringStatus {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_status(&self, status: KeyringStatus) {
        *self.status.lock().unwrap_or_else(PoisonError::into_inner) = status;
    }

    /// Finds out whether it works: writes, reads and deletes an entry of no meaning.
    pub(crate) async fn probe(&self) -> KeyringStatus {
        // The thread sets the status when the probe is done, even when that is after we have stopped waiting: the user may
        // have typed the password in the meantime.
        drop(self.ask(Task::Probe).await);
        self.status()
    }

    pub(crate) async fn set(&self, address: Address, secret: SecretString) -> Result<(), Refusal> {
        self.ask(Task::Set(address, secret)).await.map(drop)
    }

    /// Reads, and writes nothing. A keyring that was locked meanwhile may have no such key either: it says that it is locked only when
    /// it is written to.
    pub(crate) async fn get(&self, address: Address) -> Result<Option<SecretString>, Refusal> {
        match self.ask(Task::Get(address)).await {
            Err(Refusal::NoEntry) => Ok(None),
            other => other,
        }
    }

    pub(crate) async fn delete(&self, address: Address) -> Result<(), Refusal> {
        match self.ask(Task::Delete(address)).await {
            Ok(_) | Err(Refusal::NoEntry) => Ok(()),
            Err(refusal) => Err(refusal),
        }
    }

    async fn ask(&self, task: Task) -> Outcome {
        let Some(jobs) = &self.jobs else { return Err(Refusal::Failed("switched off".to_owned())) };
        let (reply, answer) = oneshot::channel();
        if jobs.send(Job { task, reply }).is_err() {
            return Err(Refusal::Failed("its thread has ended".to_owned()));
        }
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(Refusal::Failed("its thread has ended".to_owned())),
            Err(_) => {
                tracing::warn!("the keyring did not answer within five seconds");
                self.set_status(KeyringStatus::Locked);
                Err(Refusal::Locked)
            }
        }
    }
}

struct Worker {
    service: String,
    connect: Connect,
    store: Option<Arc<CredentialStore>>,
    status: Arc<Mutex<KeyringStatus>>,
}

impl Worker {
    fn work(mut self, inbox: &mpsc::Receiver<Job>) {
        while let Ok(Job { task, reply }) = inbox.recv() {
            let is_probe = matches!(task, Task::Probe);
            if reply.is_closed() && !is_probe {
                continue; // Nobody waits for it any more: a key must not turn up later in a place nobody was told of.
            }
            let undo = if let Task::Set(address, _) = &task { Some(address.clone()) } else { None };
            let outcome = self.run(&task);
            self.note(&outcome, is_probe);
            if let (Err(Ok(_)), Some(address)) = (reply.send(outcome), undo) {
                drop(self.run(&Task::Delete(address))); // Written, but too late: the asker has chosen another place.
            }
        }
    }

    fn note(&self, outcome: &Outcome, is_probe: bool) {
        let status = match outcome {
            Ok(_) => KeyringStatus::Available,
            Err(Refusal::Locked) => KeyringStatus::Locked,
            Err(Refusal::Failed(reason)) if is_probe => KeyringStatus::Absent { reason: reason.clone() },
            Err(_) => return,
        };
        *self.status.lock().unwrap_or_else(PoisonError::into_inner) = status;
    }

    fn run(&mut self, task: &Task) -> Outcome {
        match task {
            Task::Probe => self.probe(),
            Task::Set(address, secret) => {
                self.entry(address)?.set_password(secret.expose_secret()).map_err(|error| refusal(&error))?;
                Ok(None)
            }
            Task::Get(address) => {
                let secret = self.entry(address)?.get_password().map_err(|error| refusal(&error))?;
                Ok(Some(SecretString::from(secret)))
            }
            Task::Delete(address) => {
                self.entry(address)?.delete_credential().map_err(|error| refusal(&error))?;
                Ok(None)
            }
        }
    }

    fn probe(&mut self) -> Outcome {
        const WORD: &str = "probe";
        // Another process may probe at the same moment: each has its own entry.
        let address = Address {
            user: format!("probe {}", std::process::id()),
            label: "Roundtable: is this keyring usable?".to_owned(),
        };
        // A connection of before may lead to a daemon that has gone.
        self.store = None;
        let entry = self.entry(&address)?;
        entry.set_password(WORD).map_err(|error| refusal(&error))?;
        let read = entry.get_password().map_err(|error| refusal(&error));
        let deleted = entry.delete_credential().map_err(|error| refusal(&error));
        if read? != WORD {
            return Err(Refusal::Failed("it does not give back what was stored".to_owned()));
        }
        deleted.map(|()| None)
    }

    fn entry(&mut self, address: &Address) -> Result<Entry, Refusal> {
        let store = if let Some(store) = &self.store {
            Arc::clone(store)
        } else {
            Arc::clone(self.store.insert((self.connect)().map_err(|error| refusal(&error))?))
        };
        let modifiers = HashMap::from([("label", address.label.as_str())]);
        store.build(&self.service, &address.user, Some(&modifiers)).map_err(|error| refusal(&error))
    }
}

fn refusal(error: &Error) -> Refusal {
    match error {
        Error::NoEntry => Refusal::NoEntry,
        Error::NoStorageAccess(_) => Refusal::Locked,
        other => Refusal::Failed(other.to_string()),
    }
}

/// This system's keyring.
#[cfg(target_os = "linux")]
pub(crate) fn connect() -> keyring_core::Result<Arc<CredentialStore>> {
    let store: Arc<CredentialStore> = zbus_secret_service_keyring_store::Store::new()?;
    Ok(store)
}

/// Other systems have keyrings too; until they can be tested, keys live in memory there.
#[cfg(not(target_os = "linux"))]
pub(crate) fn connect() -> keyring_core::Result<Arc<CredentialStore>> {
    Err(Error::NotSupportedByStore("the keyring of this system is not supported yet".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The library's mock, without labels, which it does not take; whoever is called `slow` waits at the gate.
    struct Gated {
        mock: Arc<keyring_core::mock::Store>,
        arrived: mpsc::Sender<()>,
        gate: Mutex<mpsc::Receiver<()>>,
    }

    /// A keyring, word of who stands at its gate, and the key to it: dropping that opens it for good.
    fn gated() -> (Arc<CredentialStore>, mpsc::Receiver<()>, mpsc::Sender<()>) {
        let (open, gate) = mpsc::channel();
        let (arrived, arrivals) = mpsc::channel();
        let mock = keyring_core::mock::Store::new().unwrap();
        (Arc::new(Gated { mock, arrived, gate: Mutex::new(gate) }), arrivals, open)
    }

    impl keyring_core::api::CredentialStoreApi for Gated {
        fn vendor(&self) -> String {
            self.mock.vendor()
        }
        fn id(&self) -> String {
            self.mock.id()
        }
        fn build(
            &self,
            service: &str,
            user: &str,
            _label: Option<&HashMap<&str, &str>>,
        ) -> keyring_core::Result<Entry> {
            if user == "slow" {
                let _nobody_listens = self.arrived.send(());
                let _closed = self.gate.lock().unwrap().recv();
            }
            self.mock.build(service, user, None)
        }
        fn as_any(&self) -> &dyn std::any::Any {
            self
        }
    }

    fn address(user: &str) -> Address {
        Address { user: user.to_owned(), label: "a key".to_owned() }
    }

    #[tokio::test(start_paused = true)]
    async fn a_keyring_that_hangs_costs_five_seconds_once_and_is_found_when_it_wakes() {
        let (open, gate) = mpsc::channel::<()>();
        let connect = move || {
            let _closed = gate.recv();
            Ok(gated().0)
        };
        let keyring = Keyring::start("roundtable".to_owned(), Box::new(connect));
        let start = tokio::time::Instant::now();
        assert_eq!(keyring.probe().await, KeyringStatus::Locked);
        assert_eq!(start.elapsed(), PATIENCE);

        let late = keyring.set(address("late"), SecretString::from("secret"));
        assert_eq!(late.await, Err(Refusal::Locked), "it still hangs");

        tokio::time::resume();
        drop(open); // From here on it answers.
        assert_eq!(keyring.probe().await, KeyringStatus::Available);
        assert_eq!(keyring.get(address("late")).await.map(|found| found.is_some()), Ok(false));
    }

    #[tokio::test]
    async fn a_key_that_arrives_too_late_does_not_stay() {
        let (store, arrivals, open) = gated();
        let keyring = Keyring::start("roundtable".to_owned(), Box::new(move || Ok(Arc::clone(&store))));
        assert_eq!(keyring.probe().await, KeyringStatus::Available);
        keyring.set(address("quick"), SecretString::from("secret")).await.unwrap();

        let (set, ()) = tokio::join!(keyring.set(address("slow"), SecretString::from("secret")), async {
            arrivals.recv().unwrap(); // The call is under way, not just in the queue:
            tokio::time::pause(); // now let its five seconds pass.
        });
        assert_eq!(set, Err(Refusal::Locked), "whoever asked has put the key elsewhere by now");
        tokio::time::resume();
        drop(open);
        assert_eq!(keyring.probe().await, KeyringStatus::Available);
        let found = async |user| keyring.get(address(user)).await.map(|found| found.is_some());
        assert_eq!((found("quick").await, found("slow").await), (Ok(true), Ok(false)));
    }

    #[tokio::test]
    async fn a_keyring_that_is_not_there_says_why() {
        let absent = || Err(Error::NotSupportedByStore("no daemon".to_owned()));
        let keyring = Keyring::start("roundtable".to_owned(), Box::new(absent));
        let KeyringStatus::Absent { reason } = keyring.probe().await else { unreachable!() };
        assert!(reason.contains("no daemon"));
        assert!(matches!(keyring.set(address("a"), SecretString::from("s")).await, Err(Refusal::Failed(_))));
    }
}
