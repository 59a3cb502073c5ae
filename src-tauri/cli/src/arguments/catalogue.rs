//! The words of `models`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Models {
    #[command(subcommand)]
    pub(crate) action: Option<ModelAction>,

    /// Only this provider's
    #[arg(long, value_name = "PROVIDER")]
    pub(crate) provider: Option<String>,

    /// Ask the provider for its list first
    #[arg(long, requires = "provider")]
    pub(crate) refresh: bool,

    /// Fetch the public price list and take over what is plausible
    #[arg(long, conflicts_with_all = ["provider", "held", "accept", "dismiss"])]
    pub(crate) update: bool,

    /// The price list as a file, instead of fetching it
    #[arg(long, value_name = "FILE", requires = "update")]
    pub(crate) from: Option<PathBuf>,

    /// Show the changes of the last update that look wrong and were not taken over
    #[arg(long, conflicts_with_all = ["provider", "accept", "dismiss"])]
    pub(crate) held: bool,

    /// Take over the held-back price of this model; repeatable
    #[arg(long, value_name = "MODEL", conflicts_with_all = ["provider", "dismiss"])]
    pub(crate) accept: Vec<String>,

    /// Keep the known price of this model: the same offer is not held back again; repeatable
    #[arg(long, value_name = "MODEL", conflicts_with = "provider")]
    pub(crate) dismiss: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModelAction {
    /// Set or forget what you pay for a model
    Price {
        #[command(subcommand)]
        action: PriceAction,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum PriceAction {
    /// From today on, in dollars per million tokens; what is booked stays as it is
    Set {
        /// The model as provider/model
        model: String,
        /// Prompt tokens
        #[arg(long, value_name = "USD")]
        input: String,
        /// Answer tokens
        #[arg(long, value_name = "USD")]
        output: String,
        /// Prompt tokens read from a cache
        #[arg(long, value_name = "USD")]
        cache_read: Option<String>,
        /// Prompt tokens written to a cache
        #[arg(long, value_name = "USD")]
        cache_write: Option<String>,
    },
    /// Forget it: the price list holds again
    Clear {
        /// The model as provider/model
        model: String,
    },
}
