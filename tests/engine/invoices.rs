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
    assert_eq!((invoice.rows.len(), invoice.summary.differing), (1, 1));
    let row = &invoice.rows[0];
    assert_eq!((row.agreement, row.sure), (Agreement::PriceDiffers, true));
    assert_eq!(row.corrected_usd, None);
    assert_eq!(invoice.summary.difference_usd.as_deref(), Some("0.5"));

    let id = invoice.summary.head.id;
    let change = books.engine.adjust_to_invoice(id, &[]).await.unwrap();
    assert_eq!((change.booked, change.usd.as_str()), (1, "0.5"));
    let adjusted = change.view;
    assert_eq!(adjusted.rows[0].agreement, Agreement::Agrees);
    assert_eq!(adjusted.summary.booked_usd, charged.to_string());
    assert_eq!(adjusted.summary.corrected_usd.as_deref(), Some("0.5"));
    assert_eq!(adjusted.rows[0].corrected_usd.as_deref(), Some("0.5"), "what was corrected is named");
    let entries = books.entries().await;
    assert_eq!(entries.len(), 2);
    let correction = entries.iter().find(|entry| entry.kind == EntryKind::Adjustment).unwrap();
    assert_eq!((correction.source, correction.cost.usd), (Source::Invoice, Some("0.5".parse().unwrap())));
    assert_eq!(
        correction.at, books.call.at,
        "it stands where its call stands, in no day of anybody's ahead of it"
    );
    assert_eq!(correction.model_requested, books.call.model_requested, "sums and budgets go by it");
    assert_eq!(correction.model_served, books.call.model_served);
    assert!(entries.contains(&books.call), "what was booked stays as it was");

    books.engine.adjust_to_invoice(id, &[]).await.unwrap();
    let key = InvoiceRowKey { day: row.day.clone(), model: row.model.clone() };
    let again = books.engine.adjust_to_invoice(id, &[key]).await.unwrap();
    assert_eq!((again.booked, again.usd.as_str()), (0, "0"), "and nothing is said to have been booked");
    assert_eq!(books.entries().await.len(), 2, "nothing is left to correct");
}

#[tokio::test]
async fn what_may_have_been_paid_elsewhere_takes_nothing_from_the_books_unasked() {
    let books = Books::new().await;
    // Nobody says what a key of one's own has paid besides.
    let text = books.invoice(twice(books.cost())).replace("\"byok_usage_inference\":0,", "");
    let invoice = books.engine.import_invoice("activity.json", &text, Some("openai")).await.unwrap();
    assert_eq!((invoice.rows[0].agreement, invoice.rows[0].sure), (Agreement::PriceDiffers, false));
    let change = books.engine.adjust_to_invoice(invoice.summary.head.id, &[]).await.unwrap();
    assert_eq!((change.booked, books.entries().await.len()), (0, 1));
}

#[tokio::test]
async fn the_same_file_is_one_invoice_and_forgetting_it_keeps_the_corrections() {
    let books = Books::new().await;
    let text = books.invoice(twice(books.cost()));
    let first = books.engine.import_invoice("a.json", &text, Some("openai")).await.unwrap();
    let again = books.engine.import_invoice("b.json", &text, Some("openai")).await.unwrap();
    assert_eq!(first.summary.head, again.summary.head);
    books.engine.adjust_to_invoice(first.summary.head.id, &[]).await.unwrap();
    assert!(books.engine.remove_invoice(first.summary.head.id).await.unwrap().is_empty());
    assert_eq!(books.entries().await.len(), 2);
    assert_eq!(books.engine.invoice(first.summary.head.id).await.unwrap_err().code, "not_found");
    // Imported anew it sees what was corrected.
    let anew = books.engine.import_invoice("a.json", &text, Some("openai")).await.unwrap();
    assert_eq!(anew.summary.differing, 0);
    assert_eq!(anew.summary.corrected_usd.as_deref(), Some("0.5"), "and that this file has corrected it");
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
    books.engine.adjust_to_invoice(invoice.summary.head.id, &[]).await.unwrap();
    assert_eq!(books.entries().await.len(), 1);
    let key = InvoiceRowKey { day, model: Some("o3".to_owned()) };
    let adjusted = books.engine.adjust_to_invoice(invoice.summary.head.id, &[key]).await.unwrap();
    assert_eq!(adjusted.view.summary.differing, 0, "whoever says so has it booked");
}

/// One file says 1, another says 2, and back: each step is an entry of its own.
#[tokio::test]
async fn two_invoices_that_disagree_can_be_followed_in_turn_and_each_taken_back() {
    let books = Books::new().await;
    let more = |usd: &str| books.cost().checked_add(usd.parse().unwrap()).unwrap();
    let mut ids = Vec::new();
    for usd in ["1", "2"] {
        let text = books.invoice(more(usd));
        let view = books.engine.import_invoice(usd, &text, Some("openai")).await.unwrap();
        ids.push(view.summary.head.id);
    }
    for (id, usd) in [(0, "1"), (1, "1"), (0, "-1"), (1, "1"), (0, "-1")] {
        let change = books.engine.adjust_to_invoice(ids[id], &[]).await.unwrap();
        assert_eq!((change.booked, change.usd.as_str()), (1, usd));
        assert_eq!(change.view.summary.differing, 0);
    }
    // The first comes to 1 - 1 - 1, the second to 1 + 1.
    let back = books.engine.take_back_invoice(ids[1]).await.unwrap();
    assert_eq!((back.booked, back.usd.as_str()), (1, "-2"));
    assert_eq!(back.view.summary.corrected_usd, None);
    let back = books.engine.take_back_invoice(ids[0]).await.unwrap();
    assert_eq!((back.booked, back.usd.as_str()), (1, "1"));
    assert_eq!(back.view.summary.booked_usd, books.cost().to_string(), "the books are as before the first");
    assert_eq!(back.view.rows[0].corrected_usd, None);
    assert!(back.view.rows[0].sure, "and can be corrected again");
    let entries = books.entries().await;
    let opposite = entries.iter().find(|entry| entry.cost.usd == Some("-2".parse().unwrap())).unwrap();
    assert_eq!((opposite.at, &opposite.model_requested), (books.call.at, &books.call.model_requested));

    let again = books.engine.take_back_invoice(ids[0]).await.unwrap();
    assert_eq!((again.booked, books.entries().await.len()), (0, entries.len()), "taken back once");
    let anew = books.engine.adjust_to_invoice(ids[0], &[]).await.unwrap();
    assert_eq!((anew.booked, anew.usd.as_str()), (1, "1"));
}

#[tokio::test]
async fn an_export_without_models_is_one_row_a_day_and_one_correction_without_a_model() {
    let books = Books::new().await;
    let day = day_of(books.call.at);
    let text = format!("start_time,amount_value,amount_currency,line_item\n{day},2.00000000,usd,\n");
    let invoice = books.engine.import_invoice("costs.csv", &text, None).await.unwrap();
    assert!(invoice.summary.whole_days);
    let [row] = invoice.rows.as_slice() else { panic!("one row: {:?}", invoice.rows) };
    assert_eq!((row.agreement, row.whole_day, row.sure), (Agreement::AmountDiffers, true, false));
    assert_eq!(row.booked_requests, 1);
    let key = InvoiceRowKey { day, model: None };
    let id = invoice.summary.head.id;
    let change = books.engine.adjust_to_invoice(id, &[key]).await.unwrap();
    assert_eq!((change.booked, change.view.rows[0].agreement), (1, Agreement::Agrees));
    let correction =
        books.entries().await.into_iter().find(|entry| entry.kind == EntryKind::Adjustment).unwrap();
    assert_eq!((correction.model_requested.as_str(), correction.model_served), ("", None));
}

#[tokio::test]
async fn an_export_of_usage_offers_no_money_to_book() {
    let books = Books::new().await;
    let day = day_of(books.call.at);
    let text = format!("start_time,model,num_model_requests,input_tokens,output_tokens\n{day},o3,1,7,7\n");
    let invoice = books.engine.import_invoice("usage.csv", &text, None).await.unwrap();
    assert_eq!((&invoice.summary.invoiced_usd, &invoice.summary.difference_usd), (&None, &None));
    let ways: Vec<_> = invoice.rows.iter().map(|row| (row.agreement, row.difference_usd.clone())).collect();
    assert_eq!(ways, [(Agreement::OnlyInvoiced, None), (Agreement::OnlyBooked, None)]);
    let keys: Vec<_> = invoice
        .rows
        .iter()
        .map(|row| InvoiceRowKey { day: row.day.clone(), model: row.model.clone() })
        .collect();
    let change = books.engine.adjust_to_invoice(invoice.summary.head.id, &keys).await.unwrap();
    assert_eq!((change.booked, books.entries().await.len()), (0, 1));
}

/// Days of which the provider says "nothing" are part of what it says.
#[tokio::test]
async fn a_day_of_nothing_on_the_invoice_is_a_day_the_books_are_held_against() {
    let books = Books::new().await;
    let day: jiff::civil::Date = day_of(books.call.at).parse().unwrap();
    let text = format!(
        "start_time,amount_value,amount_currency,line_item\n{},2.50000000,usd,\"o3, input\"\n{day},,,\n",
        day.yesterday().unwrap()
    );
    let invoice = books.engine.import_invoice("costs.csv", &text, None).await.unwrap();
    assert_eq!(invoice.summary.last_day, day.to_string());
    let agreements: Vec<_> = invoice.rows.iter().map(|row| row.agreement).collect();
    assert_eq!(agreements, [Agreement::OnlyInvoiced, Agreement::OnlyBooked]);
    let listed = books.engine.list_invoices().await.unwrap();
    let heads = books.engine.invoice_heads().await.unwrap();
    assert!(
        !heads.is_empty() && heads.iter().eq(listed.iter().map(|one| &one.head)),
        "the same invoices, in the same order"
    );
    assert_eq!(listed, [invoice.summary], "the list has the figures of the comparison");
}

#[tokio::test]
async fn a_provider_that_is_misspelt_is_refused() {
    let books = Books::new().await;
    let error = books
        .engine
        .import_invoice("a.json", &books.invoice(books.cost()), Some("opneai"))
        .await
        .unwrap_err();
    assert_eq!(error.code, "unknown_provider");
    assert!(books.engine.list_invoices().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_file_that_is_no_invoice_says_what_it_is_and_changes_nothing() {
    let books = Books::new().await;
    let error = books.engine.import_invoice("notes.csv", "a,b\n1,2\n", None).await.unwrap_err();
    assert_eq!(error.code, "invoice_form");
    assert!(
        error.message.starts_with("The file notes.csv cannot be read") && error.message.contains("a,b"),
        "{}",
        error.message
    );
    for (text, code) in [
        ("start_time,amount_value\nsoon,1.5\n", "invoice_row"),
        ("start_time,amount_value,amount_currency\n1790553600,3.5,eur\n", "invoice_currency"),
        ("start_time,amount_value\n1790553600,\n", "invoice_empty"),
    ] {
        assert_eq!(books.engine.import_invoice("notes.csv", text, None).await.unwrap_err().code, code);
    }
    assert!(books.engine.list_invoices().await.unwrap().is_empty());
}
