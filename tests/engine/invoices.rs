//! Invoices beside the books: what differs, and corrections that are entries of their own.

use std::collections::HashMap;

use roundtable_domain::{PicoUsd, UnixMs};
use roundtable_emulator::{Emulator, EmulatorOptions, Pace};
use roundtable_engine::view::{InvoiceRowKey, MoneyChoice, OwnPrice};
use roundtable_engine::{Engine, LedgerFilter, Options};
use roundtable_ledger::Agreement;
use roundtable_store::{EntryKind, LedgerEntry, Source};
use roundtable_tests::{Window, options};
use tempfile::TempDir;

/// An engine with one answer of `openai/swift` in its books.
struct Books {
    engine: Engine,
    call: LedgerEntry,
    _emulator: Emulator,
    _folder: TempDir,
}

impl Books {
    async fn new() -> Self {
        let emulator =
            Emulator::start(EmulatorOptions { pace: Pace::Instant, ..Default::default() }).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let environment = HashMap::from([
            ("OPENAI_API_KEY".to_owned(), "sk-test-0123456789abcdef".to_owned()),
            ("OPENAI_BASE_URL".to_owned(), format!("{}/v1", emulator.base_url())),
        ]);
        let options = Options { environment, demo: false, ..options(folder.path(), Pace::Instant) };
        let engine = Engine::open(options).await.unwrap();
        let price =
            OwnPrice { input: "1".to_owned(), output: "2".to_owned(), cache_read: None, cache_write: None };
        engine.set_own_price("openai/swift", Some(price)).await.unwrap();
        let conversation = engine.create_conversation(&["openai/swift".to_owned()]).await.unwrap();
        let window = Window::default();
        let money = MoneyChoice::default();
        let id = conversation.summary.id;
        let turn = engine.start_turn(id, "hi", &[], &[], money, window.sink()).await.unwrap();
        window.runs(&turn.runs).await;
        let call = engine.ledger_entries(&LedgerFilter::default(), 10).await.unwrap().remove(0);
        Self { engine, call, _emulator: emulator, _folder: folder }
    }

    fn cost(&self) -> PicoUsd {
        self.call.cost.usd.unwrap()
    }

    /// A day of `OpenRouter`'s activity that says this call was charged so much.
    fn invoice(&self, usd: PicoUsd) -> String {
        let day = day_of(self.call.at);
        serde_json::json!({"data": [{
            "date": day, "model": "openai/swift", "model_permaslug": "openai/swift", "usage": usd.to_string(),
            "byok_usage_inference": 0, "requests": 1,
            "prompt_tokens": self.call.usage.input, "completion_tokens": self.call.usage.output,
        }]})
        .to_string()
    }

    async fn entries(&self) -> Vec<LedgerEntry> {
        self.engine.ledger_entries(&LedgerFilter::default(), 10).await.unwrap()
    }
}

fn day_of(at: UnixMs) -> String {
    jiff::Timestamp::from_millisecond(at.0).unwrap().strftime("%Y-%m-%d").to_string()
}

fn twice(amount: PicoUsd) -> PicoUsd {
    // Far enough apart that it is no rounding.
    amount.checked_add("0.5".parse().unwrap()).unwrap()
}

#[tokio::test]
async fn a_price_that_differs_is_made_up_for_by_an_entry_of_its_own_and_once() {
    let books = Books::new().await;
    let charged = twice(books.cost());
    let text = books.invoice(charged);
    let invoice = books.engine.import_invoice("activity.json", &text, Some("openai")).await.unwrap();
    assert_eq!((invoice.rows.len(), invoice.differing), (1, 1));
    let row = &invoice.rows[0];
    assert_eq!((row.agreement, row.sure), (Agreement::PriceDiffers, true));
    assert_eq!(row.corrected_usd, None);
    assert_eq!(invoice.difference_usd, "0.5");

    let id = invoice.head.id;
    let adjusted = books.engine.adjust_to_invoice(id, &[]).await.unwrap();
    assert_eq!(adjusted.rows[0].agreement, Agreement::Agrees);
    assert_eq!(adjusted.booked_usd, charged.to_string());
    assert_eq!(adjusted.rows[0].corrected_usd.as_deref(), Some("0.5"), "what was corrected is named");
    let entries = books.entries().await;
    assert_eq!(entries.len(), 2);
    let correction = entries.iter().find(|entry| entry.kind == EntryKind::Adjustment).unwrap();
    assert_eq!((correction.source, correction.cost.usd), (Source::Invoice, Some("0.5".parse().unwrap())));
    assert_eq!(day_of(correction.at), row.day, "it stands on the day it corrects");
    assert!(entries.contains(&books.call), "what was booked stays as it was");

    books.engine.adjust_to_invoice(id, &[]).await.unwrap();
    let key = InvoiceRowKey { day: row.day.clone(), model: row.model.clone() };
    books.engine.adjust_to_invoice(id, &[key]).await.unwrap();
    assert_eq!(books.entries().await.len(), 2, "nothing is left to correct");
}

#[tokio::test]
async fn the_same_file_is_one_invoice_and_forgetting_it_keeps_the_corrections() {
    let books = Books::new().await;
    let text = books.invoice(twice(books.cost()));
    let first = books.engine.import_invoice("a.json", &text, Some("openai")).await.unwrap();
    let again = books.engine.import_invoice("b.json", &text, Some("openai")).await.unwrap();
    assert_eq!(first.head, again.head);
    books.engine.adjust_to_invoice(first.head.id, &[]).await.unwrap();
    assert!(books.engine.remove_invoice(first.head.id).await.unwrap().is_empty());
    assert_eq!(books.entries().await.len(), 2);
    assert_eq!(books.engine.invoice(first.head.id).await.unwrap_err().code, "not_found");
    // Imported anew it sees what was corrected.
    let anew = books.engine.import_invoice("a.json", &text, Some("openai")).await.unwrap();
    assert_eq!(anew.differing, 0);
}

#[tokio::test]
async fn calls_of_others_on_the_invoice_are_shown_and_not_booked_by_themselves() {
    let books = Books::new().await;
    let day = day_of(books.call.at);
    let text = format!(
        "start_time,amount_value,amount_currency,line_item\n{day},2.5,usd,\"o3, input\"\n{day},{},usd,\"swift, output\"\n",
        books.cost()
    );
    let invoice = books.engine.import_invoice("costs.csv", &text, None).await.unwrap();
    let agreements: Vec<Agreement> = invoice.rows.iter().map(|row| row.agreement).collect();
    assert_eq!(agreements, [Agreement::OnlyInvoiced, Agreement::Agrees]);
    books.engine.adjust_to_invoice(invoice.head.id, &[]).await.unwrap();
    assert_eq!(books.entries().await.len(), 1);
    let key = InvoiceRowKey { day, model: Some("o3".to_owned()) };
    let adjusted = books.engine.adjust_to_invoice(invoice.head.id, &[key]).await.unwrap();
    assert_eq!(adjusted.differing, 0, "whoever says so has it booked");
}

#[tokio::test]
async fn a_file_that_is_no_invoice_says_what_it_is_and_changes_nothing() {
    let books = Books::new().await;
    let error = books.engine.import_invoice("notes.csv", "a,b\n1,2\n", None).await.unwrap_err();
    assert_eq!(error.code, "bad_invoice");
    assert!(
        error.message.starts_with("The file notes.csv cannot be read") && error.message.contains("a,b"),
        "{}",
        error.message
    );
    assert!(books.engine.list_invoices().await.unwrap().is_empty());
}
