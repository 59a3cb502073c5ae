//! What has to hold in a folder that storms have gone over, once its last process has been recovered.

use std::collections::HashMap;
use std::path::Path;

use roundtable_domain::{AttemptId, PicoUsd, Provenance, RunState};
use roundtable_emulator::CapturedRequest;
use roundtable_engine::view::{BudgetScopeKind, BudgetView, TurnView};
use roundtable_engine::{Engine, FiledEntry, LedgerEntry, LedgerFilter};
use roundtable_store::{Attempt, Reservation, Settlement, Store};

use super::scene::{Charge, Model, models};
use crate::batches::open_store;
use crate::budgets::usd;

/// Everything that was written of one turn.
struct Written {
    text: String,
    attempts: Vec<Attempt>,
    reservations: Vec<Reservation>,
}

/// The folder's books, its calls, and what the server has received.
pub struct Books {
    turns: Vec<Written>,
    entries: Vec<LedgerEntry>,
    /// The same with the folder and the tags they are booked under.
    filed: Vec<FiledEntry>,
    by_attempt: HashMap<AttemptId, LedgerEntry>,
    budgets: Vec<BudgetView>,
    requests: Vec<CapturedRequest>,
    name: String,
}

impl Books {
    pub async fn read(engine: &Engine, folder: &Path, requests: Vec<CapturedRequest>, name: String) -> Self {
        let store = open_store(folder).await;
        let mut turns = Vec::new();
        for listed in engine.list_conversations().await.unwrap() {
            for turn in engine.open_conversation(listed.id).await.unwrap().turns {
                turns.push(written(&store, &turn).await);
            }
        }
        assert!(store.reservations().open().await.unwrap().is_empty(), "{name}: money stays set aside");
        store.close().await;
        let entries = engine.ledger_entries(&LedgerFilter::default(), 10_000).await.unwrap();
        let by_attempt = entries.iter().map(|entry| (entry.attempt_id, entry.clone())).collect();
        let mut filed = Vec::with_capacity(entries.len());
        for entry in &entries {
            filed.push(engine.entries_of_call(entry.id).await.unwrap().remove(0));
        }
        let budgets = engine.list_budgets().await.unwrap();
        Self { turns, entries, filed, by_attempt, budgets, requests, name }
    }

    pub fn check(&self) {
        self.check_entries();
        for turn in &self.turns {
            self.check_settlements(turn);
            for model in models() {
                self.check_calls(turn, &model);
            }
        }
        self.check_budgets();
    }

    /// Answers that were sent for, by how they ended.
    pub fn ends(&self) -> HashMap<RunState, usize> {
        let mut ends = HashMap::new();
        for attempt in self.turns.iter().flat_map(|turn| &turn.attempts) {
            *ends.entry(attempt.state).or_default() += 1;
        }
        ends
    }

    /// Nothing is booked twice, and everything at what its tokens cost, or at an estimate.
    fn check_entries(&self) {
        let name = &self.name;
        assert_eq!(self.entries.len(), self.by_attempt.len(), "{name}: a call is booked twice");
        for entry in &self.entries {
            let cost = entry.cost.usd.unwrap_or(PicoUsd::ZERO);
            assert!(cost > PicoUsd::ZERO, "{name}: a call without a cost: {entry:?}");
            if entry.cost.provenance != Some(Provenance::Estimated) {
                assert_eq!(cost, priced(entry), "{name}: {entry:?}");
            }
        }
    }

    /// What a call had set aside is settled if it is booked and released if it is not, and no call is booked above it.
    fn check_settlements(&self, turn: &Written) {
        let name = &self.name;
        for one in &turn.reservations {
            let entry = one.attempt_id.and_then(|attempt| self.by_attempt.get(&attempt));
            let is_kept = one.settlement.is_some_and(|how| how != Settlement::Released);
            assert_eq!(is_kept, entry.is_some(), "{name}: {one:?}, {entry:?}");
            if let Some(entry) = entry {
                assert!(entry.cost.usd <= one.amount, "{name}: above {:?}: {entry:?}", one.amount);
            }
        }
    }

    /// What the server has received of a prompt for a model is written down, and booked where that costs something.
    fn check_calls(&self, turn: &Written, model: &Model) {
        let name = &self.name;
        let received = self.requests.iter().filter(|request| asks(request, &turn.text, model)).count();
        let target = |attempt: &&Attempt| format!("{}/{}", attempt.provider, attempt.model_requested);
        let calls: Vec<&Attempt> =
            turn.attempts.iter().filter(|attempt| target(attempt) == model.target).collect();
        let shown = || format!("{name}, {}, {received} received of {}: {calls:#?}", turn.text, model.target);
        assert!(received <= calls.len(), "sent and not written down: {}", shown());
        let (booked, free): (Vec<&Attempt>, Vec<&Attempt>) =
            calls.iter().partition(|call| self.by_attempt.contains_key(&call.id));
        match model.charge {
            // What was received left whole: it costs something also where somebody stops it before the first byte of a reply.
            Charge::Always => assert!(booked.len() >= received, "served and not booked: {}", shown()),
            Charge::Maybe => {}
            Charge::Never => {
                // Who is stopped or killed before the refusal arrives does not know of it: the call counts as one that may be charged.
                let is_known =
                    |call: &&Attempt| !matches!(call.state, RunState::Interrupted | RunState::Cancelled);
                assert!(!booked.iter().any(is_known), "refused and booked: {}", shown());
            }
        }
        assert!(
            free.iter().all(|call| call.state != RunState::Interrupted),
            "nobody knows whether it was charged, and it is free: {}",
            shown()
        );
    }

    /// Every balance is the sum of its entries, added up here once more, and within its limit.
    fn check_budgets(&self) {
        for budget in &self.budgets {
            let scope = &budget.draft.scope;
            let is_counted = |filed: &&FiledEntry| {
                let FiledEntry { entry, folder, tags, .. } = filed;
                let named = match scope.kind {
                    BudgetScopeKind::Everything => None,
                    BudgetScopeKind::Provider => Some(entry.provider.clone()),
                    BudgetScopeKind::Model => Some(format!("{}/{}", entry.provider, entry.model_requested)),
                    BudgetScopeKind::Key => entry.key_id.map(|id| id.to_string()),
                    BudgetScopeKind::Conversation => entry.conversation_id.map(|id| id.to_string()),
                    BudgetScopeKind::Folder => folder.clone(),
                    BudgetScopeKind::Tag => {
                        tags.iter().find(|tag| Some(*tag) == scope.name.as_ref()).cloned()
                    }
                    BudgetScopeKind::Source => Some(entry.source.as_str().to_owned()),
                };
                named == scope.name
            };
            let spent = usd(&budget.spent_usd);
            let entries = self.filed.iter().filter(is_counted);
            let sum: i64 = entries.filter_map(|one| one.entry.cost.usd).map(PicoUsd::as_pico).sum();
            assert_eq!(spent.as_pico(), sum, "{}: {budget:?}", self.name);
            let limit = usd(&budget.draft.limit_usd);
            assert!(spent <= limit || !refuses(budget), "{}: {budget:?}", self.name);
        }
    }
}

pub fn refuses(budget: &BudgetView) -> bool {
    budget.draft.on_limit == roundtable_engine::view::OnLimit::Stop
}

async fn written(store: &Store, turn: &TurnView) -> Written {
    let mut found = Written { text: turn.text.clone(), attempts: Vec::new(), reservations: Vec::new() };
    for latest in &turn.runs {
        for run in store.runs().versions(turn.id, latest.lane_id).await.unwrap() {
            assert!(run.state.is_final(), "{}: an answer still runs", turn.text);
            found.attempts.extend(store.attempts().list(run.id).await.unwrap());
            found.reservations.extend(store.reservations().list(run.id).await.unwrap());
        }
    }
    found
}

/// Whether a request asks this model this prompt, whatever was said before it. Prompts that were never answered stand before it in the
/// same message, where a wire takes no two of a person's in a row.
fn asks(request: &CapturedRequest, text: &str, model: &Model) -> bool {
    let (provider, name) = model.target.split_once('/').unwrap();
    let is_there = (request.path == "/v1/messages") == (provider == "anthropic");
    let turns = request.body["messages"].as_array().or_else(|| request.body["input"].as_array());
    is_there
        && request.method == "POST"
        && request.body["model"] == name
        && turns.and_then(|turns| turns.last()).is_some_and(|last| number(&last.to_string()) == number(text))
}

/// The number of the last prompt in a text.
fn number(text: &str) -> Option<&str> {
    text.rsplit("Prompt ").next().and_then(|after| after.split('.').next())
}

/// Whole pico-dollars of the tokens that were reported, at the model's price.
fn priced(entry: &LedgerEntry) -> PicoUsd {
    let target = format!("{}/{}", entry.provider, entry.model_requested);
    let (input, output) = models().into_iter().find(|model| model.target == target).unwrap().prices;
    let tokens = |count: Option<u64>| i64::try_from(count.unwrap()).unwrap();
    PicoUsd::from_pico((tokens(entry.usage.input) * input + tokens(entry.usage.output) * output) * 1_000_000)
}
