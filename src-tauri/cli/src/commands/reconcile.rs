//! `reconcile`: what a provider says it charged, beside the books.

mod print;

use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use roundtable_domain::InvoiceId;
use roundtable_engine::Engine;
use roundtable_engine::view::{InvoiceChange, InvoiceRowKey, InvoiceView};

use super::Context;
use crate::arguments::{Format, Import, Reconcile, ReconcileAction};
use crate::failure::Failure;

pub(crate) async fn run(context: &Context, arguments: Reconcile) -> Result<ExitCode, Failure> {
    let format = if context.json { Format::Json } else { arguments.format };
    // Read before anything is opened: a name that was misspelt makes no data folder.
    let file = arguments.import.file.as_deref().map(text_of).transpose()?;
    let engine = context.engine().await?;
    let done = match (arguments.action, file) {
        (Some(action), _) => act(&engine, action, format).await,
        (None, Some((name, text))) => import(&engine, &name, &text, &arguments.import, format).await,
        (None, None) => Err(Failure::Usage("name a file to reconcile".to_owned())),
    };
    engine.shutdown().await;
    done.map(|()| ExitCode::SUCCESS)
}

/// What the file is called, and what stands in it.
fn text_of(path: &Path) -> Result<(String, String), Failure> {
    let failed = |source| Failure::File { path: path.display().to_string(), source };
    if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().lock().read_to_string(&mut text).map_err(failed)?;
        return Ok(("standard input".to_owned(), text));
    }
    let text = std::fs::read_to_string(path).map_err(failed)?;
    Ok((path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(), text))
}

async fn import(
    engine: &Engine,
    name: &str,
    text: &str,
    import: &Import,
    format: Format,
) -> Result<(), Failure> {
    let view = engine.import_invoice(name, text, import.provider.as_deref()).await?;
    if import.adjust {
        return changed(&engine.adjust_to_invoice(view.summary.head.id, &[]).await?, format);
    }
    print::invoice(&view, format)
}

async fn act(engine: &Engine, action: ReconcileAction, format: Format) -> Result<(), Failure> {
    match action {
        ReconcileAction::List => print::list(&engine.list_invoices().await?, format),
        ReconcileAction::Show { invoice } => {
            let id = find(engine, &invoice).await?;
            print::invoice(&engine.invoice(id).await?, format)
        }
        ReconcileAction::Adjust { invoice, rows } => {
            let id = find(engine, &invoice).await?;
            has_rows(&engine.invoice(id).await?, &rows)?;
            changed(&engine.adjust_to_invoice(id, &rows).await?, format)
        }
        ReconcileAction::TakeBack { invoice } => {
            let id = find(engine, &invoice).await?;
            changed(&engine.take_back_invoice(id).await?, format)
        }
        ReconcileAction::Remove { invoice } => {
            let id = find(engine, &invoice).await?;
            print::list(&engine.remove_invoice(id).await?, format)
        }
    }
}

fn changed(change: &InvoiceChange, format: Format) -> Result<(), Failure> {
    print::change(change, format)?;
    print::invoice(&change.view, format)
}

/// The invoice of this id or name.
async fn find(engine: &Engine, word: &str) -> Result<InvoiceId, Failure> {
    let known = engine.invoice_heads().await?;
    if let Some(head) = known.iter().find(|head| head.id.to_string() == word) {
        return Ok(head.id);
    }
    let mut named = known.iter().filter(|head| head.name == word);
    match (named.next(), named.next()) {
        (Some(head), None) => Ok(head.id),
        (Some(_), Some(_)) => {
            Err(Failure::Usage(format!("several invoices are called “{word}”; name one by its id")))
        }
        (None, _) => {
            Err(Failure::Usage(format!("there is no invoice “{word}” here; `reconcile list` shows them")))
        }
    }
}

/// A row that was misspelt is no reason to book the others.
fn has_rows(view: &InvoiceView, rows: &[InvoiceRowKey]) -> Result<(), Failure> {
    let is_there =
        |key: &&InvoiceRowKey| view.rows.iter().any(|row| row.day == key.day && row.model == key.model);
    match rows.iter().find(|key| !is_there(key)) {
        None => Ok(()),
        Some(key) => {
            let name =
                key.model.as_ref().map_or_else(|| key.day.clone(), |model| format!("{}/{model}", key.day));
            Err(Failure::Usage(format!("the comparison has no row “{name}”; `reconcile show` lists them")))
        }
    }
}
