//! What a person sees: the demo models and the faults by name.

use std::time::Duration;

use roundtable_emulator::{Emulator, EmulatorOptions, Pace, demo_models, fault_models};
use serde_json::Value;

use crate::client::{Question, WIRES, Wire, http, start};

async fn get(emulator: &Emulator, path: &str) -> Value {
    let request =
        http().get(format!("{}{path}", emulator.base_url())).bearer_auth("k").header("x-goog-api-key", "k");
    request.send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn lists_in_each_shape() {
    let emulator = start().await;
    let count = demo_models().len();
    let length = |value: &Value| value.as_array().map_or(0, Vec::len);
    assert_eq!(length(&get(&emulator, "/v1/models").await["data"]), count, "only the demo models");
    let all = get(&emulator, "/v1/models?all=1").await;
    assert_eq!(length(&all["data"]), count + fault_models().len());
    assert_eq!(get(&emulator, "/v1beta/models").await["models"][0]["name"], "models/swift");
    assert_eq!(get(&emulator, "/api/tags").await["models"][0]["model"], "swift");
    assert!(get(&emulator, "/api/version").await["version"].is_string());
    let url = format!("{}/v1/models", emulator.base_url());
    let anthropic = http().get(&url).header("x-api-key", "k").header("anthropic-version", "2023-06-01");
    let anthropic: Value = anthropic.send().await.unwrap().json().await.unwrap();
    assert_eq!((&anthropic["data"][0]["type"], &anthropic["has_more"]), (&"model".into(), &false.into()));
    assert_eq!(
        http().get(&url).bearer_auth("bad").send().await.unwrap().status(),
        401,
        "a bad key is found here"
    );
}

#[tokio::test]
async fn every_model_answers_on_every_wire() {
    let emulator = start().await;
    for wire in WIRES {
        for model in demo_models() {
            let named = format!("demo/{}", model.id);
            let stream = wire.ask(&emulator, &Question { model: &named, ..Question::default() }).await;
            assert!(wire.complete(&stream), "{wire:?} {named}");
            assert!(wire.text_of(&stream).contains("Why is the sky blue?"), "{wire:?} {named}");
        }
    }
}

#[tokio::test]
async fn length_is_honoured() {
    let emulator = start().await;
    for (wire, reason) in [
        (Wire::OpenAi, "\"finish_reason\":\"length\""),
        (Wire::Anthropic, "\"stop_reason\":\"max_tokens\""),
        (Wire::Gemini, "\"finishReason\":\"MAX_TOKENS\""),
        (Wire::Ollama, "\"done_reason\":\"length\""),
    ] {
        let stream = wire.ask(&emulator, &Question { max_tokens: Some(9), ..Question::default() }).await;
        assert!(stream.contains(reason), "{wire:?}: {stream}");
        let tokens = wire.events(&stream).iter().filter(|event| !wire.text(event).is_empty()).count();
        assert_eq!(tokens, 9, "{wire:?}");
    }
}

#[tokio::test]
async fn every_fault_has_its_name() {
    let emulator = start().await;
    for (name, description) in fault_models() {
        assert!(name.starts_with("fault-") && !description.is_empty());
        // What never replies has a test of its own.
        if name == "fault-silent" {
            continue;
        }
        let question = Question { model: name, ..Question::default() };
        let reply =
            tokio::time::timeout(Duration::from_secs(10), Wire::OpenAi.request(&emulator, &question).send());
        match reply.await.unwrap() {
            Ok(response) => assert_eq!(response.status() == 404, name == "fault-404", "{name} is not known"),
            Err(_) => assert_eq!(name, "fault-closed"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_realistic_pace_is_the_models_own() {
    let options = EmulatorOptions { pace: Pace::Realistic, ..EmulatorOptions::default() };
    let emulator = Emulator::start(options).await.unwrap();
    let started = tokio::time::Instant::now();
    let stream = Wire::OpenAi.ask(&emulator, &Question::default()).await;
    let seconds = started.elapsed().as_secs_f64();
    let usage = Wire::OpenAi.events(&stream).pop().unwrap();
    let tokens = f64::from(u32::try_from(usage["usage"]["completion_tokens"].as_u64().unwrap()).unwrap());
    let expected = 0.2 + tokens / 120.0;
    assert!(
        (seconds / expected - 1.0).abs() < 0.25,
        "{seconds} s for {tokens} tokens, about {expected} s expected"
    );
}

#[tokio::test]
async fn the_same_seed_gives_the_same_bytes() {
    let answer = async |seed| {
        let options = EmulatorOptions { pace: Pace::Instant, seed, ..EmulatorOptions::default() };
        let emulator = Emulator::start(options).await.unwrap();
        let question = Question { model: "poet", ..Question::default() };
        let events = Wire::OpenAi.events(&Wire::OpenAi.ask(&emulator, &question).await);
        (events[0]["id"].clone(), events.iter().map(|event| Wire::OpenAi.text(event)).collect::<String>())
    };
    assert_eq!(answer(3).await, answer(3).await);
    assert_ne!(answer(3).await.0, answer(4).await.0, "ids follow the seed");
}
