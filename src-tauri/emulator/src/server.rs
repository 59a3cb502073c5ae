//! The server: sockets, routes, scripts. Nothing here knows a wire format.

mod answer;
mod catalogue;
mod connection;
mod embeddings;
mod entry;

use std::collections::{HashMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::ask::bare_model;
use crate::capture::{CapturedRequest, Captures};
use crate::dice::Dice;
use crate::{Behaviour, Pace};
use connection::{Connection, Loopback};
pub use embeddings::EMBEDDING_MODEL;

/// How long `shutdown` waits for connections to close, within the two seconds it promises.
const CLOSING: Duration = Duration::from_millis(1500);

/// How to start.
#[derive(Clone, Debug, Default)]
pub struct EmulatorOptions {
    /// The port on 127.0.0.1; 0 = any that is free.
    pub port: u16,
    /// Whether the demo models take their time.
    pub pace: Pace,
    /// Varies answers and ids; the same seed and requests give the same ones.
    pub seed: u64,
}

/// Why it did not start.
#[derive(Debug, thiserror::Error)]
pub enum EmulatorError {
    /// The port is taken or not allowed.
    #[error("cannot listen on 127.0.0.1:{port}: {source}")]
    Bind {
        /// The port asked for.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
}

#[derive(Debug, Default)]
struct Script {
    queue: VecDeque<Behaviour>,
    always: Option<Behaviour>,
}

/// What the handlers share.
#[derive(Debug)]
struct Shared {
    scripts: Mutex<HashMap<String, Script>>,
    captures: Mutex<Captures>,
    /// The number of the last request that was kept.
    arrived: watch::Sender<u64>,
    open_streams: AtomicUsize,
    replies: AtomicU64,
    pace: Pace,
    seed: u64,
    stop: CancellationToken,
}

/// A poisoned lock only says that a test's thread failed while holding it; the data is whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// The scripted behaviour of this request, taken from the queue; none when the model was never scripted.
    fn scripted(&self, model: &str) -> Option<Behaviour> {
        let mut scripts = lock(&self.scripts);
        let script = scripts.get_mut(bare_model(model))?;
        Some(script.queue.pop_front().or_else(|| script.always.clone()).unwrap_or(Behaviour::Normal))
    }

    /// Keeps a request for assertions, and tells whoever waits for one.
    fn capture(&self, request: CapturedRequest) {
        let number = lock(&self.captures).push(request);
        self.arrived.send_replace(number);
    }

    /// A new id, 32 hexadecimal digits, the same in every run with the same seed.
    fn next_id(&self) -> String {
        let number = self.replies.fetch_add(1, Ordering::Relaxed);
        Dice::new(self.seed, &["id", &number.to_string()]).hex(32)
    }
}

/// A running server. Dropping it stops it; [`Emulator::shutdown`] also waits.
#[derive(Debug)]
pub struct Emulator {
    shared: Arc<Shared>,
    address: SocketAddr,
    serving: Option<JoinHandle<()>>,
}

impl Emulator {
    /// Binds 127.0.0.1 and serves on the current runtime.
    pub async fn start(options: EmulatorOptions) -> Result<Self, EmulatorError> {
        let bind = |source| EmulatorError::Bind { port: options.port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await.map_err(bind)?;
        let address = listener.local_addr().map_err(bind)?;
        let shared = Arc::new(Shared {
            scripts: Mutex::default(),
            captures: Mutex::default(),
            arrived: watch::Sender::default(),
            open_streams: AtomicUsize::new(0),
            replies: AtomicU64::new(0),
            pace: options.pace,
            seed: options.seed,
            stop: CancellationToken::new(),
        });
        let service = routes(Arc::clone(&shared)).into_make_service_with_connect_info::<Connection>();
        let stop = shared.stop.clone();
        let serving = tokio::spawn(async move {
            let served =
                axum::serve(Loopback(listener), service).with_graceful_shutdown(stop.cancelled_owned());
            if let Err(error) = served.await {
                tracing::warn!(%error, "the emulator stopped serving");
            }
        });
        tracing::debug!(%address, "the emulator listens");
        Ok(Self { shared, address, serving: Some(serving) })
    }

    /// `http://127.0.0.1:PORT`, no slash at the end.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Queues behaviours: each of the next requests for the model takes one, after that it answers normally. A model
    /// that does not exist otherwise exists once it is scripted.
    pub fn script(&self, model: &str, behaviours: Vec<Behaviour>) {
        lock(&self.shared.scripts).entry(bare_model(model).to_owned()).or_default().queue.extend(behaviours);
    }

    /// What the model does whenever its queue is empty.
    pub fn script_always(&self, model: &str, behaviour: Behaviour) {
        lock(&self.shared.scripts).entry(bare_model(model).to_owned()).or_default().always = Some(behaviour);
    }

    /// The requests received, oldest first: the last 1000, and of those what fits 64 MiB of bodies.
    pub fn requests(&self) -> Vec<CapturedRequest> {
        lock(&self.shared.captures).all()
    }

    /// Waits until the requests received are what `condition` asks for. For ever, if they never are: a test has its own
    /// time limit.
    pub async fn until(&self, condition: impl Fn(&[CapturedRequest]) -> bool) {
        let mut arrivals = self.shared.arrived.subscribe();
        while !condition(&self.requests()) {
            if arrivals.changed().await.is_err() {
                return;
            }
        }
    }

    /// Streams being written now. Falls when a client goes away.
    pub fn open_streams(&self) -> usize {
        self.shared.open_streams.load(Ordering::SeqCst)
    }

    /// Ends every stream, closes the port and waits for it, two seconds at most.
    pub async fn shutdown(mut self) {
        self.shared.stop.cancel();
        if let Some(mut serving) = self.serving.take()
            && tokio::time::timeout(CLOSING, &mut serving).await.is_err()
        {
            serving.abort();
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.shared.stop.cancel();
    }
}

fn routes(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/v1/chat/completions", post(entry::openai_chat))
        .route("/v1/responses", post(entry::openai_responses))
        .route("/v1/completions", post(entry::openai_text))
        .route("/v1/embeddings", post(embeddings::openai))
        .route("/v1/messages", post(entry::anthropic))
        .route("/v1/messages/count_tokens", post(entry::anthropic_count))
        .route("/v1beta/models/{*call}", post(entry::gemini))
        .route("/api/chat", post(entry::ollama))
        .route("/api/embed", post(embeddings::ollama))
        .route("/v1/models", get(catalogue::v1_models))
        .route("/v1beta/models", get(catalogue::gemini_models))
        .route("/api/tags", get(catalogue::ollama_tags))
        .route("/api/version", get(catalogue::ollama_version))
        .fallback(entry::no_such_path)
        .layer(DefaultBodyLimit::disable())
        .with_state(shared)
}
