use super::*;
use crate::ask::{Role, Turn};

const PROMPTS: &[&str] = &[
    "Why is the sky blue?",
    "How do I bake sourdough bread?",
    "Compare Postgres and SQLite",
    "Write a Rust function that counts words",
    "Solve the integral of a Gaussian",
    "List ideas for a birthday party",
    "Translate good morning into French",
    "Hello!",
    "",
];

fn ask(prompts: &[&str]) -> Ask {
    let turns = prompts.iter().map(|text| Turn { role: Role::User, text: (*text).to_owned() }).collect();
    Ask { turns, ..Ask::default() }
}

#[test]
fn answers_are_honest_and_of_a_readable_length() {
    for model in demo_models() {
        for prompt in PROMPTS {
            let text = answer(&ask(&[prompt]), model, 0).text;
            assert!(text.to_lowercase().contains("simulated"), "{} hides what it is: {text}", model.id);
            let words = text.split_whitespace().count();
            assert!((90..=350).contains(&words), "{} answers “{prompt}” in {words} words", model.id);
            assert!(text.split("\n\n").count() >= 4, "paragraphs");
        }
    }
}

#[test]
fn answers_pick_up_the_prompt_and_differ_by_voice() {
    let voices: Vec<String> =
        demo_models().iter().map(|model| answer(&ask(&["Why is the sky blue?"]), model, 0).text).collect();
    assert!(voices.iter().all(|text| text.contains("Why is the sky blue?") && text.contains("blue")));
    for (index, text) in voices.iter().enumerate() {
        assert!(!voices.iter().skip(index + 1).any(|other| other == text), "two voices say the same");
    }
    for model in demo_models() {
        let formula = answer(&ask(&["Solve the integral of a Gaussian"]), model, 0).text;
        assert!(formula.contains("$$"), "{} knows no mathematics", model.id);
        let code = answer(&ask(&["Write a Rust function that counts words"]), model, 0).text;
        assert!(code.contains("```rust"), "{} shows no code", model.id);
        let table = answer(&ask(&["Compare Postgres and SQLite"]), model, 0).text;
        assert!(table.contains("|---|") && table.contains("Postgres"), "{} shows no table", model.id);
    }
}

#[test]
fn history_and_instructions_are_mentioned() {
    let mut conversation = ask(&["Why is the sky blue?", "And at night?"]);
    conversation.system = Some("Be brief.".to_owned());
    for model in demo_models() {
        let text = answer(&conversation, model, 0).text;
        assert!(text.contains("Why is the sky blue?") && text.contains("Be brief."), "{}: {text}", model.id);
    }
}

#[test]
fn chinese_is_answered_in_chinese() {
    for model in demo_models() {
        let text = answer(&ask(&["天空为什么是蓝色的?"]), model, 0).text;
        assert!(text.contains("模拟") && text.contains("天空"), "{}: {text}", model.id);
    }
}

#[test]
fn the_seed_decides() {
    let Some(model) = find("demo/scholar") else { panic!("demo/scholar is a model") };
    let question = ask(&["Why is the sky blue?"]);
    assert_eq!(
        answer(&question, model, 7).text,
        answer(&question, model, 7).text,
        "the same seed, the same answer"
    );
    let others: Vec<String> = (0..8).map(|seed| answer(&question, model, seed).text).collect();
    assert!(others.iter().any(|text| *text != others[0]), "the seed varies the words");
    assert!(answer(&question, model, 0).reasoning.is_some_and(|text| text.contains("sky")));
}
