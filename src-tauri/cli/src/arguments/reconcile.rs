//! Arguments of `reconcile`.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct Reconcile {
    /// A usage or cost export as CSV or JSON: those of `OpenAI`, Anthropic and `OpenRouter` are known
    pub(crate) file: PathBuf,

    /// The provider here whose calls it is about; without it the one of the export's own name
    #[arg(long, value_name = "PROVIDER")]
    pub(crate) provider: Option<String>,

    /// Book the differences that are sure as corrections: the same calls, another price
    #[arg(long)]
    pub(crate) adjust: bool,
}
