//! The words of `config`, `route` and `routes`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct Config {
    #[command(subcommand)]
    pub(crate) action: ConfigAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigAction {
    /// Read every file of the config folder and list each mistake with its line
    Check,
    /// Turn an old llm.yaml into a group and a pool
    Migrate(Migrate),
}

#[derive(Debug, Args)]
pub(crate) struct Migrate {
    /// The old file
    pub(crate) file: PathBuf,
    /// The name of the group; the file's own by default
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Make no copy of the old file, nor of what is replaced
    #[arg(long)]
    pub(crate) no_backup: bool,
    /// Say what would be done and write nothing
    #[arg(long)]
    pub(crate) validate_only: bool,
    /// Say what was done with each key, and show the new files
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Route {
    #[command(subcommand)]
    pub(crate) action: RouteAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RouteAction {
    /// Say whom a prompt would go to and why, or why an answer came from whom; nothing is sent
    Explain(Explain),
    /// Say whom to ask for which kind of work
    Guide,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A model, group, group.echelonN, pool, alias or auto
    #[arg(required_unless_present = "run")]
    pub(crate) target: Option<String>,
    /// The prompt; "-" stands for standard input
    #[arg(value_name = "PROMPT", conflicts_with = "run")]
    pub(crate) words: Vec<String>,
    /// The run of an answer that is there already, or "latest"
    #[arg(long, value_name = "ID", conflicts_with = "target")]
    pub(crate) run: Option<String>,
}
