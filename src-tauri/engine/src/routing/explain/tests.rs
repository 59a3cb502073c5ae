//! Traces as the window sees them, made of facts and of real folders.

use roundtable_domain::{ErrorCategory, ModelRef, PicoUsd, RunState, UnixMs};
use roundtable_router::attempt::Kind;
use roundtable_router::choose::{Availability, Needs, PromptCost, Situation, read_prompt};
use roundtable_router::trace::TraceEnd;

use super::super::desk::{Desk, refusal};
use super::*;

fn model(name: &str) -> ModelRef {
    name.parse().unwrap()
}

fn attempt(name: &str, kind: Kind, key: Option<&str>, failure: Option<ErrorCategory>) -> TracedAttempt {
    TracedAttempt {
        model: model(name),
        key: key.map(str::to_owned),
        kind,
        waited_ms: 0,
        took_ms: 40,
        ttft_ms: None,
        failure,
        retry_after_ms: None,
        usd: failure.is_none().then(|| PicoUsd::from_pico(1_500_000_000)),
        provenance: None,
    }
}

#[test]
fn a_trace_is_shown_with_its_calls_its_scores_and_who_was_left_out() {
    let reading = read_prompt("Why does this not compile? fn main() {", 12, &[]);
    let situation = Situation::new(reading, Needs::default(), UnixMs(5), 0xAB);
    let dear = PromptCost { usd: PicoUsd::from_pico(2_000_000_000), warm: None, prices: None };
    let candidates = vec![
        Candidate { rank: 1, ..Candidate::new(model("b/second")) },
        Candidate { cost: Some(dear), route: Some("g.echelon1".into()), ..Candidate::new(model("a/first")) },
        Candidate { availability: Availability::NoKey, ..Candidate::new(model("c/shut")) },
    ];
    let mut trace = RouteTrace::choose("g".into(), "0011".into(), vec!["mine".into()], situation, candidates);
    trace.attempts = vec![
        attempt("a/first", Kind::First, Some("env:A_KEY"), Some(ErrorCategory::RateLimited)),
        attempt("b/second", Kind::Fallback, Some("gone"), None),
    ];
    trace.end = Some(TraceEnd {
        state: RunState::Complete,
        source: trace::AnswerSource::Model,
        served: Some(model("b/second")),
        at: UnixMs(90),
    });
    let view = trace_view(&trace, &[]);
    assert_eq!(
        (view.seed.as_str(), view.task.as_str(), view.replays),
        ("00000000000000ab", "code", Some(true))
    );
    let shown: Vec<_> = view
        .candidates
        .iter()
        .map(|one| (one.target.as_str(), one.rank, one.score.is_some(), one.excluded.as_deref()))
        .collect();
    let expected =
        [("a/first", 0, true, None), ("b/second", 1, true, None), ("c/shut", 0, false, Some("no_key"))];
    assert_eq!(shown, expected, "in the order in which they are asked, those who cannot last");
    assert_eq!(view.candidates[0].usd.as_deref(), Some("0.002"));
    let calls: Vec<_> = view.attempts.iter().map(|call| (call.kind.as_str(), call.key.as_deref())).collect();
    assert_eq!(calls, [("first", Some("A_KEY")), ("fallback", Some("gone"))]);
    assert_eq!(view.attempts[1].usd.as_deref(), Some("0.0015"));
    assert!(
        view.sentences.iter().any(|said| said.starts_with("Fell back to b/second")),
        "{:?}",
        view.sentences
    );
    let end = view.end.unwrap();
    assert_eq!((end.source, end.served.as_deref()), (Some(AnswerSource::Model), Some("b/second")));
}

#[tokio::test]
async fn a_simulation_shows_who_falls_out_and_why_and_sends_nothing() {
    let files = [
        (
            "groups/mixed.yaml",
            "echelon1: {models: [demo/scholar, openai/gpt-4o]}\nechelon2: {models: [demo/swift]}\n",
        ),
        ("groups/shut.yaml", "echelon1: {models: [openai/gpt-4o]}\n"),
        (
            "rules.yaml",
            "rules:\n  - {name: not him, when: {keywords: [secret]}, then: {never: [demo/scholar]}}\n",
        ),
    ];
    let desk = Desk::new(&files).await;
    let simulate = async |target: &str, prompt: &str| {
        let view = desk.engine.simulate_route(target, prompt).await.unwrap();
        let shown = view.candidates.iter().map(|one| {
            let why = one.excluded.as_ref().map(|why| format!(" {why}")).unwrap_or_default();
            format!("{}{why}", one.target)
        });
        (shown.collect::<Vec<_>>(), view)
    };
    let (shown, view) = simulate("mixed", "Hello there").await;
    assert_eq!(shown, ["demo/scholar", "demo/swift", "openai/gpt-4o not_set_up"]);
    assert_eq!((view.attempts.len(), view.end, view.replays), (0, None, Some(true)));
    let (shown, view) = simulate("mixed", "a secret").await;
    assert_eq!(shown, ["demo/swift", "demo/scholar not_allowed", "openai/gpt-4o not_set_up"]);
    assert_eq!(view.rules, ["not him"]);
    let (shown, view) = simulate("shut", "Hello").await;
    assert_eq!(shown, ["openai/gpt-4o not_set_up"], "also when nobody is left");
    assert!(view.sentences[0].contains("can answer"), "{:?}", view.sentences);
    assert_eq!(simulate("demo/swift", "Hello").await.0, ["demo/swift"]);
    let (_, said) = refusal(desk.engine.simulate_route("mixd", "Hello").await);
    assert!(said.contains("did you mean \"mixed\""), "{said}");
}

#[tokio::test]
async fn the_guide_has_advice_for_every_kind_of_work() {
    let desk = Desk::new(&[]).await;
    let nobody = desk.engine.guide().await.unwrap();
    assert!(nobody.len() == 7 && nobody.iter().all(|advice| advice.primary.is_none()), "{nobody:?}");
    assert!(nobody[0].reason.contains("add a provider"), "{nobody:?}");
    let group = [("groups/coding.yaml", "echelon1: {models: [demo/swift]}\n")];
    let of_group = Desk::new(&group).await.engine.guide().await.unwrap();
    assert_eq!(of_group[0].primary.as_deref(), Some("demo/swift"), "what a route names can be asked");
    desk.engine.set_demo(true).await.unwrap();
    let advice = desk.engine.guide().await.unwrap();
    for one in &advice {
        let is_demo = |model: &Option<String>| model.as_ref().is_none_or(|name| name.starts_with("demo/"));
        assert!(is_demo(&one.primary) && is_demo(&one.fallback), "{one:?}");
        assert_eq!(one.cheaper.is_some(), one.cheaper_reason.is_some(), "{one:?}");
    }
    assert!(
        advice.iter().any(|one| one.primary.is_some() && one.reason.starts_with("because ")),
        "{advice:?}"
    );
    assert_eq!(advice, desk.engine.guide().await.unwrap(), "asked again it says the same");
}

#[tokio::test]
async fn a_run_that_is_not_there_is_said_to_be_so() {
    let desk = Desk::new(&[]).await;
    let (word, _) = refusal(desk.engine.explain_run(RunId::from_uuid(uuid::Uuid::nil())).await);
    assert_eq!(word, "not_found");
}
