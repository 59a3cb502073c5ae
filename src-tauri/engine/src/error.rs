//! Everything that can go wrong in the engine, and its one conversion to what a person is told.

use std::path::PathBuf;

use roundtable_domain::{EndpointError, ProviderError};
use roundtable_providers::ClientError;
use roundtable_store::StoreError;
use roundtable_vault::VaultError;

use crate::analysis::AdviceError;
use crate::attachments::AttachmentError;
use crate::batch::BatchError;
use crate::budgets::{BudgetError, in_words};
use crate::catalogue::PriceListError;
use crate::conversations::FilingError;
use crate::invoices::InvoiceImportError;
use crate::routing::ConfigError;
use crate::spend::SpendError;
use crate::telemetry::TelemetryError;
use crate::view::{AppError, BudgetStop, NextStep, Saying};

/// Why the engine could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// No home folder to keep data in.
    #[error("no home folder was found to keep data in; name one with --data-dir or ROUNDTABLE_DATA_DIR")]
    NoHome,
    /// The data folder cannot be made or written to.
    #[error(
        "the data folder {path} cannot be used: {source}. Make it writable, or choose another one with --data-dir or \
         ROUNDTABLE_DATA_DIR",
        path = path.display()
    )]
    DataDir {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keyring.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The HTTP client.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A base URL.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// A provider.
    #[error("{}", .0.message)]
    Provider(ProviderError),
    /// Nothing to send.
    #[error("write a prompt first")]
    EmptyPrompt,
    /// Nobody to send it to.
    #[error("there is no lane to ask; add a model first")]
    NoLanes,
    /// A lane is still answering.
    #[error("an answer is still coming in one of these lanes; wait for it, or stop it first")]
    LaneBusy,
    /// Nothing to retry.
    #[error("every answer of this turn is complete; retry a single one from its menu")]
    NothingToRetry,
    /// An answer without words, or one with calls of tools.
    #[error("there is nothing here another model could go on from; let it begin anew instead")]
    NothingToGoOnFrom,
    /// Too many columns.
    #[error("a conversation has at most {0} lanes; remove one first")]
    TooManyLanes(usize),
    /// The last column.
    #[error("a conversation needs a lane; add another before you remove this one")]
    LastLane,
    /// No such target.
    #[error("“{0}” names no model; write it as provider/model, for example demo/swift")]
    UnknownTarget(String),
    /// No such provider.
    #[error("there is no provider “{0}” here; add it in the settings")]
    UnknownProvider(String),
    /// No such dialect.
    #[error("“{0}” is not a kind of provider Roundtable knows")]
    UnknownDialect(String),
    /// The demo is not set up by hand.
    #[error("the demo models are built in and need no provider")]
    DemoIsBuiltIn,
    /// The environment's default model is nowhere.
    #[error(
        "LLM_DEFAULT_MODEL is “{0}”, and no provider here has that model; write it as provider/model, for example \
         openai/gpt-4o-mini"
    )]
    UnknownDefaultModel(String),
    /// A value that cannot be set; the words say why, and what could.
    #[error("{0}")]
    BadSetting(String),
    /// No such profile.
    #[error("there is no profile “{0}”")]
    UnknownProfile(String),
    /// A folder or a tag.
    #[error(transparent)]
    Filing(#[from] FilingError),
    /// A file that cannot go along.
    #[error(transparent)]
    Attachment(#[from] AttachmentError),
    /// A price list that was not taken over.
    #[error(transparent)]
    PriceList(#[from] PriceListError),
    /// The files of a batch.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// An invoice of a provider.
    #[error(transparent)]
    Invoice(#[from] InvoiceImportError),
    /// A budget that was not saved.
    #[error(transparent)]
    Budget(#[from] BudgetError),
    /// Budgets have no room for it. Nothing was sent and nothing was spent.
    #[error("{}", in_words(.0))]
    OverBudget(Box<BudgetStop>),
    /// A change of groups, pools, aliases or rules.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Advice that could not be followed or taken back.
    #[error(transparent)]
    Advice(#[from] AdviceError),
    /// A question about spend.
    #[error(transparent)]
    Spend(#[from] SpendError),
    /// Settings of telemetry that cannot be followed.
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
    /// A blank key.
    #[error("paste a key first")]
    EmptyKey,
    /// The same key twice.
    #[error("{0} has this key already; a second copy would not help when the first fails")]
    KeyIsThere(String),
    /// No such key.
    #[error("{provider} has no key “{key}” here; it may have been removed already")]
    UnknownKey {
        /// Its id.
        key: String,
        /// The provider's name for people.
        provider: String,
    },
    /// The program is ending.
    #[error("the program is closing")]
    Closed,
}

impl EngineError {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoHome => "no_home",
            Self::DataDir { .. } | Self::Store(StoreError::ReadOnly { .. }) => "read_only",
            Self::Store(StoreError::NewerSchema { .. }) => "newer_database",
            Self::Store(StoreError::Corrupt { .. }) => "corrupt_database",
            Self::Store(StoreError::Foreign { .. }) => "foreign_database",
            Self::Store(StoreError::DiskFull { .. }) => "disk_full",
            Self::Store(StoreError::Busy) => "busy",
            Self::Store(StoreError::NotFound { .. })
            | Self::Advice(AdviceError::Unknown(_) | AdviceError::UnknownChange(_)) => "not_found",
            Self::OverBudget(_) | Self::Store(StoreError::OverBudget(_)) => "over_budget",
            Self::Store(_) => "database",
            Self::Vault(_) => "keyring",
            Self::Client(_) => "http_client",
            Self::Endpoint(_) => "bad_base_url",
            Self::Provider(error) => error.category.as_str(),
            Self::EmptyPrompt => "empty_prompt",
            Self::NoLanes => "no_lanes",
            Self::LaneBusy => "lane_busy",
            Self::NothingToRetry => "nothing_to_retry",
            Self::NothingToGoOnFrom => "nothing_to_go_on_from",
            Self::TooManyLanes(_) => "too_many_lanes",
            Self::LastLane => "last_lane",
            Self::UnknownTarget(_) => "unknown_model",
            Self::UnknownProvider(_) => "unknown_provider",
            Self::UnknownDialect(_) => "unknown_dialect",
            Self::DemoIsBuiltIn => "demo_is_built_in",
            Self::UnknownDefaultModel(_) => "unknown_default_model",
            Self::BadSetting(_) => "bad_setting",
            Self::UnknownProfile(_) => "unknown_profile",
            Self::Filing(_) => "bad_name",
            Self::Attachment(_) => "bad_file",
            Self::PriceList(_) => "price_list",
            Self::Batch(BatchError::Results { .. } | BatchError::Busy(_)) => "batch_results",
            Self::Batch(_) => "bad_batch",
            Self::Invoice(error) => error.code(),
            Self::Budget(_) => "bad_budget",
            Self::Spend(SpendError::Name(_) | SpendError::Write { .. }) => "export",
            Self::Spend(_) => "bad_filter",
            Self::Advice(AdviceError::CannotUndo(_) | AdviceError::TakenBack) => "cannot_undo",
            Self::Advice(_) => "advice",
            Self::Config(error) => error.code(),
            Self::Telemetry(TelemetryError::Port(_)) => "bad_metrics_port",
            Self::Telemetry(TelemetryError::Endpoint(_)) => "bad_otlp_endpoint",
            Self::EmptyKey => "empty_key",
            Self::KeyIsThere(_) => "key_is_there",
            Self::UnknownKey { .. } => "unknown_key",
            Self::Closed => "closed",
        }
    }

    /// What it says in other languages, where it has a word for that.
    fn saying(&self) -> Option<Saying> {
        match self {
            Self::Telemetry(TelemetryError::Port(said) | TelemetryError::Endpoint(said)) => {
                Some(said.saying.clone())
            }
            Self::Advice(error) => Some(error.saying()),
            _ => None,
        }
    }

    fn action(&self) -> Option<NextStep> {
        Some(match self {
            Self::DataDir { .. }
            | Self::NoHome
            | Self::Store(StoreError::ReadOnly { .. } | StoreError::Foreign { .. }) => {
                NextStep::ChangeDataFolder
            }
            Self::Store(StoreError::NewerSchema { .. }) => NextStep::Update,
            Self::Store(StoreError::Corrupt { .. }) => NextStep::SetAside,
            Self::Store(StoreError::DiskFull { .. } | StoreError::Busy) | Self::LaneBusy => NextStep::Retry,
            Self::Endpoint(_) | Self::UnknownProvider(_) | Self::UnknownDialect(_) => NextStep::EditProvider,
            Self::Provider(_) | Self::EmptyKey | Self::KeyIsThere(_) | Self::Vault(_) => NextStep::EditKey,
            Self::UnknownTarget(_) | Self::NoLanes => NextStep::SwapModel,
            Self::OverBudget(_) | Self::Store(StoreError::OverBudget(_)) => NextStep::EditBudget,
            _ => return None,
        })
    }

    fn is_retryable(&self) -> bool {
        if let Self::Config(error) = self {
            return error.is_retryable();
        }
        matches!(
            self,
            Self::Store(StoreError::DiskFull { .. } | StoreError::Busy)
                | Self::Vault(_)
                | Self::LaneBusy
                | Self::PriceList(_)
                | Self::Provider(_)
        )
    }
}

impl From<EngineError> for AppError {
    fn from(error: EngineError) -> Self {
        let error = match error {
            EngineError::Store(StoreError::OverBudget(over)) => {
                EngineError::OverBudget(Box::new(BudgetStop::from(&*over)))
            }
            error => error,
        };
        let text = error.to_string();
        let mut characters = text.chars();
        let mut message: String = characters.next().into_iter().flat_map(char::to_uppercase).collect();
        message.push_str(characters.as_str());
        if !message.ends_with(['.', '!', '?']) {
            message.push('.');
        }
        // Without its words: they quote what somebody, or a provider, has written.
        tracing::info!(code = error.code(), retryable = error.is_retryable(), "refused");
        let (code, action, retryable) = (error.code().to_owned(), error.action(), error.is_retryable());
        Self {
            code,
            message,
            saying: error.saying(),
            action,
            retryable,
            over_budget: match error {
                EngineError::OverBudget(stop) => Some(stop),
                _ => None,
            },
        }
    }
}
