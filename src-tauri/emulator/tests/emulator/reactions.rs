//! Images, tools, forms of the answer and vectors.

use roundtable_emulator::{EMBEDDING_MODEL, Emulator};
use serde_json::{Value, json};

use crate::client::{http, start};

/// A PNG's first bytes, which say 640 by 480.
const PICTURE: &str = "iVBORw0KGgoAAAANSUhEUgAAAoAAAAHgCAIAAAA=";

async fn post(emulator: &Emulator, path: &str, body: &Value) -> Value {
    let request = http().post(format!("{}{path}", emulator.base_url())).bearer_auth("test").json(body);
    let reply =
        request.header("anthropic-version", "2023-06-01").header("x-goog-api-key", "test").send().await;
    reply.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn an_image_is_named_with_its_size_on_every_wire() {
    let emulator = start().await;
    let url = format!("data:image/png;base64,{PICTURE}");
    let text = "What is this?";
    for (path, body, place) in [
        (
            "/v1/chat/completions",
            json!({"model": "swift", "messages": [{"role": "user", "content": [
                {"type": "text", "text": text}, {"type": "image_url", "image_url": {"url": url}}]}]}),
            "/choices/0/message/content",
        ),
        (
            "/v1/responses",
            json!({"model": "swift", "input": [{"role": "user", "content": [
                {"type": "input_text", "text": text}, {"type": "input_image", "image_url": url}]}]}),
            "/output/0/content/0/text",
        ),
        (
            "/v1/messages",
            json!({"model": "swift", "max_tokens": 900, "messages": [{"role": "user", "content": [
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PICTURE}},
                {"type": "text", "text": text}]}]}),
            "/content/0/text",
        ),
        (
            "/v1beta/models/swift:generateContent",
            json!({"contents": [{"parts": [{"inlineData": {"mimeType": "image/png", "data": PICTURE}}, {"text": text}]}]}),
            "/candidates/0/content/parts/0/text",
        ),
        (
            "/api/chat",
            json!({"model": "swift", "stream": false, "messages": [{"role": "user", "content": text, "images": [PICTURE]}]}),
            "/message/content",
        ),
    ] {
        let reply = post(&emulator, path, &body).await;
        let said = reply.pointer(place).and_then(Value::as_str).unwrap_or_default();
        assert!(said.starts_with("I see an image of 640x480 PNG"), "{path}: {reply}");
        assert!(said.contains("imulated"), "it says what it is: {said}");
    }
}

#[tokio::test]
async fn a_fitting_tool_is_called_and_its_result_answered() {
    let emulator = start().await;
    let tool = json!({"type": "function", "function": {"name": "get_weather", "parameters": {
        "type": "object", "properties": {"city": {"type": "string"}}}}});
    let user = json!({"role": "user", "content": "How is the weather in Porto?"});
    let asked = json!({"model": "swift", "messages": [user], "tools": [tool]});
    let reply = post(&emulator, "/v1/chat/completions", &asked).await;
    let call = &reply["choices"][0]["message"]["tool_calls"][0];
    assert_eq!(call["function"]["arguments"], r#"{"city":"Porto"}"#, "{reply}");
    let result = json!({"role": "tool", "tool_call_id": call["id"], "content": "sunny"});
    let answered = json!({"model": "swift", "messages": [user, reply["choices"][0]["message"], result], "tools": [tool]});
    let reply = post(&emulator, "/v1/chat/completions", &answered).await;
    assert!(reply["choices"][0]["message"]["content"].is_string(), "{reply}");
}

#[tokio::test]
async fn a_schema_is_kept_to() {
    let emulator = start().await;
    let schema =
        json!({"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}});
    let format = json!({"type": "json_schema", "json_schema": {"name": "person", "schema": schema}});
    let body = json!({"model": "poet", "messages": [{"role": "user", "content": "Who?"}], "response_format": format});
    let reply = post(&emulator, "/v1/chat/completions", &body).await;
    let said: Value =
        serde_json::from_str(reply["choices"][0]["message"]["content"].as_str().unwrap()).unwrap();
    assert!(said["name"].is_string() && said["age"].is_i64(), "{said}");
}

#[tokio::test]
async fn vectors_are_the_same_in_every_apis_words() {
    let emulator = start().await;
    let body = json!({"model": EMBEDDING_MODEL, "input": ["round table", "a poem"], "dimensions": 8});
    let openai = post(&emulator, "/v1/embeddings", &body).await;
    let ollama = post(&emulator, "/api/embed", &body).await;
    let one = |text: &str| json!({"content": {"parts": [{"text": text}]}, "outputDimensionality": 8});
    let batch = json!({"requests": [one("round table"), one("a poem")]});
    let gemini = post(&emulator, "/v1beta/models/vectors:batchEmbedContents", &batch).await;
    for index in 0..2 {
        let vector = &openai["data"][index]["embedding"];
        assert_eq!(vector.as_array().map(Vec::len), Some(8), "{openai}");
        assert_eq!((vector, vector), (&ollama["embeddings"][index], &gemini["embeddings"][index]["values"]));
    }
    assert_ne!(openai["data"][0]["embedding"], openai["data"][1]["embedding"]);
    assert!(openai["usage"]["prompt_tokens"].as_u64().unwrap() > 0);
    let refused = post(&emulator, "/v1/embeddings", &json!({"model": "nobody", "input": "x"})).await;
    assert_eq!(refused["error"]["code"], "model_not_found");
    let busy = post(&emulator, "/v1/embeddings", &json!({"model": "fault-429-seconds", "input": "x"})).await;
    assert_eq!(busy["error"]["code"], "rate_limit_exceeded");
}

#[tokio::test]
async fn a_response_streams_typed_events_with_a_running_number() {
    let emulator = start().await;
    let body =
        json!({"model": "scholar", "input": "Why is the sky blue?", "stream": true, "max_output_tokens": 60});
    let request =
        http().post(format!("{}/v1/responses", emulator.base_url())).bearer_auth("test").json(&body);
    let stream = request.send().await.unwrap().text().await.unwrap();
    let events: Vec<Value> =
        stream.lines().filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok()).collect();
    let numbers: Vec<u64> = events.iter().filter_map(|event| event["sequence_number"].as_u64()).collect();
    assert!(numbers.iter().copied().eq(0..numbers.len() as u64), "{numbers:?}");
    let named = stream.lines().filter_map(|line| line.strip_prefix("event: "));
    assert!(named.eq(events.iter().filter_map(|event| event["type"].as_str())), "both say the type");
    let last = events.last().unwrap();
    assert_eq!(
        (&last["type"], &last["response"]["incomplete_details"]["reason"]),
        (&json!("response.incomplete"), &json!("max_output_tokens"))
    );
    assert_eq!(last["response"]["usage"]["output_tokens"], 60);
    assert_eq!(last["response"]["output"][0]["type"], "reasoning");
}
