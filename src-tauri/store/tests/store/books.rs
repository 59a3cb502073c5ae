//! The ledger: append-only, idempotent, and independent of what it was spent on.

use roundtable_domain::{AttemptId, Cost, LedgerEntryId, PicoUsd, Provenance, UnixMs};
use roundtable_store::{EntryKind, EntryQuery, LedgerEntry, LedgerFilter, Settlement, Source, SpendTotals};
use sqlx::ConnectOptions as _;

use crate::support::{Begun, Room, begin, conversation, cost, entry, finished, id};

async fn begun(room: &Room) -> Begun {
    let (conversation, lanes) = conversation(&room.store, &["demo/swift"], 1).await;
    begin(&room.store, conversation, &lanes, "hi", 10).await.remove(0)
}

fn all() -> LedgerFilter {
    LedgerFilter::default()
}

#[tokio::test]
async fn nobody_changes_or_removes_an_entry_not_even_with_sql() {
    let room = Room::new().await;
    let begun = begun(&room).await;
    let first = entry(&begun, cost(42));
    assert!(room.store.ledger().book(&first).await.unwrap());

    let mut sql = sqlx::sqlite::SqliteConnectOptions::new().filename(room.file()).connect().await.unwrap();
    for (attack, refused) in [
        ("UPDATE ledger_entries SET cost_pico = 1", true),
        ("DELETE FROM ledger_entries", true),
        ("INSERT OR REPLACE INTO ledger_entries (id, attempt_id, kind, at, source, provider, model_requested, cost_pico)
          SELECT id, 'other', 'call', 1, 'chat', 'x', 'y', 1 FROM ledger_entries", true),
        ("INSERT OR REPLACE INTO ledger_entries (id, attempt_id, kind, at, source, provider, model_requested, cost_pico)
          SELECT 'other', attempt_id, kind, 1, 'chat', 'x', 'y', 1 FROM ledger_entries", false),
        ("UPDATE OR REPLACE ledger_entries SET id = 'other'", true),
    ] {
        let outcome = sqlx::query(attack).execute(&mut sql).await;
        assert_eq!(outcome.is_err(), refused, "{attack}: {outcome:?}");
        assert_eq!(room.store.ledger().entries(&all(), 9).await.unwrap(), std::slice::from_ref(&first), "{attack}");
    }
}

#[tokio::test]
async fn an_entry_comes_back_as_it_was_written() {
    let room = Room::new().await;
    let begun = begun(&room).await;
    let written = LedgerEntry {
        cost: Cost {
            usd_exact: Some("0.00000000000000000001".into()),
            at_least: true,
            provenance: Some(Provenance::Reported),
            lines: vec![roundtable_domain::CostLine {
                component: "input".into(),
                tokens: Some(3),
                usd_per_mtok: Some("1".into()),
                usd: Some("0.000003".into()),
            }],
            ..cost(i64::MAX)
        },
        ..entry(&begun, cost(0))
    };
    room.store.ledger().book(&written).await.unwrap();
    assert_eq!(room.store.ledger().entries(&all(), 9).await.unwrap(), [written]);
}

#[tokio::test]
async fn a_call_is_booked_once_and_its_adjustment_beside_it() {
    let room = Room::new().await;
    let begun = begun(&room).await;
    let ledger = room.store.ledger();
    assert!(ledger.book(&entry(&begun, cost(42))).await.unwrap());
    assert!(!ledger.book(&entry(&begun, cost(7))).await.unwrap(), "the first one counts");
    let adjustment = LedgerEntry { kind: EntryKind::Adjustment, ..entry(&begun, cost(-2)) };
    assert!(ledger.book(&adjustment).await.unwrap());
    let totals = ledger.totals(&all()).await.unwrap();
    assert_eq!((totals.real.as_pico(), totals.calls), (40, 1));
    let outcome = room.store.finish_run(&finished(&begun, "text", cost(9))).await.unwrap();
    assert!(outcome.run_written && !outcome.entry_written);
}

#[tokio::test]
async fn deleting_a_conversation_keeps_what_it_has_cost() {
    let room = Room::new().await;
    let begun = begun(&room).await;
    room.store.finish_run(&finished(&begun, "text", cost(42))).await.unwrap();
    room.store.conversations().delete(begun.conversation).await.unwrap();

    assert!(room.store.runs().get(begun.run).await.is_err());
    let filter = LedgerFilter { conversation: Some(begun.conversation), ..all() };
    assert_eq!(room.store.ledger().totals(&filter).await.unwrap().real.as_pico(), 42);
    assert_eq!(room.store.ledger().entries(&all(), 9).await.unwrap()[0].run_id, Some(begun.run));
}

#[tokio::test]
async fn a_run_whose_conversation_was_deleted_is_booked_all_the_same() {
    let room = Room::new().await;
    let begun = begun(&room).await;
    room.store.conversations().delete(begun.conversation).await.unwrap();
    room.store.checkpoint_runs(&[crate::support::checkpoint(begun.run, (0, "x"), (0, ""))]).await.unwrap();
    let outcome = room.store.finish_run(&finished(&begun, "text", cost(42))).await.unwrap();
    assert!(!outcome.run_written && outcome.entry_written);
    let reservations = room.store.reservations().list(begun.run).await.unwrap();
    assert_eq!(reservations[0].settlement, Some(Settlement::Settled));
}

#[tokio::test]
async fn real_and_invented_and_unknown_money_are_counted_apart() {
    let room = Room::new().await;
    let begun = begun(&room).await;
    let call = |cost: Cost, simulated| LedgerEntry {
        attempt_id: id(AttemptId::from_uuid),
        simulated,
        ..entry(&begun, cost)
    };
    let estimated = Cost { provenance: Some(Provenance::Estimated), at_least: true, ..cost(5) };
    for one in [
        call(cost(1), false),
        call(Cost::unknown(), false),
        call(cost(100), true),
        call(cost(200), true),
        call(Cost { at_least: true, ..cost(7) }, true),
        call(Cost { provenance: Some(Provenance::Estimated), ..Cost::unknown() }, true),
    ] {
        room.store.ledger().book(&one).await.unwrap();
    }
    let expected = SpendTotals {
        real: PicoUsd::from_pico(1),
        simulated: PicoUsd::from_pico(307),
        calls: 2,
        simulated_calls: 4,
        unpriced_calls: 1,
        estimated: false,
        at_least: false,
    };
    assert_eq!(room.store.ledger().totals(&all()).await.unwrap(), expected);
    let listed = room.store.conversations().list(None, 9).await.unwrap();
    assert_eq!(listed[0].spend, expected, "the list counts like the books");

    room.store.ledger().book(&call(estimated, false)).await.unwrap();
    let totals = room.store.ledger().totals(&all()).await.unwrap();
    assert!(totals.estimated && totals.at_least);
    assert_eq!(totals.real.as_pico(), 6);
}

#[tokio::test]
async fn filters_narrow_and_combine() {
    let room = Room::new().await;
    let begun = begun(&room).await;
    let call = |at: i64, provider: &str, model: &str, served: &str, simulated| LedgerEntry {
        id: id(LedgerEntryId::from_uuid),
        attempt_id: id(AttemptId::from_uuid),
        at: UnixMs(at),
        source: Source::Cli,
        provider: provider.into(),
        model_requested: model.into(),
        model_served: Some(served.into()),
        conversation_id: (at == 3).then_some(begun.conversation),
        simulated,
        ..entry(&begun, cost(at))
    };
    for one in
        [call(1, "a", "m", "m-1", false), call(2, "a", "n", "n", true), call(3, "b", "m-1", "x", false)]
    {
        room.store.ledger().book(&one).await.unwrap();
    }
    let times = async |filter: LedgerFilter| -> Vec<i64> {
        room.store.ledger().entries(&filter, 9).await.unwrap().iter().map(|entry| entry.at.0).collect()
    };
    assert_eq!(times(all()).await, [3, 2, 1], "newest first");
    assert_eq!(times(LedgerFilter { since: Some(UnixMs(2)), ..all() }).await, [3, 2]);
    assert_eq!(times(LedgerFilter { until: Some(UnixMs(2)), ..all() }).await, [1], "the end is left out");
    assert_eq!(times(LedgerFilter { conversation: Some(begun.conversation), ..all() }).await, [3]);
    assert_eq!(times(LedgerFilter { simulated: Some(true), ..all() }).await, [2]);
    let both = LedgerFilter { until: Some(UnixMs(3)), simulated: Some(false), ..all() };
    assert_eq!(times(both.clone()).await, [1]);
    assert_eq!(room.store.ledger().totals(&both).await.unwrap().real.as_pico(), 1);
    assert_eq!(room.store.ledger().entries(&all(), 1).await.unwrap().len(), 1);
}

/// A sum that an amount is in which is only the least something has cost is one too, whatever the sum is of.
#[tokio::test]
async fn the_least_something_has_cost_is_found_by_subject_and_conversation() {
    let room = Room::new().await;
    let begun = begun(&room).await;
    let call = |at: i64, model: &str, at_least, simulated| LedgerEntry {
        id: id(LedgerEntryId::from_uuid),
        attempt_id: id(AttemptId::from_uuid),
        at: UnixMs(at),
        model_requested: model.into(),
        simulated,
        ..entry(&begun, Cost { at_least, ..cost(5) })
    };
    let day = 86_400_000;
    for one in [
        call(1, "searching", true, false),
        call(2, "searching", true, false),
        call(3, "plain", false, false),
        call(4, "invented", true, true),
        call(day, "later", true, false),
    ] {
        room.store.ledger().book(&one).await.unwrap();
    }
    let subjects = room.store.spend().subjects().await.unwrap();
    let number = |model: &str| subjects.iter().find(|subject| subject.model == model).unwrap().id;
    let found = async |query: EntryQuery| {
        let found = room.store.spend().at_least(&query).await.unwrap();
        let mut found: Vec<_> = found.into_iter().map(|one| (one.subject, one.conversation)).collect();
        found.sort();
        found
    };
    let of = |models: &[&str]| {
        let conversation = begun.conversation.to_string();
        let mut all: Vec<_> = models.iter().map(|model| (number(model), conversation.clone())).collect();
        all.sort();
        all
    };
    let all = EntryQuery { first: 0, last: 1_000, ..EntryQuery::default() };
    assert_eq!(found(all.clone()).await, of(&["searching", "invented", "later"]), "each once");
    let first_day = EntryQuery { last: 96, ..all.clone() };
    assert_eq!(found(first_day).await, of(&["searching", "invented"]));
    let plain = EntryQuery { subjects: Some(vec![number("plain")]), ..all.clone() };
    assert_eq!(found(plain).await, []);
    let here = EntryQuery { conversations: vec![begun.conversation.to_string()], ..all.clone() };
    assert_eq!(found(here).await.len(), 3);
    let elsewhere = EntryQuery { conversations: vec!["elsewhere".to_owned()], ..all };
    assert_eq!(found(elsewhere).await, []);
}

/// A folder's sum is that of the conversations in it now, whatever they were booked under.
#[tokio::test]
async fn a_folder_costs_what_its_conversations_do() {
    let room = Room::new().await;
    let begun = begun(&room).await;
    let totals = async || room.store.conversations().folder_totals().await.unwrap();
    room.store.ledger().book(&entry(&begun, Cost { at_least: true, ..cost(42) })).await.unwrap();
    assert_eq!(totals().await, []);
    room.store.conversations().set_folder(begun.conversation, Some("Boats")).await.unwrap();
    let listed = room.store.conversations().list(None, 9).await.unwrap();
    assert_eq!(totals().await, [("Boats".to_owned(), listed[0].spend)]);
    assert!(listed[0].spend.at_least && listed[0].spend.real.as_pico() == 42);
}
