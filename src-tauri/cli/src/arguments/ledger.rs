//! The words of `ledger`.

use clap::{Args, Subcommand, ValueEnum};
use roundtable_domain::{ConversationId, LedgerEntryId};
use roundtable_engine::view::{SpendBy, SpendMeasure, SpendStep};

use super::Format;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Ledger {
    #[command(subcommand)]
    pub(crate) action: Option<LedgerAction>,

    /// How many of the newest entries to show
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: u32,

    #[command(flatten)]
    pub(crate) filters: Filters,

    /// Sum by provider, model, key, source, conversation, folder or tag
    #[arg(long, value_enum)]
    pub(crate) by: Option<By>,

    /// Cut the time into hours, days, weeks or months; auto takes what suits the range
    #[arg(long, value_enum)]
    pub(crate) step: Option<Step>,

    /// What is summed in the columns of --step
    #[arg(long, value_enum, default_value_t)]
    pub(crate) measure: Measure,

    /// How it is printed; --json is short for json
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

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

    /// Only of calls made for this: chat, cli, batch, title, judge, embedding, gateway
    #[arg(long, value_name = "SOURCE")]
    pub(crate) source: Vec<String>,

    /// Only this conversation's, which may be gone, by its id
    #[arg(long, value_name = "ID")]
    pub(crate) conversation: Vec<ConversationId>,

    /// Only of conversations that stood in this folder then
    #[arg(long, value_name = "NAME")]
    pub(crate) folder: Vec<String>,

    /// Only of conversations that had this tag then
    #[arg(long, value_name = "NAME")]
    pub(crate) tag: Vec<String>,

    /// today, week, month, year, all, a number of days such as 30d, or FROM..UNTIL
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
    /// Whether it was told to print JSON in another way than with `--json`.
    pub(crate) fn prints_json(&self) -> bool {
        let format = match &self.action {
            Some(LedgerAction::Entry { format, .. } | LedgerAction::Replay { format, .. }) => *format,
            None => self.format,
        };
        format == Format::Json
    }

    /// Whether it only says what it could say before there were sums.
    pub(crate) fn is_plain(&self) -> bool {
        let Filters { provider, model, key, source, conversation, folder, tag, range, simulated } =
            &self.filters;
        let few = provider.len() <= 1 && model.len() <= 1;
        let none = key.is_empty() && source.is_empty() && conversation.is_empty() && folder.is_empty();
        let sums = self.by.is_some() || self.step.is_some() || self.format == Format::Csv;
        few && none && tag.is_empty() && range.is_none() && !simulated && !sums
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
