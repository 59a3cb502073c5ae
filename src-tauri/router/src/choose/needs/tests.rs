use super::*;
use crate::choose::candidate::PromptCost;

/// What is changed of an undemanding prompt, what of a model nothing is known of, and the reason that follows.
type Row = (fn(&mut Needs), fn(&mut Candidate), Option<&'static str>);

fn check_rows(rows: &[Row]) {
    for (number, (demand, learn, expected)) in rows.iter().enumerate() {
        let mut needs = Needs::default();
        let mut candidate = Candidate::new(ModelRef { provider: "demo".into(), model: "swift".into() });
        demand(&mut needs);
        learn(&mut candidate);
        let code = needs.check(&candidate, UnixMs(0)).map(|reason| reason.code());
        assert_eq!(code, *expected, "row {number}: {needs:?}\n{candidate:?}");
    }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "it stands where a candidate's cost stands, which may be unknown"
)]
fn costs(pico: i64) -> Option<PromptCost> {
    Some(PromptCost { usd: PicoUsd::from_pico(pico), warm: None, prices: None })
}

#[test]
fn who_may_not_or_cannot_be_called_is_out() {
    check_rows(&[
        (|_| {}, |_| {}, None),
        (|_| {}, |model| model.availability = Availability::Disabled, Some("disabled")),
        (|_| {}, |model| model.availability = Availability::NotSetUp, Some("not_set_up")),
        (|_| {}, |model| model.availability = Availability::NoKey, Some("no_key")),
        (|_| {}, |model| model.availability = Availability::BreakerOpen { for_ms: 9 }, Some("breaker_open")),
        (|_| {}, |model| model.availability = Availability::QuotaExceeded, Some("quota_exceeded")),
        (|_| {}, |model| model.availability = Availability::Retired, Some("retired")),
        (|needs| needs.only = vec![texts(&["openai/*"])], |_| {}, Some("not_allowed")),
        (|needs| needs.only = vec![texts(&["openai/*", "demo/*"]), texts(&["*/swift"])], |_| {}, None),
        (|needs| needs.only = vec![texts(&["demo/*"]), texts(&["openai/*"])], |_| {}, Some("not_allowed")),
        (|needs| needs.never = texts(&["*/SWIFT"]), |_| {}, Some("not_allowed")),
        (|needs| needs.local_only = true, |_| {}, Some("not_local")),
        (|needs| needs.local_only = true, |model| model.local = true, None),
    ]);
}

#[test]
fn prompt_and_answer_have_to_fit() {
    let long: fn(&mut Needs) = |needs| (needs.input_tokens, needs.output_tokens) = (900, 101);
    let long_but_short_answer: fn(&mut Needs) = |needs| {
        (needs.input_tokens, needs.output_tokens, needs.max_output_tokens) = (900, 101, Some(100));
    };
    check_rows(&[
        (long, |_| {}, None),
        (long, |model| model.context_window = Some(1_000), Some("context_too_small")),
        (long, |model| model.context_window = Some(1_001), None),
        (long_but_short_answer, |model| model.context_window = Some(1_000), None),
        (long, |model| model.max_input = Some(899), Some("context_too_small")),
        (long_but_short_answer, |model| model.max_output = Some(99), Some("answer_too_short")),
    ]);
}

#[test]
fn an_ability_that_is_needed_may_be_unknown_but_not_missing() {
    check_rows(&[
        (|needs| needs.vision = true, |_| {}, None),
        (|_| {}, |model| model.abilities.vision = Some(false), None),
        (|needs| needs.vision = true, |model| model.abilities.vision = Some(false), Some("lacks")),
        (|needs| needs.pdf = true, |model| model.abilities.pdf = Some(false), Some("lacks")),
        (|needs| needs.audio_input = true, |model| model.abilities.audio_input = Some(false), Some("lacks")),
        (|needs| needs.tools = true, |model| model.abilities.tools = Some(false), Some("lacks")),
        (
            |needs| needs.parallel_tools = true,
            |model| model.abilities.parallel_tools = Some(false),
            Some("lacks"),
        ),
        (|needs| needs.json_schema = true, |model| model.abilities.json_schema = Some(false), Some("lacks")),
        (|needs| (needs.vision, needs.only_known_abilities) = (true, true), |_| {}, Some("ability_unknown")),
    ]);
}

#[test]
fn money_and_time_have_to_suffice() {
    let five: fn(&mut Needs) = |needs| needs.at_most_usd = Some(PicoUsd::from_pico(5));
    check_rows(&[
        (five, |_| {}, Some("unpriced")),
        (five, |model| model.cost = costs(6), Some("too_expensive")),
        (five, |model| model.cost = costs(5), None),
        (|needs| needs.longest_wait_ms = Some(10), |model| model.load.wait_ms = 11, Some("wait_too_long")),
        (|needs| needs.longest_wait_ms = Some(10), |model| model.load.wait_ms = 10, None),
    ]);
}

#[test]
fn the_code_in_json_is_the_code() {
    let reason = Reason::ContextTooSmall { needed: 2, window: 1 };
    let json = serde_json::to_value(&reason).unwrap();
    assert_eq!(json.get("code").and_then(|code| code.as_str()), Some(reason.code()));
}

#[test]
fn a_star_stands_for_any_text() {
    let rows = [
        ("demo/swift", "demo/swift", true),
        ("demo/swift", "demo/swift-2", false),
        ("demo/*", "demo/swift", true),
        ("*/swift", "demo/swift", true),
        ("*", "anything", true),
        ("a*b*c", "a-b-c", true),
        ("a*b*c", "ac", false),
        ("a*a", "a", false),
        ("*mini*", "openai/gpt-5-MINI-2", true),
        ("", "x", false),
    ];
    for (pattern, name, expected) in rows {
        assert_eq!(matches_pattern(pattern, name), expected, "{pattern} {name}");
    }
}
