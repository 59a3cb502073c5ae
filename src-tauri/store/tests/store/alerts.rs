//! Alerts: the same thing is told once, whoever sees it first, and nothing that was reached is missed.

use roundtable_domain::budget::{Period, Scope, Window};
use roundtable_domain::{BudgetId, UnixMs};
use roundtable_store::{Budget, BudgetStanding, KnownPrice, NewAlert, OnlyIf, PriceNews, ReachedStep, Store};
use serde_json::json;

use crate::budget_support::{END, asked, book, budget, everything, pico, room, row, save, window};
use crate::support::{conversation, id, open};

fn alert(key: &str, at: i64, only_if: OnlyIf) -> NewAlert {
    NewAlert {
        id: id(|id| id),
        key: key.to_owned(),
        kind: "budget_step".to_owned(),
        level: "warning".to_owned(),
        at: UnixMs(at),
        subject: "of something".to_owned(),
        saying: json!({"title": "Eighty per cent"}),
        seen: false,
        simulated: false,
        only_if,
    }
}

/// How many of these alerts were news.
async fn raise(store: &Store, alerts: &[NewAlert]) -> usize {
    store.alerts().raise(alerts, UnixMs(5)).await.unwrap().len()
}

fn step(budget_id: BudgetId, percent: u16, (bucket, counts_from): (i64, i64)) -> OnlyIf {
    let (bucket, counts_from) = (UnixMs(bucket), UnixMs(counts_from));
    OnlyIf::Step(ReachedStep { budget_id, percent, bucket, counts_from, over: false })
}

#[tokio::test]
async fn the_same_thing_is_told_once_whichever_process_comes_first() {
    let room = room().await;
    let other = open(&room.file()).await;
    let (one, two) = (alert("a", 5, OnlyIf::New), alert("b", 6, OnlyIf::New));
    let (mine, theirs) = (
        vec![one.clone(), two.clone()],
        vec![NewAlert { id: id(|id| id), ..one }, NewAlert { id: id(|id| id), ..two }],
    );
    let (mine, theirs) = tokio::join!(raise(&room.store, &mine), raise(&other, &theirs));
    assert_eq!(mine + theirs, 2);
    let listed = other.alerts().list(9).await.unwrap();
    assert_eq!(listed.iter().map(|alert| alert.at.0).collect::<Vec<_>>(), [6, 5], "the newest first");
    assert_eq!(listed[0].saying, json!({"title": "Eighty per cent"}));
    let after = room.store.alerts().after(listed[1].number, 9).await.unwrap();
    assert_eq!(after, listed[..1], "those raised later");

    room.store.alerts().see(Some(&[listed[0].id]), UnixMs(9)).await.unwrap();
    other.alerts().see(None, UnixMs(10)).await.unwrap();
    let seen: Vec<_> = room.store.alerts().list(9).await.unwrap().iter().map(|alert| alert.seen_at).collect();
    assert_eq!(seen, [Some(UnixMs(9)), Some(UnixMs(10))], "what was seen stays seen since then");
}

#[tokio::test]
async fn what_says_less_is_told_before_what_says_more_and_not_after_it() {
    let room = room().await;
    let less = |key: &str| alert(key, 5, OnlyIf::Without("runs away".to_owned()));
    assert_eq!(raise(&room.store, &[less("high")]).await, 1);
    assert_eq!(raise(&room.store, &[alert("runs away", 6, OnlyIf::New)]).await, 1);
    assert_eq!(raise(&room.store, &[less("high, another time")]).await, 0);
    assert_eq!(room.store.alerts().list(9).await.unwrap().len(), 2);
}

#[tokio::test]
async fn what_is_old_goes_and_numbers_go_on() {
    let room = room().await;
    let alerts = room.store.alerts();
    assert_eq!(alerts.marks().await.unwrap().alerts, 0);
    raise(&room.store, &[alert("old", 5, OnlyIf::New)]).await;
    let before = alerts.marks().await.unwrap().alerts;
    assert_eq!(alerts.forget_before(UnixMs(6)).await.unwrap(), 1);
    assert_eq!(alerts.forget_before(UnixMs(6)).await.unwrap(), 0);
    assert_eq!(alerts.marks().await.unwrap().alerts, before, "nothing that is watched seems new");
    raise(&room.store, &[alert("old", 7, OnlyIf::New)]).await;
    assert_eq!(alerts.after(before, 9).await.unwrap().len(), 1, "what was forgotten may be told again");
}

#[tokio::test]
async fn a_step_is_raised_once_per_window_by_whoever_comes_first() {
    let room = room().await;
    let (store, other) = (&room.store, open(&room.file()).await);
    let all = everything(store, 1_000).await;
    let reached = |key: &str, percent, windows| alert(key, 5, step(all, percent, windows));
    let steps = [reached("50 in 0", 50, (0, 0)), reached("80 in 0", 80, (0, 0))];
    let (mine, theirs) = tokio::join!(raise(store, &steps), raise(&other, &steps));
    assert_eq!(mine + theirs, 2);
    assert_eq!(row(store, all).await.alerted_percent, Some(80));
    assert_eq!(raise(store, &[reached("another key", 50, (0, 0))]).await, 0);
    store.budgets().advance(&[(all, window(END, 2 * END))]).await.unwrap();
    assert_eq!(row(store, all).await.alerted_percent, None);
    assert_eq!(raise(&other, &[reached("50 in 1", 50, (END, END))]).await, 1);
    let higher = Budget { id: all, limit: pico(2_000), ..budget(Scope::Everything, 1) };
    save(store, &higher).await;
    assert_eq!(raise(&other, &[reached("50 of 2000", 50, (END, END))]).await, 1, "of the new limit");

    let rolling = Budget { period: Period::Rolling { days: 2 }, ..budget(Scope::Everything, 9) };
    let day = |starts_at: i64| Window {
        counts_from: UnixMs(starts_at - 100),
        ..window(starts_at, starts_at + 100)
    };
    store.budgets().save(&rolling, &[day(100), day(200)], false, UnixMs(201)).await.unwrap();
    let full = |at: i64| alert(&format!("full {at}"), at, step(rolling.id, 100, (at, at - 100)));
    assert_eq!(raise(&other, &[full(200)]).await, 1);
    other.budgets().advance(&[(rolling.id, day(300))]).await.unwrap();
    assert_eq!(raise(&other, &[full(300)]).await, 0, "not every day again");
    other.budgets().advance(&[(rolling.id, day(400))]).await.unwrap();
    assert_eq!(raise(&other, &[full(400)]).await, 1);
}

#[tokio::test]
async fn a_window_that_is_over_is_looked_at_as_well() {
    let room = room().await;
    let store = &room.store;
    let place = conversation(store, &["demo/swift"], 1).await;
    let one = asked(store, &place, &[5]).await.remove(0);
    let all = everything(store, 1_000).await;
    book(store, &one, 10, 600).await;
    store.budgets().advance(&[(all, window(END, 2 * END))]).await.unwrap();
    book(store, &one, END + 1, 70).await;
    let standings = async |since| {
        let mut standings = store.budgets().standings(UnixMs(since)).await.unwrap();
        standings.sort_by_key(|standing| standing.bucket);
        standings
    };
    let at = |bucket: i64, over_at: Option<i64>, spent, noted: &[u16]| BudgetStanding {
        budget_id: all,
        bucket: UnixMs(bucket),
        counts_from: UnixMs(bucket),
        over_at: over_at.map(UnixMs),
        spent: pico(spent),
        noted: noted.to_vec(),
    };
    let both = [at(0, Some(END), 600, &[]), at(END, None, 70, &[])];
    assert_eq!(standings(0).await, both);
    assert_eq!(standings(END).await, both[1..], "too long ago");
    let over =
        ReachedStep { budget_id: all, percent: 50, bucket: UnixMs(0), counts_from: UnixMs(0), over: true };
    assert_eq!(raise(store, &[alert("over", 5, OnlyIf::Step(over))]).await, 1);
    assert_eq!(raise(store, &[alert("now", 5, step(all, 80, (END, END)))]).await, 1);
    assert_eq!(standings(0).await, [at(0, Some(END), 600, &[50]), at(END, None, 70, &[80])]);

    let paused = Budget { id: all, paused: true, ..budget(Scope::Everything, 1_000) };
    save(store, &paused).await;
    assert_eq!(standings(0).await, [], "out of force");
    let changed = Budget { paused: false, limit: pico(10), ..paused };
    store.budgets().save(&changed, &[window(0, END)], false, UnixMs(END + 5)).await.unwrap();
    assert_eq!(standings(0).await.len(), 1, "what was over before a limit was set never reached it");
}

#[tokio::test]
async fn a_price_is_news_once_and_only_against_the_one_that_is_known() {
    let room = room().await;
    let (store, other) = (&room.store, open(&room.file()).await);
    let known = |input: &str| KnownPrice { target: "openai/a".to_owned(), price: json!({"input": input}) };
    store.alerts().know_prices(&[known("1")], UnixMs(1)).await.unwrap();
    other.alerts().know_prices(&[known("7")], UnixMs(1)).await.unwrap();
    assert_eq!(store.alerts().known_prices().await.unwrap(), [known("1")], "the first stays");
    let news = |key: &str, before: &str, after: Option<&str>| {
        let (before, after) = (json!({"input": before}), after.map(|input| json!({"input": input})));
        alert(key, 5, OnlyIf::Price(PriceNews { target: "openai/a".to_owned(), before, after }))
    };
    let (mine, theirs) = tokio::join!(async { raise(store, &[news("mine", "1", Some("2"))]).await }, async {
        raise(&other, &[news("theirs", "1", Some("2"))]).await
    });
    assert_eq!(mine + theirs, 1);
    assert_eq!(raise(store, &[news("late", "1", Some("3"))]).await, 0, "nobody knows 1 any more");
    assert_eq!(raise(store, &[news("gone", "2", None)]).await, 1);
    assert_eq!(store.alerts().known_prices().await.unwrap(), []);
    store.alerts().know_prices(&[known("4")], UnixMs(1)).await.unwrap();
    store.alerts().forget_prices(&["openai/a".to_owned()]).await.unwrap();
    assert_eq!(raise(store, &[news("own", "4", Some("5"))]).await, 0);
}

#[tokio::test]
async fn what_comes_back_is_told_only_after_a_while() {
    let room = room().await;
    let stale = |at: i64, since: i64| alert(&format!("stale {at}"), at, OnlyIf::NoneSince(UnixMs(since)));
    assert_eq!(raise(&room.store, &[stale(100, 70)]).await, 1);
    assert_eq!(raise(&room.store, &[stale(120, 90)]).await, 0);
    assert_eq!(raise(&room.store, &[stale(131, 101)]).await, 1);
}
