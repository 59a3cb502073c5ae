//! The words of `stats` and `cache`.

use clap::{Args, Subcommand};

use super::Format;

#[derive(Debug, Args)]
pub(crate) struct Stats {
    /// How far to look back, in hours; at most 2160 (90 days)
    #[arg(long, default_value_t = 24, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=2160))]
    pub(crate) hours: u32,

    /// Count from now on; the books are not touched
    #[arg(long)]
    pub(crate) reset: bool,

    /// How it is printed; --json is short for json
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Cache {
    #[command(subcommand)]
    pub(crate) action: Option<CacheAction>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CacheAction {
    /// Show what is kept and what it has saved (the default)
    Status,
    /// Choose which answers are kept: off, deterministic (temperature 0, or a seed) or always
    Set {
        /// off, deterministic or always
        mode: String,
        /// How long an answer is kept, in hours; as it is when not named
        #[arg(long, value_name = "N")]
        hours: Option<u32>,
    },
    /// Forget all kept answers
    Clear,
}
