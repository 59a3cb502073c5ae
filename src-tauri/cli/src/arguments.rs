//! The command line.

mod alerts;
mod analysis;
mod ask;
mod batch;
mod budget;
mod catalogue;
mod ledger;
mod reconcile;
mod registry;
mod routing;
mod statistics;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(crate) use alerts::{Alerts, Observed};
pub(crate) use analysis::{Advice, AdviceAction, Analysis, Switch};
pub(crate) use ask::{Along, Ask, Filed, Kind, Sending, Values};
pub(crate) use batch::Batch;
pub(crate) use budget::{Budget, BudgetAction, Consent, Format, Money, NONE, SetBudget};
pub(crate) use catalogue::{ModelAction, Models, PriceAction};
pub(crate) use ledger::{Filters, Ledger, LedgerAction, Limit, Table};
pub(crate) use reconcile::{Import, Reconcile, ReconcileAction};
pub(crate) use registry::{
    Embed, NetworkArguments, Place, ProfileAction, Profiles, ProviderAction, Providers, ProxyChoice,
    Settings, SettingsAction, Tokens,
};
pub(crate) use routing::{Config, ConfigAction, Explain, Migrate, Route, RouteAction};
pub(crate) use statistics::{Cache, CacheAction, Stats};

/// One prompt, many models, one bill: the engine without a window.
#[derive(Debug, Parser)]
#[command(name = "roundtable-cli", version)]
pub(crate) struct Arguments {
    /// Keep database, configuration and logs in this folder
    #[arg(long, global = true, value_name = "DIR", env = "ROUNDTABLE_DATA_DIR")]
    pub(crate) data_dir: Option<PathBuf>,

    /// Print one JSON object a line
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Keep keys in memory only; do not touch the system's keyring
    #[arg(long, global = true)]
    pub(crate) no_keyring: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Ask one or several models
    Ask(Box<Ask>),
    /// Ask many questions of a file
    Batch(Box<Batch>),
    /// List models that can be asked, update and set prices
    Models(Models),
    /// Show, set, check or remove keys
    Keys(Keys),
    /// Show, add, change or remove providers
    Providers(Providers),
    /// Show groups, pools, aliases and rules
    Routes,
    /// Say whom a prompt would go to and why, or why an answer came from whom
    Route(Route),
    /// Check the config folder, or take over an old file
    Config(Config),
    /// Show which values would be used, and where each comes from
    Settings(Settings),
    /// Show profiles, or choose the one in use
    Profiles(Profiles),
    /// Turn texts into vectors
    Embed(Embed),
    /// Count the tokens of a text
    Tokens(Tokens),
    /// Compute the exact cost of a usage object
    Cost(Cost),
    /// Show what has been spent
    Ledger(Ledger),
    /// Show, set, check or remove budgets
    Budget(Budget),
    /// Show what you should hear of: budgets' steps, spikes, changed prices
    Alerts(Alerts),
    /// Lay what a provider says it charged beside the books
    Reconcile(Reconcile),
    /// Show how models, providers, keys, groups and pools have done
    Stats(Stats),
    /// Show how models did over days, and what could be done better
    Analysis(Analysis),
    /// Follow, turn down or take back what is recommended
    Advice(Advice),
    /// Show, set or clear the cache of answers
    Cache(Cache),
    /// Run the built-in emulator of model servers
    Emulator(Emulator),
}

/// Whether a command line that cannot be read asks for JSON.
pub(crate) fn asks_for_json(words: impl Iterator<Item = OsString>) -> bool {
    let mut is_format = false;
    for word in words.take_while(|word| word != "--") {
        if word == "--json" || word == "--format=json" || is_format && word == "json" {
            return true;
        }
        is_format = word == "--format";
    }
    false
}

impl Command {
    /// Whether it was told to print JSON in another way than with `--json`.
    pub(crate) fn prints_json(&self) -> bool {
        match self {
            Self::Analysis(analysis) => analysis.format == Format::Json,
            Self::Advice(advice) => advice.format == Format::Json,
            Self::Reconcile(reconcile) => reconcile.format == Format::Json,
            Self::Stats(stats) => stats.format == Format::Json,
            Self::Budget(budget) => budget.format == Format::Json,
            Self::Alerts(alerts) => alerts.format == Format::Json,
            Self::Ledger(ledger) => ledger.prints_json(),
            _ => false,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Keys {
    #[command(subcommand)]
    pub(crate) action: Option<KeyAction>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyAction {
    /// Show providers and where their keys are (the default)
    List,
    /// Store a key, read from standard input, in place of those that are there, and check it
    Set {
        /// The provider, for example openai
        provider: String,
    },
    /// Ask the provider whether its keys work
    Check {
        /// The provider
        provider: String,
    },
    /// Store a further key beside those that are there, read from standard input, and check it
    Add {
        /// The provider, for example openai
        provider: String,
        /// What you call it, for example work
        #[arg(long, value_name = "TEXT", default_value = "")]
        label: String,
    },
    /// Remove a provider's keys
    Remove {
        /// The provider
        provider: String,
        /// Only this one, by its id as `keys list` shows it
        #[arg(long, value_name = "ID")]
        id: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Cost {
    /// The provider, for example openai
    #[arg(long)]
    pub(crate) provider: String,

    /// The wire the usage object came from: openai-chat, openai-responses, anthropic-messages, gemini, ollama
    #[arg(long)]
    pub(crate) api: String,

    /// The model that served the request
    #[arg(long)]
    pub(crate) model: String,

    /// The usage object as the provider sent it
    #[arg(long, value_name = "JSON")]
    pub(crate) usage: String,

    /// Prices in dollars per million tokens, instead of the built-in catalogue's
    #[arg(long, value_name = "JSON")]
    pub(crate) prices: Option<String>,

    /// Use the prices in force here, updates and your own among them; the provider is then the name it has here
    #[arg(long, conflicts_with = "prices")]
    pub(crate) in_force: bool,

    /// What the usage object does not say
    #[arg(help = r#"What the usage object does not say, for example {"service_tier":"batch"}"#)]
    #[arg(long, value_name = "JSON")]
    pub(crate) flags: Option<String>,

    /// When the request was made, RFC 3339; now by default
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Emulator {
    /// The port on loopback; 0 takes any
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,

    /// Answer as fast as possible instead of at a realistic speed
    #[arg(long)]
    pub(crate) instant: bool,

    /// Stop by itself after this many seconds
    #[arg(long = "for", value_name = "SECONDS")]
    pub(crate) seconds: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_can_be_asked_for_in_two_ways_before_the_words_end() {
        let asks = |line: &str| asks_for_json(line.split(' ').map(OsString::from));
        for line in ["ask --json -x", "ledger --format json", "reconcile --format=json a b"] {
            assert!(asks(line), "{line}");
        }
        for line in ["ledger --format csv json", "ask -- --json", "ask json", "ask --format"] {
            assert!(!asks(line), "{line}");
        }
    }
}
