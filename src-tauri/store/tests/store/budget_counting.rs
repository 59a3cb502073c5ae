//! What budgets count: exactly what the books hold, in windows that only move forward.

use roundtable_domain::budget::{Period, Scope, Window};
use roundtable_domain::{AttemptId, Cost, KeyId, UnixMs};
use roundtable_store::{Admission, Budget, EntryKind, LedgerEntry, LedgerFilter, Source, Store, StoreError};

use crate::budget_support::{
    END, ask, asked, assert_sound, balance, book, budget, everything, pay, pico, room, row, save, window,
};
use crate::support::{Begun, Room, conversation, cost, entry, finished, id, open};

async fn begun(room: &Room) -> Begun {
    let place = conversation(&room.store, &["demo/swift"], 1).await;
    asked(&room.store, &place, &[5]).await.remove(0)
}

#[tokio::test]
async fn a_new_budget_knows_what_was_spent_before_it() {
    let room = room().await;
    let one = begun(&room).await;
    for (at, amount) in [(-1, 1), (0, 10), (500, 100), (END + 5, 1_000)] {
        book(&room.store, &one, at, amount).await;
    }
    let all = everything(&room.store, 5_000).await;
    // What stands in the books with a later time was booked by a clock that ran ahead: it was spent all the same.
    assert_eq!(balance(&room.store, all).await, (1_110, 5));
    let mut other = budget(Scope::Provider("nobody".into()), 5_000);
    save(&room.store, &other).await;
    assert_eq!(balance(&room.store, other.id).await, (0, 0));
    other.scope = Scope::Provider("demo".into());
    save(&room.store, &other).await;
    assert_eq!(
        balance(&room.store, other.id).await,
        (1_110, 5),
        "counted anew when it counts something else"
    );
    book(&room.store, &one, 501, 7).await;
    assert_eq!(balance(&room.store, other.id).await, (1_117, 5));
    assert_sound(&room.store).await;
}

#[tokio::test]
async fn a_rolling_budget_begins_with_its_days_and_lets_the_oldest_go() {
    let room = room().await;
    let one = begun(&room).await;
    for (at, amount) in [(99, 1), (100, 10), (199, 20), (200, 100), (301, 1_000)] {
        book(&room.store, &one, at, amount).await;
    }
    let day = |starts_at: i64, counts_from: i64| Window {
        counts_from: UnixMs(counts_from),
        ..window(starts_at, starts_at + 100)
    };
    let three = Budget { period: Period::Rolling { days: 3 }, ..budget(Scope::Everything, 9_000) };
    let windows = [day(100, 100), day(200, 100), day(300, 100)];
    room.store.budgets().save(&three, &windows, false, UnixMs(301)).await.unwrap();
    assert_eq!(balance(&room.store, three.id).await.0, 1_130);
    assert_eq!(room.store.budgets().advance(&[(three.id, day(400, 200))]).await.unwrap(), [three.id]);
    assert_eq!(balance(&room.store, three.id).await.0, 1_100, "the first day is over");
    book(&room.store, &one, 401, 3).await;
    room.store.budgets().advance(&[(three.id, day(900, 700))]).await.unwrap();
    assert_eq!(balance(&room.store, three.id).await.0, 0, "days on which nobody looked are over as well");
    assert_sound(&room.store).await;
    let renamed = Budget { scope: Scope::Provider("demo".into()), ..three };
    room.store.budgets().save(&renamed, &windows, false, UnixMs(901)).await.unwrap();
    assert_eq!(row(&room.store, three.id).await.window, day(900, 700), "another scope opens no other window");
    assert_sound(&room.store).await;
}

#[tokio::test]
async fn each_scope_counts_its_own_and_sees_it_as_the_words_say() {
    let room = room().await;
    let store = &room.store;
    let key = id(KeyId::from_uuid);
    let place = conversation(store, &["demo/swift"], 1).await;
    store.conversations().set_folder(place.0, Some("work")).await.unwrap();
    store.conversations().set_tags(place.0, &["a b".into(), "ü".into()]).await.unwrap();
    let elsewhere = conversation(store, &["demo/swift"], 1).await;
    let scopes = [
        Scope::Everything,
        Scope::Provider("demo".into()),
        Scope::Provider("DEMO".into()),
        Scope::Model("demo/swift".into()),
        Scope::Model("demo/swif".into()),
        Scope::Model("swift".into()),
        Scope::Key(key),
        Scope::Conversation(place.0),
        Scope::Folder("work".into()),
        Scope::Folder("wor".into()),
        Scope::Tag("ü".into()),
        Scope::Tag("a".into()),
        Scope::Source("chat".into()),
        Scope::Source("batch".into()),
    ];
    let mut ids = Vec::new();
    for scope in &scopes {
        ids.push(save(store, &budget(scope.clone(), 1_000_000)).await);
    }
    let invented = save(store, &Budget { simulated: true, ..budget(Scope::Everything, 9) }).await;
    let calls = [(place, Source::Chat, Some(key)), (elsewhere, Source::Batch, None)];
    let tags = ["a b".to_owned(), "ü".to_owned()];
    for (number, (place, source, key_id)) in calls.into_iter().enumerate() {
        let mut call = asked(store, &place, &[40]).await.remove(0);
        // What was set aside for the turn is taken back; what counts here is set aside for this key and this purpose.
        crate::budget_support::release(store, &call).await;
        let on = roundtable_store::SpentOn { key_id, source, ..crate::budget_support::spent_on(place.0) };
        let reserved = crate::budget_support::set_aside(call.run, on.clone(), Some(100));
        call.reservation = reserved.id;
        call.attempt = id(AttemptId::from_uuid);
        let attempt = roundtable_store::NewAttempt {
            id: call.attempt,
            key_id,
            ..crate::support::new_attempt(call.run, Some(reserved.id))
        };
        store.begin_attempt(&attempt, Some(&reserved), None, &Admission::default()).await.unwrap();
        let facts = if number == 0 { on.facts(Some("work"), &tags) } else { on.facts(None, &[]) };
        for (scope, id) in scopes.iter().zip(&ids) {
            let before = balance(store, *id).await;
            assert_eq!(before.1 == 100, scope.counts(&facts), "{scope:?} reserves");
        }
        let mut end = finished(&call, "text", cost(60));
        end.entry = end.entry.map(|entry| LedgerEntry { source, key_id, ..entry });
        let before: Vec<i64> = balances(store, &ids).await;
        store.finish_run(&end).await.unwrap();
        for ((scope, before), after) in scopes.iter().zip(before).zip(balances(store, &ids).await) {
            assert_eq!(after - before == 60, scope.counts(&facts), "{scope:?} books");
        }
    }
    assert_eq!(balance(store, invented).await, (0, 0), "real money is not invented money");
    assert_sound(store).await;
}

async fn balances(store: &Store, ids: &[roundtable_domain::BudgetId]) -> Vec<i64> {
    let rows = store.budgets().list().await.unwrap();
    ids.iter().map(|id| rows.iter().find(|row| row.budget.id == *id).unwrap().settled.as_pico()).collect()
}

#[tokio::test]
async fn a_call_is_counted_once_with_its_correction_and_without_a_price_as_that() {
    let room = room().await;
    let all = everything(&room.store, 1_000).await;
    let one = begun(&room).await;
    pay(&room.store, &one, 5).await;
    pay(&room.store, &one, 400).await;
    assert!(!room.store.ledger().book(&entry(&one, cost(9))).await.unwrap());
    assert_eq!(balance(&room.store, all).await, (5, 0), "the first booking counts");
    let correction = LedgerEntry { kind: EntryKind::Adjustment, ..entry(&one, cost(-2)) };
    room.store.ledger().book(&correction).await.unwrap();
    let unpriced = LedgerEntry { attempt_id: id(AttemptId::from_uuid), ..entry(&one, Cost::unknown()) };
    room.store.ledger().book(&unpriced).await.unwrap();
    let found = row(&room.store, all).await;
    assert_eq!((found.settled, found.calls, found.unpriced_calls), (pico(3), 2, 1));
    assert_sound(&room.store).await;
}

#[tokio::test]
async fn booking_never_fails_for_a_budgets_sake() {
    let room = room().await;
    let all = everything(&room.store, 1_000).await;
    let one = begun(&room).await;
    for amount in [i64::MAX, 5, i64::MAX, -3] {
        book(&room.store, &one, 30, amount).await;
    }
    assert_eq!(balance(&room.store, all).await.0, i64::MAX - 3);
    let error =
        ask(&room.store, &conversation(&room.store, &["a/b"], 1).await, &[Some(1)], &Admission::default())
            .await;
    assert!(matches!(error, Err(StoreError::OverBudget(_))), "{error:?}");
}

#[tokio::test]
async fn of_two_processes_one_opens_the_next_window_and_none_goes_back() {
    let room = room().await;
    let other = open(&room.file()).await;
    let all = everything(&room.store, 1_000).await;
    let one = begun(&room).await;
    book(&room.store, &one, 30, 10).await;
    let next = [(all, window(END, 2 * END))];
    let (mine, theirs) = tokio::join!(room.store.budgets().advance(&next), other.budgets().advance(&next));
    assert_eq!(mine.unwrap().len() + theirs.unwrap().len(), 1, "one of them");
    book(&other, &one, END + 1, 7).await;
    for back in [window(END, 2 * END), window(0, END), window(END + 5, 3 * END), window(2 * END - 1, 3 * END)]
    {
        assert!(room.store.budgets().advance(&[(all, back)]).await.unwrap().is_empty(), "{back:?}");
    }
    assert_eq!(
        balance(&room.store, all).await,
        (7, 5),
        "what is under way counts in the window that is open"
    );
    pay(&room.store, &one, 4).await;
    assert_eq!(balance(&other, all).await, (11, 0));
    assert_sound(&room.store).await;
}

#[tokio::test]
async fn changes_keep_what_they_can_and_begin_anew_on_request() {
    let room = room().await;
    let store = &room.store;
    let one = begun(&room).await;
    let mut all = budget(Scope::Everything, 1_000);
    save(store, &all).await;
    book(store, &one, 30, 10).await;
    store.budgets().advance(&[(all.id, window(END, 2 * END))]).await.unwrap();
    all = Budget { name: "lunch".into(), limit: pico(500), paused: true, alert_percents: vec![10], ..all };
    save(store, &all).await;
    let found = row(store, all.id).await;
    assert_eq!((found.budget, found.window, found.settled), (all.clone(), window(END, 2 * END), pico(0)));
    book(store, &one, END + 9, 20).await;
    assert_eq!(balance(store, all.id).await.0, 20, "a paused budget goes on counting");

    store.budgets().save(&all, &[window(40, END)], true, UnixMs(40)).await.unwrap();
    let found = row(store, all.id).await;
    assert_eq!((found.window, found.settled, found.calls), (window(40, END), pico(0), 0));
    book(store, &one, 30, 7).await;
    assert_eq!(
        balance(store, all.id).await.0,
        7,
        "what is booked from then on counts, whatever its clock says"
    );
    let weekly = Budget { period: Period::Week, ..all };
    store.budgets().save(&weekly, &[window(20, 70)], false, UnixMs(40)).await.unwrap();
    let found = row(store, weekly.id).await;
    assert_eq!(
        (found.window, found.settled),
        (window(20, 70), pico(37)),
        "another period counts what the books hold of it"
    );
    assert_sound(store).await;
    let nothing = store.budgets().save(&weekly, &[], true, UnixMs(40)).await;
    assert!(nothing.is_err(), "without a window there is nothing to count in");

    store.budgets().remove(weekly.id).await.unwrap();
    assert!(store.budgets().list().await.unwrap().is_empty());
    assert!(matches!(store.budgets().remove(weekly.id).await, Err(StoreError::NotFound { .. })));
    assert_eq!(store.ledger().totals(&LedgerFilter::default()).await.unwrap().real, pico(37));
    assert!(store.budgets().check().await.unwrap().buckets.is_empty());
}

#[tokio::test]
async fn money_is_booked_where_it_was_set_aside_whatever_becomes_of_the_conversation() {
    let room = room().await;
    let store = &room.store;
    let place = conversation(store, &["demo/swift", "demo/swift"], 1).await;
    store.conversations().set_folder(place.0, Some("work")).await.unwrap();
    store.conversations().set_tags(place.0, &["urgent".into()]).await.unwrap();
    let work = save(store, &budget(Scope::Folder("work".into()), 100)).await;
    let home = save(store, &budget(Scope::Folder("home".into()), 1)).await;
    let urgent = save(store, &budget(Scope::Tag("urgent".into()), 100)).await;
    let calls = asked(store, &place, &[50, 40]).await;
    store.conversations().set_folder(place.0, Some("home")).await.unwrap();
    pay(store, &calls[0], 50).await;
    assert_eq!((balance(store, work).await, balance(store, home).await), ((50, 40), (0, 0)));
    store.conversations().delete(place.0).await.unwrap();
    pay(store, &calls[1], 40).await;
    assert_eq!((balance(store, work).await, balance(store, urgent).await), ((90, 0), (90, 0)));
    assert_sound(store).await;
}

#[tokio::test]
async fn a_copy_of_the_database_counts_the_same() {
    let room = room().await;
    let one = begun(&room).await;
    for amount in 1..40 {
        book(&room.store, &one, 30, amount).await;
        if amount % 10 == 0 {
            let from = amount * END / 10;
            everything(&room.store, 5_000).await;
            for row in room.store.budgets().list().await.unwrap() {
                room.store.budgets().advance(&[(row.budget.id, window(from, from + END))]).await.unwrap();
            }
        }
    }
    assert_sound(&room.store).await;
    // As a backup is made: rows are numbered anew.
    let copy = room.folder.path().join("copy.db");
    let mut sql =
        sqlx::ConnectOptions::connect(&sqlx::sqlite::SqliteConnectOptions::new().filename(room.file()))
            .await
            .unwrap();
    sqlx::query("VACUUM INTO ?1").bind(copy.to_str()).execute(&mut sql).await.unwrap();
    let copy = open(&copy).await;
    assert!(copy.budgets().check().await.unwrap().buckets.len() >= 6);
    assert_sound(&copy).await;
}
