use super::*;
use crate::choose::candidate::{Abilities, Load, PromptCost};

fn candidate() -> Candidate {
    Candidate::new(ModelRef { provider: "demo".into(), model: "swift".into() })
}

fn reason(needs: &Needs, candidate: &Candidate) -> Option<&'static str> {
    needs.check(candidate, UnixMs(0)).map(|reason| reason.code())
}

#[test]
fn each_requirement_has_its_reason() {
    let usd = |pico| Some(PromptCost { usd: PicoUsd::from_pico(pico), warm: None, prices: None });
    let availability = |availability| Candidate { availability, ..candidate() };
    let lacks = |abilities| Candidate { abilities, ..candidate() };
    let no = Abilities::default();
    let needs = Needs::default();
    let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
    let rows = [
        (needs.clone(), candidate(), None),
        (needs.clone(), availability(Availability::Disabled), Some("disabled")),
        (needs.clone(), availability(Availability::NoKey), Some("no_key")),
        (needs.clone(), availability(Availability::BreakerOpen { for_ms: 9 }), Some("breaker_open")),
        (needs.clone(), availability(Availability::QuotaExceeded), Some("quota_exceeded")),
        (needs.clone(), availability(Availability::Retired), Some("retired")),
        (Needs { only: vec![texts(&["openai/*"])], ..needs.clone() }, candidate(), Some("not_allowed")),
        (
            Needs { only: vec![texts(&["openai/*", "demo/*"]), texts(&["*/swift"])], ..needs.clone() },
            candidate(),
            None,
        ),
        (Needs { never: texts(&["*/SWIFT"]), ..needs.clone() }, candidate(), Some("not_allowed")),
        (Needs { local_only: true, ..needs.clone() }, candidate(), Some("not_local")),
        (Needs { local_only: true, ..needs.clone() }, Candidate { local: true, ..candidate() }, None),
        (
            Needs { input_tokens: 900, output_tokens: 101, ..needs.clone() },
            Candidate { context_window: Some(1_000), ..candidate() },
            Some("context_too_small"),
        ),
        (
            Needs { input_tokens: 900, output_tokens: 101, max_output_tokens: Some(100), ..needs.clone() },
            Candidate { context_window: Some(1_000), ..candidate() },
            None,
        ),
        (
            Needs { input_tokens: 900, ..needs.clone() },
            Candidate { max_input: Some(899), ..candidate() },
            Some("context_too_small"),
        ),
        (
            Needs { max_output_tokens: Some(5), ..needs.clone() },
            Candidate { max_output: Some(4), ..candidate() },
            Some("answer_too_short"),
        ),
        (Needs { vision: true, ..needs.clone() }, candidate(), None),
        (
            Needs { vision: true, ..needs.clone() },
            lacks(Abilities { vision: Some(false), ..no }),
            Some("lacks"),
        ),
        (Needs { pdf: true, ..needs.clone() }, lacks(Abilities { pdf: Some(false), ..no }), Some("lacks")),
        (
            Needs { audio_input: true, ..needs.clone() },
            lacks(Abilities { audio_input: Some(false), ..no }),
            Some("lacks"),
        ),
        (
            Needs { tools: true, ..needs.clone() },
            lacks(Abilities { tools: Some(false), ..no }),
            Some("lacks"),
        ),
        (
            Needs { parallel_tools: true, ..needs.clone() },
            lacks(Abilities { parallel_tools: Some(false), ..no }),
            Some("lacks"),
        ),
        (
            Needs { json_schema: true, ..needs.clone() },
            lacks(Abilities { json_schema: Some(false), ..no }),
            Some("lacks"),
        ),
        (
            Needs { vision: true, only_known_abilities: true, ..needs.clone() },
            candidate(),
            Some("ability_unknown"),
        ),
        (Needs { at_most_usd: Some(PicoUsd::from_pico(5)), ..needs.clone() }, candidate(), Some("unpriced")),
        (
            Needs { at_most_usd: Some(PicoUsd::from_pico(5)), ..needs.clone() },
            Candidate { cost: usd(6), ..candidate() },
            Some("too_expensive"),
        ),
        (
            Needs { at_most_usd: Some(PicoUsd::from_pico(6)), ..needs.clone() },
            Candidate { cost: usd(6), ..candidate() },
            None,
        ),
        (
            Needs { longest_wait_ms: Some(10), ..needs.clone() },
            Candidate { load: Load { wait_ms: 11, ..Load::default() }, ..candidate() },
            Some("wait_too_long"),
        ),
    ];
    for (needs, candidate, expected) in rows {
        assert_eq!(reason(&needs, &candidate), expected, "{needs:?}\n{candidate:?}");
    }
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
