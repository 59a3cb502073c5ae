//! Sums of the books: always those of the entries, whatever has booked them.

use std::collections::BTreeMap;

use proptest::prelude::*;
use roundtable_domain::{
    AttemptId, ConversationId, Cost, CostLine, KeyId, LedgerEntryId, PicoUsd, Provenance, RunId, RunState,
    TokenUsage, TurnId, UnixMs,
};
use roundtable_store::{
    Books, Call, CallSource, CellSums, ContextMode, ConversationOrder, EntryKind, EntryPlace, EntryQuery,
    LedgerEntry, NewConversation, QUARTER_MS, Requested, Source, SpendCell, Stretch, Vote,
};
use uuid::Uuid;

use crate::support::{Room, id, open};

const DAY_MS: i64 = 86_400_000;

/// What differs from one entry to the next.
#[derive(Clone, Debug)]
struct Booked {
    at: i64,
    model: u8,
    source: u8,
    key: u8,
    conversation: u8,
    cost: Option<i64>,
    estimated: bool,
    simulated: bool,
    adjustment: bool,
}

fn booked() -> impl Strategy<Value = Booked> {
    (
        (0..5 * DAY_MS, 0..3_u8, 0..3_u8, 0..3_u8, 0..4_u8),
        (proptest::option::of(-50_i64..1_000_000_000_000), any::<bool>(), any::<bool>(), any::<bool>()),
    )
        .prop_map(
            |((at, model, source, key, conversation), (cost, estimated, simulated, adjustment))| Booked {
                at,
                model,
                source,
                key,
                conversation,
                cost,
                estimated,
                simulated,
                adjustment,
            },
        )
}

fn numbered(kind: u128, number: u8) -> Uuid {
    Uuid::from_u128(kind << 8 | u128::from(number))
}

fn entry(booked: &Booked) -> LedgerEntry {
    LedgerEntry {
        id: id(LedgerEntryId::from_uuid),
        attempt_id: id(AttemptId::from_uuid),
        kind: if booked.adjustment { EntryKind::Adjustment } else { EntryKind::Call },
        at: UnixMs(booked.at),
        source: [Source::Chat, Source::Batch, Source::Cli][usize::from(booked.source)],
        conversation_id: (booked.conversation > 0)
            .then(|| ConversationId::from_uuid(numbered(7, booked.conversation))),
        turn_id: None,
        run_id: None,
        lane_id: None,
        provider: ["openai", "demo", "house"][usize::from(booked.model)].to_owned(),
        model_requested: "m".to_owned(),
        model_served: None,
        key_id: (booked.key > 0).then(|| KeyId::from_uuid(numbered(9, booked.key))),
        usage: TokenUsage {
            input: Some(100),
            output: Some(7),
            cached_input: Some(40),
            ..TokenUsage::default()
        },
        usage_raw: None,
        cost: Cost {
            usd: booked.cost.map(PicoUsd::from_pico),
            provenance: booked
                .cost
                .map(|_| if booked.estimated { Provenance::Estimated } else { Provenance::Computed }),
            ..Cost::unknown()
        },
        price: None,
        simulated: booked.simulated,
    }
}

fn conversation(number: u8, folder: Option<&str>, tags: &[&str]) -> NewConversation {
    NewConversation {
        id: ConversationId::from_uuid(numbered(7, number)),
        title: format!("conversation {number}"),
        title_is_auto: false,
        context_mode: ContextMode::Lanes,
        system_prompt: None,
        lanes: vec![],
        folder: folder.map(str::to_owned),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        created_at: UnixMs(0),
    }
}

/// Two conversations that are there, one of them filed; the third is gone.
fn conversations() -> Vec<NewConversation> {
    vec![conversation(1, Some("work"), &["a", "b"]), conversation(2, None, &[])]
}

fn plus(a: CellSums, b: &CellSums) -> CellSums {
    CellSums {
        cost: a.cost + b.cost,
        estimated: a.estimated + b.estimated,
        entries: a.entries + b.entries,
        requests: a.requests + b.requests,
        unpriced: a.unpriced + b.unpriced,
        input: a.input + b.input,
        cached: a.cached + b.cached,
        output: a.output + b.output,
        cache_saved: a.cache_saved + b.cache_saved,
        ended: a.ended + b.ended,
        completed: a.completed + b.completed,
        timed: a.timed + b.timed,
        total_ms: a.total_ms + b.total_ms,
        kept_saved: a.kept_saved + b.kept_saved,
        wasted: a.wasted + b.wasted,
    }
}

fn whole(cells: &[SpendCell]) -> CellSums {
    cells.iter().fold(CellSums::default(), |sum, cell| plus(sum, &cell.sums))
}

/// The same sums, counted one by one.
fn counted(entries: &[LedgerEntry], first: i64, last: i64) -> CellSums {
    let within = entries.iter().filter(|entry| (first..last).contains(&entry.at.0.div_euclid(QUARTER_MS)));
    within.fold(CellSums::default(), |sum, entry| {
        let cost = entry.cost.usd.map_or(0, PicoUsd::as_pico);
        let is_call = i64::from(entry.kind == EntryKind::Call);
        plus(
            sum,
            &CellSums {
                cost,
                estimated: if entry.cost.provenance == Some(Provenance::Estimated) { cost } else { 0 },
                entries: 1,
                requests: is_call,
                unpriced: is_call * i64::from(entry.cost.usd.is_none()),
                input: is_call * 100,
                cached: is_call * 40,
                output: is_call * 7,
                ..CellSums::default()
            },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever stretch is asked for: days and quarter hours, hours of the week, conversations and pages of entries all come to what
    /// the entries come to.
    #[test]
    fn sums_are_those_of_the_entries(
        all in proptest::collection::vec(booked(), 1..60),
        first in 0..480_i64,
        long in 1..300_i64,
    ) {
        let entries: Vec<LedgerEntry> = all.iter().map(entry).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let room = Room::new().await;
            let books = Books { conversations: conversations(), entries: entries.clone(), ..Books::default() };
            room.store.write_books(&books).await.unwrap();
            // Booking them again changes nothing.
            room.store.write_books(&Books { entries: entries.clone(), ..Books::default() }).await.unwrap();
            let spend = room.store.spend();
            let last = first + long;
            let cells = spend.cells(&[Stretch { column: 3, first, last }]).await.unwrap();
            let expected = counted(&entries, first, last);
            prop_assert_eq!(whole(&cells), expected);

            let days = spend.days((first, last)).await.unwrap();
            prop_assert_eq!(days.cost((first, last), |_| true), i128::from(expected.cost));
            let hours = days.hours((first, last), 22, |_| true);
            prop_assert_eq!(hours.iter().map(|hour| hour.cost).sum::<i128>(), i128::from(expected.cost));
            for hour in &hours {
                let of_hour = entries.iter().filter(|entry| {
                    let quarter = entry.at.0.div_euclid(QUARTER_MS);
                    (first..last).contains(&quarter) && ((quarter + 22) / 4 + 72) % 168 == i64::from(hour.hour)
                });
                let cost: i64 = of_hour.filter_map(|entry| entry.cost.usd).map(PicoUsd::as_pico).sum();
                prop_assert_eq!(hour.cost, i128::from(cost));
            }

            let top = spend.top_conversations((first, last), None, ConversationOrder::Cost, 100).await.unwrap();
            prop_assert_eq!(top.top.iter().map(|one| one.sums.cost).sum::<i64>(), expected.cost);
            prop_assert_eq!(top.top.iter().map(|one| one.sums.requests).sum::<i64>(), expected.requests);

            let query = EntryQuery { first, last, ..EntryQuery::default() };
            let (mut before, mut found) = (None, Vec::new());
            loop {
                let page = spend.entries(&query, before, 7).await.unwrap();
                found.extend(page.iter().map(|filed| filed.entry.clone()));
                match page.last() {
                    Some(last) if page.len() == 7 => {
                        before = Some(EntryPlace { at: last.entry.at, id: last.entry.id });
                    }
                    _ => break,
                }
            }
            prop_assert_eq!(counted(&found, first, last), expected);
            prop_assert!(found.is_sorted_by_key(|entry| std::cmp::Reverse((entry.at, entry.id))), "latest first");
            Ok(())
        })?;
    }
}

/// What two stores on the same file say of the same stretches.
async fn same_as_read_anew(room: &Room, stretches: &[Stretch]) {
    let by_subject = |cells: Vec<SpendCell>| {
        let mut sums: BTreeMap<(u32, i64), CellSums> = BTreeMap::new();
        for cell in cells {
            let sum = sums.entry((cell.column, cell.subject)).or_default();
            *sum = plus(*sum, &cell.sums);
        }
        sums.retain(|_, sum| *sum != CellSums::default());
        sums
    };
    let anew = open(&room.file()).await;
    let (kept, read) = (room.store.spend(), anew.spend());
    assert_eq!(
        by_subject(kept.cells(stretches).await.unwrap()),
        by_subject(read.cells(stretches).await.unwrap())
    );
    assert_eq!(kept.subjects().await.unwrap(), read.subjects().await.unwrap());
    let all = (stretches[0].first, stretches[0].last);
    let hours = |days: roundtable_store::SpendDays| days.hours(all, 0, |_| true);
    assert_eq!(hours(kept.days(all).await.unwrap()), hours(read.days(all).await.unwrap()));
    anew.close().await;
}

/// Days are kept in memory. Whatever is booked afterwards, here or by another program, is seen by the next look: entries on days
/// that were read and on days that were not, calls that cost nothing, kept answers, and what was paid in vain days ago.
#[tokio::test]
async fn what_is_kept_of_the_days_never_grows_old() {
    let room = Room::new().await;
    let other = open(&room.file()).await;
    let stretches = [
        Stretch { column: 0, first: 0, last: 960 },
        Stretch { column: 1, first: 3, last: 200 },
        Stretch { column: 2, first: 90, last: 100 },
    ];
    let plain = |at, model, cost| {
        entry(&Booked {
            at,
            model,
            source: 0,
            key: 0,
            conversation: 0,
            cost: Some(cost),
            estimated: false,
            simulated: false,
            adjustment: false,
        })
    };
    same_as_read_anew(&room, &stretches).await;
    for (store, at, model) in [
        (&room.store, 5, 0),
        (&other, 6, 0),
        (&room.store, DAY_MS, 1),
        (&other, 7, 1),
        (&other, 9 * DAY_MS, 2),
    ] {
        store.ledger().book(&plain(at, model, 40)).await.unwrap();
        same_as_read_anew(&room, &stretches).await;
    }
    // An entry that is free adds to nothing but the counts.
    other.ledger().book(&plain(8, 0, 0)).await.unwrap();
    same_as_read_anew(&room, &stretches).await;
    let run = id(RunId::from_uuid);
    other.calls().add(&call(run, 0, "first", RunState::Truncated, Some(30))).await.unwrap();
    same_as_read_anew(&room, &stretches).await;
    // The money spent in vain stands on a day that has been read, and so does nothing else of this call.
    other.calls().add(&call(run, 5 * DAY_MS, "fallback", RunState::Complete, Some(8))).await.unwrap();
    same_as_read_anew(&room, &stretches).await;
    let mut answer = call(id(RunId::from_uuid), 0, "first", RunState::Complete, None);
    (answer.source, answer.saved) = (CallSource::Cache, Some(PicoUsd::from_pico(1)));
    other.calls().add(&answer).await.unwrap();
    same_as_read_anew(&room, &stretches).await;
    // What was only known from free calls becomes something the books name.
    let free = Call {
        provider: "house".to_owned(),
        ..call(id(RunId::from_uuid), 0, "first", RunState::Failed, None)
    };
    other.calls().add(&free).await.unwrap();
    same_as_read_anew(&room, &stretches).await;
    let named = LedgerEntry { source: Source::Chat, ..plain(1, 2, 3) };
    other.ledger().book(&named).await.unwrap();
    same_as_read_anew(&room, &stretches).await;
}

#[tokio::test]
async fn a_subject_is_all_that_entries_have_in_common() {
    let room = Room::new().await;
    let of = |conversation, at| {
        entry(&Booked {
            at,
            model: 0,
            source: 0,
            key: 1,
            conversation,
            cost: Some(5),
            estimated: false,
            simulated: false,
            adjustment: false,
        })
    };
    let entries = vec![of(1, 0), of(1, DAY_MS), of(2, 0), of(3, 0)];
    room.store
        .write_books(&Books { conversations: conversations(), entries, ..Books::default() })
        .await
        .unwrap();
    let mut subjects = room.store.spend().subjects().await.unwrap().to_vec();
    subjects.sort_by(|a, b| a.folder.cmp(&b.folder));
    let filed: Vec<_> =
        subjects.iter().map(|one| (one.folder.as_str(), one.tags.len(), one.booked)).collect();
    assert_eq!(filed, [("", 0, true), ("work", 2, true)], "a conversation that is gone stands in no folder");

    let only = |id| EntryQuery { first: 0, last: 1_000, subjects: Some(vec![id]), conversations: vec![] };
    let page = room.store.spend().entries(&only(subjects[1].id), None, 100).await.unwrap();
    assert_eq!(page.len(), 2);
    assert!(page.iter().all(|filed| filed.folder.as_deref() == Some("work") && filed.tags == ["a", "b"]));
    assert_eq!(page[0].title.as_deref(), Some("conversation 1"));
    let of_one = EntryQuery {
        conversations: vec![ConversationId::from_uuid(numbered(7, 2)).to_string()],
        ..only(subjects[0].id)
    };
    assert_eq!(room.store.spend().entries(&of_one, None, 100).await.unwrap().len(), 1);
}

fn line(component: &str, tokens: u64, usd_per_mtok: &str) -> CostLine {
    CostLine {
        component: component.to_owned(),
        tokens: Some(tokens),
        usd_per_mtok: Some(usd_per_mtok.to_owned()),
        usd: Some("0".to_owned()),
    }
}

#[tokio::test]
async fn what_the_providers_cache_saved_is_reckoned_from_the_price_that_was_used() {
    let room = Room::new().await;
    let plain = Booked {
        at: 0,
        model: 0,
        source: 0,
        key: 0,
        conversation: 0,
        cost: Some(5),
        estimated: false,
        simulated: false,
        adjustment: false,
    };
    let priced = |lines: Vec<CostLine>, price: Option<&str>| {
        let mut entry = entry(&plain);
        entry.cost.lines = lines;
        entry.price = price.map(|price| serde_json::from_str(price).unwrap());
        entry
    };
    let cases = [
        // 800 tokens at 0.2 instead of 0.8 dollars a million.
        (priced(vec![line("input", 200, "0.8"), line("cache_read", 800, "0.2")], None), 480_000_000),
        // Writing costs more than sending, and that is taken off: 1000 * 2.7 - 400 * 0.75.
        (
            priced(
                vec![
                    line("input", 1, "3"),
                    line("cache_read", 1_000, "0.3"),
                    line("cache_write_5m", 400, "3.75"),
                ],
                None,
            ),
            2_400_000_000,
        ),
        // The whole prompt was cached: the list says what it would have cost.
        (
            priced(
                vec![line("cache_read", 10, "0.028"), line("output", 4, "9")],
                Some(r#"{"input":"0.28"}"#),
            ),
            2_520_000,
        ),
        (priced(vec![line("cache_read", 10, "0.028")], None), 0),
        (priced(vec![line("input", 10, "1")], None), 0),
    ];
    let mut expected = 0;
    for (entry, saved) in cases {
        room.store.ledger().book(&entry).await.unwrap();
        expected += saved;
        let cells = room.store.spend().cells(&[Stretch { column: 0, first: 0, last: 96 }]).await.unwrap();
        assert_eq!(whole(&cells).cache_saved, expected, "{:?}", entry.cost.lines);
    }
}

fn call(run: RunId, at: i64, kind: &str, state: RunState, cost: Option<i64>) -> Call {
    Call {
        id: id(AttemptId::from_uuid),
        run_id: Some(run),
        at: UnixMs(at),
        source: CallSource::Model,
        kind: kind.to_owned(),
        provider: "openai".to_owned(),
        model: "m".to_owned(),
        model_served: None,
        key: Some("env:OPENAI_API_KEY".to_owned()),
        group: None,
        echelon: None,
        pool: None,
        state,
        category: None,
        wait_ms: 0,
        ttft_ms: Some(100),
        total_ms: Some(1_000),
        input_tokens: None,
        output_tokens: None,
        cost: cost.map(PicoUsd::from_pico),
        saved: None,
        response: None,
        requested: Requested::default(),
        simulated: false,
    }
}

#[tokio::test]
async fn what_was_paid_in_vain_is_what_another_call_answered_instead() {
    let room = Room::new().await;
    let (first, second, third) = (id(RunId::from_uuid), id(RunId::from_uuid), id(RunId::from_uuid));
    let sums = || async {
        whole(&room.store.spend().cells(&[Stretch { column: 0, first: 0, last: 960 }]).await.unwrap())
    };
    let add = |call: Call| {
        let store = &room.store;
        async move { store.calls().add(&call).await.unwrap() }
    };
    add(call(first, 0, "first", RunState::Truncated, Some(30))).await;
    assert_eq!(sums().await.wasted, 0, "nobody has answered yet");
    let answered = call(first, 2 * DAY_MS, "fallback", RunState::Complete, Some(8));
    add(answered.clone()).await;
    add(answered).await;
    assert_eq!(sums().await.wasted, 30);
    let day = room.store.spend().cells(&[Stretch { column: 0, first: 0, last: 96 }]).await.unwrap();
    assert_eq!(whole(&day).wasted, 30, "it counts when it was paid");

    add(call(second, 0, "first", RunState::Truncated, Some(30))).await;
    add(call(second, 5, "continue", RunState::Complete, Some(8))).await;
    assert_eq!(sums().await.wasted, 30, "the partial text is part of the answer");
    add(call(third, 0, "first", RunState::Failed, None)).await;
    add(call(third, 5, "retry", RunState::Cancelled, Some(4))).await;
    let sums = sums().await;
    assert_eq!((sums.wasted, sums.ended, sums.completed, sums.timed, sums.total_ms), (30, 5, 2, 2, 2_000));
    let subjects = room.store.spend().subjects().await.unwrap();
    assert!(subjects.iter().all(|one| one.key.is_empty() && !one.booked), "{subjects:?}");
}

#[tokio::test]
async fn sums_outlive_what_they_were_made_of() {
    let room = Room::new().await;
    let mut kept = call(id(RunId::from_uuid), 0, "first", RunState::Complete, None);
    (kept.source, kept.saved) = (CallSource::Cache, Some(PicoUsd::from_pico(90)));
    room.store.calls().add(&kept).await.unwrap();
    assert_eq!(room.store.calls().purge(UnixMs(DAY_MS)).await.unwrap(), 1);
    let cells = room.store.spend().cells(&[Stretch { column: 0, first: 0, last: 96 }]).await.unwrap();
    assert_eq!((whole(&cells).kept_saved, whole(&cells).ended), (90, 0), "no call was made");
}

#[tokio::test]
async fn votes_are_counted_by_time_and_world() {
    let room = Room::new().await;
    let turn = id(TurnId::from_uuid);
    let vote = |turn_id, model: &str, at, picked, simulated| Vote {
        turn_id,
        provider: "openai".to_owned(),
        model: model.to_owned(),
        simulated,
        at: UnixMs(at),
        picked,
    };
    let votes = vec![
        vote(turn, "a", 10, true, false),
        vote(turn, "b", 10, false, false),
        vote(id(TurnId::from_uuid), "a", 20, false, false),
        vote(id(TurnId::from_uuid), "a", 20, true, true),
    ];
    room.store.write_books(&Books { votes, ..Books::default() }).await.unwrap();
    let counts = room.store.spend().votes(UnixMs(0), UnixMs(100), false).await.unwrap();
    let counts: BTreeMap<_, _> =
        counts.iter().map(|one| (one.model.as_str(), (one.picks, one.comparisons))).collect();
    assert_eq!(counts, BTreeMap::from([("a", (1, 2)), ("b", (0, 1))]));
    assert_eq!(room.store.spend().votes(UnixMs(15), UnixMs(100), true).await.unwrap().len(), 1);
}
