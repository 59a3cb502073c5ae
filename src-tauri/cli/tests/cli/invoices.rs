//! `reconcile`: invoices are imported, shown, followed, taken back and removed without a window.

use serde_json::{Value, json};

use crate::support::{Cli, KEY, Outcome, Server};

/// Books with one answer of `openai/swift`, and what an activity of that day says it was charged.
struct Books {
    cli: Cli,
    call: Value,
    _server: Server,
}

impl Books {
    fn new() -> Self {
        let server = Server::start();
        let base_url = format!("{}/v1", server.emulator.base_url());
        let cli = Cli::new().with("OPENAI_API_KEY", KEY).with("OPENAI_BASE_URL", &base_url);
        let price = ["models", "price", "set", "openai/swift", "--input", "1", "--output", "4"];
        assert_eq!(cli.run(&price).code, Some(0));
        let asked = cli.run(&["ask", "--json", "-m", "openai/swift", "Hello"]);
        assert_eq!(asked.code, Some(0), "{}", asked.err);
        let call = cli.run(&["ledger", "--json"]).of_type("entry").remove(0);
        Self { cli, call, _server: server }
    }

    fn day(&self) -> &str {
        self.call["at"].as_str().unwrap().split('T').next().unwrap()
    }

    /// The day's activity, half a dollar above the books.
    fn invoice(&self) -> String {
        let tokens = &self.call["usage"];
        let call = |model: &str, usd: f64, calls: u32| {
            json!({
                "date": self.day(), "model_permaslug": model, "usage": usd, "byok_usage_inference": 0, "requests": calls,
                "prompt_tokens": tokens["input"], "completion_tokens": tokens["output"],
            })
        };
        json!({ "data": [call("openai/swift", 0.5, 1), call("openai/o3", 0.25, 7)] }).to_string()
    }

    fn reconcile(&self, words: &[&str]) -> Outcome {
        self.cli.run_with_input(&[&["reconcile"], words].concat(), &self.invoice())
    }

    fn id(&self) -> String {
        self.reconcile(&["list", "--json"]).of_type("invoice")[0]["id"].as_str().unwrap().to_owned()
    }

    fn entries(&self) -> usize {
        self.cli.run(&["ledger", "--json"]).of_type("entry").len()
    }
}

/// The names of an object, in their order.
fn names(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn an_invoice_is_imported_followed_taken_back_and_removed() {
    let books = Books::new();
    let shown = books.reconcile(&["-", "--provider", "openai", "--json"]);
    assert_eq!(shown.code, Some(0), "{}", shown.err);
    let invoice = &shown.of_type("invoice")[0];
    assert_eq!(
        names(invoice),
        [
            "type",
            "id",
            "name",
            "issuer",
            "provider",
            "imported_at",
            "first_day",
            "last_day",
            "has_more",
            "whole_days",
            "invoiced_usd",
            "booked_usd",
            "difference_usd",
            "rounding_usd",
            "differing",
            "corrected_usd"
        ]
    );
    assert_eq!((&invoice["name"], &invoice["invoiced_usd"]), (&json!("standard input"), &json!("0.75")));
    let ways = |outcome: &Outcome| {
        let rows = outcome.of_type("row");
        rows.iter().map(|row| row["agreement"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ways(&shown), ["only_invoiced", "price_differs"]);

    let id = books.id();
    let adjusted = books.reconcile(&["adjust", &id, "--json"]);
    assert_eq!(adjusted.of_type("corrections")[0]["booked"], 1, "{}", adjusted.err);
    assert_eq!(ways(&adjusted), ["only_invoiced", "agrees"], "what is not sure is left alone");
    assert_eq!(books.entries(), 2);

    let row = format!("{}/openai/o3", books.day());
    let named = books.reconcile(&["adjust", "standard input", "--row", &row, "--json"]);
    assert_eq!(named.of_type("corrections")[0], json!({"type": "corrections", "booked": 1, "usd": "0.25"}));
    let again = books.reconcile(&["adjust", &id, "--row", &row]);
    assert!(again.out.starts_with("Nothing was booked."), "{}", again.out);
    assert!(again.out.contains("reconcile take-back"), "{}", again.out);

    let back = books.reconcile(&["take-back", &id, "--json"]);
    assert_eq!(back.of_type("corrections")[0]["booked"], 2);
    assert_eq!((back.of_type("invoice")[0]["corrected_usd"].clone(), books.entries()), (Value::Null, 5));

    let left = books.reconcile(&["remove", &id, "--json"]);
    assert_eq!((left.code, left.out.as_str()), (Some(0), ""));
    let gone = books.reconcile(&["show", &id]);
    assert_eq!(gone.code, Some(2));
    assert!(gone.err.contains("reconcile list"), "{}", gone.err);
}

#[test]
fn the_comparison_is_a_table_a_file_and_objects() {
    let books = Books::new();
    let file = books.cli.folder.path().join("activity.json");
    std::fs::write(&file, books.invoice()).unwrap();
    let path = file.to_str().unwrap();
    let table = books.reconcile(&[path, "--provider", "openai"]);
    assert!(table.out.starts_with("DAY (UTC)"), "{}", table.out);
    assert!(table.out.contains("same tokens, another price") && table.out.contains("not in the books"));
    assert!(table.out.contains("1 of them are sure, the calls being the same"), "{}", table.out);
    let csv = books.reconcile(&["show", "activity.json", "--format", "csv"]);
    let lines: Vec<&str> = csv.out.lines().collect();
    assert!(lines[0].starts_with("day,model,agreement,invoiced_usd,booked_usd,difference_usd,corrected_usd"));
    assert!(
        lines[1].starts_with(&format!("{},openai/o3,only_invoiced,0.25,,0.25,,7,0,0,", books.day())),
        "{}",
        csv.out
    );
    let list = books.reconcile(&["list"]);
    assert!(list.out.contains("activity.json") && list.out.contains("$0.75"), "{}", list.out);
    let list = books.reconcile(&["list", "--format", "csv"]);
    assert!(list.out.starts_with("id,name,issuer,provider,imported_at"), "{}", list.out);
}

#[test]
fn what_is_misspelt_is_refused_and_changes_nothing() {
    let books = Books::new();
    let refused = |words: &[&str], code: i32, says: &str| {
        let outcome = books.reconcile(words);
        assert_eq!(outcome.code, Some(code), "{words:?}: {}{}", outcome.out, outcome.err);
        assert!(outcome.err.contains(says), "{words:?}: {}", outcome.err);
    };
    refused(&["-", "--provider", "opneai"], 1, "no provider “opneai” here");
    refused(&["nowhere.csv"], 1, "nowhere.csv cannot be read");
    refused(&[], 2, "FILE");
    assert_eq!(books.reconcile(&["-", "--provider", "openai"]).code, Some(0));
    let row = format!("{}/o4", books.day());
    refused(&["adjust", "standard input", "--row", &row], 2, "has no row");
    refused(&["adjust", "standard input", "--row", "o4"], 2, "is no day");
    assert_eq!(books.entries(), 1);
}
