use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

fn call(id: &str) -> Message {
    Message {
        role: Role::Assistant,
        parts: vec![Part::ToolCall {
            id: id.to_owned(),
            name: "look".to_owned(),
            arguments: "{}".to_owned(),
            signature: None,
        }],
    }
}

fn result(id: &str) -> Message {
    Message {
        role: Role::Tool,
        parts: vec![Part::ToolResult {
            call_id: id.to_owned(),
            name: "look".to_owned(),
            content: "seen".to_owned(),
            is_error: false,
        }],
    }
}

fn say(role: Role, text: &str) -> Message {
    Message::text(role, text)
}

fn one_each(_: &Message) -> u64 {
    1
}

#[test]
fn the_oldest_exchange_goes_first_and_whole() {
    let history = vec![
        say(Role::System, "rules"),
        say(Role::User, "a"),
        call("1"),
        result("1"),
        say(Role::Assistant, "b"),
        say(Role::User, "c"),
        say(Role::Assistant, "d"),
        say(Role::User, "prompt"),
    ];
    let (trimmed, fit) = trim(history.clone(), 7, one_each);
    assert_eq!(
        (fit.left_out, fit.total),
        (4, 4),
        "the call goes with its result, the answer with its question"
    );
    let kept: Vec<String> = trimmed.iter().map(Message::plain_text).collect();
    assert_eq!(kept, ["rules", "c", "d", "prompt"]);
    assert_eq!(trim(history.clone(), 8, one_each).0, history, "what fits is left alone");
    let (prompt_alone, fit) = trim(history, 1, one_each);
    assert!(!fit.fits && prompt_alone.len() == 2, "instructions and prompt are never left out");
}

#[test]
fn a_result_that_comes_after_another_prompt_stays_with_its_call() {
    let history = vec![
        say(Role::User, "a"),
        call("1"),
        say(Role::User, "hurry"),
        result("1"),
        say(Role::User, "prompt"),
    ];
    assert_eq!(trim(history, 4, one_each).0, [say(Role::User, "prompt")]);
}

#[test]
fn messages_are_found_by_place_speaker_and_kind() {
    let history = vec![say(Role::User, "a"), call("1"), result("1"), say(Role::Assistant, "b")];
    assert_eq!(last(&history, 1), &history[3..]);
    assert_eq!(last(&history, 9), &history[..]);
    assert_eq!(of_role(&history, Role::Assistant).count(), 2);
    assert_eq!(with_part(&history, PartKind::ToolResult).collect::<Vec<_>>(), [&history[2]]);
    assert_eq!(count(&history, |message| message.plain_text().len() as u64), 2);
    assert_eq!(count(&history, |_| u64::MAX), u64::MAX, "a count that does not fit does not wrap");
}

fn any_message() -> impl Strategy<Value = Message> {
    prop_oneof![
        1 => Just(say(Role::System, "s")),
        4 => "[a-z]{0,9}".prop_map(|text| say(Role::User, &text)),
        3 => "[a-z]{0,9}".prop_map(|text| say(Role::Assistant, &text)),
        2 => (0..6_u8).prop_map(|id| call(&id.to_string())),
        2 => (0..6_u8).prop_map(|id| result(&id.to_string())),
    ]
}

/// Each call is made once and answered at most once, after it was made: what a provider accepts.
fn any_history() -> impl Strategy<Value = Vec<Message>> {
    prop::collection::vec(any_message(), 0..40).prop_map(|messages| {
        let (mut called, mut answered) = (HashSet::new(), HashSet::new());
        messages
            .into_iter()
            .filter(|message| match message.parts.first() {
                Some(Part::ToolCall { id, .. }) => called.insert(id.clone()),
                Some(Part::ToolResult { call_id, .. }) => {
                    called.contains(call_id) && answered.insert(call_id.clone())
                }
                _ => true,
            })
            .collect()
    })
}

fn ids(messages: &[Message], kind: PartKind) -> HashSet<String> {
    with_part(messages, kind)
        .flat_map(|message| &message.parts)
        .filter_map(|part| match part {
            Part::ToolCall { id, .. } => Some(id.clone()),
            Part::ToolResult { call_id, .. } => Some(call_id.clone()),
            _ => None,
        })
        .collect()
}

fn size(message: &Message) -> u64 {
    1 + message.plain_text().len() as u64
}

proptest! {
    #[test]
    fn trimming_keeps_its_promises(history in any_history(), limit in 0..120_u64) {
        let (kept, fit) = trim(history.clone(), limit, size);
        let kept = &kept;
        prop_assert_eq!(count(kept, size), fit.total);
        prop_assert_eq!(fit.total <= limit, fit.fits);
        prop_assert_eq!(kept.len() + fit.left_out, history.len());
        prop_assert_eq!(of_role(kept, Role::System).count(), of_role(&history, Role::System).count());
        if let Some(prompt) = of_role(&history, Role::User).last() {
            prop_assert!(kept.contains(prompt), "the prompt is never left out");
        }
        let pairs = ids(&history, PartKind::ToolResult);
        for id in pairs {
            prop_assert_eq!(
                ids(kept, PartKind::ToolCall).contains(&id),
                ids(kept, PartKind::ToolResult).contains(&id),
                "a call and its result stay or go together"
            );
        }
        let mut rest = history.iter();
        prop_assert!(kept.iter().all(|message| rest.any(|one| one == message)), "the order is kept");
    }

    #[test]
    fn no_more_is_left_out_than_needed(history in any_history(), limit in 0..120_u64) {
        let (trimmed, roomier) = (plan_fit(&history, limit, size), plan_fit(&history, limit + 1, size));
        prop_assert!(roomier.left_out <= trimmed.left_out);
        if count(&history, size) <= limit {
            prop_assert_eq!(trimmed.left_out, 0);
        }
    }
}
