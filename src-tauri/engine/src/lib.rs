//! The only orchestrator: it knows every other room and is known only by the shells (window, command line).
//!
//! [`Engine::open`] takes a data folder and gives a handle that is cheap to clone. A prompt's way through it:
//! [`Engine::start_turn`] writes the user's message, the runs and the reservations in one transaction (`turn/start.rs`); each
//! run then has a task of its own (`turn/run.rs`) that asks the router what to do next, sends attempts and accumulates the
//! authoritative text (`turn/live.rs`), which is checkpointed twice a second and sent to the window once per frame. At the
//! end text, status, ledger entry and settlement are written in one transaction (`turn/settle.rs`).
//!
//! It must not: know tauri, write SQL, parse a wire, hold a key longer than a call, or decide policy.

mod alerts;
mod analysis;
mod ask;
mod attachments;
mod batch;
mod budgets;
mod catalogue;
mod clock;
mod conversations;
mod csv_text;
mod data_dir;
mod demo;
mod directory;
mod embeddings;
mod engine;
mod error;
mod fault;
mod history;
mod invoices;
mod keys;
mod lease;
pub mod links;
mod logging;
mod notices;
mod preview;
mod project;
mod providers;
mod recovery;
mod responses;
mod routing;
mod settings;
mod spend;
mod startup;
mod statistics;
mod telemetry;
mod tokens;
mod turn;
pub mod view;

pub use alerts::{AlertMark, AlertSink};
pub use analysis::AdviceError;
pub use ask::{AnswerRecord, AskTarget, Asking, Question, Tools, UnsavedEndpoint};
pub use attachments::{AttachmentError, LARGEST_FILE_BYTES, LARGEST_TEXT_BYTES, MOST_FILES};
pub use batch::{
    Again, BatchEnd, BatchError, BatchEstimate, BatchOutcome, BatchPlan, BatchProgress, BatchSettings,
    BatchStop, CannotAsk, Mistake, RenderResult,
};
pub use budgets::BudgetError;
pub use catalogue::PriceListError;
pub use clock::{Clock, SystemClock};
pub use conversations::{Filing, FilingError};
pub use csv_text::harmless as harmless_csv_field;
pub use data_dir::{DATA_DIR_VARIABLE, DataDir};
pub use embeddings::Vector;
pub use engine::{Engine, Options, Process};
pub use error::EngineError;
pub use keys::booked_name as booked_key_name;
pub use roundtable_emulator::Pace;
pub use roundtable_providers::Timers;
pub use roundtable_store::{Attempt, BooksCheck, FiledEntry, LedgerEntry, LedgerFilter, Run, SpendTotals};
pub use roundtable_vault::{KeyringUse, SlowKeyring};
pub use routing::{ConfigError, ConfigMigration, FileChange, MigratedFile, MigrationOptions};
pub use settings::{NamedSetting, SettingName, SettingOrigin};
pub use spend::{AtLeastSums, EntryList, Money, SpendError, UnusedName};
pub use tokens::{Document, End, PackedDocument, TextCount};
pub use turn::TurnSink;
