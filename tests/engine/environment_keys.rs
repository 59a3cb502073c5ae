//! Keys from the environment have no row of their own, and are still somebody's money.

use std::collections::HashMap;

use roundtable_emulator::{Emulator, EmulatorOptions};
use roundtable_engine::view::{
    BudgetDraft, BudgetScope, BudgetScopeKind, BudgetView, MoneyChoice, OnLimit, OwnPrice, SpendBy,
    SpendFilter,
};
use roundtable_engine::{Engine, LedgerFilter, Options, Pace};
use roundtable_tests::{Window, options};
use tempfile::TempDir;

const VARIABLE: &str = "OPENAI_API_KEY";

struct Host {
    engine: Engine,
    emulator: Emulator,
    folder: TempDir,
}

impl Host {
    /// `OpenAI` stands where the emulator is, and its key is in the environment.
    async fn new() -> Self {
        let emulator =
            Emulator::start(EmulatorOptions { pace: Pace::Instant, ..Default::default() }).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let engine = open(&folder, &emulator, "sk-environment-0123456789").await;
        let (input, output) = ("1".to_owned(), "2".to_owned());
        let price = OwnPrice { input, output, cache_read: None, cache_write: None };
        engine.set_own_price("openai/swift", Some(price)).await.unwrap();
        Self { engine, emulator, folder }
    }

    async fn ask(&self) -> Result<(), String> {
        let conversation = self.engine.create_conversation(&["openai/swift".to_owned()]).await.unwrap();
        let (window, money) = (Window::default(), MoneyChoice::default());
        let id = conversation.summary.id;
        let turn = self.engine.start_turn(id, "hi", &[], &[], money, window.sink()).await;
        window.runs(&turn.map_err(|error| error.code)?.runs).await;
        Ok(())
    }
}

async fn open(folder: &TempDir, emulator: &Emulator, key: &str) -> Engine {
    let environment = HashMap::from([
        (VARIABLE.to_owned(), key.to_owned()),
        ("OPENAI_BASE_URL".to_owned(), format!("{}/v1", emulator.base_url())),
    ]);
    let options = Options { environment, demo: false, ..options(folder.path(), Pace::Instant) };
    Engine::open(options).await.unwrap()
}

fn of_key(name: &str, limit: &str) -> BudgetDraft {
    BudgetDraft {
        scope: BudgetScope { kind: BudgetScopeKind::Key, name: Some(name.to_owned()) },
        simulated: false,
        ..crate::budgets::draft(limit, OnLimit::Stop)
    }
}

async fn saved(engine: &Engine, draft: BudgetDraft) -> BudgetView {
    engine.save_budget(draft, false).await.unwrap().pop().unwrap()
}

#[tokio::test]
async fn a_budget_counts_and_stops_a_key_of_the_environment() {
    let host = Host::new().await;
    let providers = host.engine.list_providers().await.unwrap();
    let key = &providers.iter().find(|one| one.id == "openai").unwrap().keys[0];
    assert_eq!((key.id, key.variable.as_deref()), (None, Some(VARIABLE)), "there is nothing to remove");
    let chosen = saved(&host.engine, of_key(&key.spend_id.to_string(), "1")).await;
    assert_eq!(chosen.scope_label, VARIABLE, "the window's choice is told by its variable");
    let written = saved(&host.engine, of_key("env:OPENAI_API_KEY", "1")).await;
    assert_eq!(written.draft.scope, chosen.draft.scope, "and may be written so");
    let other = saved(&host.engine, of_key("env:ANTHROPIC_API_KEY", "1")).await;

    host.ask().await.unwrap();
    let entry = host.engine.ledger_entries(&LedgerFilter::default(), 10).await.unwrap().remove(0);
    assert_eq!(entry.key_id, Some(key.spend_id));
    let budgets = host.engine.list_budgets().await.unwrap();
    let spent = |id| budgets.iter().find(|one| one.id == id).unwrap().spent_usd.clone();
    assert_eq!(spent(chosen.id), entry.cost.usd.unwrap().to_string());
    assert_eq!(spent(other.id), "0", "another variable is another key");

    let tight = BudgetDraft { id: Some(chosen.id), ..of_key("env:OPENAI_API_KEY", "0.000001") };
    host.engine.save_budget(tight, false).await.unwrap();
    assert_eq!(host.ask().await.unwrap_err(), "over_budget");
    assert!(host.engine.check_budgets().await.unwrap().is_sound());

    // The key in the variable is another one, the variable is the same.
    host.engine.shutdown().await;
    let again = open(&host.folder, &host.emulator, "sk-another-0123456789").await;
    let host = Host { engine: again, ..host };
    assert_eq!(host.ask().await.unwrap_err(), "over_budget");
    host.engine.shutdown().await;
}

#[tokio::test]
async fn spend_by_key_names_the_variable() {
    let host = Host::new().await;
    host.ask().await.unwrap();
    let filter = SpendFilter { by: SpendBy::Key, simulated: false, ..SpendFilter::default() };
    let view = host.engine.spend(&filter).await.unwrap();
    let [row] = view.ranking.as_slice() else { panic!("{:?}", view.ranking) };
    assert_eq!((row.of.label.as_str(), row.of.gone), (VARIABLE, false));
    assert_eq!(row.success_basis_points, Some(10_000), "how its calls went is filed with what they cost");
    assert_eq!(row.of.provider.as_deref(), Some("openai"));
    let choices = host.engine.spend_choices().await.unwrap();
    assert!(choices.keys.iter().any(|key| key.label == VARIABLE), "and can be filtered by");
    host.engine.shutdown().await;
}
