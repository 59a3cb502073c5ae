//! Rules on prompts that were really stored.

use roundtable_domain::{ConversationId, Part, TurnId};
use roundtable_store::{Admission, ContextMode, NewConversation, NewTurn, Turn};
use uuid::Uuid;

use super::super::desk::Desk;
use super::*;
use crate::view::{ActionView, ConditionsView, CostSoFarView};

/// A conversation in which these were said, a minute after another.
async fn said(desk: &Desk, prompts: &[&str]) {
    let store = &desk.engine.inner.store;
    let id = ConversationId::from_uuid(Uuid::now_v7());
    let new = NewConversation {
        id,
        title: String::new(),
        title_is_auto: true,
        context_mode: ContextMode::Lanes,
        system_prompt: None,
        lanes: vec![],
        folder: None,
        tags: vec![],
        created_at: UnixMs(1),
    };
    store.conversations().create(&new).await.unwrap();
    for (minute, text) in (0_i64..).zip(prompts) {
        let picture = Part::ImageUrl { url: "https://example.com/a.png".into() };
        let turn = Turn {
            id: TurnId::from_uuid(Uuid::now_v7()),
            conversation_id: id,
            parent_turn_id: store.turns().tip(id).await.unwrap(),
            text: (*text).to_owned(),
            parts: if text.contains("picture") { vec![picture] } else { vec![] },
            created_at: UnixMs(1_700_000_000_000 + minute * 60_000),
        };
        let new = NewTurn { turn, runs: vec![], reservations: vec![], attempts: vec![], traces: vec![] };
        store.begin_turn(&new, &Admission::default()).await.unwrap();
    }
}

fn rule(name: &str, when: ConditionsView, then: ActionView) -> RuleView {
    RuleView { name: name.into(), enabled: true, when, then, ..RuleView::default() }
}

fn stop() -> ActionView {
    ActionView { stop: true, ..ActionView::default() }
}

fn words(keywords: &[&str]) -> ConditionsView {
    ConditionsView {
        keywords: keywords.iter().map(|word| (*word).to_owned()).collect(),
        ..ConditionsView::default()
    }
}

#[tokio::test]
async fn each_rule_says_how_often_it_would_have_held_and_on_what() {
    let desk = Desk::new(&[("groups/coding.yaml", "echelon1: {models: [demo/swift]}\n")]).await;
    said(&desk, &["a salary\n  and a bonus", "hello", "a salary again", &"long ".repeat(90)]).await;
    let to = ActionView { to: Some("coding".into()), ..ActionView::default() };
    let rules = vec![rule("money", words(&["salary"]), to), rule("again", words(&["again"]), stop())];
    let view = desk.engine.dry_run_rules(rules).await.unwrap();
    assert_eq!((view.prompts, view.untouched, view.mistakes.len()), (4, 2, 0));
    let counts: Vec<_> = view.rules.iter().map(|rule| (rule.name.as_str(), rule.held, rule.hidden)).collect();
    assert_eq!(counts, [("money", 2, 0), ("again", 0, 1)]);
    let examples: Vec<_> = view.examples.iter().map(|one| (one.prompt.as_str(), one.to.as_deref())).collect();
    assert_eq!(
        examples,
        [("a salary again", Some("coding")), ("a salary and a bonus", Some("coding"))],
        "newest first, in one line"
    );
}

#[tokio::test]
async fn files_and_spending_of_the_past_count() {
    let desk = Desk::new(&[]).await;
    said(&desk, &["a picture", "nothing"]).await;
    let image = ConditionsView { attachments: vec!["image".into()], ..ConditionsView::default() };
    let dear = ConditionsView {
        cost_so_far: Some(CostSoFarView { day_over: Some("0".into()), ..CostSoFarView::default() }),
        ..ConditionsView::default()
    };
    let rules = vec![rule("seen", image, stop()), rule("dear", dear, stop())];
    let view = desk.engine.dry_run_rules(rules).await.unwrap();
    let counts: Vec<_> = view.rules.iter().map(|rule| rule.held).collect();
    assert_eq!(counts, [1, 0], "a picture came once, and nothing had been spent");
}

#[tokio::test]
async fn a_conversations_tags_count_whatever_their_capitals() {
    let desk = Desk::new(&[]).await;
    said(&desk, &["one", "two"]).await;
    let tagged = |tag: &str| ConditionsView { tags: vec![tag.into()], ..ConditionsView::default() };
    let rules = vec![rule("private", tagged(" PRIVATE "), stop()), rule("work", tagged("work"), stop())];
    let held = async || {
        let view = desk.engine.dry_run_rules(rules.clone()).await.unwrap();
        assert_eq!(view.mistakes, [], "a rule on tags is no mistake");
        view.rules.iter().map(|rule| rule.held).collect::<Vec<_>>()
    };
    assert_eq!(held().await, [0, 0]);
    let conversations = desk.engine.list_conversations().await.unwrap();
    desk.engine.set_conversation_tags(conversations[0].id, &["Private".to_owned()]).await.unwrap();
    assert_eq!(held().await, [2, 0]);
}

#[tokio::test]
async fn with_a_mistake_none_is_tried_and_nothing_is_written() {
    let desk = Desk::new(&[]).await;
    said(&desk, &["hello"]).await;
    let broken = ConditionsView { regex: Some("(".into()), ..ConditionsView::default() };
    let view = desk.engine.dry_run_rules(vec![rule("a", broken, stop())]).await.unwrap();
    assert_eq!((view.prompts, view.mistakes.len()), (0, 1));
    assert!(view.mistakes[0].reason.contains("regular expression"), "{:?}", view.mistakes);
    assert!(!desk.config.exists());
}

#[test]
fn a_long_prompt_is_shown_by_its_beginning() {
    let shown = beginning(&"äö ".repeat(200));
    assert_eq!((shown.chars().count(), shown.ends_with('…')), (LONGEST_BEGINNING + 1, true));
}
