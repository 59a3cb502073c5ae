//! What was spent is one number, wherever it is read: columns, bands, ranking, hours, files and entries agree to the last digit,
//! in every time zone.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use proptest::prelude::*;
use roundtable_domain::{PicoUsd, UnixMs};
use roundtable_engine::view::{
    ConversationSnapshot, MoneyChoice, ReplayOf, Settings, SpendBy, SpendFilter, SpendMeasure, SpendName,
    SpendRange, SpendStep, SpendView, Takeaway, TurnView,
};
use roundtable_engine::{Clock, Engine, Money, Options};
use roundtable_tests::months::{Dice, Months, open_books};
use roundtable_tests::{Room, Window, options};
use tempfile::TempDir;
use uuid::Uuid;

use crate::budgets::SetClock;

const DAY_MS: i64 = 86_400_000;

const ZONES: [&str; 6] =
    ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns"];

/// A clock that stands.
struct Standing(UnixMs);

impl Clock for Standing {
    fn now(&self) -> UnixMs {
        self.0
    }

    fn new_id(&self) -> Uuid {
        Uuid::now_v7()
    }

    fn jitter(&self) -> u64 {
        0
    }
}

/// Made up books, looked at from their end in a time zone.
struct Looked {
    engine: Engine,
    _folder: TempDir,
}

impl Looked {
    async fn at(months: Months, zone: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = open_books(folder.path(), months.now).await.unwrap();
        months.write(&store).await.unwrap();
        store.close().await;
        let usual = options(folder.path(), roundtable_emulator::Pace::Instant);
        let engine = Engine::open(Options { clock: Arc::new(Standing(months.now)), ..usual }).await.unwrap();
        engine
            .save_settings(Settings { time_zone: Some(zone.to_owned()), ..Settings::default() })
            .await
            .unwrap();
        Self { engine, _folder: folder }
    }
}

fn pico(usd: &str) -> i128 {
    i128::from(usd.parse::<PicoUsd>().unwrap().as_pico())
}

fn sum<'a>(values: impl Iterator<Item = &'a Option<String>>) -> i128 {
    values.flatten().map(|usd| pico(usd)).sum()
}

fn cells(csv: &str, column: &str) -> Vec<String> {
    let mut lines = csv.lines();
    let place = lines.next().unwrap().split(',').position(|name| name == column).unwrap();
    // Nothing in these columns is quoted, and what is quoted comes before none of them.
    let unquoted = |line: &str| {
        let mut quoted = false;
        line.chars()
            .map(|letter| {
                quoted ^= letter == '"';
                if quoted && letter == ',' { ';' } else { letter }
            })
            .collect::<String>()
    };
    lines.map(|line| unquoted(line).split(',').nth(place).unwrap().to_owned()).collect()
}

/// All that is said about cost is the same sum.
async fn agrees(engine: &Engine, filter: &SpendFilter) -> SpendView {
    let view = engine.spend(filter).await.unwrap();
    let total = pico(&view.figures.range.usd);
    assert_eq!(sum(view.totals.iter()), total, "columns: {filter:?}");
    if filter.by != SpendBy::Tag {
        let ranked: i128 = view.ranking.iter().map(|rank| pico(&rank.sums.usd)).sum();
        assert_eq!(ranked, total, "ranking: {filter:?}");
        let requests: u64 = view.ranking.iter().map(|rank| rank.sums.requests).sum();
        assert_eq!(requests, view.figures.range.requests, "calls: {filter:?}");
        assert_eq!(sum(view.series.iter().flat_map(|series| &series.values)), total, "bands: {filter:?}");
        for (place, column) in view.totals.iter().enumerate() {
            let bands = sum(view.series.iter().map(|series| &series.values[place]));
            assert_eq!(bands, column.as_deref().map_or(0, pico), "column {place}: {filter:?}");
        }
        let csv = engine.spend_csv(filter, "ranking").await.unwrap();
        assert_eq!(usd_of(&cells(&csv, "usd")), total, "its file");
    }
    assert_eq!(view.hours.iter().map(|hour| pico(&hour.usd)).sum::<i128>(), total, "hours: {filter:?}");
    let csv = engine.spend_csv(filter, "series").await.unwrap();
    assert_eq!(usd_of(&cells(&csv, "total")), total);
    let csv = engine.spend_csv(filter, "entries").await.unwrap();
    assert_eq!(usd_of(&cells(&csv, "usd")), total, "entries: {filter:?}");
    let range = &view.figures.range;
    let tokens = [("input_tokens", range.input_tokens), ("output_tokens", range.output_tokens)];
    for (column, whole) in tokens {
        assert_eq!(whole_of(&cells(&csv, column)), i128::from(whole), "{column} of entries: {filter:?}");
    }
    for (measure, whole) in [
        (SpendMeasure::Tokens, Some(range.input_tokens + range.output_tokens)),
        (SpendMeasure::Requests, Some(range.requests)),
        (SpendMeasure::Latency, None),
    ] {
        measures_agree(engine, &SpendFilter { measure, ..filter.clone() }, &view, whole).await;
    }
    view
}

/// What cannot be known is empty.
fn usd_of(cells: &[String]) -> i128 {
    cells.iter().filter(|usd| !usd.is_empty()).map(|usd| pico(usd)).sum()
}

fn whole_of(cells: &[String]) -> i128 {
    cells.iter().filter(|cell| !cell.is_empty()).map(|cell| cell.parse::<i128>().unwrap()).sum()
}

/// Another measure of the same books: the figures stand, and columns, bands and their file are of one number. `whole`: what they add up
/// to; `None`: they are means, and that of a column lies among those of its bands.
async fn measures_agree(engine: &Engine, filter: &SpendFilter, cost: &SpendView, whole: Option<u64>) {
    let view = engine.spend(filter).await.unwrap();
    assert_eq!((&view.figures, &view.hours), (&cost.figures, &cost.hours), "{filter:?}");
    assert_eq!((&view.models, &view.columns), (&cost.models, &cost.columns), "{filter:?}");
    let number = |cell: &Option<String>| cell.as_deref().map(|cell| cell.parse::<u64>().unwrap());
    let totals: Vec<Option<u64>> = view.totals.iter().map(number).collect();
    let csv = engine.spend_csv(filter, "series").await.unwrap();
    let file = cells(&csv, "total");
    assert_eq!(file.iter().map(|cell| cell.parse().ok()).collect::<Vec<Option<u64>>>(), totals, "{filter:?}");
    if let Some(whole) = whole {
        assert_eq!(totals.iter().flatten().sum::<u64>(), whole, "columns: {filter:?}");
    }
    if filter.by == SpendBy::Tag || view.series.is_empty() {
        return;
    }
    for (place, total) in totals.iter().enumerate() {
        let bands: Vec<u64> = view.series.iter().filter_map(|series| number(&series.values[place])).collect();
        if whole.is_some() {
            assert_eq!(bands.iter().sum::<u64>(), total.unwrap_or(0), "column {place}: {filter:?}");
        } else {
            let (least, most) = (bands.iter().min().copied(), bands.iter().max().copied());
            assert!(least <= *total && *total <= most, "column {place}: {filter:?}: {total:?} of {bands:?}");
        }
    }
}

fn some(dice: &mut Dice, of: &[SpendName]) -> Vec<String> {
    if of.is_empty() || !dice.one_in(4) { vec![] } else { vec![dice.one_of(of).name.clone()] }
}

/// Any filter a person could choose.
async fn any_filter(engine: &Engine, dice: &mut Dice, now: UnixMs) -> SpendFilter {
    let choices = engine.spend_choices().await.unwrap();
    let by = [
        SpendBy::Provider,
        SpendBy::Model,
        SpendBy::Key,
        SpendBy::Source,
        SpendBy::Conversation,
        SpendBy::Folder,
        SpendBy::Tag,
    ];
    let from = UnixMs(now.0 - i64::try_from(dice.below(20)).unwrap() * DAY_MS - 12_345);
    let ranges = [
        SpendRange::Today,
        SpendRange::Week,
        SpendRange::Month,
        SpendRange::Year,
        SpendRange::All,
        SpendRange::Days { days: u16::try_from(1 + dice.below(30)).unwrap() },
        SpendRange::Between { from, until: UnixMs(from.0 + 3 * DAY_MS + 7) },
    ];
    let steps = [SpendStep::Auto, SpendStep::Hour, SpendStep::Day, SpendStep::Week, SpendStep::Month];
    let ranked = SpendFilter { range: SpendRange::All, by: SpendBy::Conversation, ..SpendFilter::default() };
    let mut conversations = vec![];
    if dice.one_in(3) {
        let known = engine.spend(&ranked).await.unwrap().ranking;
        conversations.extend(
            known
                .iter()
                .map(|rank| rank.of.name.clone())
                .filter(|name| name != "*")
                .take(1 + usize::try_from(dice.below(3)).unwrap()),
        );
    }
    SpendFilter {
        range: *dice.one_of(&ranges),
        step: *dice.one_of(&steps),
        by: *dice.one_of(&by),
        measure: SpendMeasure::Cost,
        providers: some(dice, &choices.providers),
        models: some(dice, &choices.models),
        keys: some(dice, &choices.keys),
        sources: some(dice, &choices.sources),
        conversations,
        folders: some(dice, &choices.folders),
        tags: some(dice, &choices.tags),
        simulated: dice.one_in(5),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 0, ..ProptestConfig::default() })]

    /// Over days on which clocks are put forward (the 29th of March 2026 in Berlin) and back (the 25th of October), and where they stand at odd
    /// quarters.
    #[test]
    fn every_figure_is_the_same_sum(zone in 0..ZONES.len(), autumn: bool, days_after in 0..9_i64, seed: u64) {
        let change = if autumn { 1_792_886_400_000 } else { 1_774_742_400_000 };
        let now = UnixMs(change + days_after * DAY_MS + i64::try_from(seed % 86_400_000).unwrap());
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let looked = Looked::at(Months { entries: 900, days: 24, now, seed }, ZONES[zone]).await;
            let mut dice = Dice::new(seed);
            let whole = SpendFilter { range: SpendRange::All, ..SpendFilter::default() };
            let view = agrees(&looked.engine, &whole).await;
            assert_eq!(view.zone, ZONES[zone]);
            assert!(view.figures.range.requests > 700, "{}", view.figures.range.requests);
            for _ in 0..24 {
                let filter = any_filter(&looked.engine, &mut dice, now).await;
                agrees(&looked.engine, &filter).await;
            }
            looked.engine.shutdown().await;
        });
    }
}

#[tokio::test]
async fn a_list_of_entries_has_each_once_and_leads_to_its_formula() {
    let now = UnixMs(1_795_000_000_000);
    let looked = Looked::at(Months { entries: 350, days: 12, now, seed: 3 }, "UTC").await;
    let engine = &looked.engine;
    let all = SpendFilter { range: SpendRange::All, ..SpendFilter::default() };
    let (mut cursor, mut entries) = (None, Vec::new());
    loop {
        let page = engine.spend_entries(&all, cursor.as_deref()).await.unwrap();
        assert!(page.entries.len() <= 100);
        entries.extend(page.entries);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let ids: std::collections::BTreeSet<String> = entries.iter().map(|entry| entry.id.to_string()).collect();
    assert_eq!(ids.len(), entries.len(), "none twice");
    assert!(entries.is_sorted_by_key(|entry| std::cmp::Reverse(entry.at.0)));
    let priced = entries.iter().find(|entry| entry.usd.is_some() && entry.input_tokens.is_some()).unwrap();
    let whole = engine.ledger_entry(priced.id).await.unwrap();
    assert_eq!(&whole.row, priced);
    let lines: i128 = whole.lines.iter().filter_map(|line| line.usd.as_deref()).map(pico).sum();
    assert_eq!(lines, pico(priced.usd.as_deref().unwrap()), "the formula comes to the cost");
    assert!(whole.price.is_some() && whole.price_date.is_some());
    let refused = engine.spend_entries(&all, Some("somewhere")).await.unwrap_err();
    assert_eq!(refused.code, "bad_filter");
    engine.shutdown().await;
}

/// A question whose answers tell of boats.
async fn ask(room: &Room, conversation: &ConversationSnapshot, window: &Window) -> TurnView {
    let (id, money) = (conversation.summary.id, MoneyChoice::default());
    room.engine.start_turn(id, "Tell me of boats.", &[], &[], money, window.sink()).await.unwrap()
}

#[tokio::test]
async fn the_same_history_is_priced_at_other_prices_or_says_that_it_cannot_be() {
    let room = Room::new().await;
    let conversation = room.conversation(&["demo/swift", "demo/scholar"]).await;
    let window = Window::default();
    let turn = ask(&room, &conversation, &window).await;
    window.until(|seen| seen.done).await;
    let filter = SpendFilter {
        range: SpendRange::All,
        conversations: vec![conversation.summary.id.to_string()],
        simulated: true,
        ..SpendFilter::default()
    };
    let targets = ["demo/swift", "demo/scholar", "demo/nobody", "nowhere/m"].map(str::to_owned);
    let of_filter = ReplayOf::Filter { filter: filter.clone() };
    let replay = room.engine.replay_cost(&of_filter, &targets).await.unwrap();
    let spent = room.engine.spend(&filter).await.unwrap().figures.range.usd;
    let models = &replay.models;
    let (swift, scholar) = (models[0].usd.as_deref().unwrap(), models[1].usd.as_deref().unwrap());
    assert!(pico(swift) < pico(&spent) && pico(&spent) < pico(scholar), "{swift} {spent} {scholar}");
    assert_eq!((&replay.actual_usd, replay.requests, replay.left_out), (&spent, 2, 0));
    assert_eq!((&models[2].usd, &models[3].usd), (&None, &None), "unpriced, not free");
    let unknown: Vec<bool> = models.iter().map(|model| model.unknown).collect();
    assert_eq!(unknown, [false, false, true, true], "nobody has heard of these");
    let of_turn = ReplayOf::Turn { turn_id: turn.id, simulated: true };
    assert_eq!(room.engine.replay_cost(&of_turn, &targets).await.unwrap(), replay, "a turn of its own");
    let alone = ReplayOf::Run { run_id: turn.runs[0].id, simulated: true };
    let alone = room.engine.replay_cost(&alone, &targets).await.unwrap();
    assert_eq!(alone.requests, 1);
    assert_eq!(
        alone.models[0].usd.as_ref(),
        Some(&alone.actual_usd),
        "at its own price it costs what it did"
    );
    let none = room.engine.replay_cost(&of_turn, &[]).await.unwrap();
    assert_eq!((&none.actual_usd, none.models.len()), (&spent, 0), "as it was, beside nobody");

    let opened = room.engine.open_conversation(conversation.summary.id).await.unwrap();
    assert_eq!(opened.turns[0].spend.simulated_usd, spent, "what this comparison cost");
    assert_eq!(opened.turns[0].spend.simulated_calls, 2);
    assert_eq!(room.engine.turn_spend(turn.id).await.unwrap(), opened.turns[0].spend);
    room.engine.shutdown().await;
}

#[tokio::test]
async fn folders_and_picks_stand_as_they_were() {
    let room = Room::new().await;
    let conversation = room.conversation(&["demo/swift", "demo/scholar"]).await.summary.id;
    room.engine.set_conversation_folder(conversation, Some("Boats")).await.unwrap();
    let window = Window::default();
    let turn = room
        .engine
        .start_turn(conversation, "Tell me of boats.", &[], &[], MoneyChoice::default(), window.sink())
        .await
        .unwrap();
    let runs = window.runs(&turn.runs).await;
    room.engine.pick_run(runs[0].id, true).await.unwrap();
    let filter =
        SpendFilter { range: SpendRange::All, simulated: true, by: SpendBy::Model, ..SpendFilter::default() };
    let votes = |view: &SpendView| -> Vec<(String, u64, u64)> {
        let mut votes: Vec<_> =
            view.models.iter().map(|one| (one.of.name.clone(), one.picks, one.comparisons)).collect();
        votes.sort();
        votes
    };
    let view = room.engine.spend(&filter).await.unwrap();
    assert_eq!(votes(&view), [("demo/scholar".to_owned(), 0, 1), ("demo/swift".to_owned(), 1, 1)]);
    assert_eq!(view.figures.success_basis_points, Some(10_000));
    assert!(view.models.iter().all(|model| model.average_ms.is_some()));

    room.engine.pick_run(runs[1].id, true).await.unwrap();
    let view = room.engine.spend(&filter).await.unwrap();
    assert_eq!(
        votes(&view),
        [("demo/scholar".to_owned(), 1, 1), ("demo/swift".to_owned(), 0, 1)],
        "one pick a turn"
    );
    let folders = async || {
        let folders = room.engine.folder_spend().await.unwrap().into_iter();
        let calls = folders.map(|one| (one.folder, one.spend.simulated_calls, one.booked.simulated_calls));
        calls.collect::<Vec<_>>()
    };
    assert_eq!(folders().await, [("Boats".to_owned(), 2, 2)]);
    room.engine.set_conversation_folder(conversation, Some("Harbour")).await.unwrap();
    let moved = [("Boats".to_owned(), 0, 2), ("Harbour".to_owned(), 2, 0)];
    assert_eq!(folders().await, moved, "the rows of a folder add up to its sum, the books keep their names");
    let rows = room.engine.list_conversations().await.unwrap();
    let harbour = room.engine.folder_spend().await.unwrap().remove(1);
    assert_eq!(harbour.spend, rows[0].spend);
    room.engine.set_conversation_folder(conversation, None).await.unwrap();
    room.engine.delete_conversation(conversation).await.unwrap();
    assert_eq!(folders().await, [("Boats".to_owned(), 0, 2)]);
    assert_eq!(
        votes(&room.engine.spend(&filter).await.unwrap()).len(),
        2,
        "spend and votes outlive the conversation"
    );
    room.engine.shutdown().await;
}

#[tokio::test]
async fn empty_books_say_so() {
    let room = Room::new().await;
    let view = room.engine.spend(&SpendFilter::default()).await.unwrap();
    assert_eq!((view.takeaway, view.figures.range.usd.as_str()), (Takeaway::Nothing, "0"));
    assert!(view.ranking.is_empty() && view.series.is_empty() && view.totals.iter().all(Option::is_none));
    assert_eq!((view.figures.forecast_usd, view.figures.success_basis_points), (None, None));
    let choices = room.engine.spend_choices().await.unwrap();
    assert!(!choices.has_real && !choices.has_simulated && choices.models.is_empty());
    room.engine.shutdown().await;
}

/// The sums of a row that a filter leads into are those of what it leads to.
#[tokio::test]
async fn what_is_outside_of_conversations_can_be_looked_into() {
    let now = UnixMs(1_795_000_000_000);
    let looked = Looked::at(Months { entries: 900, days: 40, now, seed: 5 }, "Europe/Berlin").await;
    let engine = &looked.engine;
    let all = SpendFilter { range: SpendRange::All, by: SpendBy::Conversation, ..SpendFilter::default() };
    let ranking = engine.spend(&all).await.unwrap().ranking;
    let outside = ranking.iter().find(|rank| rank.of.name.is_empty()).expect("batches are in the books");
    let one = ranking.iter().find(|rank| rank.of.name.len() > 1).expect("and conversations");
    let into = SpendFilter { conversations: vec![String::new()], by: SpendBy::Source, ..all.clone() };
    let view = agrees(engine, &into).await;
    assert_eq!(view.figures.range, outside.sums);
    assert!(view.figures.success_basis_points.is_some(), "how calls of batches ended is known");
    let both = SpendFilter { conversations: vec![String::new(), one.of.name.clone()], ..into.clone() };
    let sum = pico(&outside.sums.usd) + pico(&one.sums.usd);
    assert_eq!(pico(&agrees(engine, &both).await.figures.range.usd), sum, "nothing twice");
    // Kept with the settings, and read again.
    let settings = Settings { spend_filter: into.clone(), ..Settings::default() };
    engine.save_settings(settings).await.unwrap();
    let mut cursor = None;
    let mut found = 0;
    loop {
        let page = engine.spend_entries(&into, cursor.as_deref()).await.unwrap();
        found += page.entries.len();
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let calls = usize::try_from(view.figures.range.requests + view.figures.corrections).unwrap();
    assert_eq!(found, calls, "the list has each of them");
    engine.shutdown().await;
}

#[tokio::test]
async fn a_conversation_that_is_looked_into_says_how_long_its_calls_took() {
    let room = Room::new().await;
    let conversation = room.conversation(&["demo/swift", "demo/scholar"]).await;
    let window = Window::default();
    let turn = ask(&room, &conversation, &window).await;
    window.runs(&turn.runs).await;
    let all = SpendFilter {
        range: SpendRange::All,
        by: SpendBy::Model,
        measure: SpendMeasure::Latency,
        simulated: true,
        ..SpendFilter::default()
    };
    let whole = room.engine.spend(&all).await.unwrap();
    let into = SpendFilter { conversations: vec![conversation.summary.id.to_string()], ..all.clone() };
    // Filed as what it cost is: where the conversation stood then.
    room.engine.set_conversation_folder(conversation.summary.id, Some("Boats")).await.unwrap();
    let view = room.engine.spend(&into).await.unwrap();
    assert_eq!(view.models, whole.models, "the only conversation there is");
    assert_eq!(view.figures.success_basis_points, Some(10_000));
    assert_eq!((view.series.len(), &view.series), (2, &whole.series), "a line for each model");
    assert!(
        whole.ranking.iter().all(|rank| rank.average_ms.is_some() && rank.success_basis_points.is_some())
    );
    let by_conversation = SpendFilter { by: SpendBy::Conversation, ..all.clone() };
    let view = room.engine.spend(&by_conversation).await.unwrap();
    assert!(view.series.is_empty(), "not kept by conversation: no line is better than one of all others");
    assert!(view.ranking.iter().all(|rank| rank.average_ms.is_none()));
    let view = room.engine.spend(&SpendFilter { by: SpendBy::Conversation, ..into }).await.unwrap();
    assert!(view.ranking.iter().all(|rank| rank.average_ms.is_some()));
    room.engine.shutdown().await;
}

#[tokio::test]
async fn only_what_a_provider_stated_is_shown_as_stated() {
    let room = Room::new().await;
    let conversation = room.conversation(&["demo/swift"]).await;
    let window = Window::default();
    let turn = ask(&room, &conversation, &window).await;
    window.runs(&turn.runs).await;
    let filter = SpendFilter { range: SpendRange::All, simulated: true, ..SpendFilter::default() };
    let page = room.engine.spend_entries(&filter, None).await.unwrap();
    let entry = room.engine.ledger_entry(page.entries[0].id).await.unwrap();
    assert_eq!(entry.row.provenance, Some(roundtable_domain::Provenance::Computed));
    assert_eq!((entry.stated, entry.lines.is_empty()), (None, false));
    room.engine.shutdown().await;
}

/// How many entries `ledger` lists of all time, and how many of them are invented.
async fn listed(engine: &Engine, money: Money) -> (usize, usize) {
    let all = SpendFilter { range: SpendRange::All, ..SpendFilter::default() };
    let mut list = engine.list_entries(&all, money).await.unwrap();
    let entries = engine.next_entries(&mut list, 50).await.unwrap();
    (entries.len(), entries.iter().filter(|one| one.entry.simulated).count())
}

#[tokio::test]
async fn a_list_of_both_worlds_begins_with_the_older_books() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(SetClock(AtomicI64::new(1_795_000_000_000)));
    let told = Arc::clone(&clock) as Arc<dyn Clock>;
    let usual = options(folder.path(), roundtable_emulator::Pace::Instant);
    let engine = Engine::open(Options { clock: told, ..usual }).await.unwrap();
    let demo = engine.create_conversation(&["demo/swift".to_owned()]).await.unwrap().summary.id;
    let (window, money) = (Window::default(), MoneyChoice::default());
    let turn = engine.start_turn(demo, "Tell me of boats.", &[], &[], money, window.sink()).await.unwrap();
    window.runs(&turn.runs).await;
    clock.0.fetch_add(40 * DAY_MS, Ordering::Relaxed);
    assert_eq!(listed(&engine, Money::Both).await, (1, 1), "nothing real was ever booked");
    let emulator = engine.emulator().await.unwrap();
    crate::estimates::set_up(&engine, format!("{}/v1", emulator.base_url())).await;
    let window = Window::default();
    let asking = engine.ask(crate::estimates::question(Some(70), None), window.sink()).await.unwrap();
    window.runs(&asking.turn.runs).await;
    assert_eq!(listed(&engine, Money::Both).await, (2, 1), "the demo is older than the first real entry");
    assert_eq!(listed(&engine, Money::Real).await, (1, 0));
    assert_eq!(listed(&engine, Money::Simulated).await, (1, 1));
    engine.shutdown().await;
}

#[tokio::test]
async fn a_range_is_compared_and_forecast_as_its_own_period() {
    // A Tuesday in November, at noon in Berlin.
    let now = UnixMs(1_795_518_000_000);
    let looked = Looked::at(Months { entries: 3_000, days: 60, now, seed: 8 }, "Europe/Berlin").await;
    let engine = &looked.engine;
    let of = |range| SpendFilter { range, ..SpendFilter::default() };
    let until = async |range| engine.spend(&of(range)).await.unwrap().figures.forecast_until.unwrap();
    let day = |words: &'static str| async move {
        match engine.spend_range(words).await.unwrap() {
            SpendRange::Between { until, .. } => until,
            _ => unreachable!(),
        }
    };
    let (week, month, year) = (
        day("2026-11-24..2026-11-29").await,
        day("2026-11-24..2026-11-30").await,
        day("2026-11-24..2026-12-31").await,
    );
    assert_eq!(until(SpendRange::Week).await, week);
    assert_eq!(until(SpendRange::Month).await, month);
    assert_eq!(until(SpendRange::Days { days: 7 }).await, month);
    assert_eq!(until(SpendRange::Year).await, year);
    let own = SpendRange::Dates {
        first: roundtable_engine::view::SpendDay::try_from("2026-11-20".to_owned()).unwrap(),
        last: roundtable_engine::view::SpendDay::try_from("2026-11-29".to_owned()).unwrap(),
    };
    assert_eq!(until(own).await, week, "days of one's own that reach beyond today");

    let week = engine.spend(&of(SpendRange::Week)).await.unwrap().figures;
    let same_part =
        SpendRange::Between { from: week.before_from.unwrap(), until: week.before_until.unwrap() };
    let before = engine.spend(&of(same_part)).await.unwrap().figures.range.usd;
    assert_eq!(week.before_usd.as_deref(), Some(before.as_str()));
    assert_eq!(
        week.before_until.unwrap().0 - week.before_from.unwrap().0,
        DAY_MS + 12 * 3_600_000 + 15 * 60_000
    );
    let year = engine.spend(&of(SpendRange::Year)).await.unwrap().figures;
    assert_eq!((year.before_usd, year.before_from), (None, None), "the books do not reach back that far");
    let last_month = engine.spend(&of(SpendRange::LastMonth)).await.unwrap();
    assert_eq!(last_month.columns.len(), 31, "October");
    engine.shutdown().await;
}

#[tokio::test]
async fn spread_over_conversations_counts_all_of_them() {
    let now = UnixMs(1_795_000_000_000);
    let looked = Looked::at(Months { entries: 6_000, days: 30, now, seed: 9 }, "UTC").await;
    let filter = SpendFilter { range: SpendRange::All, by: SpendBy::Conversation, ..SpendFilter::default() };
    let view = looked.engine.spend(&filter).await.unwrap();
    assert_eq!(view.ranking.len(), 200);
    match view.takeaway {
        Takeaway::Spread { count, .. } => assert!(count > 200, "{count}"),
        other => panic!("{other:?}"),
    }
    let rest = view.series.last().unwrap();
    assert_eq!(rest.of.name, "*");
    assert_eq!(
        sum(rest.values.iter()),
        pico(&rest.sums.usd),
        "the band's own sum, not that of the ranking's rest"
    );
    looked.engine.shutdown().await;
}
