//! The window's command line.

use std::path::PathBuf;

use clap::Parser;

/// One prompt, many models, one bill.
#[derive(Debug, Parser)]
#[command(name = "roundtable", version)]
pub(crate) struct Arguments {
    /// Start with the built-in demo models: no key, no network
    #[arg(long)]
    pub(crate) demo: bool,

    /// Keep database, configuration and logs in this folder
    #[arg(long, value_name = "DIR", env = "ROUNDTABLE_DATA_DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}
