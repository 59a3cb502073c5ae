//! Error replies: status, shape and headers of each API.

use roundtable_emulator::{Behaviour, RetryAfter};
use serde_json::{Value, json};

use crate::client::{Question, Wire, http, start, start_with};

async fn refused(wire: Wire, behaviour: Behaviour) -> (u16, Value) {
    let emulator = start_with(behaviour).await;
    let response = wire.request(&emulator, &Question::default()).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn keys_are_refused_in_each_shape() {
    let emulator = start().await;
    for (wire, key, status, pointer, expected) in [
        (Wire::OpenAi, "bad-key", 401, "/error/code", "invalid_api_key"),
        (Wire::OpenAi, "locked", 403, "/error/type", "invalid_request_error"),
        (Wire::OpenAi, "", 401, "/error/type", "invalid_request_error"),
        (Wire::Anthropic, "bad-key", 401, "/error/type", "authentication_error"),
        (Wire::Anthropic, "locked", 403, "/error/type", "permission_error"),
        (Wire::Anthropic, "", 401, "/error/type", "authentication_error"),
        (Wire::Gemini, "bad-key", 400, "/error/details/0/reason", "API_KEY_INVALID"),
        (Wire::Gemini, "locked", 403, "/error/status", "PERMISSION_DENIED"),
    ] {
        let question = Question { key, ..Question::default() };
        let response = wire.request(&emulator, &question).send().await.unwrap();
        assert_eq!(response.status(), status, "{wire:?} {key}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body.pointer(pointer), Some(&json!(expected)), "{wire:?} {key}: {body}");
    }
}

#[tokio::test]
async fn statuses_and_codes() {
    use Behaviour as B;
    for (wire, behaviour, status, pointer, expected) in [
        (Wire::OpenAi, B::QuotaExceeded, 429, "/error/code", "insufficient_quota"),
        (Wire::OpenAi, B::Status402, 402, "/error/message", "Insufficient Balance"),
        (Wire::OpenAi, B::ModelNotFound, 404, "/error/code", "model_not_found"),
        (Wire::OpenAi, B::ContextLength, 400, "/error/code", "context_length_exceeded"),
        (Wire::OpenAi, B::Status500, 500, "/error/type", "server_error"),
        (Wire::OpenAi, B::Status503, 503, "/error/type", "server_error"),
        (Wire::OpenAi, B::PromptBlocked, 400, "/error/code", "content_filter"),
        (Wire::Anthropic, B::Status529, 529, "/error/type", "overloaded_error"),
        (Wire::Anthropic, B::Status402, 402, "/error/type", "billing_error"),
        (Wire::Anthropic, B::PayloadTooLarge, 413, "/error/type", "request_too_large"),
        (Wire::Anthropic, B::ModelNotFound, 404, "/error/message", "model: swift"),
        (Wire::Gemini, B::Status503, 503, "/error/status", "UNAVAILABLE"),
        (Wire::Gemini, B::Status500, 500, "/error/status", "INTERNAL"),
        (Wire::Gemini, B::ModelNotFound, 404, "/error/status", "NOT_FOUND"),
        (Wire::Ollama, B::ModelNotFound, 404, "/error", "model 'swift' not found"),
    ] {
        let (got, body) = refused(wire, behaviour.clone()).await;
        assert_eq!(
            (got, body.pointer(pointer)),
            (status, Some(&json!(expected))),
            "{wire:?} {behaviour:?}: {body}"
        );
    }
}

#[tokio::test]
async fn every_form_of_retry_after() {
    let header = async |form, name: &str| {
        let emulator = start_with(Behaviour::Status429(form)).await;
        let response = Wire::OpenAi.request(&emulator, &Question::default()).send().await.unwrap();
        assert_eq!(response.status(), 429);
        response.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(header(RetryAfter::Seconds(2), "retry-after").await.as_deref(), Some("2"));
    assert_eq!(header(RetryAfter::Float(1.5), "retry-after").await.as_deref(), Some("1.5"));
    assert_eq!(header(RetryAfter::Milliseconds(350), "retry-after-ms").await.as_deref(), Some("350"));
    assert_eq!(header(RetryAfter::None, "retry-after").await, None);
    let date = header(RetryAfter::HttpDate(3), "retry-after").await.unwrap();
    assert!(date.ends_with(" GMT") && date.contains(", "), "{date}");
    let (_, hinted) = refused(Wire::OpenAi, Behaviour::Status429(RetryAfter::BodyHint(1.2))).await;
    assert!(hinted["error"]["message"].as_str().unwrap().contains("Please try again in 1.2s"));
    let (_, info) = refused(Wire::Gemini, Behaviour::Status429(RetryAfter::RetryInfo(34.4))).await;
    assert_eq!(info["error"]["details"][0]["retryDelay"], "34.4s");
}

#[tokio::test]
async fn gemini_answers_a_blocked_prompt_with_200_and_no_candidate() {
    let emulator = start_with(Behaviour::PromptBlocked).await;
    let events = Wire::Gemini.events(&Wire::Gemini.ask(&emulator, &Question::default()).await);
    assert_eq!(events[0]["promptFeedback"]["blockReason"], "PROHIBITED_CONTENT");
    assert!(events[0].get("candidates").is_none());
}

#[tokio::test]
async fn pages_that_no_api_would_send() {
    for (behaviour, status, content) in [
        (Behaviour::Status502Html, 502, "502 Bad Gateway"),
        (Behaviour::HtmlOk, 200, "<!doctype html>"),
        (Behaviour::EmptyBody, 200, ""),
        (Behaviour::ErrorBodyOk, 200, "\"error\""),
    ] {
        let emulator = start_with(behaviour.clone()).await;
        let response = Wire::OpenAi.request(&emulator, &Question::default()).send().await.unwrap();
        assert_eq!(response.status(), status, "{behaviour:?}");
        assert!(response.text().await.unwrap().contains(content), "{behaviour:?}");
    }
    let emulator = start_with(Behaviour::Redirect { location: "/login".into() }).await;
    let response = Wire::OpenAi.request(&emulator, &Question::default()).send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), response.headers()["location"].to_str().unwrap()),
        (302, "/login")
    );
}

#[tokio::test]
async fn bad_requests_are_refused_and_recorded() {
    let emulator = start().await;
    let post = |path: &str| http().post(format!("{}{path}", emulator.base_url())).bearer_auth("k");
    let broken = post("/v1/chat/completions").body("{").send().await.unwrap();
    assert_eq!(broken.status(), 400);
    assert_eq!(post("/v1/nothing").send().await.unwrap().status(), 404);
    let unknown = post("/v1/chat/completions")
        .json(&json!({"model": "gpt-9", "messages": [{"role": "user", "content": "x"}]}));
    assert_eq!(unknown.send().await.unwrap().status(), 404);
    let long = "word ".repeat(40_000);
    let long = post("/v1/chat/completions")
        .json(&json!({"model": "swift", "messages": [{"role": "user", "content": long}]}));
    let refusal: Value = long.send().await.unwrap().json().await.unwrap();
    assert_eq!(
        refusal["error"]["code"], "context_length_exceeded",
        "a prompt longer than the context is told so"
    );
    let seen = emulator.requests();
    assert_eq!(seen.len(), 4);
    assert_eq!((seen[2].order, seen[2].path.as_str()), (3, "/v1/chat/completions"));
    assert_eq!(seen[2].body["model"], "gpt-9");
    assert_eq!(seen[2].headers["authorization"], "Bearer k");
}
