//! Whether a call may be made: decided for all lanes at once, and nothing is written when it may not.

use roundtable_domain::budget::{OnLimit, Period, Scope, Window};
use roundtable_domain::{BudgetId, ConversationId, LaneId, RunId, UnixMs};
use roundtable_store::{Admission, Budget, OverrideWhy, Store};

use crate::budget_support::{
    END, ask, asked, assert_sound, balance, budget, everything, over, pay, pico, refused, release, room,
    save, set_aside, spent_on, window,
};
use crate::support::{conversation, id, new_attempt, new_retry, new_run};

fn free() -> Admission {
    Admission::default()
}

#[tokio::test]
async fn all_lanes_of_a_turn_fit_or_none_is_sent() {
    let room = room().await;
    let store = &room.store;
    let place = conversation(store, &["demo/swift"; 4], 1).await;
    let all = everything(store, 100).await;
    let calls = asked(store, &place, &[30, 30]).await;
    pay(store, &calls[0], 20).await;
    let other = save(store, &budget(Scope::Conversation(place.0), 1_000)).await;

    let stop = refused(store, &place, &[Some(25), None, Some(25), Some(1)], &free()).await;
    let [tight, unpriced] = &stop.budgets[..] else { panic!("{stop:?}") };
    assert_eq!((tight.budget_id, tight.on_limit, tight.limit), (all, OnLimit::Stop, pico(100)));
    assert_eq!((tight.settled, tight.reserved, tight.needed), (pico(20), pico(30), pico(51)));
    assert_eq!((tight.missing(), tight.left()), (pico(1), pico(50)));
    assert_eq!((&tight.counted[..], &tight.unpriced[..]), (&[0, 1, 2, 3][..], &[1][..]));
    assert_eq!((unpriced.budget_id, unpriced.missing(), &unpriced.unpriced[..]), (other, pico(0), &[1][..]));
    assert_eq!(tight.ends_at, Some(UnixMs(END)));

    let stop = refused(store, &place, &[Some(51)], &free()).await;
    assert_eq!(stop.budgets.iter().map(|one| one.budget_id).collect::<Vec<_>>(), [all]);
    assert_eq!(
        stop.others.iter().map(|one| one.budget_id).collect::<Vec<_>>(),
        [other],
        "it has to fit there too"
    );
    assert_eq!(balance(store, all).await, (20, 30), "nothing was set aside");
    assert_eq!(store.turns().tip(place.0).await.unwrap(), Some(calls[0].turn), "and no turn was written");
    asked(store, &place, &[25, 25]).await;
    assert_eq!(balance(store, all).await, (20, 80), "to the very last pico-dollar");
    refused(store, &place, &[Some(1)], &free()).await;
    release(store, &calls[1]).await;
    asked(store, &place, &[30]).await;
    assert_sound(store).await;
}

#[tokio::test]
async fn what_only_warns_is_paused_or_counts_other_money_refuses_nothing() {
    let room = room().await;
    let store = &room.store;
    let place = conversation(store, &["demo/swift"], 1).await;
    for harmless in [
        Budget { on_limit: OnLimit::Warn, ..budget(Scope::Everything, 1) },
        Budget { paused: true, ..budget(Scope::Everything, 1) },
        Budget { simulated: true, ..budget(Scope::Everything, 1) },
        budget(Scope::Provider("other".into()), 1),
    ] {
        save(store, &harmless).await;
    }
    ask(store, &place, &[Some(50)], &free()).await.unwrap();
    ask(store, &place, &[None], &free()).await.unwrap();
    for kind in [OnLimit::Ask, OnLimit::Cheaper, OnLimit::Stop] {
        let one = Budget { on_limit: kind, ..budget(Scope::Everything, 1) };
        save(store, &one).await;
        assert_eq!(refused(store, &place, &[Some(2)], &free()).await.budgets[0].on_limit, kind);
        store.budgets().remove(one.id).await.unwrap();
    }
}

#[tokio::test]
async fn a_call_that_costs_nothing_is_not_kept_from_a_budget_that_is_spent() {
    let room = room().await;
    let store = &room.store;
    let place = conversation(store, &["demo/swift", "demo/swift"], 1).await;
    let all = everything(store, 10).await;
    let call = asked(store, &place, &[10]).await.remove(0);
    pay(store, &call, 30).await;
    assert_eq!(balance(store, all).await, (30, 0), "a provider that charges more than it was asked for");
    asked(store, &place, &[0, 0]).await;
    let stop = refused(store, &place, &[Some(0), Some(1)], &free()).await;
    assert_eq!((stop.budgets[0].missing(), stop.budgets[0].left()), (pico(21), pico(0)));
}

/// Three days that count: the first in credit, the second spent on, the third open.
async fn with_a_day_in_credit(store: &Store, place: &(ConversationId, Vec<LaneId>)) -> BudgetId {
    let rolls = Budget { period: Period::Rolling { days: 3 }, ..budget(Scope::Everything, 100) };
    let day = |number: i64| Window { counts_from: UnixMs(0), ..window(number * END, (number + 1) * END) };
    store.budgets().save(&rolls, &[day(0)], false, UnixMs(1)).await.unwrap();
    let call = asked(store, place, &[1]).await.remove(0);
    pay(store, &call, -30).await;
    store.budgets().advance(&[(rolls.id, day(1))]).await.unwrap();
    let call = asked(store, place, &[90]).await.remove(0);
    pay(store, &call, 90).await;
    store.budgets().advance(&[(rolls.id, day(2))]).await.unwrap();
    rolls.id
}

#[tokio::test]
async fn a_day_in_credit_is_no_room_on_the_others_and_everybody_says_so() {
    let room = room().await;
    let store = &room.store;
    let place = conversation(store, &["demo/swift"], 1).await;
    let rolls = with_a_day_in_credit(store, &place).await;
    let shown = crate::budget_support::row(store, rolls).await;
    assert_eq!((shown.settled, shown.left()), (pico(90), pico(10)), "the day that is left out may go first");
    let standing = store.budgets().standings(UnixMs(0)).await.unwrap().remove(0);
    assert_eq!(standing.spent, pico(90), "an alert counts as the list does");
    let stop = refused(store, &place, &[Some(11)], &free()).await;
    assert_eq!((stop.budgets[0].settled, stop.budgets[0].left()), (shown.settled, shown.left()));
    asked(store, &place, &[10]).await;
    assert_eq!(balance(store, rolls).await, (90, 10));
    assert_sound(store).await;
}

#[tokio::test]
async fn an_override_is_for_once_for_one_budget_and_on_record() {
    let room = room().await;
    let store = &room.store;
    let place = conversation(store, &["demo/swift"], 1).await;
    let all = everything(store, 100).await;
    let mine = save(store, &budget(Scope::Conversation(place.0), 50)).await;
    let say = |ids: &[BudgetId]| Admission { overrides: ids.to_vec(), ..free() };
    let stop = refused(store, &place, &[Some(120)], &say(&[all])).await;
    assert_eq!(stop.budgets[0].budget_id, mine, "the other one still stands in the way");
    let call = ask(store, &place, &[Some(120)], &say(&[all, mine])).await.unwrap().remove(0);
    let found = store.budgets().overrides(mine, 9).await.unwrap().remove(0);
    assert_eq!(found.asked.unwrap().question, "hi", "what was asked is found from the record");
    let record = found.record;
    assert_eq!((record.why, record.over, record.turn_id), (OverrideWhy::Limit, pico(70), Some(call.turn)));
    assert_eq!((record.lease_id, record.at), (crate::support::lease(), UnixMs(10)));
    assert_eq!(store.budgets().overrides(all, 9).await.unwrap()[0].record.over, pico(20));
    let found = crate::budget_support::row(store, mine).await;
    assert_eq!((found.overridden, found.left()), (pico(70), pico(0)));
    refused(store, &place, &[Some(1)], &free()).await;
    // A call that would have fitted is not one that was let through.
    release(store, &call).await;
    ask(store, &place, &[Some(10)], &say(&[all, mine])).await.unwrap();
    assert_eq!(store.budgets().overrides(mine, 9).await.unwrap().len(), 1);
    store.budgets().remove(mine).await.unwrap();
    assert_eq!(store.budgets().overrides(mine, 9).await.unwrap().len(), 1, "the record outlives the budget");
    assert_sound(store).await;
}

#[tokio::test]
async fn a_model_without_a_price_needs_consent() {
    let room = room().await;
    let store = &room.store;
    let place = conversation(store, &["demo/swift", "demo/swift"], 1).await;
    let mut all = budget(Scope::Everything, 100);
    save(store, &all).await;
    let stop = refused(store, &place, &[None, Some(1)], &free()).await;
    assert_eq!((&stop.budgets[0].unpriced[..], stop.budgets[0].missing()), (&[0][..], pico(0)));
    let text = roundtable_store::StoreError::OverBudget(Box::new(stop)).to_string();
    assert!(text.contains("without a price") && text.contains("nothing was sent"), "{text}");
    let consent = Admission { allow_unpriced: true, ..free() };
    ask(store, &place, &[None, Some(1)], &consent).await.unwrap();
    let record = store.budgets().overrides(all.id, 9).await.unwrap().remove(0).record;
    assert_eq!((record.why, record.unpriced_calls, record.over), (OverrideWhy::Unpriced, 1, pico(0)));
    refused(store, &place, &[None], &free()).await;
    all.unpriced_allowed = vec!["demo/swift".into()];
    save(store, &all).await;
    ask(store, &place, &[None], &free()).await.unwrap();
    assert_eq!(
        store.budgets().overrides(all.id, 9).await.unwrap().len(),
        1,
        "a standing consent is none of its own"
    );
    let stop = refused(store, &place, &[None, Some(101)], &consent).await;
    assert!(stop.budgets[0].unpriced.is_empty() && stop.budgets[0].missing() > pico(0));
}

#[tokio::test]
async fn a_retry_a_further_call_and_a_call_of_its_own_are_asked_the_same() {
    let room = room().await;
    let store = &room.store;
    let place = conversation(store, &["demo/swift"], 1).await;
    let all = everything(store, 100).await;
    let call = asked(store, &place, &[90]).await.remove(0);

    let retry = new_retry(new_run(call.turn, call.lane, 20), Some(11));
    over(store.begin_retry(&retry, &free()).await);
    assert!(store.runs().get(retry.run.id).await.is_err(), "no version was written");

    let reserved = set_aside(call.run, spent_on(place.0), Some(11));
    let attempt = new_attempt(call.run, Some(reserved.id));
    over(store.begin_attempt(&attempt, Some(&reserved), None, &free()).await);
    assert_eq!(store.attempts().list(call.run).await.unwrap().len(), 1);

    let apart = set_aside(id(RunId::from_uuid), spent_on(place.0), Some(11));
    over(store.reservations().reserve(&apart, None, &free()).await);
    assert_eq!(store.reservations().open().await.unwrap().len(), 1);

    // The failed call gives its money back before the next is asked for.
    release(store, &call).await;
    store.begin_attempt(&attempt, Some(&reserved), None, &free()).await.unwrap();
    store.begin_retry(&retry, &free()).await.unwrap();
    store.reservations().reserve(&apart, None, &free()).await.unwrap();
    assert_eq!(balance(store, all).await, (0, 33));
    let beyond = set_aside(call.run, spent_on(place.0), Some(68));
    let attempt = new_attempt(call.run, Some(beyond.id));
    let consent = Admission { overrides: vec![all], ..free() };
    store.begin_attempt(&attempt, Some(&beyond), None, &consent).await.unwrap();
    let record = store.budgets().overrides(all, 9).await.unwrap().remove(0).record;
    assert_eq!((record.turn_id, record.run_id, record.over), (None, Some(call.run), pico(1)));
    assert_sound(store).await;
}
