//! The handle everything goes through, and its life from opening to the last save.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use roundtable_domain::UnixMs;
use roundtable_emulator::{Emulator, Pace};
use roundtable_providers::{Client, ClientOptions};
use roundtable_store::{Lease, LeaseId, OpenOptions, Store};
use roundtable_vault::{KeyringUse, Vault, VaultOptions};
use tokio::sync::OnceCell;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing_appender::non_blocking::WorkerGuard;

use crate::alerts::Lookout;
use crate::analysis::LastSeen;
use crate::catalogue::Prices;
use crate::clock::{Clock, SystemClock};
use crate::data_dir::DataDir;
use crate::embeddings::EmbeddingCache;
use crate::error::EngineError;
use crate::history::KnownHistories;
use crate::lease::LeaseFile;
use crate::preview::Remembered;
use crate::providers::Refreshes;
use crate::recovery::Aftermath;
use crate::responses::Responses;
use crate::routing::{ConfigFolder, LearntKeeper, Router};
use crate::settings::Environment;
use crate::statistics::{PastCalls, PickedAnswers};
use crate::telemetry::{self, Telemetry};
use crate::tokens::TokenCounter;
use crate::turn::{LiveTurns, elapsed_ms, keep_saving};
use crate::view::Settings;

/// How long a file may wait in a composer.
const UNUSED_FILE_GRACE_MS: i64 = 24 * 60 * 60 * 1_000;

/// How long a shutdown may take.
const LONGEST_SHUTDOWN: Duration = Duration::from_secs(2);

/// What kind of process uses the data folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Process {
    /// The window.
    Window,
    /// The command line.
    CommandLine,
}

/// How to open an engine.
#[derive(Clone)]
pub struct Options {
    /// Where all state is.
    pub data_dir: DataDir,
    /// Who opens it.
    pub process: Process,
    /// Turn the demo models on.
    pub demo: bool,
    /// Which keyring holds keys; without one they stay in memory.
    pub keyring: KeyringUse,
    /// The environment, for keys and settings that stand in it. Nothing else reads it.
    pub environment: HashMap<String, String>,
    /// Time, ids and randomness.
    pub clock: Arc<dyn Clock>,
    /// How fast demo models answer.
    pub demo_pace: Pace,
    /// Write log files.
    pub logging: bool,
}

impl Options {
    /// The usual way.
    pub fn new(data_dir: DataDir, process: Process) -> Self {
        Self {
            data_dir,
            process,
            demo: false,
            keyring: KeyringUse::System,
            environment: std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
            clock: Arc::new(SystemClock),
            demo_pace: Pace::Realistic,
            logging: true,
        }
    }
}

/// An open engine. Clones share it.
#[derive(Clone)]
pub struct Engine {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) vault: Vault,
    pub(crate) client: Client,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) live: Arc<LiveTurns>,
    /// What all requests share under the router.
    pub(crate) router: Arc<Router>,
    /// What of it outlives the program.
    learnt: LearntKeeper,
    pub(crate) tokens: TokenCounter,
    pub(crate) histories: KnownHistories,
    pub(crate) remembered: Remembered,
    pub(crate) embeddings: EmbeddingCache,
    /// What is remembered of every model's calls.
    pub(crate) past_calls: PastCalls,
    /// Whose answers people pick.
    pub(crate) picked_answers: PickedAnswers,
    /// Kept answers, and requests under way that share a call.
    pub(crate) responses: Responses,
    /// Held while advice is followed or taken back, one change after the other.
    pub(crate) following: tokio::sync::Mutex<()>,
    /// What an analysis saw of the calls last.
    pub(crate) analysed: tokio::sync::Mutex<Option<LastSeen>>,
    /// The settings this process has shown last; `None` until somebody asked.
    pub(crate) given_settings: tokio::sync::Mutex<Option<Settings>>,
    /// What other programs are told.
    pub(crate) telemetry: Telemetry,
    /// Who watches for alerts.
    pub(crate) lookout: Lookout,
    pub(crate) tasks: TaskTracker,
    pub(crate) lease_id: LeaseId,
    pub(crate) data_dir: DataDir,
    /// Groups, pools, aliases and rules.
    pub(crate) config: ConfigFolder,
    /// What the environment says, keys aside.
    pub(crate) environment: Environment,
    /// What models cost, as far as is known here.
    pub(crate) prices: Prices,
    pub(crate) demo: bool,
    pub(crate) notices: Vec<String>,
    /// Cancelled when the program ends: answers in flight are saved as interrupted.
    pub(crate) closing: CancellationToken,
    pub(crate) emulator: OnceCell<Emulator>,
    pub(crate) refreshes: Refreshes,
    pub(crate) demo_pace: Pace,
    _lease_file: LeaseFile,
    _log_guard: Option<WorkerGuard>,
}

impl Engine {
    /// Opens the data folder, recovers what a process that died has left, and is ready.
    pub async fn open(options: Options) -> Result<Self, EngineError> {
        let Options { data_dir, process, demo, keyring, environment, clock, demo_pace, logging } = options;
        data_dir.create()?;
        let begun = Instant::now();
        let log_guard = if logging { crate::logging::start(&data_dir.logs()) } else { None };
        let now = clock.now();
        let store = open_store(&data_dir, now).await?;
        let (lease_id, lease_file) = take_lease(&store, &data_dir, process, &*clock).await?;
        let tokens = TokenCounter::default();
        let aftermath = Aftermath::new(&store, &data_dir, &lease_id, &*clock, &tokens);
        let mut notices = aftermath.recover().await?;
        let prices = Prices::new(&environment);
        let telemetry = telemetry_of(&environment, process, Arc::clone(&clock));
        let settings = Environment::read(&environment);
        notices.extend(settings.notices());
        let vault = open_vault(&data_dir, keyring, environment).await;
        let client = Client::new(ClientOptions::default())?;
        let router: Arc<Router> = Arc::default();
        let learnt = LearntKeeper::new(store.clone(), Arc::clone(&router), Arc::clone(&clock));
        learnt.recall(process).await;
        let inner = Inner {
            store,
            vault,
            client,
            clock,
            live: Arc::default(),
            router,
            learnt,
            tokens,
            histories: KnownHistories::default(),
            remembered: Remembered::default(),
            embeddings: EmbeddingCache::default(),
            past_calls: PastCalls::new(now),
            picked_answers: PickedAnswers::default(),
            responses: Responses::default(),
            following: tokio::sync::Mutex::default(),
            analysed: tokio::sync::Mutex::default(),
            given_settings: tokio::sync::Mutex::default(),
            tasks: TaskTracker::new(),
            lease_id,
            config: ConfigFolder::new(&data_dir),
            data_dir,
            environment: settings,
            prices,
            telemetry,
            lookout: Lookout::default(),
            demo,
            notices,
            closing: CancellationToken::new(),
            emulator: OnceCell::new(),
            refreshes: Refreshes::default(),
            demo_pace,
            _lease_file: lease_file,
            _log_guard: log_guard,
        };
        let engine = Self { inner: Arc::new(inner) };
        engine.go_on_behind(process).await;
        say_opened(process, begun);
        Ok(engine)
    }

    /// Begins what goes on behind whoever uses the engine.
    async fn go_on_behind(&self, process: Process) {
        self.keep_saving();
        self.keep_calendar();
        self.begin_telemetry().await;
        self.verify_behind();
        self.load_catalogue_behind();
        self.tidy_behind();
        self.load_statistics_behind();
        // A command does what it was told to, and nothing else.
        if process == Process::Window {
            self.follow_advice_behind();
        }
    }

    /// Sets a damaged database aside, under a name with the time, and returns where it is now. Nothing is deleted.
    pub async fn set_database_aside(data_dir: &DataDir) -> Result<PathBuf, EngineError> {
        let path = data_dir.database();
        let now = SystemClock.now();
        tokio::task::spawn_blocking(move || roundtable_store::set_aside_corrupt(&path, now))
            .await
            .map_err(|_| EngineError::Closed)?
            .map_err(EngineError::from)
    }

    /// Ends answers in flight (their text is kept), books them, and closes the database; at most two seconds.
    pub async fn shutdown(&self) {
        let inner = &self.inner;
        let begun = Instant::now();
        inner.closing.cancel();
        inner.tasks.close();
        if tokio::time::timeout(LONGEST_SHUTDOWN, inner.tasks.wait()).await.is_err() {
            // What is not finished is recovered at the next start from its last checkpoint.
            tracing::warn!("answers in flight were not finished in time");
        }
        inner.telemetry.shutdown().await;
        inner.learnt.save().await;
        if let Err(error) = inner.store.leases().release(&inner.lease_id).await {
            tracing::warn!(%error, "the lease was not released");
        }
        inner.store.close().await;
        tracing::info!(took_ms = elapsed_ms(begun), "closed");
    }

    /// The folder that holds all state.
    pub fn data_dir(&self) -> &DataDir {
        &self.inner.data_dir
    }

    /// Checks every page of a file that is too large to be checked while the window waits.
    fn verify_behind(&self) {
        if self.inner.store.was_verified() {
            return;
        }
        let (store, closing) = (self.inner.store.clone(), self.inner.closing.clone());
        self.inner.tasks.spawn(async move {
            tokio::select! {
                () = closing.cancelled() => {}
                verified = store.verify() => {
                    if let Err(error) = verified {
                        tracing::error!(%error, "the database is damaged");
                    }
                }
            }
        });
    }

    /// Removes files that nobody has sent for a day, behind the window that opens.
    fn tidy_behind(&self) {
        let before = UnixMs(self.inner.clock.now().0.saturating_sub(UNUSED_FILE_GRACE_MS));
        let (store, closing) = (self.inner.store.clone(), self.inner.closing.clone());
        self.inner.tasks.spawn(async move {
            tokio::select! {
                () = closing.cancelled() => {}
                removed = store.attachments().remove_unused(before) => match removed {
                    Ok(0) => {}
                    Ok(files) => tracing::info!(files, "files that were never sent are removed"),
                    Err(error) => tracing::warn!(%error, "files that were never sent stay"),
                }
            }
        });
    }

    fn keep_saving(&self) {
        let inner = &self.inner;
        let saving = keep_saving(
            inner.store.clone(),
            Arc::clone(&inner.live),
            Arc::clone(&inner.clock),
            inner.closing.clone(),
        );
        inner.tasks.spawn(saving);
        inner.tasks.spawn(inner.learnt.clone().keep(inner.closing.clone()));
    }
}

fn telemetry_of(environment: &HashMap<String, String>, process: Process, clock: Arc<dyn Clock>) -> Telemetry {
    let asked = telemetry::Environment::of(environment);
    Telemetry::new(asked, process == Process::Window, Arc::new(move || clock.now()))
}

async fn open_store(data_dir: &DataDir, now: UnixMs) -> Result<Store, EngineError> {
    let options = OpenOptions { now, backup_dir: data_dir.backups() };
    Ok(Store::open(&data_dir.database(), options).await?)
}

/// Announces this process to the others of the data folder: in the books, and by a file that is locked as long as it lives.
async fn take_lease(
    store: &Store,
    data_dir: &DataDir,
    process: Process,
    clock: &dyn Clock,
) -> Result<(LeaseId, LeaseFile), EngineError> {
    let id = LeaseId::new(clock.new_id().to_string());
    let file = LeaseFile::acquire(&data_dir.leases(), id.as_str())?;
    let kind = match process {
        Process::Window => "window",
        Process::CommandLine => "command line",
    };
    let now = clock.now();
    let lease = Lease {
        id: id.clone(),
        process: format!("{kind} {}", std::process::id()),
        started_at: now,
        heartbeat_at: now,
    };
    store.leases().acquire(&lease).await?;
    Ok((id, file))
}

async fn open_vault(data_dir: &DataDir, keyring: KeyringUse, environment: HashMap<String, String>) -> Vault {
    Vault::open(VaultOptions { service: data_dir.keyring_service(), keyring, environment }).await
}

fn say_opened(process: Process, begun: Instant) {
    let version = env!("CARGO_PKG_VERSION");
    tracing::info!(?process, version, took_ms = elapsed_ms(begun), "opened");
}
