//! The words of `analysis` and `advice`.

use clap::{Args, Subcommand};

use super::Format;

#[derive(Debug, Args)]
pub(crate) struct Analysis {
    /// How far to look back, in days; at most 90
    #[arg(long, default_value_t = 30, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=90))]
    pub(crate) days: u32,

    /// How it is printed; --json is short for json
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,

    /// The latest failed calls of this model, with what was said of each: provider/model
    #[arg(long, value_name = "MODEL")]
    pub(crate) errors: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Advice {
    #[command(subcommand)]
    pub(crate) action: Option<AdviceAction>,

    /// How it is printed; --json is short for json
    #[arg(long, global = true, value_enum, default_value_t)]
    pub(crate) format: Format,

    /// How far to look back, in days; at most 90
    #[arg(long, global = true, default_value_t = 30, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=90))]
    pub(crate) days: u32,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AdviceAction {
    /// Show what could be done better, and what was done (the default)
    List,
    /// Follow a recommendation
    Apply {
        /// Its id
        id: String,
    },
    /// Take back a change that followed a recommendation
    Undo {
        /// The change's id
        id: String,
    },
    /// Turn a recommendation down
    Dismiss {
        /// Its id
        id: String,
    },
    /// Take back that a recommendation was turned down
    Restore {
        /// Its id
        id: String,
    },
    /// Follow safe recommendations without asking, at the start of the window and daily
    Auto {
        /// on or off
        #[arg(value_enum)]
        switch: Switch,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Switch {
    /// Without asking
    On,
    /// Only when asked
    Off,
}
