//! Names and what is behind them.

use roundtable_domain::Target;

use super::*;
use crate::attempt::Resume;
use crate::route::{ResolveError, SourceFile, load};

const FILES: &[(&str, &str)] = &[
    (
        "groups/coding.yaml",
        "echelon1:\n  models: [a/1, b/1]\n  rpm_limit: 10\n  temperature: 0.2\nechelon2:\n  models: [a/2, cheap, nobody]\n  timeout: 9\nechelon3:\n  models: [a/1, c/3]\nfallback_config:\n  strategy: echelon_down\n  fallback_groups: [writing]\n  max_attempts: 7\n  retry_delay: 1.5\n  after_commit: regenerate\n  last_resort: Later.\n  circuit_breaker: {failure_threshold: 2}\n",
    ),
    (
        "groups/switching.yaml",
        "echelon1:\n  models: [s/1]\nechelon2:\n  models: [s/2]\nfallback_config:\n  strategy: task_group_switch\n  fallback_groups: [coding.echelon2, writing]\n",
    ),
    (
        "groups/failing.yaml",
        "echelon1:\n  models: [a/1, a/2, b/1, a/3, c/1, b/2]\nechelon2:\n  models: [a/9]\nfallback_config:\n  strategy: provider_failover\n",
    ),
    ("groups/writing.yaml", "echelon1:\n  models: [w/1]\nechelon2:\n  models: [w/2]\n"),
    ("groups/round.yaml", "echelon1:\n  models: [r/1]\nfallback_config:\n  fallback_groups: [trip]\n"),
    (
        "groups/trip.yaml",
        "echelon1:\n  models: [t/1]\nfallback_config:\n  fallback_groups: [round, writing]\n",
    ),
    (
        "pools/ring.yaml",
        "task_groups: [coding.echelon2, writing, gone]\nrotation_strategy: weighted\nweights: {writing: 4}\n",
    ),
    ("pools/writing2.yaml", "task_groups: [writing]\n"),
    ("aliases.yaml", "cheap: demo/swift\ncoding: demo/poet\ngpt-4.1: openai/gpt-4.1\n"),
];

fn routes() -> Routes {
    let files: Vec<SourceFile<'_>> = FILES.iter().map(|(path, text)| SourceFile { path, text }).collect();
    load(&files, None).routes
}

fn expand(name: &str) -> Expansion {
    let routes = routes();
    let target: Target = name.parse().unwrap();
    routes.expand(&routes.resolve(&target).unwrap(), Some(&"demo/default".parse().unwrap()))
}

/// The models with their tiers: `0:a/1`.
fn models(name: &str) -> String {
    let tiered = |c: &RouteCandidate| format!("{}:{}", c.tier, c.model);
    expand(name).candidates.iter().map(tiered).collect::<Vec<_>>().join(" ")
}

#[test]
fn each_form_of_target_has_its_models_in_order() {
    let cases = [
        ("x/y", "0:x/y"),
        ("gpt-4.1", "0:openai/gpt-4.1"),
        ("coding", "0:a/1 0:b/1 1:a/2 1:demo/swift 2:c/3 3:w/1 4:w/2"),
        ("coding.echelon2", "0:a/2 0:demo/swift 1:a/1 1:c/3 2:w/1 3:w/2"),
        ("coding.echelon3", "0:a/1 0:c/3 1:w/1 2:w/2"),
        ("switching", "0:s/1 1:a/2 1:demo/swift 2:w/1 3:w/2 4:s/2"),
        ("failing", "0:a/1 0:b/1 0:c/1 0:a/2 0:b/2 0:a/3 1:a/9"),
        ("round", "0:r/1 1:t/1 2:w/1 3:w/2"),
        ("trip", "0:t/1 1:r/1 2:w/1 3:w/2"),
        ("ring", "0:a/2 0:demo/swift 0:w/1 1:w/2"),
        (
            "auto",
            "0:a/2 0:demo/swift 0:w/1 1:w/2 2:a/1 2:b/1 3:c/3 4:a/3 4:c/1 4:b/2 5:a/9 6:r/1 7:t/1 8:s/1 9:s/2 10:demo/default",
        ),
    ];
    for (name, expected) in cases {
        assert_eq!(models(name), expected, "{name}");
    }
}

#[test]
fn a_pool_comes_before_a_group_before_an_alias() {
    let routes = routes();
    let is = |name: &str| routes.resolve(&Target::Route(name.into())).unwrap();
    assert_eq!(
        is("coding"),
        Resolved::Group(GroupRef::whole("coding")),
        "the alias of that name comes later"
    );
    assert_eq!(is("coding.echelon1"), Resolved::Group(GroupRef::echelon("coding", 1)));
    assert_eq!(is("ring"), Resolved::Pool("ring".into()));
    let both = [
        SourceFile { path: "groups/fast.yaml", text: "echelon1:\n  models: [a/b]\n" },
        SourceFile { path: "pools/fast.yaml", text: "task_groups: [fast]\n" },
    ];
    let routes = load(&both, None).routes;
    assert_eq!(routes.resolve(&Target::Route("fast".into())), Ok(Resolved::Pool("fast".into())));
    let rung = routes.resolve(&Target::Route("fast.echelon1".into()));
    assert_eq!(rung, Ok(Resolved::Group(GroupRef::echelon("fast", 1))));
}

#[test]
fn a_name_that_means_nothing_says_which_was_probably_meant() {
    let routes = routes();
    let said = |name: &str| routes.resolve(&Target::Route(name.into())).unwrap_err().to_string();
    assert_eq!(
        said("codng"),
        "there is no pool, group or alias \"codng\" (a model is written provider/model); did you mean \"coding\"?"
    );
    assert_eq!(said("writing.echelon9"), "the group \"writing\" has no echelon9; it has echelon1, echelon2");
    assert_eq!(
        routes.resolve(&Target::Route("qqq".into())),
        Err(ResolveError::UnknownName { name: "qqq".into(), hint: String::new() })
    );
}

#[test]
fn each_candidate_carries_the_settings_of_the_rung_it_stands_on() {
    let expansion = expand("coding");
    let find = |name: &str| expansion.candidates.iter().find(|c| c.model.to_string() == name).unwrap();
    let first = find("a/1");
    assert_eq!(
        first.rung,
        Some(Rung { group: "coding".into(), echelon: 1 }),
        "where it comes first, not last"
    );
    assert_eq!((first.settings.rpm_limit, first.settings.temperature), (Some(10), Some(0.2)));
    assert_eq!(first.settings.limits().requests, Some(10));
    assert_eq!((first.reached, first.breaker.failure_threshold), (Reached::Asked, 2));
    assert_eq!((find("a/2").settings.timeout_ms, find("a/2").reached), (Some(9_000), Reached::Down));
    let other = find("w/1");
    assert_eq!((other.reached, other.breaker), (Reached::OtherGroup, BreakerSettings::default()));
    let rules = GroupRules {
        strategy: FallbackStrategy::EchelonDown,
        max_attempts: Some(7),
        retry_delay_ms: Some(1_500),
        after_commit: AfterCommit::Automatic(Resume::Regenerate),
        last_resort: Some("Later.".into()),
    };
    assert_eq!(expansion.group, Some(rules));
}

#[test]
fn what_stands_for_no_model_is_named_not_dropped_silently() {
    let passed = PassedOver { text: "nobody".into(), rung: Rung { group: "coding".into(), echelon: 2 } };
    let passed = vec![passed];
    assert_eq!(expand("coding").passed_over, passed);
    assert_eq!(expand("auto").passed_over, passed, "said once however often the way comes by");
}

#[test]
fn a_ring_knows_its_pool_and_the_shares_in_it() {
    let expansion = expand("ring");
    let weights: Vec<u32> = expansion.candidates.iter().map(|candidate| candidate.weight).collect();
    assert_eq!(weights, [1, 1, 4, 1]);
    assert_eq!(expansion.pool.unwrap().name, "ring");
    assert_eq!(expansion.group, None);
}

#[test]
fn auto_without_any_file_is_the_default_model() {
    let routes = Routes::default();
    let default: ModelRef = "demo/swift".parse().unwrap();
    let expansion = routes.expand(&Resolved::Auto, Some(&default));
    assert_eq!(expansion.candidates.len(), 1);
    assert_eq!(
        expansion.candidates.first().map(|c| (&c.model, c.reached)),
        Some((&default, Reached::Default))
    );
    assert_eq!(routes.expand(&Resolved::Auto, None).candidates, []);
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(1000))]

    /// Groups that fall back to each other in any way: it ends, each model comes once, tiers have no gaps.
    #[test]
    fn any_web_of_groups_ends(
        web in proptest::collection::vec((0_usize..3, proptest::collection::vec((0_usize..8, 0_u32..4), 0..4)), 1..8),
        asked in 0_usize..8,
    ) {
        let strategies = ["echelon_down", "task_group_switch", "provider_failover"];
        let files: Vec<(String, String)> = web.iter().enumerate().map(|(at, (strategy, to))| {
            let to: BTreeSet<String> = to.iter().map(|(group, echelon)| match echelon {
                0 => format!("g{group}"),
                number => format!("g{group}.echelon{number}"),
            }).collect();
            let to: Vec<String> = to.into_iter().collect();
            let text = format!(
                "echelon1:\n  models: [p/{at}, q/{}]\nechelon2:\n  models: [p/{}]\nfallback_config:\n  strategy: {}\n  fallback_groups: [{}]\n",
                at / 2, at + 1, strategies.get(*strategy).unwrap(), to.join(", "));
            (format!("groups/g{at}.yaml"), text)
        }).collect();
        let sources: Vec<SourceFile<'_>> = files.iter().map(|(path, text)| SourceFile { path, text }).collect();
        let routes = load(&sources, None).routes;
        proptest::prop_assert_eq!(routes.groups.len(), web.len());
        for resolved in [Resolved::Group(GroupRef::whole(format!("g{asked}"))), Resolved::Auto] {
            let expansion = routes.expand(&resolved, None);
            let mut models: Vec<_> = expansion.candidates.iter().map(|c| c.model.clone()).collect();
            let all = models.len();
            models.sort();
            models.dedup();
            proptest::prop_assert_eq!(models.len(), all);
            let tiers: Vec<u32> = expansion.candidates.iter().map(|c| c.tier).collect();
            proptest::prop_assert!(tiers.first().is_none_or(|first| *first == 0));
            proptest::prop_assert!(tiers.windows(2).all(|pair| pair[1] - pair[0] <= 1));
            proptest::prop_assert_eq!(expansion, routes.expand(&resolved, None), "the same every time");
        }
    }
}
