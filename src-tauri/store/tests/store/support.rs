//! Short words for long rows.

use std::path::{Path, PathBuf};

use roundtable_domain::{
    Answer, AttemptId, ConversationId, Cost, LaneId, Layout, LedgerEntryId, Notice, NoticeSaying, Params,
    PicoUsd, Provenance, ReservationId, RunId, RunState, Seals, StreamEvent, TokenUsage, TurnId, UnixMs,
};
use roundtable_store::{
    Admission, ContextMode, EndedAttempt, EntryKind, FinishedRun, LeaseId, LedgerEntry, NewAttempt,
    NewConversation, NewLane, NewReservation, NewRetry, NewRun, NewTurn, OpenOptions, RoutePlace,
    RunCheckpoint, Settle, Settlement, Source, SpentOn, Store, Turn,
};
use uuid::Uuid;

/// A store in a folder of its own.
pub struct Room {
    pub store: Store,
    pub folder: tempfile::TempDir,
}

impl Room {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { store: open(&folder.path().join("roundtable.db")).await, folder }
    }

    pub fn file(&self) -> PathBuf {
        self.folder.path().join("roundtable.db")
    }
}

pub fn options(path: &Path) -> OpenOptions {
    OpenOptions { now: UnixMs(1_000), backup_dir: path.parent().unwrap().join("backups") }
}

pub async fn open(path: &Path) -> Store {
    Store::open(path, options(path)).await.unwrap()
}

pub fn id<T>(make: impl FnOnce(Uuid) -> T) -> T {
    make(Uuid::now_v7())
}

pub fn lease() -> LeaseId {
    LeaseId::new("this-process")
}

/// A conversation with lanes asking the given targets.
pub async fn conversation(store: &Store, targets: &[&str], at: i64) -> (ConversationId, Vec<LaneId>) {
    let new = NewConversation {
        id: id(ConversationId::from_uuid),
        title: "a title".into(),
        title_is_auto: true,
        context_mode: ContextMode::Lanes,
        system_prompt: None,
        lanes: targets.iter().map(|target| lane(target)).collect(),
        folder: None,
        tags: vec![],
        created_at: UnixMs(at),
    };
    store.conversations().create(&new).await.unwrap();
    (new.id, new.lanes.iter().map(|lane| lane.id).collect())
}

pub fn lane(target: &str) -> NewLane {
    NewLane { id: id(LaneId::from_uuid), target: target.into(), params: Params::default() }
}

/// A run with its attempt and reservation, begun.
#[derive(Clone, Debug)]
pub struct Begun {
    pub conversation: ConversationId,
    pub turn: TurnId,
    pub lane: LaneId,
    pub run: RunId,
    pub attempt: AttemptId,
    pub reservation: ReservationId,
}

/// What a run was sent without.
pub fn left_out() -> Notice {
    let saying = NoticeSaying::SettingOmitted { provider: "Demo".into(), setting: "top_k".into() };
    Notice { text: "“top_k” is left out".into(), saying: Some(saying) }
}

pub fn new_run(turn: TurnId, lane: LaneId, at: i64) -> NewRun {
    NewRun {
        id: id(RunId::from_uuid),
        turn_id: turn,
        lane_id: lane,
        target: "demo/swift".into(),
        params: Params { temperature: Some(0.5), ..Params::default() },
        provider: Some("demo".into()),
        model_requested: Some("swift".into()),
        notices: vec![left_out()],
        simulated: false,
        route: None,
        beginning: None,
        spend_source: Source::Chat,
        lease_id: lease(),
        started_at: UnixMs(at),
    }
}

pub fn new_reservation(run: RunId, pico: Option<i64>) -> NewReservation {
    NewReservation {
        id: id(ReservationId::from_uuid),
        run_id: run,
        amount: pico.map(PicoUsd::from_pico),
        spent_on: SpentOn {
            provider: "demo".into(),
            model: "swift".into(),
            key_id: None,
            conversation_id: None,
            source: Source::Chat,
        },
        simulated: false,
        lease_id: lease(),
        created_at: UnixMs(10),
    }
}

pub fn new_attempt(run: RunId, reservation: Option<ReservationId>) -> NewAttempt {
    NewAttempt {
        id: id(AttemptId::from_uuid),
        run_id: run,
        provider: "demo".into(),
        model_requested: "swift".into(),
        key_id: None,
        kind: "first".into(),
        route: RoutePlace::default(),
        wait_ms: 0,
        prompt_tokens: Some(12),
        reservation_id: reservation,
        started_at: UnixMs(11),
    }
}

/// A retry that sets so much aside.
pub fn new_retry(run: NewRun, pico: Option<i64>) -> NewRetry {
    NewRetry { reservation: Some(new_reservation(run.id, pico)), run, attempt: None, trace: None }
}

/// Begins a turn in all the lanes, with one attempt each.
pub async fn begin(
    store: &Store,
    conversation: ConversationId,
    lanes: &[LaneId],
    text: &str,
    at: i64,
) -> Vec<Begun> {
    let tip = store.turns().tip(conversation).await.unwrap();
    let turn = Turn {
        id: id(TurnId::from_uuid),
        conversation_id: conversation,
        parent_turn_id: tip,
        text: text.into(),
        parts: Vec::new(),
        created_at: UnixMs(at),
    };
    let runs: Vec<_> = lanes.iter().map(|lane| new_run(turn.id, *lane, at)).collect();
    let reservations: Vec<_> = runs.iter().map(|run| new_reservation(run.id, Some(5_000))).collect();
    let mut begun = Vec::new();
    let new = NewTurn { turn, runs, reservations, attempts: vec![], traces: vec![] };
    store.begin_turn(&new, &Admission::default()).await.unwrap();
    for (run, reservation) in new.runs.iter().zip(&new.reservations) {
        let attempt = new_attempt(run.id, Some(reservation.id));
        store.begin_attempt(&attempt, None, None, &Admission::default()).await.unwrap();
        begun.push(Begun {
            conversation,
            turn: new.turn.id,
            lane: run.lane_id,
            run: run.id,
            attempt: attempt.id,
            reservation: reservation.id,
        });
    }
    begun
}

pub fn checkpoint(run: RunId, text: (u64, &str), reasoning: (u64, &str)) -> RunCheckpoint {
    RunCheckpoint {
        run_id: run,
        state: RunState::Committed,
        text_offset: text.0,
        text: text.1.into(),
        reasoning_offset: reasoning.0,
        reasoning: reasoning.1.into(),
        refusal: None,
        tool_calls: None,
        model_served: None,
        usage: None,
        usage_raw: None,
        ttft_ms: None,
        at: UnixMs(20),
    }
}

pub fn cost(pico: i64) -> Cost {
    Cost {
        usd: Some(PicoUsd::from_pico(pico)),
        usd_exact: Some(PicoUsd::from_pico(pico).to_string()),
        provenance: Some(Provenance::Computed),
        price_date: Some("2026-11-01".into()),
        at_least: false,
        lines: Vec::new(),
    }
}

pub fn entry(begun: &Begun, cost: Cost) -> LedgerEntry {
    LedgerEntry {
        id: id(LedgerEntryId::from_uuid),
        attempt_id: begun.attempt,
        kind: EntryKind::Call,
        at: UnixMs(30),
        source: Source::Chat,
        conversation_id: Some(begun.conversation),
        turn_id: Some(begun.turn),
        run_id: Some(begun.run),
        lane_id: Some(begun.lane),
        provider: "demo".into(),
        model_requested: "swift".into(),
        model_served: Some("swift-2026".into()),
        key_id: None,
        usage: TokenUsage { input: Some(3), output: Some(u64::from(u32::MAX)), ..TokenUsage::default() },
        usage_raw: Some(serde_json::json!({"prompt_tokens": 3})),
        cost,
        price: Some(serde_json::json!({"input": "1"})),
        simulated: false,
    }
}

pub fn ended(begun: &Begun, state: RunState) -> EndedAttempt {
    EndedAttempt {
        id: begun.attempt,
        state,
        model_served: Some("swift-2026".into()),
        error: None,
        request_id: Some("req_1".into()),
        response_id: Some("resp_1".into()),
        ttft_ms: Some(5),
        total_ms: Some(19),
        ended_at: UnixMs(30),
    }
}

/// Thinking that is signed, then the answer.
pub fn layout() -> Layout {
    let mut answer = Answer::default();
    let content = serde_json::json!({"signature": "abc"});
    answer.apply(StreamEvent::Reasoning("because".to_owned()));
    answer.apply(StreamEvent::Opaque { of: Seals::Reasoning, content });
    answer.apply(StreamEvent::Text("hello".to_owned()));
    answer.layout
}

pub fn finished(begun: &Begun, text: &str, cost: Cost) -> FinishedRun {
    FinishedRun {
        run_id: begun.run,
        state: RunState::Complete,
        text: text.into(),
        reasoning: "because".into(),
        refusal: String::new(),
        tool_calls: Vec::new(),
        layout: layout(),
        finish_reason: Some("stop".into()),
        provider: Some("demo".into()),
        model_requested: Some("swift".into()),
        model_served: Some("swift-2026".into()),
        usage: TokenUsage { input: Some(3), output: Some(7), ..TokenUsage::default() },
        usage_raw: Some(serde_json::json!({"prompt_tokens": 3, "completion_tokens": 7})),
        cost: Some(cost.clone()),
        error: None,
        ttft_ms: Some(5),
        total_ms: Some(19),
        finished_at: UnixMs(30),
        attempt: Some(ended(begun, RunState::Complete)),
        entry: Some(entry(begun, cost)),
        call: None,
        settle: vec![Settle {
            reservation_id: begun.reservation,
            settlement: Settlement::Settled,
            at: UnixMs(30),
        }],
        source: "model".into(),
        saved: None,
        segments: serde_json::json!([]),
        offers: serde_json::json!([]),
        route: None,
        trace: None,
    }
}
