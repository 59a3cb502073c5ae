//! Arguments of `alerts`, and how other programs may watch a command.

use clap::Args;

use super::Format;

#[derive(Debug, Args)]
pub(crate) struct Alerts {
    /// Only those that nobody has seen
    #[arg(long)]
    pub(crate) unseen: bool,

    /// Mark those that are shown as seen
    #[arg(long)]
    pub(crate) mark_seen: bool,

    /// How alerts are printed; --json is short for json
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// Of commands that make calls.
#[derive(Debug, Args)]
pub(crate) struct Observed {
    /// Serve metrics for Prometheus on this port of loopback while the command runs; 0 takes a free one
    #[arg(long, value_name = "PORT")]
    pub(crate) metrics_port: Option<u16>,
}
