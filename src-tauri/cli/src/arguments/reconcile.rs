//! Arguments of `reconcile`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use roundtable_engine::view::InvoiceRowKey;

use super::budget::Format;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Reconcile {
    #[command(subcommand)]
    pub(crate) action: Option<ReconcileAction>,

    #[command(flatten)]
    pub(crate) import: Import,

    /// How rows are printed; --json is short for json
    #[arg(long, global = true, value_enum, default_value_t)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// A usage or cost export as CSV or JSON: those of `OpenAI`, Anthropic and `OpenRouter` are known; - reads standard input
    #[arg(required = true)]
    pub(crate) file: Option<PathBuf>,

    /// The provider here whose calls it is about; without it the one of the export's own name
    #[arg(long, value_name = "PROVIDER")]
    pub(crate) provider: Option<String>,

    /// Book the differences that are sure as corrections: the same calls at another price, or estimated here
    #[arg(long)]
    pub(crate) adjust: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReconcileAction {
    /// Show the invoices that were imported, and what they come to beside the books
    List,
    /// Compare one with the books as they stand now
    Show {
        /// Its id or its name
        invoice: String,
    },
    /// Book differences as corrections: entries of their own, in one transaction
    Adjust {
        /// Its id or its name
        invoice: String,

        /// This row, as DAY/MODEL, or as DAY where it has no model; repeatable; without it all that are sure
        #[arg(long = "row", value_name = "DAY/MODEL", value_parser = row)]
        rows: Vec<InvoiceRowKey>,
    },
    /// Take back all that this file has corrected, by opposite entries
    TakeBack {
        /// Its id or its name
        invoice: String,
    },
    /// Forget one; what was corrected by it stays in the books
    Remove {
        /// Its id or its name
        invoice: String,
    },
}

fn row(word: &str) -> Result<InvoiceRowKey, String> {
    let (day, model) = word.split_once('/').map_or((word, None), |(day, model)| (day, Some(model)));
    let day: jiff::civil::Date =
        day.parse().map_err(|_| format!("“{day}” is no day; write 2026-05-01/MODEL"))?;
    Ok(InvoiceRowKey { day: day.to_string(), model: model.map(str::to_owned) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_a_day_and_a_model_that_may_have_slashes() {
        let key = row("2026-05-01/openai/gpt-4o").unwrap();
        assert_eq!((key.day.as_str(), key.model.as_deref()), ("2026-05-01", Some("openai/gpt-4o")));
        assert_eq!(row("2026-05-01").unwrap().model, None);
        assert!(row("gpt-4o/2026-05-01").is_err());
    }
}
