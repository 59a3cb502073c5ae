//! What somebody does: each act is a few calls and what stands in the books of them.

use roundtable_domain::{
    AttemptId, ConversationId, Cost, ErrorCategory, LaneId, LedgerEntryId, PicoUsd, Provenance, RunId,
    RunState, TokenUsage, TurnId, UnixMs, WireApi,
};
use roundtable_ledger::{CostQuery, compute_cost};
use roundtable_store::{
    Books, Call, CallSource, ContextMode, EntryKind, LedgerEntry, NewConversation, Requested, Source, Vote,
};
use serde_json::json;

use super::dice::Dice;
use super::models::{Model, Prices, key_of};

const HOUR_MS: i64 = 3_600_000;

const FOLDERS: [Option<&str>; 8] = [
    None,
    None,
    Some("Papers"),
    Some("Customers"),
    Some("Roundtable"),
    Some("Writing"),
    Some("家里"),
    Some("Recipes"),
];
const TAGS: [&[&str]; 9] = [
    &[],
    &[],
    &[],
    &["draft"],
    &["code"],
    &["code", "review"],
    &["translation"],
    &["research"],
    &["urgent", "draft"],
];
const ABOUT: [&str; 12] = [
    "A letter to the landlord",
    "Why the build is slow",
    "Notes on attention",
    "Soup for twelve",
    "Tests for the parser",
    "A talk in ten minutes",
    "Migrating the database",
    "名字的由来",
    "Reading a balance sheet",
    "Names for a boat",
    "Proofs by induction",
    "Planning a week in Lisbon",
];

/// Going on with what is under way.
pub(super) struct Acts {
    pub(super) books: Books,
    prices: Prices,
    now: UnixMs,
    open: Vec<Chat>,
    batch: Option<Batch>,
}

/// A conversation.
struct Chat {
    id: ConversationId,
    lanes: Vec<(LaneId, &'static Model)>,
    key: u8,
    /// Tokens of what was said so far.
    length: u64,
    turns_left: u64,
    source: Source,
}

/// Many questions to one model.
struct Batch {
    model: &'static Model,
    key: u8,
    left: u64,
    input: u64,
    output: u64,
}

/// One call, before it is known how it ends.
#[derive(Clone, Copy)]
struct Ask<'a> {
    model: &'static Model,
    at: i64,
    source: Source,
    conversation: Option<ConversationId>,
    turn: Option<TurnId>,
    run: Option<RunId>,
    lane: Option<LaneId>,
    key: u8,
    input: u64,
    cached: u64,
    output: u64,
    kind: &'a str,
}

impl Acts {
    pub(super) fn new(now: UnixMs) -> Self {
        Self { books: Books::default(), prices: Prices::new(), now, open: vec![], batch: None }
    }

    /// Does the next thing within an hour, and gives how many entries that made. At most about `most` of them.
    pub(super) fn next(&mut self, dice: &mut Dice, hour: i64, most: usize) -> usize {
        let before = self.books.entries.len();
        let begin = hour * HOUR_MS;
        let room = (self.now.0 - begin).clamp(1, HOUR_MS);
        let at = begin + i64::try_from(dice.below(u64::try_from(room).unwrap_or(1))).unwrap_or(0);
        match dice.below(100) {
            _ if self.batch.is_some() && dice.percent(55) => self.go_on_with_batch(dice, at, most),
            0..=2 if most > 40 => self.begin_batch(dice),
            3..=8 => self.ask_once(dice, at, Source::Cli),
            9..=11 => self.embed(dice, at, most),
            12..=14 => self.ask_once(dice, at, Source::Gateway),
            _ => self.turn(dice, at),
        }
        self.books.entries.len() - before
    }

    fn turn(&mut self, dice: &mut Dice, at: i64) {
        self.open.retain(|chat| chat.turns_left > 0);
        if self.open.len() < 2 || dice.one_in(14) {
            let chat = self.begin_chat(dice, at, Source::Chat);
            self.open.push(chat);
            if self.open.len() > 5 {
                self.open.remove(0);
            }
        }
        let place = usize::try_from(dice.below(self.open.len() as u64)).unwrap_or(0);
        let mut chat = self.open.swap_remove(place);
        self.prompt(dice, &mut chat, at);
        self.open.push(chat);
    }

    fn ask_once(&mut self, dice: &mut Dice, at: i64, source: Source) {
        let mut chat = self.begin_chat(dice, at, source);
        chat.lanes.truncate(1);
        self.prompt(dice, &mut chat, at);
    }

    fn begin_chat(&mut self, dice: &mut Dice, at: i64, source: Source) -> Chat {
        let demo = source == Source::Chat && dice.one_in(40);
        let width = [1, 1, 2, 2, 3, 3, 4][usize::try_from(dice.below(7)).unwrap_or(0)];
        let mut lanes: Vec<(LaneId, &'static Model)> = Vec::new();
        while lanes.len() < width {
            let model = Model::any(dice, demo);
            if demo || !lanes.iter().any(|(_, other)| other.name == model.name) {
                lanes.push((LaneId::from_uuid(dice.id(at)), model));
            }
        }
        let id = ConversationId::from_uuid(dice.id(at));
        let turns_left = 1 + dice.mostly_small(1, 40);
        // Some have been deleted since; those of the command line and the gateway are nobody's to keep.
        if source == Source::Chat && !dice.one_in(12) {
            self.books.conversations.push(NewConversation {
                id,
                title: (*dice.one_of(&ABOUT)).to_owned(),
                title_is_auto: true,
                context_mode: ContextMode::Lanes,
                system_prompt: None,
                lanes: vec![],
                folder: dice.one_of(&FOLDERS).map(str::to_owned),
                tags: dice.one_of(&TAGS).iter().map(|tag| (*tag).to_owned()).collect(),
                created_at: UnixMs(at),
            });
        }
        Chat { id, lanes, key: u8::from(dice.one_in(4)), length: 200, turns_left, source }
    }

    /// A prompt to all lanes of a conversation.
    fn prompt(&mut self, dice: &mut Dice, chat: &mut Chat, at: i64) {
        let turn = TurnId::from_uuid(dice.id(at));
        let words = dice.mostly_small(15, 4_000);
        let mut answered = Vec::new();
        for (lane, model) in chat.lanes.clone() {
            let input = chat.length + words;
            let cached = if chat.length > 1_024 && dice.percent(70) { chat.length / 128 * 128 } else { 0 };
            let ask = Ask {
                model,
                at,
                source: chat.source,
                conversation: Some(chat.id),
                turn: Some(turn),
                run: Some(RunId::from_uuid(dice.id(at))),
                lane: Some(lane),
                key: chat.key,
                input,
                cached,
                output: dice.mostly_small(20, 6_000),
                kind: "first",
            };
            if self.run(dice, ask) {
                answered.push(model);
            }
        }
        if chat.source == Source::Chat && chat.length == 200 {
            self.title(dice, chat, turn, at);
        }
        if answered.len() > 1 && dice.percent(16) {
            self.pick(dice, turn, &answered, at);
        }
        chat.length = (chat.length + words + 600).min(90_000);
        chat.turns_left = chat.turns_left.saturating_sub(1);
    }

    fn title(&mut self, dice: &mut Dice, chat: &Chat, turn: TurnId, at: i64) {
        let Some((_, model)) = chat.lanes.first() else { return };
        let (source, conversation, turn) = (Source::Title, Some(chat.id), Some(turn));
        let ask = Ask {
            model,
            at,
            source,
            conversation,
            turn,
            run: None,
            lane: None,
            key: chat.key,
            input: 120,
            cached: 0,
            output: 9,
            kind: "first",
        };
        self.answered(dice, ask);
    }

    /// The dearer a model, the more often its answer is picked; the order of the table stands in for that.
    fn pick(&mut self, dice: &mut Dice, turn: TurnId, models: &[&'static Model], at: i64) {
        let liked = models.iter().max_by_key(|model| dice.below(300) + 4_000 / model.tokens_per_second);
        for model in models {
            self.books.votes.push(Vote {
                turn_id: turn,
                provider: model.provider.to_owned(),
                model: model.name.to_owned(),
                simulated: model.is_demo(),
                at: UnixMs(at),
                picked: liked.is_some_and(|liked| liked.name == model.name),
            });
        }
    }

    /// One lane's answer, with everything that goes wrong on the way; whether there was one.
    fn run(&mut self, dice: &mut Dice, mut ask: Ask<'_>) -> bool {
        if dice.one_in(30) {
            self.kept(dice, ask);
            return true;
        }
        for (attempt, kind) in ["first", "retry", "fallback"].into_iter().enumerate() {
            ask.kind = kind;
            if attempt == 2 {
                ask.model = Model::any(dice, ask.model.is_demo());
                ask.cached = 0;
            }
            match dice.below(1_000) {
                roll if roll < ask.model.failures => {
                    let categories =
                        [ErrorCategory::RateLimited, ErrorCategory::Unavailable, ErrorCategory::Timeout];
                    let category = *dice.one_of(&categories);
                    self.call(dice, ask, RunState::Failed, Some(category), None);
                }
                roll if roll < ask.model.failures + 8 => {
                    let cost = self.cut(dice, ask);
                    self.call(dice, ask, RunState::Truncated, None, Some(cost));
                    if dice.percent(50) {
                        return true;
                    }
                }
                roll if roll > 988 => {
                    let cost = self.cut(dice, ask);
                    self.call(dice, ask, RunState::Cancelled, None, Some(cost));
                    return false;
                }
                _ => {
                    self.answered(dice, ask);
                    return true;
                }
            }
            ask.at += 2_000;
        }
        false
    }

    fn answered(&mut self, dice: &mut Dice, ask: Ask<'_>) {
        let attempt = AttemptId::from_uuid(dice.id(ask.at));
        let cost = self.entry(dice, ask, attempt, None);
        self.push_call(dice, ask, attempt, RunState::Complete, None, cost);
        if dice.one_in(900) {
            self.correct(dice, attempt);
        }
    }

    /// A stream that ended early is booked at what was counted.
    fn cut(&mut self, dice: &mut Dice, ask: Ask<'_>) -> (AttemptId, Option<PicoUsd>) {
        let attempt = AttemptId::from_uuid(dice.id(ask.at));
        let ask = Ask { output: ask.output / 3, ..ask };
        let cost = self.entry(dice, ask, attempt, Some(Provenance::Estimated));
        (attempt, cost)
    }

    fn call(
        &mut self,
        dice: &mut Dice,
        ask: Ask<'_>,
        state: RunState,
        category: Option<ErrorCategory>,
        booked: Option<(AttemptId, Option<PicoUsd>)>,
    ) {
        let (attempt, cost) = booked.unwrap_or_else(|| (AttemptId::from_uuid(dice.id(ask.at)), None));
        self.push_call(dice, ask, attempt, state, category, cost);
    }

    fn kept(&mut self, dice: &mut Dice, ask: Ask<'_>) {
        let attempt = AttemptId::from_uuid(dice.id(ask.at));
        let saved = self.cost(ask, Some(Provenance::Computed)).usd;
        self.push_call(dice, ask, attempt, RunState::Complete, None, None);
        if let Some(call) = self.books.calls.last_mut() {
            call.source = CallSource::Cache;
            call.saved = saved;
            call.total_ms = Some(3);
        }
    }

    fn embed(&mut self, dice: &mut Dice, at: i64, most: usize) {
        let texts = (4 + dice.below(30)).min(most as u64);
        for number in 0..texts {
            let model = Model::any(dice, false);
            let ask = Ask {
                model,
                at: at + i64::try_from(number).unwrap_or(0) * 300,
                source: Source::Embedding,
                conversation: None,
                turn: None,
                run: None,
                lane: None,
                key: 0,
                input: dice.mostly_small(20, 8_000),
                cached: 0,
                output: 0,
                kind: "first",
            };
            self.answered(dice, ask);
        }
    }

    fn begin_batch(&mut self, dice: &mut Dice) {
        self.batch = Some(Batch {
            model: Model::any(dice, false),
            key: 0,
            left: 100 + dice.below(2_400),
            input: dice.mostly_small(100, 3_000),
            output: dice.mostly_small(10, 900),
        });
    }

    fn go_on_with_batch(&mut self, dice: &mut Dice, at: i64, most: usize) {
        let Some(mut batch) = self.batch.take() else { return };
        let now = batch.left.min(20 + dice.below(60)).min(most as u64).max(1);
        for number in 0..now {
            let at = at + i64::try_from(number * 700).unwrap_or(0);
            let ask = Ask {
                model: batch.model,
                at: at.min(self.now.0),
                source: Source::Batch,
                conversation: Some(ConversationId::from_uuid(dice.id(at))),
                turn: Some(TurnId::from_uuid(dice.id(at))),
                run: Some(RunId::from_uuid(dice.id(at))),
                lane: None,
                key: batch.key,
                input: batch.input + dice.below(200),
                cached: batch.input / 2,
                output: batch.output + dice.below(80),
                kind: "first",
            };
            self.run(dice, ask);
        }
        batch.left -= now;
        self.batch = (batch.left > 0).then_some(batch);
    }

    fn cost(&self, ask: Ask<'_>, provenance: Option<Provenance>) -> Cost {
        let usage = usage_of(ask);
        let cost = compute_cost(&CostQuery {
            api: WireApi::OpenaiChat,
            provider: "",
            model: ask.model.name,
            usage_raw: Some(&usage),
            price: self.prices.of(ask.model),
            at: UnixMs(ask.at),
            ..CostQuery::default()
        });
        Cost { provenance: cost.usd.and(provenance.or(cost.provenance)), ..cost }
    }

    fn entry(
        &mut self,
        dice: &mut Dice,
        ask: Ask<'_>,
        attempt_id: AttemptId,
        provenance: Option<Provenance>,
    ) -> Option<PicoUsd> {
        let cost = self.cost(ask, provenance);
        let usd = cost.usd;
        let reported = provenance.is_none();
        self.books.entries.push(LedgerEntry {
            id: LedgerEntryId::from_uuid(dice.id(ask.at)),
            attempt_id,
            kind: EntryKind::Call,
            at: UnixMs(ask.at),
            source: ask.source,
            conversation_id: ask.conversation,
            turn_id: ask.turn,
            run_id: ask.run,
            lane_id: ask.lane,
            provider: ask.model.provider.to_owned(),
            model_requested: ask.model.name.to_owned(),
            model_served: reported.then(|| ask.model.name.to_owned()),
            key_id: (!ask.model.is_demo()).then(|| key_of(ask.model.provider, ask.key)),
            usage: TokenUsage {
                input: Some(ask.input),
                output: Some(ask.output),
                cached_input: reported.then_some(ask.cached),
                cache_write: None,
                reasoning: None,
            },
            usage_raw: reported.then(|| usage_of(ask)),
            cost,
            price: self.prices.of(ask.model).and_then(|price| serde_json::to_value(price).ok()),
            simulated: ask.model.is_demo(),
        });
        usd
    }

    /// The provider's own figure came later, and was a little different.
    fn correct(&mut self, dice: &mut Dice, attempt_id: AttemptId) {
        let Some(entry) = self.books.entries.iter().rev().find(|entry| entry.attempt_id == attempt_id) else {
            return;
        };
        let Some(usd) = entry.cost.usd else { return };
        let by = usd.as_pico() / 50 * (i64::try_from(dice.below(5)).unwrap_or(0) - 2);
        let at = UnixMs((entry.at.0 + 90_000).min(self.now.0));
        let correction = LedgerEntry {
            id: LedgerEntryId::from_uuid(dice.id(at.0)),
            kind: EntryKind::Adjustment,
            at,
            usage: TokenUsage::default(),
            usage_raw: None,
            cost: Cost {
                usd: Some(PicoUsd::from_pico(by)),
                provenance: Some(Provenance::Reported),
                ..Cost::unknown()
            },
            price: None,
            ..entry.clone()
        };
        self.books.entries.push(correction);
    }

    fn push_call(
        &mut self,
        dice: &mut Dice,
        ask: Ask<'_>,
        id: AttemptId,
        state: RunState,
        category: Option<ErrorCategory>,
        cost: Option<PicoUsd>,
    ) {
        let spread = 60 + dice.below(90);
        let ttft_ms = ask.model.ttft_ms * spread / 100;
        let total_ms = ttft_ms + ask.output * 1_000 / ask.model.tokens_per_second.max(1) * spread / 100;
        self.books.calls.push(Call {
            id,
            run_id: ask.run,
            at: UnixMs(ask.at),
            source: CallSource::Model,
            kind: ask.kind.to_owned(),
            provider: ask.model.provider.to_owned(),
            model: ask.model.name.to_owned(),
            model_served: None,
            key: (!ask.model.is_demo()).then(|| key_of(ask.model.provider, ask.key).to_string()),
            group: None,
            echelon: None,
            pool: None,
            state,
            category,
            wait_ms: 0,
            ttft_ms: (state != RunState::Failed).then_some(ttft_ms),
            total_ms: Some(total_ms),
            input_tokens: Some(ask.input),
            output_tokens: (state != RunState::Failed).then_some(ask.output),
            cost,
            saved: None,
            response: None,
            // What is short is read as simple here; nobody repeats a question to the letter.
            requested: Requested {
                asked: Some(format!("{}/{}", ask.model.provider, ask.model.name)),
                complexity: Some(if ask.output < 200 { "simple" } else { "moderate" }.to_owned()),
                ..Requested::default()
            },
            simulated: ask.model.is_demo(),
        });
    }
}

fn usage_of(ask: Ask<'_>) -> serde_json::Value {
    json!({
        "prompt_tokens": ask.input,
        "completion_tokens": ask.output,
        "prompt_tokens_details": { "cached_tokens": ask.cached },
    })
}
