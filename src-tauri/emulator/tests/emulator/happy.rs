//! Answers without a fault, streaming and not.

use roundtable_emulator::Behaviour;
use serde_json::{Value, json};

use crate::client::{Question, WIRES, Wire, start_with};

fn reply() -> Behaviour {
    Behaviour::Reply { text: "Grüße, dear world.".into(), reasoning: Some("First, think.".into()) }
}

#[tokio::test]
async fn every_wire_streams_the_text_and_its_terminal() {
    let emulator = start_with(reply()).await;
    for wire in WIRES {
        let stream = wire.ask(&emulator, &Question::default()).await;
        assert_eq!(wire.text_of(&stream), "Grüße, dear world.", "{wire:?}");
        assert!(wire.complete(&stream), "{wire:?} has no terminal: {stream}");
    }
    assert_eq!(emulator.open_streams(), 0, "read to the end, a stream is closed");
}

#[tokio::test]
async fn openai_stream_has_role_reasoning_usage_and_done() {
    let emulator = start_with(reply()).await;
    let response = Wire::OpenAi.request(&emulator, &Question::default()).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream; charset=utf-8");
    assert_eq!(response.headers()["x-ratelimit-reset-tokens"], "1m2.5s", "a Go duration");
    assert!(response.headers().contains_key("x-request-id"));
    let stream = response.text().await.unwrap();
    assert!(!stream.contains('\r'), "OpenAI ends lines with LF");
    let events = Wire::OpenAi.events(&stream);
    assert_eq!(
        events[0]["choices"][0]["delta"],
        json!({"role": "assistant", "content": "", "refusal": null})
    );
    assert!(stream.contains("\"reasoning_content\":"));
    let [.., finish, usage] = events.as_slice() else { panic!("too short") };
    assert_eq!(finish["choices"][0]["finish_reason"], "stop");
    assert_eq!(finish["usage"], Value::Null, "every chunk but the last has a null usage");
    assert_eq!(usage["choices"], json!([]), "the usage chunk has no choice");
    let usage = &usage["usage"];
    assert!(usage["completion_tokens_details"]["reasoning_tokens"].as_u64().unwrap() > 0);
    assert_eq!(
        usage["total_tokens"].as_u64().unwrap(),
        usage["prompt_tokens"].as_u64().unwrap() + usage["completion_tokens"].as_u64().unwrap()
    );
}

#[tokio::test]
async fn openai_sends_usage_only_when_asked() {
    let emulator = start_with(reply()).await;
    let body =
        json!({"model": "demo/swift", "stream": true, "messages": [{"role": "user", "content": "hi"}]});
    let url = format!("{}/v1/chat/completions", emulator.base_url());
    let request = crate::client::http().post(url).bearer_auth("k").json(&body);
    let stream = request.send().await.unwrap().text().await.unwrap();
    assert!(!stream.contains("usage") && stream.ends_with("data: [DONE]\n\n"), "{stream}");
}

#[tokio::test]
async fn anthropic_stream_has_named_events_in_order_and_cumulative_usage() {
    let emulator = start_with(reply()).await;
    let response = Wire::Anthropic.request(&emulator, &Question::default()).send().await.unwrap();
    assert!(response.headers()["request-id"].to_str().unwrap().starts_with("req_"));
    let reset = response.headers()["anthropic-ratelimit-tokens-reset"].to_str().unwrap().to_owned();
    assert!(reset.ends_with('Z') && reset.contains('T') && reset.len() == 20, "RFC 3339, not {reset}");
    let stream = response.text().await.unwrap();
    let mut names: Vec<&str> = stream.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    names.dedup();
    assert_eq!(
        names,
        [
            "message_start",
            "content_block_start",
            "ping",
            "content_block_delta",
            "content_block_stop",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop"
        ]
    );
    let events = Wire::Anthropic.events(&stream);
    let position = |kind: &str| events.iter().position(|event| event["delta"]["type"] == kind).unwrap();
    assert!(
        position("signature_delta") > position("thinking_delta"),
        "the signature closes the thinking block"
    );
    let delta = events.iter().find(|event| event["type"] == "message_delta").unwrap();
    assert_eq!(delta["delta"]["stop_reason"], "end_turn");
    assert_eq!(events[0]["message"]["usage"]["output_tokens"], 1, "an early count, not the total");
    assert!(delta["usage"]["output_tokens"].as_u64().unwrap() > 1);
    assert_eq!(delta["usage"]["input_tokens"], events[0]["message"]["usage"]["input_tokens"]);
}

#[tokio::test]
async fn gemini_stream_has_crlf_cumulative_usage_and_no_done() {
    let emulator = start_with(reply()).await;
    let stream = Wire::Gemini.ask(&emulator, &Question::default()).await;
    assert!(!stream.contains("[DONE]") && !stream.contains("event:"));
    assert_eq!(stream.matches('\n').count(), stream.matches("\r\n").count(), "every line ends with CRLF");
    let events = Wire::Gemini.events(&stream);
    assert_eq!(events[0]["candidates"][0]["content"]["parts"][0]["thought"], true);
    let last = events.last().unwrap();
    assert_eq!(last["candidates"][0]["finishReason"], "STOP");
    let usage = &last["usageMetadata"];
    let count = |name: &str| usage[name].as_u64().unwrap();
    assert!(count("thoughtsTokenCount") > 0);
    assert_eq!(
        count("totalTokenCount"),
        count("promptTokenCount") + count("candidatesTokenCount") + count("thoughtsTokenCount")
    );
}

#[tokio::test]
async fn gemini_without_sse_streams_one_array() {
    let emulator = start_with(reply()).await;
    let url = format!("{}/v1beta/models/swift:streamGenerateContent?key=k", emulator.base_url());
    let body = json!({"contents": [{"parts": [{"text": "hi"}]}]});
    let response = crate::client::http().post(url).json(&body).send().await.unwrap();
    let chunks: Vec<Value> = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    assert!(chunks.len() > 3);
    assert_eq!(chunks.last().unwrap()["candidates"][0]["finishReason"], "STOP");
}

#[tokio::test]
async fn ollama_streams_ndjson_with_nanoseconds_at_the_end() {
    let emulator = start_with(reply()).await;
    let response = Wire::Ollama.request(&emulator, &Question::default()).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/x-ndjson");
    let stream = response.text().await.unwrap();
    let lines = Wire::Ollama.events(&stream);
    assert!(lines[0]["message"]["thinking"].is_string());
    let last = lines.last().unwrap();
    assert_eq!((last["done"].clone(), last["done_reason"].clone()), (json!(true), json!("stop")));
    assert!(last["eval_duration"].as_u64().unwrap() > 1_000_000, "nanoseconds");
    assert!(lines.iter().rev().skip(1).all(|line| line["done"] == false));
}

#[tokio::test]
async fn whole_replies_have_text_reasoning_and_usage() {
    let emulator = start_with(reply()).await;
    let question = Question { stream: false, ..Question::default() };
    for (wire, text, reasoning, output) in [
        (
            Wire::OpenAi,
            "/choices/0/message/content",
            "/choices/0/message/reasoning_content",
            "/usage/completion_tokens",
        ),
        (Wire::Anthropic, "/content/1/text", "/content/0/thinking", "/usage/output_tokens"),
        (
            Wire::Gemini,
            "/candidates/0/content/parts/1/text",
            "/candidates/0/content/parts/0/text",
            "/usageMetadata/candidatesTokenCount",
        ),
        (Wire::Ollama, "/message/content", "/message/thinking", "/eval_count"),
    ] {
        let body: Value = wire.request(&emulator, &question).send().await.unwrap().json().await.unwrap();
        assert_eq!(body.pointer(text), Some(&json!("Grüße, dear world.")), "{wire:?}: {body}");
        assert_eq!(body.pointer(reasoning), Some(&json!("First, think.")), "{wire:?}");
        assert!(body.pointer(output).and_then(Value::as_u64).unwrap() > 2, "{wire:?}");
    }
}

#[tokio::test]
async fn tool_calls_have_each_wires_form() {
    let arguments = json!({"city": "Lisbon"});
    let call = Behaviour::ToolCall { name: "weather".into(), arguments: arguments.clone() };
    let emulator = start_with(call).await;
    let openai = Wire::OpenAi.ask(&emulator, &Question::default()).await;
    let events = Wire::OpenAi.events(&openai);
    let fragments: String = events
        .iter()
        .filter_map(|event| event.pointer("/choices/0/delta/tool_calls/0/function/arguments")?.as_str())
        .collect();
    assert_eq!(
        serde_json::from_str::<Value>(&fragments).unwrap(),
        arguments,
        "fragments join to the arguments"
    );
    assert!(openai.contains("\"finish_reason\":\"tool_calls\""));
    let anthropic = Wire::Anthropic.ask(&emulator, &Question::default()).await;
    assert!(anthropic.contains("\"input\":{}") && anthropic.contains("\"stop_reason\":\"tool_use\""));
    let gemini = Wire::Gemini.events(&Wire::Gemini.ask(&emulator, &Question::default()).await);
    assert_eq!(gemini[0].pointer("/candidates/0/content/parts/0/functionCall/args"), Some(&arguments));
    assert_eq!(gemini.last().unwrap()["candidates"][0]["finishReason"], "STOP", "also for tool calls");
    let ollama = Wire::Ollama.events(&Wire::Ollama.ask(&emulator, &Question::default()).await);
    assert_eq!(ollama[0].pointer("/message/tool_calls/0/function/arguments"), Some(&arguments));
}
