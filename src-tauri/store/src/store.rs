//! The open database.

use std::fmt::Display;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::sqlite::SqlitePool;
use sqlx::{Sqlite, SqliteConnection, Transaction};

use crate::advice::AdviceRoom;
use crate::alerts::Alerts;
use crate::attachments::Attachments;
use crate::attempts::Attempts;
use crate::batches::Batches;
use crate::budgets::Budgets;
use crate::calls::Calls;
use crate::catalogue::CatalogueRoom;
use crate::conversations::Conversations;
use crate::embeddings::Embeddings;
use crate::error::StoreError;
use crate::invoices::Invoices;
use crate::keys::Keys;
use crate::lanes::Lanes;
use crate::leases::Leases;
use crate::ledger::Ledger;
use crate::model_settings::ModelSettingsRoom;
use crate::models::Models;
use crate::open::{self, MIGRATOR, OpenOptions};
use crate::providers::Providers;
use crate::reservations::Reservations;
use crate::responses::Responses;
use crate::runs::Runs;
use crate::settings::Settings;
use crate::spend::{KeptSpend, SpendRoom};
use crate::token_ratios::TokenRatios;
use crate::traces::Traces;
use crate::turns::Turns;

/// The open database. Clones share it.
#[derive(Clone, Debug)]
pub struct Store {
    path: PathBuf,
    pub(crate) writer: SqlitePool,
    pub(crate) readers: SqlitePool,
    pub(crate) spend_kept: Arc<KeptSpend>,
}

impl Store {
    /// Opens the database at `path`, making it and its folder when they are not there and bringing an older one up to date.
    pub async fn open(path: &Path, options: OpenOptions) -> Result<Self, StoreError> {
        Self::open_with(path, &options, &MIGRATOR).await
    }

    pub(crate) async fn open_with(
        path: &Path,
        options: &OpenOptions,
        migrator: &sqlx::migrate::Migrator,
    ) -> Result<Self, StoreError> {
        let opened = open::open(path, options, migrator).await.map_err(|error| error.at(path))?;
        Ok(Self {
            path: path.to_owned(),
            writer: opened.writer,
            readers: opened.readers,
            spend_kept: Arc::default(),
        })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether opening has checked every page already: it does for files that are small enough not to be waited for.
    pub fn was_verified(&self) -> bool {
        std::fs::metadata(&self.path).is_ok_and(|facts| facts.len() <= open::QUICK_CHECK_BYTES)
    }

    /// Checks every page of the file. Small files were checked when they were opened; for large ones this is a task for the
    /// background after the start.
    pub async fn verify(&self) -> Result<(), StoreError> {
        open::quick_check(&mut *self.readers.acquire().await?, &self.path)
            .await
            .map_err(|error| error.at(&self.path))
    }

    /// Closes all connections, which folds the WAL into the file. To be called before the process ends; a process that does
    /// not get to it loses nothing.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// Conversations and the list of them.
    pub fn conversations(&self) -> Conversations<'_> {
        Conversations(self)
    }

    /// Lanes.
    pub fn lanes(&self) -> Lanes<'_> {
        Lanes(self)
    }

    /// Turns.
    pub fn turns(&self) -> Turns<'_> {
        Turns(self)
    }

    /// Batches: many questions of one file.
    pub fn batches(&self) -> Batches<'_> {
        Batches(self)
    }

    /// Runs: the answers.
    pub fn runs(&self) -> Runs<'_> {
        Runs(self)
    }

    /// Attempts: the calls.
    pub fn attempts(&self) -> Attempts<'_> {
        Attempts(self)
    }

    /// Why runs were answered by whom.
    pub fn traces(&self) -> Traces<'_> {
        Traces(self)
    }

    /// The books.
    pub fn ledger(&self) -> Ledger<'_> {
        Ledger(self)
    }

    /// Sums of the books.
    pub fn spend(&self) -> SpendRoom<'_> {
        SpendRoom(self)
    }

    /// Money set aside.
    pub fn reservations(&self) -> Reservations<'_> {
        Reservations(self)
    }

    /// Budgets.
    pub fn budgets(&self) -> Budgets<'_> {
        Budgets(self)
    }

    /// What people should hear of.
    pub fn alerts(&self) -> Alerts<'_> {
        Alerts(self)
    }

    /// Processes that share this folder.
    pub fn leases(&self) -> Leases<'_> {
        Leases(self)
    }

    /// Providers.
    pub fn providers(&self) -> Providers<'_> {
        Providers(self)
    }

    /// Advice that was followed or turned down.
    pub fn advice(&self) -> AdviceRoom<'_> {
        AdviceRoom(self)
    }

    /// What providers say they have charged.
    pub fn invoices(&self) -> Invoices<'_> {
        Invoices(self)
    }

    /// What is known about keys.
    pub fn keys(&self) -> Keys<'_> {
        Keys(self)
    }

    /// Models as providers list them.
    pub fn models(&self) -> Models<'_> {
        Models(self)
    }

    /// Settings.
    pub fn settings(&self) -> Settings<'_> {
        Settings(self)
    }

    /// Files that go along with prompts.
    pub fn attachments(&self) -> Attachments<'_> {
        Attachments(self)
    }

    /// Values per model.
    pub fn model_settings(&self) -> ModelSettingsRoom<'_> {
        ModelSettingsRoom(self)
    }

    /// What token counts have taught.
    pub fn token_ratios(&self) -> TokenRatios<'_> {
        TokenRatios(self)
    }

    /// Vectors.
    pub fn embeddings(&self) -> Embeddings<'_> {
        Embeddings(self)
    }

    /// What became of every call.
    pub fn calls(&self) -> Calls<'_> {
        Calls(self)
    }

    /// Kept answers.
    pub fn responses(&self) -> Responses<'_> {
        Responses(self)
    }

    /// Facts and prices beside the built-in list.
    pub fn catalogue(&self) -> CatalogueRoom<'_> {
        CatalogueRoom(self)
    }

    /// Begins to write. Dropping it rolls back.
    #[track_caller]
    pub(crate) fn begin(&self) -> impl Future<Output = Result<Write<'_>, StoreError>> + Send {
        let by = Location::caller();
        async move {
            let asked = Instant::now();
            match self.writer.begin_with("BEGIN IMMEDIATE").await {
                Ok(tx) => Ok(Write { tx, path: &self.path, by, asked, begun: Instant::now() }),
                Err(error) => Err(StoreError::from(error).at(&self.path)),
            }
        }
    }

    /// Runs one statement that has to change a row.
    pub(crate) async fn change_one(
        &self,
        what: &'static str,
        id: impl Display,
        query: sqlx::query::Query<'_, Sqlite, sqlx::sqlite::SqliteArguments>,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let done = query.execute(&mut *tx).await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::not_found(what, id));
        }
        tx.commit().await
    }
}

/// From when on a write, its wait for others included, is worth a word: a person notices a quarter of a second.
const SLOW_WRITE: Duration = Duration::from_millis(250);

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// A write transaction whose errors name the file.
pub(crate) struct Write<'s> {
    tx: Transaction<'static, Sqlite>,
    path: &'s Path,
    /// Who writes.
    by: &'static Location<'static>,
    asked: Instant,
    begun: Instant,
}

impl Write<'_> {
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        let committed = self.tx.commit().await.map_err(|error| StoreError::from(error).at(self.path));
        let (wait, took) = (self.begun.duration_since(self.asked), self.begun.elapsed());
        let (wait_ms, took_ms) = (milliseconds(wait), milliseconds(took));
        if wait + took >= SLOW_WRITE {
            tracing::warn!(by = %self.by, wait_ms, took_ms, "a slow write");
        } else {
            tracing::trace!(by = %self.by, wait_ms, took_ms, "written");
        }
        committed
    }
}

impl Deref for Write<'_> {
    type Target = SqliteConnection;
    fn deref(&self) -> &SqliteConnection {
        &self.tx
    }
}

impl DerefMut for Write<'_> {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.tx
    }
}
