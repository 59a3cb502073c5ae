use proptest::prelude::*;
use proptest::strategy::Strategy as Generator;
use roundtable_domain::PicoUsd;

use super::{Strategy, *};

fn model(name: &str) -> ModelRef {
    name.parse().unwrap()
}

fn candidate(name: &str) -> Candidate {
    Candidate::new(model(name))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "it stands where a candidate's cost stands, which may be unknown"
)]
fn costs(micro_usd: i64) -> Option<PromptCost> {
    Some(PromptCost { usd: PicoUsd::from_pico(micro_usd * 1_000_000), warm: None, prices: None })
}

fn runs(ttft_ms: f64, tokens_per_second: f64) -> ModelStats {
    ModelStats {
        good: 50.0,
        bad: 0.0,
        ttft_ms: Some(ttft_ms),
        tokens_per_second: Some(tokens_per_second),
        last: Some(UnixMs(0)),
    }
}

fn situation() -> Situation {
    Situation::new(PromptReading::default(), Needs::default(), UnixMs(0), 1)
}

fn order<'a>(situation: &Situation, candidates: &'a [Candidate]) -> Vec<&'a str> {
    choose(situation, candidates).order().map(|index| candidates[index].model.model.as_str()).collect()
}

#[test]
fn each_part_decides_where_the_others_are_equal() {
    let same = || Candidate { cost: costs(500), stats: runs(500.0, 50.0), ..candidate("p/same") };
    let failing = ModelStats { good: 30.0, bad: 20.0, ..runs(500.0, 50.0) };
    let busy = Load { concurrency: Some(Room { left: 1, limit: 8 }), ..Load::default() };
    let waiting = Load { wait_ms: 3_000, ..Load::default() };
    let worse = [
        ("slower to begin", Candidate { stats: runs(5_000.0, 50.0), ..same() }),
        ("slower to write", Candidate { stats: runs(500.0, 20.0), ..same() }),
        ("less reliable", Candidate { stats: failing, ..same() }),
        ("dearer", Candidate { cost: costs(900), ..same() }),
        ("busier", Candidate { load: busy, ..same() }),
        ("waiting", Candidate { load: waiting, ..same() }),
    ];
    for (why, worse) in worse {
        let worse = Candidate { model: model("p/worse"), ..worse };
        assert_eq!(order(&situation(), &[worse.clone(), same()]), ["same", "worse"], "{why}");
    }
    let task = Situation { strategy: Strategy::TaskBased, ..situation() };
    let tier = |name, tier| Candidate { tier: Some(tier), ..candidate(name) };
    let cheap = Situation { priority: Priority::Cost, ..task.clone() };
    let hard = Situation {
        reading: PromptReading { complexity: Complexity::Complex, ..task.reading },
        priority: Priority::Quality,
        ..task
    };
    let three = [
        tier("p/small", Tier::Small),
        tier("p/standard", Tier::Standard),
        tier("p/frontier", Tier::Frontier),
    ];
    assert_eq!(order(&hard, &three), ["frontier", "standard", "small"]);
    assert_eq!(order(&cheap, &three), ["small", "standard", "frontier"]);
}

#[test]
fn strategies_and_own_weights_choose_differently() {
    let fast = Candidate { cost: costs(20_000), stats: runs(200.0, 150.0), ..candidate("p/fast") };
    let cheap = Candidate { cost: costs(100), stats: runs(3_000.0, 30.0), ..candidate("p/cheap") };
    let candidates = [fast, cheap];
    let first = |strategy, weights| order(&Situation { strategy, weights, ..situation() }, &candidates)[0];
    assert_eq!(first(Strategy::CostOptimised, None), "cheap");
    assert_eq!(first(Strategy::PerformanceOptimised, None), "fast");
    let own = Weights { performance: 1.0, cost: 0.0, load: 0.0, capability: 0.0 };
    assert_eq!(first(Strategy::CostOptimised, Some(own)), "fast", "own weights go before the strategy's");
}

#[test]
fn unknown_is_neither_first_nor_last() {
    let known =
        |name, ttft, micro| Candidate { cost: costs(micro), stats: runs(ttft, 50.0), ..candidate(name) };
    let unknown = candidate("p/unknown");
    let candidates = [
        known("p/good", 200.0, 100),
        known("p/bad", 9_000.0, 9_000),
        known("p/fair", 2_000.0, 1_000),
        unknown,
    ];
    let names = order(&situation(), &candidates);
    assert_eq!((names[0], names[3]), ("good", "bad"), "{names:?}");
    let score = choose(&situation(), &candidates)
        .ranked
        .into_iter()
        .find(|ranked| ranked.candidate == 3)
        .unwrap()
        .score;
    assert!(!score.cost.known && !score.performance.known && !score.capability.known);
    assert!(score.cost.value > 0.0 && score.performance.value > 0.0);
}

#[test]
fn a_warm_cache_wins_as_long_as_it_is_warm() {
    let warm = WarmCache { saving: PicoUsd::from_pico(800_000_000), until: UnixMs(1_000) };
    let mut here = Candidate { cost: costs(1_000), ..candidate("p/here") };
    if let Some(cost) = &mut here.cost {
        cost.warm = Some(warm);
    }
    let there = Candidate { cost: costs(600), ..candidate("p/there") };
    let candidates = [here, there];
    assert_eq!(order(&situation(), &candidates)[0], "here");
    assert_eq!(order(&Situation { at: UnixMs(1_000), ..situation() }, &candidates)[0], "there");
}

#[test]
fn an_earlier_echelon_comes_first_whatever_the_score() {
    let later = Candidate { cost: costs(1), rank: 1, ..candidate("p/later") };
    let earlier = Candidate { cost: costs(90_000), ..candidate("p/earlier") };
    assert_eq!(order(&situation(), &[later, earlier]), ["earlier", "later"]);
}

#[test]
fn the_model_of_the_turn_before_stays_unless_another_is_clearly_better() {
    let stay = Candidate { cost: costs(1_100), ..candidate("p/stay") };
    let better = Candidate { cost: costs(1_000), ..candidate("p/better") };
    let far_better = Candidate { cost: costs(100), ..candidate("p/far-better") };
    let before = Situation { previous: Some(model("p/stay")), ..situation() };
    let close = [better.clone(), stay.clone()];
    assert!(choose(&before, &close).kept);
    assert_eq!(order(&before, &close), ["stay", "better"]);
    assert_eq!(order(&situation(), &close), ["better", "stay"]);
    assert_eq!(order(&before, &[far_better, stay.clone()]), ["far-better", "stay"]);
    let stay_later = Candidate { rank: 1, ..stay };
    assert_eq!(order(&before, &[better, stay_later]), ["better", "stay"], "an echelon is not skipped for it");
}

#[test]
fn equals_are_drawn_by_lot_and_each_gets_its_turn() {
    let candidates = [candidate("p/a"), candidate("p/b"), candidate("q/a"), candidate("q/b")];
    let mut times = [0_u32; 4];
    for seed in 0..4_000 {
        let choice = choose(&Situation { seed, ..situation() }, &candidates);
        assert!(choice.tie);
        times[choice.chosen().unwrap()] += 1;
    }
    assert!(times.iter().all(|times| (850..1_150).contains(times)), "{times:?}");
}

#[test]
fn nobody_left_is_no_choice_and_every_reason_is_there() {
    let needs = Needs { local_only: true, ..Needs::default() };
    let choice = choose(&Situation { needs, ..situation() }, &[candidate("p/a"), candidate("p/b")]);
    assert_eq!((choice.chosen(), choice.excluded.len()), (None, 2));
    assert!(choice.excluded.iter().all(|excluded| excluded.reason == Reason::NotLocal));
}

#[test]
fn the_guide_advises_on_each_kind_of_work() {
    let candidates_for = |use_case: &UseCase| {
        let priced = |name: &str, tier, per_token: i64| Candidate {
            tier: Some(tier),
            cost: costs(per_token * i64::try_from(use_case.output_tokens).unwrap()),
            context_window: Some(if name == "p/large" { 1_000_000 } else { 64_000 }),
            abilities: Abilities { vision: Some(name != "q/small"), ..Abilities::default() },
            ..candidate(name)
        };
        vec![
            priced("p/large", Tier::Frontier, 60),
            priced("p/medium", Tier::Standard, 10),
            priced("q/small", Tier::Small, 1),
        ]
    };
    let advice = guide(&situation(), candidates_for).advice;
    let of = |task| advice.iter().find(|advice| advice.use_case.task == task).unwrap();
    assert_eq!(advice.iter().map(|advice| advice.use_case.task).collect::<Vec<_>>(), TaskKind::ALL);
    let analysis = of(TaskKind::Analysis);
    assert_eq!(analysis.primary, Some(model("p/large")));
    assert_eq!(analysis.fallback, Some(model("q/small")), "of another provider");
    assert!(analysis.reason.starts_with("because of its fit for complex analysis"), "{}", analysis.reason);
    let cheaper = analysis.cheaper.as_ref().unwrap();
    assert_eq!((cheaper.model.clone(), cheaper.saves_percent), (model("p/medium"), 83));
    let long = of(TaskKind::LongContext);
    assert_eq!(
        (long.primary.clone(), long.fallback.clone()),
        (Some(model("p/large")), None),
        "the others are too small"
    );
    let pictures = of(TaskKind::Multimodal);
    assert_ne!(pictures.primary, Some(model("q/small")), "it does not see");
    let nobody = guide(&situation(), |_| Vec::new()).advice;
    assert!(nobody.iter().all(|advice| advice.primary.is_none() && !advice.reason.is_empty()));
}

fn any_stats() -> impl Generator<Value = ModelStats> {
    (
        0.0_f64..200.0,
        0.0_f64..50.0,
        prop::option::of(1.0_f64..20_000.0),
        prop::option::of(0.5_f64..500.0),
        0_i64..1 << 40,
    )
        .prop_map(|(good, bad, ttft_ms, tokens_per_second, last)| ModelStats {
            good,
            bad,
            ttft_ms,
            tokens_per_second,
            last: Some(UnixMs(last)),
        })
}

fn any_cost() -> impl Generator<Value = Option<PromptCost>> {
    prop::option::of((0_i64..1 << 45, prop::option::of((0_i64..1 << 45, 0_i64..1 << 40)))).prop_map(|cost| {
        cost.map(|(usd, warm)| PromptCost {
            usd: PicoUsd::from_pico(usd),
            warm: warm.map(|(saving, until)| WarmCache {
                saving: PicoUsd::from_pico(saving),
                until: UnixMs(until),
            }),
            prices: None,
        })
    })
}

pub(crate) fn any_candidate() -> impl Generator<Value = Candidate> {
    let load = (0_u64..40, prop::option::of((0_u64..100, 0_u64..100)), 0_u64..60_000).prop_map(
        |(in_flight, room, wait_ms)| Load {
            in_flight,
            requests: room.map(|(left, limit)| Room { left, limit }),
            wait_ms,
            ..Load::default()
        },
    );
    let facts = (
        prop::option::of(0_u64..200_000),
        prop::option::of(any::<bool>()),
        prop::option::of(0_u8..3),
        0_u32..3,
        0_u8..5,
    );
    ("[a-d]/[a-z]{1,3}", any_stats(), any_cost(), load, facts, (0_u64..50, 0_u64..50)).prop_map(
        |(name, stats, cost, load, (context_window, flag, tier, rank, availability), (picked, shown))| {
            Candidate {
                rank,
                availability: match availability {
                    0 => Availability::BreakerOpen { for_ms: 500 },
                    1 => Availability::NoKey,
                    _ => Availability::Ready,
                },
                context_window,
                abilities: Abilities { vision: flag, reasoning: flag, ..Abilities::default() },
                tier: tier.map(|tier| match tier {
                    0 => Tier::Small,
                    1 => Tier::Standard,
                    _ => Tier::Frontier,
                }),
                cost,
                load,
                stats,
                picks: Picks { picked, shown },
                ..candidate(&name)
            }
        },
    )
}

pub(crate) fn any_situation() -> impl Generator<Value = Situation> {
    let task = prop::sample::select(TaskKind::ALL.to_vec());
    let complexity =
        prop::sample::select(vec![Complexity::Simple, Complexity::Moderate, Complexity::Complex]);
    let strategy = prop::sample::select(vec![
        Strategy::TaskBased,
        Strategy::CostOptimised,
        Strategy::PerformanceOptimised,
        Strategy::Balanced,
    ]);
    let priority = prop::sample::select(vec![Priority::Cost, Priority::Speed, Priority::Quality]);
    let needs = (0_u64..150_000, 0_u64..5_000, any::<bool>(), prop::option::of(0_i64..1 << 45));
    let how = (task, complexity, strategy, priority, prop::option::of("[a-d]/[a-z]{1,3}"));
    (any::<u64>(), 0_i64..1 << 41, needs, how).prop_map(
        |(
            seed,
            at,
            (input_tokens, output_tokens, vision, budget),
            (task, complexity, strategy, priority, previous),
        )| Situation {
            strategy,
            priority,
            previous: previous.map(|name| model(&name)),
            ..Situation::new(
                PromptReading { task, complexity, ..PromptReading::default() },
                Needs {
                    input_tokens,
                    output_tokens,
                    vision,
                    at_most_usd: budget.map(PicoUsd::from_pico),
                    ..Needs::default()
                },
                UnixMs(at),
                seed,
            )
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn everybody_is_either_ranked_or_excluded_and_only_those_able_are_ranked(
        situation in any_situation(), candidates in prop::collection::vec(any_candidate(), 0..12),
    ) {
        let choice = choose(&situation, &candidates);
        let mut places: Vec<usize> = choice.order().chain(choice.excluded.iter().map(|excluded| excluded.candidate)).collect();
        places.sort_unstable();
        prop_assert_eq!(places, (0..candidates.len()).collect::<Vec<_>>());
        for ranked in &choice.ranked {
            let Score { total, performance, cost, load, capability } = ranked.score;
            prop_assert_eq!(situation.needs.check(&candidates[ranked.candidate], situation.at), None);
            for value in [total, performance.value, cost.value, load.value, capability.value] {
                prop_assert!((0.0..=1.0).contains(&value), "{:?}", ranked.score);
            }
        }
        for excluded in &choice.excluded {
            let reason = situation.needs.check(&candidates[excluded.candidate], situation.at);
            prop_assert_eq!(reason.as_ref(), Some(&excluded.reason));
        }
        let ranks: Vec<u32> = choice.order().map(|index| candidates[index].rank).collect();
        prop_assert!(ranks.is_sorted());
    }

    #[test]
    fn the_order_in_which_they_are_given_does_not_matter(
        situation in any_situation(), mut candidates in prop::collection::vec(any_candidate(), 0..12), turn in 0_usize..12,
    ) {
        candidates.sort_by(|a, b| a.model.cmp(&b.model));
        candidates.dedup_by(|a, b| a.model == b.model);
        let names = |candidates: &[Candidate]| -> Vec<String> {
            choose(&situation, candidates).order().map(|index| candidates[index].model.to_string()).collect()
        };
        let before = names(&candidates);
        let turn = turn.checked_rem(candidates.len()).unwrap_or(0);
        candidates.rotate_left(turn);
        prop_assert_eq!(names(&candidates), before);
    }

    #[test]
    fn cheaper_or_faster_or_less_busy_is_never_worse(
        situation in any_situation(), candidates in prop::collection::vec(any_candidate(), 1..8), which in 0_u8..3,
    ) {
        let situation = Situation { previous: None, ..situation };
        let place = |candidates: &[Candidate]| choose(&situation, candidates).order().position(|index| index == 0);
        let Some(before) = place(&candidates) else { return Ok(()) };
        let mut better = candidates.clone();
        match which {
            0 => if let Some(cost) = &mut better[0].cost { cost.usd = PicoUsd::from_pico(cost.usd.as_pico() / 2); }
            1 => better[0].stats.good += 10.0,
            _ => better[0].load.wait_ms /= 2,
        }
        // What changes the best of all or the median moves the others as well; so the score of the one is compared.
        let score = |candidates: &[Candidate]| choose(&situation, candidates).ranked.iter()
            .find(|ranked| ranked.candidate == 0).map(|ranked| ranked.score.total);
        prop_assert!(score(&better) >= score(&candidates), "{before}");
    }
}
