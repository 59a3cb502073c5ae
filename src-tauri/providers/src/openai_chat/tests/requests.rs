use roundtable_domain::{
    Blob, ChatRequest, Endpoint, Message, Network, Params, Part, ReasoningEffort, Role, ToolDefinition,
    WireApi,
};
use serde_json::{Value, json};
use url::Url;

use super::*;

fn endpoint(dialect: &str, base: &str) -> Endpoint {
    Endpoint {
        provider: dialect.to_owned(),
        api: WireApi::OpenaiChat,
        dialect: dialect.to_owned(),
        base_url: Url::parse(base).unwrap(),
        extra_headers: Vec::new(),
        network: Network::default(),
    }
}

fn request(model: &str) -> ChatRequest {
    ChatRequest {
        model: model.to_owned(),
        messages: vec![Message::text(Role::System, "be kind"), Message::text(Role::User, "hi")],
        params: Params {
            max_tokens: Some(9),
            reasoning_effort: Some(ReasoningEffort::Minimal),
            ..Params::default()
        },
        tools: Vec::new(),
        stream: true,
        ..ChatRequest::default()
    }
}

fn body(dialect: &str, request: &ChatRequest) -> Value {
    let wire = OpenaiChat.chat_request(&endpoint(dialect, "https://x.example/v1"), request).unwrap();
    assert_eq!(wire.url.as_str(), "https://x.example/v1/chat/completions");
    serde_json::from_slice(&wire.body).unwrap()
}

#[test]
fn dialects_differ_by_the_table() {
    let messages = json!([{"role":"system","content":"be kind"},{"role":"user","content":"hi"}]);
    let openai = json!({"model":"gpt-5","messages":messages,"max_completion_tokens":9,"reasoning_effort":"minimal",
        "stream":true,"stream_options":{"include_usage":true}});
    assert_eq!(body("openai", &request("gpt-5")), openai);
    let old = body("openai", &request("gpt-4o"));
    assert_eq!(old.get("reasoning_effort"), None, "models that do not reason refuse the field");
    let mistral = body("mistral", &request("m"));
    assert_eq!((mistral.get("stream_options"), mistral["max_tokens"].as_u64()), (None, Some(9)));
    let openrouter = body("openrouter", &request("m"));
    assert_eq!(
        (&openrouter["usage"], &openrouter["reasoning"]),
        (&json!({"include":true}), &json!({"effort":"minimal"}))
    );
    assert_eq!(body("qwen", &request("m"))["enable_thinking"], false);
    assert_eq!(body("zai", &request("m"))["thinking"], json!({"type":"disabled"}));
    assert_eq!(
        body("groq", &request("openai/gpt-oss-20b"))["reasoning_effort"],
        "low",
        "the nearest level it has"
    );
    assert_eq!(body("nobody-knows", &request("m"))["max_tokens"], 9, "unknown dialects are custom");
    let whole = body("openai", &ChatRequest { stream: false, ..request("gpt-5") });
    assert_eq!((whole.get("stream_options"), &whole["stream"]), (None, &json!(false)));
}

#[test]
fn images_tools_and_their_results_take_the_shape_of_the_wire() {
    let blob = |media_type: &str, base64: &str| Blob {
        media_type: media_type.into(),
        base64: base64.into(),
        name: Some("n.txt".into()),
    };
    let parts = vec![
        Part::Text { text: "look".into() },
        Part::Image { blob: blob("image/png", "QUJD") },
        Part::File { blob: blob("text/plain", "aGk=") },
    ];
    let call =
        Part::ToolCall { id: "c1".into(), name: "f".into(), arguments: String::new(), signature: None };
    let result =
        Part::ToolResult { call_id: "c1".into(), name: "f".into(), content: "42".into(), is_error: false };
    let mut asked = request("m");
    asked.messages = vec![
        Message { role: Role::User, parts },
        Message { role: Role::Assistant, parts: vec![call] },
        Message { role: Role::Tool, parts: vec![result] },
        Message { role: Role::Assistant, parts: vec![] },
    ];
    asked.tools =
        vec![ToolDefinition { name: "f".into(), description: None, parameters: json!({"type":"object"}) }];
    let body = body("custom", &asked);
    assert_eq!(
        body["messages"],
        json!([
            {"role":"user","content":[
                {"type":"text","text":"look"},
                {"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD"}},
                {"type":"text","text":"n.txt:\n\nhi"}]},
            {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},
            {"role":"tool","tool_call_id":"c1","content":"42"}
        ])
    );
    assert_eq!(
        body["tools"],
        json!([{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}])
    );
}

#[test]
fn reasoning_goes_back_only_to_its_own_provider() {
    let opaque = json!({"type":"reasoning.encrypted","data":"x"});
    let reasoning = |whose: &str| Part::Reasoning {
        text: "hm".into(),
        opaque: Some(opaque.clone()),
        provider: whose.into(),
    };
    let answer = |whose: &str, dialect: &str| {
        let mut asked = request("m");
        let parts = vec![reasoning(whose), Part::Text { text: "yes".into() }];
        asked.messages = vec![Message { role: Role::Assistant, parts }];
        body(dialect, &asked)["messages"][0].clone()
    };
    assert_eq!(answer("openrouter", "openrouter")["reasoning_details"], json!([opaque]));
    assert_eq!(answer("anthropic", "openrouter").get("reasoning_details"), None);
    assert_eq!(answer("openai", "openai"), json!({"role":"assistant","content":"yes"}));
    assert_eq!(
        answer("deepseek", "deepseek").get("reasoning_content"),
        None,
        "DeepSeek wants it only beside tool calls"
    );
}

#[test]
fn lists_of_models_in_every_form() {
    let ids = |body: &str| {
        OpenaiChat
            .parse_models(body.as_bytes())
            .map(|models| models.into_iter().map(|m| m.id).collect::<Vec<_>>())
    };
    assert_eq!(
        ids(r#"{"object":"list","data":[{"id":"a"},{"id":"b","context_length":9}]}"#),
        Ok(vec!["a".into(), "b".into()])
    );
    assert_eq!(ids(r#"[{"id":"a"}]"#), Ok(vec!["a".into()]));
    assert_eq!(ids(r#"{"data":null}"#), Ok(vec![]));
    assert!(ids("<html>").is_err() && ids(r#"{"error":{}}"#).is_err());
}
