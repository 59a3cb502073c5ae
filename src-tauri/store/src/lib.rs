//! The database: conversations, answers, the books, providers and settings in one `SQLite` file.
//!
//! The only crate with SQL. It owns the schema (`/migrations`, immutable once landed), the file, its backups, and what becomes
//! of a damaged one. It makes no ids, reads no clock and computes no money: those are passed in. It must not know the network,
//! the window, or any key.
//!
//! [`Store::open`] gives a [`Store`]. Its tables are rooms: `store.conversations().list(..)`, `store.ledger().totals(..)`.
//! What touches several tables at once is a method of [`Store`] itself and one transaction: [`Store::begin_turn`],
//! [`Store::checkpoint_runs`], [`Store::finish_run`], [`Store::recover`], [`Store::conversation_snapshot`].
//!
//! Invariants:
//! - WAL with `synchronous=FULL`: what a method returned `Ok` for survives a power cut.
//! - One writer per process, `BEGIN IMMEDIATE`; readers never wait for it. Several processes may share the file; a writer
//!   waits up to five seconds for another one, then says [`StoreError::Busy`].
//! - The ledger is append-only and idempotent by triggers; deleting a conversation never deletes spend.
//! - A file with a newer schema is refused without touching a byte. A migration is preceded by a verified backup.
//! - Dropping a future half-way rolls its transaction back.
//!
//! Deliberately absent: compile-time checked queries (they want a database at build time) and queries built from strings.

mod advice;
mod alerts;
mod attachments;
mod attempts;
mod backup;
mod batches;
mod books;
mod budgets;
mod calls;
mod catalogue;
mod conversations;
mod draft_files;
mod embeddings;
mod error;
mod history;
mod invoices;
mod keys;
mod lanes;
mod leases;
mod ledger;
mod model_settings;
mod models;
mod open;
mod picks;
mod progress;
mod providers;
mod recovery;
mod reservations;
mod responses;
mod row;
mod runs;
mod settings;
mod snapshot;
mod spend;
mod store;
mod token_ratios;
mod traces;
mod turns;

pub use advice::{AdviceChange, AdviceRoom, ChangeState};
pub use alerts::{Alert, AlertMarks, Alerts, KnownPrice, NewAlert, OnlyIf, PriceNews};
pub use attachments::{Attachment, Attachments, attachment_id};
pub use attempts::{Attempt, Attempts, EndedAttempt, NewAttempt, RoutePlace};
pub use backup::{Backup, backups, restore_backup, set_aside_corrupt};
pub use batches::{Batch, BatchItem, Batches, NewBatch};
pub use books::Books;
pub use budgets::{
    Admission, AskedOverride, BooksCheck, BucketCheck, Budget, BudgetOverride, BudgetRow, BudgetStanding,
    Budgets, OverBudget, OverrideWhy, ReachedStep, RecordedOverride, Shortfall, SpentOn,
};
pub use calls::{Call, CallSource, Calls, CallsMark, CountedCall, FailedCall, Requested, ResponseCounts};
pub use catalogue::{CatalogueModel, CatalogueOrigin, CatalogueRoom};
pub use conversations::{
    ContextMode, Conversation, ConversationListing, Conversations, NamesInUse, NewConversation, PageStart,
};
pub use embeddings::{EmbeddingKey, EmbeddingTotals, Embeddings, StoredEmbedding};
pub use error::StoreError;
pub use history::{LaneTurn, PastAnswer};
pub use invoices::{BookedDay, FileCorrection, Invoices, StoredInvoice, StoredInvoiceLine};
pub use keys::{Key, Keys, StoredPlace};
pub use lanes::{Lane, Lanes, NewLane};
pub use leases::{Lease, LeaseId, Leases};
pub use ledger::{EntryKind, Ledger, LedgerEntry, LedgerFilter, Source, SpendTotals};
pub use model_settings::{ModelSettings, ModelSettingsRoom};
pub use models::{Model, Models};
pub use open::OpenOptions;
pub use picks::PickedOver;
pub use progress::{FinishOutcome, FinishedRun, NewRetry, NewTurn, RunCheckpoint};
pub use providers::{Provider, ProviderSettings, Providers};
pub use recovery::{InterruptedRun, Recovered, RecoveredSettlement};
pub use reservations::{NewReservation, Reservation, Reservations, Settle, Settlement};
pub use responses::{ResponseKey, ResponseTotals, Responses, StoredResponse};
pub use runs::{Beginning, NewRun, Run, RunChange, Runs};
pub use settings::Settings;
pub use snapshot::{ConversationSnapshot, RunSnapshot, TurnSnapshot};
pub use spend::{
    AtLeast, CellSums, ConversationBand, ConversationCell, ConversationOrder, ConversationSums, EntryPlace,
    EntryQuery, FiledEntry, HourSums, QUARTER_MS, RecordedUsage, SpendCell, SpendCells, SpendDays, SpendRoom,
    SpendSubject, Stretch, TopConversations, UsageOf, Vote, VoteCount,
};
pub use store::Store;
pub use token_ratios::{TokenRatio, TokenRatios, UnseenTokens};
pub use traces::{NewTrace, Traces};
pub use turns::{PastPrompt, SharedFiles, Turn, Turns};
