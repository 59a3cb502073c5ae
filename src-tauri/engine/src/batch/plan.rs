//! Planning: what a batch would ask, whom, and what that would cost. Changes nothing.

use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use roundtable_domain::{Params, PicoUsd, RunState, Timeouts};
use roundtable_store::SpendTotals;
use sha2::{Digest as _, Sha256};

use super::error::{BatchError, Mistake, refuse_mistakes};
use super::estimate::BatchEstimate;
use super::input::{self, Row};
use super::item::{Common, Item, hexadecimal, items};
use super::purse::Worst;
use super::results::{self, Held};
use super::standing::{Due, busy, due};
use crate::conversations::Filing;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::lease::LeaseFile;
use crate::view::MoneyChoice;

/// What shall be asked although it has a result. Its line in the file of results gives way to the new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// What failed.
    Failed,
    /// What ended without the protocol's end.
    Truncated,
    /// What was in flight when a process was killed or stopped, and may have been paid already.
    Interrupted,
}

impl Again {
    pub(super) fn means(self, state: RunState) -> bool {
        match self {
            Self::Failed => state == RunState::Failed,
            Self::Truncated => state == RunState::Truncated,
            Self::Interrupted => matches!(state, RunState::Interrupted | RunState::Cancelled),
        }
    }
}

/// What to ask, whom, and how.
#[derive(Clone, Debug)]
pub struct BatchSettings {
    /// The file of questions: `.csv`, `.tsv`, `.jsonl` or `.ndjson`.
    pub questions: PathBuf,
    /// The file of results, made where there is none.
    pub results: PathBuf,
    /// Whom to ask, each question all of them; a question may name others.
    pub targets: Vec<String>,
    /// Instructions above each question that brings none.
    pub system: Option<String>,
    /// Sampling and length, the same for all.
    pub params: Params,
    /// The profile by its id; `None`: the one in use.
    pub profile: Option<String>,
    /// Send a failed request again.
    pub retry: bool,
    /// How long each phase may take; what is not said here is as set up.
    pub timeouts: Timeouts,
    /// Where the questions' conversations are filed, for rules and the books.
    pub filing: Filing,
    /// How many questions may be under way at once.
    pub concurrency: NonZeroUsize,
    /// What to ask again.
    pub again: Vec<Again>,
    /// What the whole batch may cost, earlier parts of it included.
    pub most_usd: Option<PicoUsd>,
    /// What is decided about the money of each question. It does not make it another question.
    pub money: MoneyChoice,
}

/// A batch that can be run. As long as it lives no other process can write the same results.
#[derive(Debug)]
pub struct BatchPlan {
    pub(super) settings: BatchSettings,
    pub(super) results: PathBuf,
    pub(super) held: Held,
    pub(super) items: Vec<Planned>,
    pub(super) spent: SpendTotals,
    /// What it would mean to run it.
    pub estimate: BatchEstimate,
    _alone: LeaseFile,
}

/// A question with what is to be done about it.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub(super) item: Item,
    pub(super) due: Due,
    pub(super) worst: Worst,
}

impl BatchPlan {
    /// The questions whose results in the file give way to new ones.
    pub(super) fn asked_again(&self) -> HashSet<String> {
        let asked = self.items.iter().filter(|planned| planned.due == Due::Ask);
        asked
            .map(|planned| &planned.item.key)
            .filter(|key| self.held.states.contains_key(*key))
            .cloned()
            .collect()
    }
}

impl Engine {
    /// Reads the questions and what is there of their results, and says what running the batch would mean. Nothing is written
    /// or sent.
    pub async fn plan_batch(&self, mut settings: BatchSettings) -> Result<BatchPlan, EngineError> {
        settings.filing = settings.filing.tidied()?;
        if let Some(profile) = &settings.profile {
            self.profiles().await?.values(Some(profile))?;
        }
        let rows = rows(&settings).await?;
        let results = full_path(&settings.results).await?;
        if tokio::fs::canonicalize(&settings.questions).await.is_ok_and(|questions| questions == results) {
            return Err(BatchError::SameFile(settings.results).into());
        }
        let alone = self.alone_with(&results)?;
        let held = results::read(&results).await?;
        let known = self.known_of_batch(&results.to_string_lossy()).await?;
        let common = Common {
            targets: &settings.targets,
            system: settings.system.as_deref(),
            params: &settings.params,
            profile: settings.profile.as_deref(),
        };
        let mut asked = Vec::new();
        for item in items(rows, common) {
            let in_file = held.states.get(&item.key).copied();
            let due =
                due(in_file, known.begun.get(&item.key), &settings.again).ok_or_else(|| busy(&results))?;
            asked.push((item, due));
        }
        let (items, mut estimate) = self.estimate_batch(asked, &settings).await?;
        estimate.count_files(&items, &held, &known);
        estimate.refuse_uncapped(settings.most_usd)?;
        Ok(BatchPlan { settings, results, held, items, spent: known.spent, estimate, _alone: alone })
    }

    /// Keeps other processes from the same results.
    fn alone_with(&self, results: &Path) -> Result<LeaseFile, EngineError> {
        let hash = Sha256::digest(results.as_os_str().as_encoded_bytes());
        let name = hexadecimal(hash.iter().take(8));
        match LeaseFile::acquire(&self.inner.data_dir.leases(), &format!("batch-{name}")) {
            Err(EngineError::DataDir { source, .. }) if source.kind() == std::io::ErrorKind::WouldBlock => {
                Err(busy(results))
            }
            acquired => acquired,
        }
    }
}

/// The questions. Each has somebody to go to.
async fn rows(settings: &BatchSettings) -> Result<Vec<Row>, EngineError> {
    let path = &settings.questions;
    let bytes = tokio::fs::read(path).await;
    let bytes = bytes.map_err(|source| BatchError::Questions { path: path.clone(), source })?;
    let rows = input::read(path, bytes)?;
    if settings.targets.is_empty() {
        let nobody = rows.iter().filter(|row| row.to.is_empty());
        let mistake = |row: &Row| Mistake::new(row.line, "it says not whom to ask, and no target is named");
        refuse_mistakes(path, nobody.map(mistake).collect())?;
    }
    Ok(rows)
}

/// The path under which a file of results is known, whichever folder the command is given in.
async fn full_path(path: &Path) -> Result<PathBuf, EngineError> {
    let failed = |source| BatchError::Results { path: path.to_owned(), source };
    if let Ok(there) = tokio::fs::canonicalize(path).await {
        return Ok(there);
    }
    let absolute = std::path::absolute(path).map_err(failed)?;
    let (Some(folder), Some(name)) = (absolute.parent(), absolute.file_name()) else {
        return Err(failed(std::io::ErrorKind::InvalidFilename.into()).into());
    };
    Ok(tokio::fs::canonicalize(folder).await.map_err(failed)?.join(name))
}
