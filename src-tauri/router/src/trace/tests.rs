use proptest::prelude::*;

use super::*;
use crate::choose::tests::{any_candidate, any_situation};
use crate::choose::{Abilities, ModelStats, Needs, PromptCost, PromptReading, TaskKind};

fn model(name: &str) -> ModelRef {
    name.parse().unwrap()
}

fn candidate(name: &str, usd: &str, ttft_ms: f64) -> Candidate {
    Candidate {
        cost: Some(PromptCost { usd: usd.parse().unwrap(), warm: None, prices: None }),
        stats: ModelStats {
            good: 40.0,
            bad: 0.0,
            ttft_ms: Some(ttft_ms),
            tokens_per_second: Some(80.0),
            last: Some(UnixMs(0)),
        },
        ..Candidate::new(model(name))
    }
}

fn situation() -> Situation {
    let reading = PromptReading { task: TaskKind::Code, ..PromptReading::default() };
    Situation::new(reading, Needs { vision: true, ..Needs::default() }, UnixMs(0), 7)
}

fn trace(candidates: Vec<Candidate>) -> RouteTrace {
    RouteTrace::choose("auto".into(), "r1".into(), Vec::new(), situation(), candidates)
}

fn attempt(name: &str, failure: Option<ErrorCategory>) -> TracedAttempt {
    TracedAttempt {
        model: model(name),
        key: None,
        kind: Kind::First,
        waited_ms: 0,
        took_ms: 900,
        ttft_ms: None,
        failure,
        retry_after_ms: None,
        usd: None,
        provenance: None,
    }
}

#[test]
fn a_run_with_everything_is_told_in_plain_words() {
    let blind = Candidate {
        abilities: Abilities { vision: Some(false), ..Abilities::default() },
        ..candidate("c/blind", "0.001", 100.0)
    };
    let mut trace =
        trace(vec![candidate("a/swift", "0.0012", 400.0), candidate("b/dear", "0.06", 4_100.0), blind]);
    trace.rules = vec!["pictures".into()];
    trace.attempts = vec![
        attempt("a/swift", Some(ErrorCategory::Unavailable)),
        TracedAttempt { waited_ms: 1_500, ..attempt("a/swift", Some(ErrorCategory::RateLimited)) },
        attempt("b/dear", None),
    ];
    trace.end = Some(TraceEnd {
        state: RunState::Complete,
        source: AnswerSource::Model,
        served: Some(model("b/dear")),
        at: UnixMs(5),
    });
    let expected = "\
a/swift was chosen because of its price ($0.0012) and its speed and reliability (0.4 s to the first word, 80 tokens a second). \
The rule \"pictures\" applied.
Runner-up b/dear lost on price ($0.06 against $0.0012).
Tried a/swift again after 1.5 s because a/swift had a fault.
Fell back to b/dear because a/swift had too many requests.
b/dear answered.
Not c/blind: it does not take images.";
    assert_eq!(trace.explain().to_string(), expected);
}

#[test]
fn every_way_to_be_first_is_told() {
    let two = || vec![candidate("a/one", "0.001", 400.0), candidate("b/two", "0.001", 400.0)];
    let chosen = |trace: &RouteTrace| trace.explain().chosen.text;
    let tie = trace(two());
    assert!(chosen(&tie).contains("the lot decided"), "{}", chosen(&tie));
    let second = tie.in_order().nth(1).unwrap().model.clone();
    let mut candidates = two();
    for candidate in &mut candidates {
        if candidate.model == second {
            candidate.cost = Some(PromptCost { usd: "0.0011".parse().unwrap(), warm: None, prices: None });
        }
    }
    let before = Situation { previous: Some(second), ..situation() };
    let kept = RouteTrace::choose("auto".into(), "r1".into(), Vec::new(), before, candidates);
    assert!(chosen(&kept).contains("answered the turn before"), "{}", chosen(&kept));
    assert!(kept.explain().runner_up.unwrap().text.contains("0.050 is what it takes"));
    let mut ranked = two();
    ranked[1].rank = 1;
    ranked[0].route = Some("coding.premium".into());
    let first = trace(ranked);
    assert!(
        chosen(&first).starts_with("a/one from coding.premium was chosen because its echelon comes first")
    );
    assert_eq!(
        chosen(&trace(two().split_off(1))),
        "b/two was chosen because it is the only one that was asked for."
    );
    assert_eq!(chosen(&trace(Vec::new())), "\"auto\" names no model.");
}

#[test]
fn every_step_is_told_for_what_it_is() {
    use ErrorCategory as E;
    let broken = TracedAttempt { ttft_ms: Some(200), ..attempt("a/one", Some(E::Network)) };
    let refused = |category| attempt("a/one", Some(category));
    let next = |kind, model| TracedAttempt { kind, ..attempt(model, None) };
    let rows = [
        (
            refused(E::Network),
            next(Kind::Fallback, "b/two"),
            "Fell back to b/two because a/one could not be reached.",
        ),
        (
            broken.clone(),
            next(Kind::Continue, "b/two"),
            "b/two went on with the answer because a/one lost the connection.",
        ),
        (
            broken,
            next(Kind::Regenerate, "a/one"),
            "a/one began the answer anew because a/one lost the connection.",
        ),
        (
            refused(E::ContextLength),
            next(Kind::Trimmed, "a/one"),
            "Tried a/one again with a shorter history because a/one has too small a context for the prompt.",
        ),
        (
            refused(E::Unavailable),
            TracedAttempt { waited_ms: 40, ..next(Kind::Retry, "a/one") },
            "Tried a/one again because a/one had a fault.",
        ),
    ];
    for (failed, next, expected) in rows {
        let mut trace = trace(Vec::new());
        trace.attempts = vec![failed, next];
        let told: Vec<String> = trace.explain().attempts.into_iter().map(|told| told.text).collect();
        assert_eq!(told, [expected]);
    }
}

#[test]
fn every_end_is_told_and_a_plain_answer_needs_no_word() {
    let end = |state, source, served: Option<&str>| {
        let mut trace = trace(vec![candidate("a/one", "0.001", 400.0)]);
        trace.attempts = vec![attempt("a/one", Some(ErrorCategory::Authentication))];
        trace.end = Some(TraceEnd { state, source, served: served.map(model), at: UnixMs(1) });
        trace.explain().end.map(|told| told.text)
    };
    let model = AnswerSource::Model;
    assert_eq!(end(RunState::Complete, model, Some("a/one")), None);
    assert_eq!(
        end(RunState::Failed, AnswerSource::Nothing, None).unwrap(),
        "It failed: a/one refused the key."
    );
    assert_eq!(
        end(RunState::Truncated, model, Some("a/one")).unwrap(),
        "The answer broke off; what had come stays."
    );
    assert!(end(RunState::Complete, AnswerSource::Cache, Some("a/one")).unwrap().contains("cost nothing"));
    assert!(
        end(RunState::Complete, AnswerSource::LastResort, None).unwrap().contains("no model has written it")
    );
}

#[test]
fn the_cost_of_a_run_is_that_of_all_its_attempts_or_unknown() {
    let paid = |pico| TracedAttempt { usd: Some(PicoUsd::from_pico(pico)), ..attempt("a/one", None) };
    let mut trace = trace(Vec::new());
    assert_eq!(trace.usd(), None);
    trace.attempts = vec![paid(3), paid(4)];
    assert_eq!(trace.usd(), Some(PicoUsd::from_pico(7)));
    trace.attempts.push(attempt("a/one", None));
    assert_eq!(trace.usd(), None, "unknown is not zero");
}

#[test]
fn a_trace_of_another_form_is_not_replayed() {
    let mut trace = trace(vec![candidate("a/one", "0.001", 400.0)]);
    assert!(trace.replay().is_some_and(|replay| replay.is_same));
    trace.candidates.push(candidate("b/better", "0.000001", 1.0));
    assert!(trace.replay().is_some_and(|replay| !replay.is_same), "other facts, another choice");
    trace.format += 1;
    assert_eq!(trace.replay(), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn a_trace_read_back_from_json_is_played_again_to_the_same_choice(
        situation in any_situation(), candidates in prop::collection::vec(any_candidate(), 0..10),
    ) {
        let trace = RouteTrace::choose("auto".into(), "r1".into(), vec!["rule".into()], situation, candidates);
        let json = serde_json::to_string(&trace).unwrap();
        let read: RouteTrace = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(&read, &trace);
        prop_assert!(read.replay().is_some_and(|replay| replay.is_same));
        prop_assert!(!trace.explain().to_string().is_empty());
    }
}

#[test]
fn sentences_come_with_their_code_and_what_stands_in_them() {
    let mut trace = trace(vec![candidate("a/swift", "0.0012", 400.0), candidate("b/dear", "0.06", 4_100.0)]);
    trace.attempts = vec![attempt("a/swift", Some(ErrorCategory::Unavailable)), attempt("b/dear", None)];
    let explanation = trace.explain();
    let chosen = serde_json::to_value(explanation.chosen.saying).unwrap();
    assert_eq!(chosen["code"], "chosen");
    assert_eq!(
        chosen["because"]["merits"][0],
        serde_json::json!({"code": "cost", "price": {"usd": "0.0012", "warm": false}})
    );
    let second = serde_json::to_value(explanation.runner_up.unwrap().saying).unwrap();
    assert_eq!((&second["model"], &second["lost"]["code"]), (&"b/dear".into(), &"cost".into()));
    let step = serde_json::to_value(&explanation.attempts[0].saying).unwrap();
    assert_eq!((&step["step"], &step["failure"]), (&"fell_back".into(), &"unavailable".into()));
    trace.instead = Some("It costs less.".into());
    let instead = trace.explain().chosen;
    assert_eq!(
        (instead.text.as_str(), instead.saying),
        ("It costs less.", None),
        "of others' words no code is known"
    );
}
