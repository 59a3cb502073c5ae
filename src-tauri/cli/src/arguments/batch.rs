//! The words of `batch`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use roundtable_domain::PicoUsd;
use roundtable_engine::Again;

use super::{Filed, Money, Observed, Sending, Values};

#[derive(Debug, Args)]
pub(crate) struct Batch {
    /// The questions: a .csv with a column "prompt", or a .jsonl with an object a line
    pub(crate) questions: PathBuf,

    /// Whom to ask, parted by commas; each question goes to all of them
    #[arg(long = "to", value_name = "TARGETS", value_delimiter = ',')]
    pub(crate) to: Vec<String>,

    /// The file of results, one JSON object a line; what stands in it is not asked again
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,

    /// How many questions may be under way at once
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) concurrency: u16,

    /// Ask nothing more when the whole batch might cost more than this, in dollars
    #[arg(long, value_name = "USD", value_parser = amount)]
    pub(crate) max_cost: Option<PicoUsd>,

    /// Begin without asking back
    #[arg(long, short)]
    pub(crate) yes: bool,

    /// Say what it would cost, and ask nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Ask again what has a result: failed, truncated, interrupted (may be paid twice); parted by commas
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    pub(crate) again: Vec<AgainChoice>,

    /// Instructions above each question that brings none
    #[arg(long)]
    pub(crate) system: Option<String>,

    #[command(flatten)]
    pub(crate) sending: Sending,

    #[command(flatten)]
    pub(crate) money: Money,

    #[command(flatten)]
    pub(crate) observed: Observed,

    #[command(flatten)]
    pub(crate) filed: Filed,

    #[command(flatten)]
    pub(crate) values: Values,
}

fn amount(text: &str) -> Result<PicoUsd, String> {
    let usd: PicoUsd = text.trim_start_matches('$').parse().map_err(|error| format!("{error}"))?;
    if usd < PicoUsd::ZERO { Err("it must be 0 or more".to_owned()) } else { Ok(usd) }
}

/// What has a result and is asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AgainChoice {
    /// What failed
    Failed,
    /// What ended without the protocol's end
    Truncated,
    /// What was stopped in flight
    Interrupted,
}

impl From<AgainChoice> for Again {
    fn from(choice: AgainChoice) -> Self {
        match choice {
            AgainChoice::Failed => Self::Failed,
            AgainChoice::Truncated => Self::Truncated,
            AgainChoice::Interrupted => Self::Interrupted,
        }
    }
}
