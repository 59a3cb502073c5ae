//! What a choice costs: the median of many, in microseconds. Figures, never failures: a machine that is busy is slow, not
//! wrong. Fifty candidates are to take 20 µs at most.

#![expect(clippy::unwrap_used, reason = "a step that fails ends the run")]
#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use roundtable_domain::{PicoUsd, UnixMs};
use roundtable_router::choose::{
    Abilities, Candidate, LocalTime, ModelStats, Needs, Prompt, PromptCost, PromptReading, Rule, RuleBook,
    Situation, Spent, Tier, Weekday, choose, read_prompt,
};

const ROUNDS: usize = 2_001;

fn main() {
    let candidates: Vec<Candidate> = (0..50).map(candidate).collect();
    let reading = read_prompt("Write a Python function that reverses a string.", 12, &[]);
    let plain = situation(reading, Needs { input_tokens: 900, output_tokens: 400, ..Needs::default() });
    let limited = situation(
        reading,
        Needs {
            vision: true,
            at_most_usd: Some(PicoUsd::from_pico(900_000_000_000)),
            only: vec![vec!["provider-*".to_owned(), "openai/*".to_owned()]],
            never: vec!["*/model-7".to_owned()],
            ..plain.needs.clone()
        },
    );
    report("choose among 50", || choose(black_box(&plain), black_box(&candidates)));
    report("choose among 50, with patterns and a budget", || {
        choose(black_box(&limited), black_box(&candidates))
    });
    let short = "Could you please explain why my Rust program does not compile? It says that x does not live long enough.";
    let long = "The committee met on Tuesday and spoke about the budget of the coming year.\n".repeat(2_000);
    report("read a prompt of 100 bytes", || read_prompt(black_box(short), 25, &[]));
    report("read a prompt of 150 kB", || read_prompt(black_box(&long), 30_000, &[]));
    let book = RuleBook::compile((0..20).map(rule).collect()).unwrap();
    let prompt = Prompt {
        text: short,
        reading,
        tokens: 25,
        attachments: &[],
        tags: &[],
        local_time: LocalTime { weekday: Weekday::Monday, minute: 600 },
        spent: Spent::default(),
    };
    report("judge by 20 rules with keywords and expressions", || book.judge(black_box(&prompt)));
}

fn situation(reading: PromptReading, needs: Needs) -> Situation {
    Situation::new(reading, needs, UnixMs(1_000_000), 42)
}

fn candidate(number: u32) -> Candidate {
    let factor = f64::from(number % 17 + 1);
    Candidate {
        abilities: Abilities {
            vision: Some(!number.is_multiple_of(9)),
            reasoning: Some(number.is_multiple_of(2)),
            ..Abilities::default()
        },
        context_window: Some(200_000),
        tier: Some(Tier::Standard),
        cost: (!number.is_multiple_of(11)).then(|| PromptCost {
            usd: PicoUsd::from_pico(i64::from(number % 13 + 1) * 100_000_000),
            warm: None,
            prices: None,
        }),
        stats: ModelStats {
            good: factor * 10.0,
            bad: factor,
            ttft_ms: (!number.is_multiple_of(5)).then_some(factor * 100.0),
            tokens_per_second: Some(200.0 / factor),
            last: Some(UnixMs(900_000)),
        },
        ..Candidate::new(format!("provider-{}/model-{number}", number % 8).parse().unwrap())
    }
}

fn rule(number: u32) -> Rule {
    let mut rule = Rule { name: format!("rule {number}"), enabled: true, ..Rule::default() };
    rule.when.keywords = vec![format!("word{number}"), "gardening".to_owned()];
    if number.is_multiple_of(2) {
        rule.when.keywords = Vec::new();
        rule.when.regex = Some(format!(r"(?i)\bticket-{number}\d+\b"));
    }
    rule.then.to = Some("coding".to_owned());
    rule
}

fn report<T>(what: &str, mut work: impl FnMut() -> T) {
    let mut took: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            black_box(work());
            start.elapsed()
        })
        .collect();
    took.sort_unstable();
    let at = |place: usize| took.get(place).map_or(0.0, |took| took.as_secs_f64() * 1e6);
    println!("{what:<50} median {:>8.1} µs   p99 {:>8.1} µs", at(ROUNDS / 2), at(ROUNDS * 99 / 100));
}
