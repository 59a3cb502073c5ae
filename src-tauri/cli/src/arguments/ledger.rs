//! The words of `ledger`.

use std::str::FromStr;

use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use roundtable_domain::{ConversationId, LedgerEntryId};
use roundtable_engine::view::{SpendBy, SpendMeasure, SpendStep};

use super::Format;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(group(ArgGroup::new("sums").args(["by", "step", "table"]).multiple(true)))]
pub(crate) struct Ledger {
    #[command(subcommand)]
    pub(crate) action: Option<LedgerAction>,

    /// How many of the newest entries to show: a number, or all
    #[arg(long, value_name = "N", default_value = "20", conflicts_with = "sums")]
    pub(crate) limit: Limit,

    /// Only real money; entries are of real and of invented money otherwise, sums never are
    #[arg(long, conflicts_with = "simulated")]
    pub(crate) real: bool,

    #[command(flatten)]
    pub(crate) filters: Filters,

    /// Sum by provider, model, key, source, conversation, folder or tag
    #[arg(long, value_enum)]
    pub(crate) by: Option<By>,

    /// Cut the time into hours, days, weeks or months; auto takes what suits the range
    #[arg(long, value_enum)]
    pub(crate) step: Option<Step>,

    /// Another table of the same sums: by the hours of the week, or models by what they cost, how long they take and who picks them
    #[arg(long, value_enum, conflicts_with_all = ["by", "step", "measure"])]
    pub(crate) table: Option<Table>,

    /// What is summed in the columns of --step, and what --by ranks by
    #[arg(long, value_enum, default_value_t, requires = "sums")]
    pub(crate) measure: Measure,

    /// How it is printed; --json is short for json
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// How many entries; `None` is all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit(pub(crate) Option<u32>);

#[derive(Debug, Subcommand)]
pub(crate) enum LedgerAction {
    /// Show one entry with its usage, its price and its formula
    Entry {
        /// Its id
        id: LedgerEntryId,
        /// How it is printed; --json is short for json
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Say what the same calls would have cost with other models
    Replay {
        /// As provider/model
        #[arg(required = true)]
        models: Vec<String>,
        #[command(flatten)]
        filters: Box<Filters>,
        /// How it is printed; --json is short for json
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

/// Which entries. Each may be said several times.
#[derive(Debug, Args)]
pub(crate) struct Filters {
    /// Only this provider's
    #[arg(long, value_name = "PROVIDER")]
    pub(crate) provider: Vec<String>,

    /// Only this model's
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Vec<String>,

    /// Only of calls with this key, by its id, or env:VARIABLE for one from the environment
    #[arg(long, value_name = "ID")]
    pub(crate) key: Vec<String>,

    /// Only of calls made for this: chat, cli, batch, title, judge, embedding, gateway, invoice
    #[arg(long, value_name = "SOURCE")]
    pub(crate) source: Vec<String>,

    /// Only this conversation's, which may be gone, by its id; "" is what was spent outside of conversations
    #[arg(long, value_name = "ID", value_parser = conversation)]
    pub(crate) conversation: Vec<String>,

    /// Only of conversations that stood in this folder then
    #[arg(long, value_name = "NAME")]
    pub(crate) folder: Vec<String>,

    /// Only of conversations that had this tag then
    #[arg(long, value_name = "NAME")]
    pub(crate) tag: Vec<String>,

    /// today, yesterday, week, month, last-month, year, all, a number of days such as 30d, or FROM..UNTIL
    #[arg(long, value_name = "RANGE")]
    pub(crate) range: Option<String>,

    /// Invented money instead of real
    #[arg(long)]
    pub(crate) simulated: bool,
}

/// What sums are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    Provider,
    Model,
    Key,
    Source,
    Conversation,
    Folder,
    Tag,
}

/// How wide a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Step {
    Auto,
    Hour,
    Day,
    Week,
    Month,
}

/// A table that is neither a ranking nor columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Table {
    /// Hours of the week
    Hours,
    /// Models: cost, time and picks
    Models,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Measure {
    /// Dollars
    #[default]
    Cost,
    /// Tokens in and out
    Tokens,
    /// Calls
    Requests,
    /// Mean time of a call, in milliseconds
    Latency,
}

impl Ledger {
    /// Whether it asks for sums instead of entries.
    pub(crate) fn has_sums(&self) -> bool {
        self.by.is_some() || self.step.is_some() || self.table.is_some()
    }

    /// Whether it was told to print JSON in another way than with `--json`.
    pub(crate) fn prints_json(&self) -> bool {
        let format = match &self.action {
            Some(LedgerAction::Entry { format, .. } | LedgerAction::Replay { format, .. }) => *format,
            None => self.format,
        };
        format == Format::Json
    }
}

/// The id of a conversation, or nothing.
fn conversation(text: &str) -> Result<String, String> {
    let id = text.parse::<ConversationId>().map(|id| id.to_string());
    if text.is_empty() { Ok(String::new()) } else { id.map_err(|error| error.to_string()) }
}

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "all" {
            return Ok(Self(None));
        }
        let refusal = || format!("“{text}” is neither a number from 1 on nor “all”");
        text.parse().ok().filter(|number| *number > 0).map(|number| Self(Some(number))).ok_or_else(refusal)
    }
}

impl From<By> for SpendBy {
    fn from(by: By) -> Self {
        match by {
            By::Provider => Self::Provider,
            By::Model => Self::Model,
            By::Key => Self::Key,
            By::Source => Self::Source,
            By::Conversation => Self::Conversation,
            By::Folder => Self::Folder,
            By::Tag => Self::Tag,
        }
    }
}

impl From<Step> for SpendStep {
    fn from(step: Step) -> Self {
        match step {
            Step::Auto => Self::Auto,
            Step::Hour => Self::Hour,
            Step::Day => Self::Day,
            Step::Week => Self::Week,
            Step::Month => Self::Month,
        }
    }
}

impl From<Measure> for SpendMeasure {
    fn from(measure: Measure) -> Self {
        match measure {
            Measure::Cost => Self::Cost,
            Measure::Tokens => Self::Tokens,
            Measure::Requests => Self::Requests,
            Measure::Latency => Self::Latency,
        }
    }
}
