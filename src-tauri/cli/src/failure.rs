//! Why a command failed, in words and for programs, and its exit code.

use std::process::ExitCode;

use roundtable_engine::EngineError;
use roundtable_engine::view::AppError;
use serde::Serialize;
use serde_json::{Value, json};

/// The word where a budget is in the way.
const OVER_BUDGET: &str = "over_budget";

/// Everything that ends a command without success.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The words of the command line are wrong; nothing was done.
    #[error("{0}")]
    Usage(String),
    /// The engine refused.
    #[error("{}", .0.message)]
    Refused(AppError),
    /// A provider has no key, or nowhere to keep one.
    #[error("{0}")]
    Key(String),
    /// A provider was asked and did not accept its key; what it said stands on standard output.
    #[error("{message}")]
    Check {
        /// The category of the fault.
        code: &'static str,
        /// What happened and what to do next.
        message: String,
        /// Whether it may work later.
        retryable: bool,
    },
    /// Answers did not complete.
    #[error("{}", answers(.0))]
    Answers(Vec<FailedAnswer>),
    /// Questions of a batch have no complete answer.
    #[error("{message}")]
    Batch {
        /// How many, why, and what to do next.
        message: String,
        /// Whether the same command goes on where it stopped.
        retryable: bool,
    },
    /// Files of the config folder, or an old one, have mistakes; they stand on standard output.
    #[error("{0}")]
    Config(String),
    /// A file could not be read.
    #[error("{path} cannot be read: {source}")]
    File {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The emulator could not start.
    #[error("the emulator {0}; choose another port with --port, or leave it out")]
    Emulator(String),
    /// Something of the system.
    #[error("{0}")]
    Io(std::io::Error),
    /// Whoever read our output went away. Nobody is left to be told; `complete` tells whether there was more to do.
    #[error("the output was closed")]
    OutputClosed {
        /// Everything had been done when it closed.
        complete: bool,
    },
}

/// One answer that did not complete.
#[derive(Debug, Serialize)]
pub(crate) struct FailedAnswer {
    /// Counts from 0 in the order of the targets.
    pub(crate) lane: usize,
    /// Whose answer.
    pub(crate) target: String,
    /// What kind of failure.
    pub(crate) category: &'static str,
    /// What happened, whose doing, what to do next.
    pub(crate) message: String,
    /// `no`, `possibly` or `yes`.
    pub(crate) charged: &'static str,
    /// Whether the same question may work later.
    pub(crate) retryable: bool,
    /// What the provider said, for people.
    #[serde(skip)]
    pub(crate) detail: Option<String>,
}

impl Failure {
    /// A stable word for programs.
    fn code(&self) -> &str {
        match self {
            Self::Usage(_) => "usage",
            Self::Refused(error) => &error.code,
            Self::Key(_) => "no_key",
            Self::Check { code, .. } => code,
            Self::Answers(failed) => failed.first().map_or("answer", |answer| answer.category),
            Self::Batch { .. } => "batch_incomplete",
            Self::Config(_) => "config",
            Self::File { .. } => "file",
            Self::Emulator(_) => "emulator",
            Self::Io(_) => "io",
            Self::OutputClosed { .. } => "output_closed",
        }
    }

    fn is_retryable(&self) -> bool {
        match self {
            Self::Refused(error) => error.retryable,
            Self::Check { retryable, .. } | Self::Batch { retryable, .. } => *retryable,
            Self::Answers(failed) => failed.iter().any(|answer| answer.retryable),
            _ => false,
        }
    }

    /// 2 for a wrong command line, 3 where a budget is in the way, 1 for everything else that went wrong.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(2),
            Self::Refused(error)
                if matches!(
                    error.code.as_str(),
                    "bad_base_url"
                        | "bad_batch"
                        | "bad_budget"
                        | "bad_file"
                        | "bad_filter"
                        | "bad_setting"
                        | "empty_prompt"
                        | "empty_key"
                        | "unknown_default_model"
                        | "unknown_dialect"
                        | "unknown_model"
                        | "unknown_profile"
                ) =>
            {
                ExitCode::from(2)
            }
            _ if self.code() == OVER_BUDGET => ExitCode::from(3),
            Self::OutputClosed { complete: true } => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        }
    }

    /// The one object a program reads from standard error.
    pub(crate) fn object(&self) -> Value {
        let mut object = json!({
            "type": "error",
            "code": self.code(),
            "message": self.to_string(),
            "retryable": self.is_retryable(),
        });
        if let (Self::Refused(AppError { over_budget: Some(stop), .. }), Some(object)) =
            (self, object.as_object_mut())
        {
            object.insert(OVER_BUDGET.to_owned(), json!(stop));
        }
        if let (Self::Answers(failed), Some(object)) = (self, object.as_object_mut()) {
            object.insert("failed".to_owned(), json!(failed));
        }
        object
    }

    /// The lines a person reads, without the program's name.
    pub(crate) fn lines(&self) -> Vec<String> {
        let Self::Answers(failed) = self else { return vec![self.to_string()] };
        let mut lines = Vec::new();
        for answer in failed {
            lines.push(format!("{}: {}{}", answer.target, answer.message, charge(answer.charged)));
            lines.extend(
                answer.detail.iter().flat_map(|detail| detail.lines()).map(|line| format!("    {line}")),
            );
        }
        lines
    }
}

fn charge(charged: &str) -> &'static str {
    match charged {
        "no" => " Not charged.",
        "yes" => " It was charged.",
        _ => " It may be charged; the ledger holds an estimate.",
    }
}

fn answers(failed: &[FailedAnswer]) -> String {
    let told: Vec<String> =
        failed.iter().map(|answer| format!("{}: {}", answer.target, answer.message)).collect();
    told.join("\n")
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        Self::Refused(error)
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            Self::OutputClosed { complete: true }
        } else {
            Self::Io(error)
        }
    }
}
