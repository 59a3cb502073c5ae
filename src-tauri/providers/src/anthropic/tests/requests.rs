//! What is sent, and what is said not to be.

use roundtable_domain::{
    Blob, ChatRequest, ErrorCategory, Message, Params, Part, ReasoningEffort, ResponseFormat, Role,
    ToolChoice, ToolDefinition, WireApi,
};
use serde_json::{Value, json};

use super::super::AnthropicMessages;
use super::BASE;
use crate::replay::{endpoint, question, sent};
use crate::wire::{Omission, Wire};

fn body(request: &ChatRequest) -> Value {
    sent(&AnthropicMessages, &endpoint(WireApi::AnthropicMessages, BASE), request).1
}

fn omissions(request: &ChatRequest) -> Vec<Omission> {
    AnthropicMessages.omissions(&endpoint(WireApi::AnthropicMessages, BASE), request)
}

fn with(model: &str, params: Params) -> ChatRequest {
    ChatRequest { params, ..question(model) }
}

fn tool(name: &str) -> ToolDefinition {
    ToolDefinition { name: name.into(), description: None, parameters: json!({"type": "object"}) }
}

fn call(id: &str) -> Part {
    Part::ToolCall { id: id.into(), name: "add".into(), arguments: r#"{"a":1}"#.into(), signature: None }
}

fn result(id: &str, is_error: bool) -> Part {
    Part::ToolResult { call_id: id.into(), name: "add".into(), content: "1".into(), is_error }
}

fn said(role: Role, parts: Vec<Part>) -> Message {
    Message { role, parts }
}

#[test]
fn a_request_has_system_on_top_and_roles_that_alternate() {
    let mut request = question("some-imitation");
    request.messages.insert(0, Message::text(Role::System, "Be brief."));
    request.messages.push(Message::text(Role::User, "And how?"));
    request.messages.push(said(Role::Assistant, vec![call("functions.add:0")]));
    request.messages.push(said(Role::Tool, vec![result("functions.add:0", true)]));
    request.messages.push(Message::text(Role::User, "Thanks. \n"));
    request.tools.push(tool("add"));
    request.params =
        Params { temperature: Some(0.5), max_tokens: Some(9), top_k: Some(5), ..Params::default() };
    let endpoint = endpoint(WireApi::AnthropicMessages, BASE);
    let (url, body) = sent(&AnthropicMessages, &endpoint, &request);
    assert_eq!(url, "https://api.anthropic.com/v1/messages");
    assert_eq!(
        body,
        json!({
            "model": "some-imitation", "max_tokens": 9, "system": "Be brief.", "temperature": 0.5, "top_k": 5,
            "stream": true, "tools": [{"name": "add", "input_schema": {"type": "object"}}],
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": "Why?"}, {"type": "text", "text": "And how?"}]},
                {"role": "assistant", "content":
                    [{"type": "tool_use", "id": "functions_add_0", "name": "add", "input": {"a": 1}}]},
                {"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": "functions_add_0", "content": "1", "is_error": true},
                    {"type": "text", "text": "Thanks. \n"}]}
            ]
        })
    );
    assert_eq!(omissions(&request), []);
}

#[test]
fn what_goes_on_is_cached_up_to_its_last_block_and_a_first_question_is_not() {
    let mut request = question("claude-haiku-4-5");
    request.messages.insert(0, Message::text(Role::System, "Be brief."));
    assert!(!body(&request).to_string().contains("cache_control"));
    request.messages.push(Message::text(Role::Assistant, "So."));
    request.messages.push(Message::text(Role::User, "And?"));
    let sent = body(&request);
    let ephemeral = json!({"type": "ephemeral"});
    assert_eq!(sent["system"], json!([{"type": "text", "text": "Be brief.", "cache_control": ephemeral}]));
    assert_eq!(
        sent["messages"][2]["content"],
        json!([{"type": "text", "text": "And?", "cache_control": ephemeral}])
    );
    assert_eq!(sent.to_string().matches("cache_control").count(), 2);
    request.model = "some-imitation".into();
    assert!(!body(&request).to_string().contains("cache_control"), "only Claude has the cache");
}

#[test]
fn pictures_and_documents_are_carried_and_what_is_not_is_said() {
    let blob = |media_type: &str| Blob {
        media_type: media_type.into(),
        base64: "aGk=".into(),
        name: Some("a".into()),
    };
    let with = |part: Part| {
        let mut request = question("claude-haiku-4-5");
        request.messages = vec![said(Role::User, vec![part, Part::Text { text: "See?".into() }])];
        request
    };
    let block = |part| body(&with(part))["messages"][0]["content"][0].clone();
    assert_eq!(
        block(Part::Image { blob: blob("image/jpg") })["source"],
        json!({"type": "base64", "media_type": "image/jpeg", "data": "aGk="})
    );
    assert_eq!(
        block(Part::ImageUrl { url: "https://x.example/a.png".into() })["source"],
        json!({"type": "url", "url": "https://x.example/a.png"})
    );
    assert_eq!(block(Part::File { blob: blob("application/pdf") })["title"], json!("a"));
    assert_eq!(block(Part::File { blob: blob("application/json") })["source"]["data"], json!("hi"));
    for (part, omission) in [
        (Part::File { blob: blob("audio/wav") }, Omission::Files("audio/wav".into())),
        (Part::Image { blob: blob("image/bmp") }, Omission::Images),
        (Part::ImageUrl { url: "gs://bucket/a".into() }, Omission::ImageUrls),
        (Part::Other { api: WireApi::Gemini, content: json!({}) }, Omission::OtherItems),
    ] {
        let request = with(part);
        assert_eq!(omissions(&request), [omission]);
        assert_eq!(body(&request)["messages"][0]["content"], json!([{"type": "text", "text": "See?"}]));
    }
    let mut nothing = question("claude-haiku-4-5");
    nothing.messages.clear();
    let refused = AnthropicMessages.chat_request(&endpoint(WireApi::AnthropicMessages, BASE), &nothing);
    assert_eq!(refused.unwrap_err().category, ErrorCategory::InvalidRequest);
}

#[test]
fn sampling_that_would_be_refused_stays_home_and_is_named() {
    let asked = |reasoning_effort| Params {
        temperature: Some(0.5),
        top_p: Some(0.9),
        top_k: Some(3),
        reasoning_effort,
        ..Params::default()
    };
    let left_out = |model: &str, effort| -> Vec<String> {
        let request = with(model, asked(effort));
        let sent = body(&request);
        let names = omissions(&request).into_iter().map(|omission| match omission {
            Omission::Parameter(name) => name,
            other => panic!("{other:?}"),
        });
        names.inspect(|name| assert_eq!(sent[name], Value::Null, "{name}")).collect()
    };
    assert_eq!(left_out("claude-3-5-haiku-latest", None), [""; 0]);
    assert_eq!(left_out("claude-haiku-4-5", None), ["top_p"], "one of the two");
    assert_eq!(left_out("claude-haiku-4-5", Some(ReasoningEffort::Low)), ["temperature", "top_k", "top_p"]);
    assert_eq!(left_out("claude-opus-4-8", None), ["temperature", "top_k", "top_p"]);
    let thinking = body(&with("claude-haiku-4-5", asked(Some(ReasoningEffort::Low))));
    assert_eq!(thinking["thinking"], json!({"type": "enabled", "budget_tokens": 2048}));
    let foreign = Params { seed: Some(1), presence_penalty: Some(0.1), ..Params::default() };
    let named = |name: &str| Omission::Parameter(name.into());
    assert_eq!(omissions(&with("claude-haiku-4-5", foreign)), [named("presence_penalty"), named("seed")]);
}

#[test]
fn tools_are_chosen_in_the_api_s_words() {
    let chosen = |model: &str, tool_choice: ToolChoice, parallel_tools| {
        let request =
            ChatRequest { tools: vec![tool("add")], tool_choice, parallel_tools, ..question(model) };
        (body(&request)["tool_choice"].clone(), omissions(&request))
    };
    let named = || ToolChoice::Named("add".into());
    let claude = "claude-haiku-4-5";
    assert_eq!(chosen(claude, ToolChoice::Auto, None), (Value::Null, vec![]));
    assert_eq!(
        chosen(claude, ToolChoice::Auto, Some(false)).0,
        json!({"type": "auto", "disable_parallel_tool_use": true})
    );
    assert_eq!(chosen(claude, ToolChoice::None, Some(false)).0, json!({"type": "none"}));
    assert_eq!(
        chosen(claude, ToolChoice::Required, Some(false)).0,
        json!({"type": "any", "disable_parallel_tool_use": true})
    );
    assert_eq!(chosen(claude, named(), None).0, json!({"type": "tool", "name": "add"}));
    assert_eq!(chosen("claude-opus-5-5", named(), None), (Value::Null, vec![Omission::ToolChoice]));

    let forced = ChatRequest {
        tools: vec![tool("add")],
        tool_choice: ToolChoice::Required,
        ..question("claude-sonnet-5")
    };
    assert_eq!(body(&forced)["thinking"], json!({"type": "disabled"}), "the API refuses both at once");
}

#[test]
fn a_form_of_the_answer_is_asked_for_where_the_model_has_it() {
    let schema = json!({"type": "object", "properties": {"a": {"type": "integer", "minimum": 3}}});
    let format = ResponseFormat::JsonSchema { name: "answer".into(), schema };
    let asked = |model: &str, response_format: &ResponseFormat| {
        with(model, Params { response_format: response_format.clone(), ..Params::default() })
    };
    assert_eq!(
        body(&asked("claude-haiku-4-5", &format))["output_config"],
        json!({"format": {"type": "json_schema", "schema": {"type": "object",
            "properties": {"a": {"type": "integer"}}, "additionalProperties": false}}})
    );
    for (model, format) in
        [("claude-3-5-haiku-latest", &format), ("claude-haiku-4-5", &ResponseFormat::JsonObject)]
    {
        let request = asked(model, format);
        assert_eq!(omissions(&request), [Omission::ResponseFormat]);
        assert_eq!(body(&request)["output_config"], Value::Null);
    }
}

#[test]
fn thinking_goes_back_verbatim_with_its_call_and_only_to_whoever_signed_it() {
    let signed = json!({"type": "thinking", "thinking": "hm", "signature": "sig=="});
    let redacted = json!({"type": "redacted_thinking", "data": "x"});
    let request = |model: &str, signer: &str| {
        let opaque = Some(json!([signed, redacted]));
        let thought = Part::Reasoning { text: "hm".into(), opaque, provider: signer.into() };
        let mut request = question(model);
        request.messages.push(said(Role::Assistant, vec![thought.clone(), call("c")]));
        request.messages.push(said(Role::Tool, vec![result("c", false)]));
        request
    };
    let content = |request: &ChatRequest| body(request)["messages"][1]["content"].clone();
    let tool_use = json!({"type": "tool_use", "id": "c", "name": "add", "input": {"a": 1}});
    let mut ours = request("claude-haiku-4-5", "test");
    assert_eq!(content(&ours), json!([signed, redacted, tool_use]));
    assert_eq!(omissions(&ours), []);
    let others = request("claude-haiku-4-5", "another");
    assert_eq!(content(&others), json!([tool_use]));
    assert_eq!(omissions(&others), [Omission::Reasoning]);

    ours.model = "claude-opus-5-5".into();
    assert_eq!(content(&ours), json!([signed, redacted, tool_use]), "within the exchange");
    ours.messages.push(Message::text(Role::User, "Go on."));
    assert_eq!(content(&ours), json!([tool_use]), "a later question may follow a history that was changed");
}
