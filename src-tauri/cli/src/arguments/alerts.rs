//! Arguments of `alerts`.

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
