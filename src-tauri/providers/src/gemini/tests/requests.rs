//! What is sent, and what is said not to be.

use roundtable_domain::{
    Blob, ChatRequest, Message, Params, Part, ReasoningEffort, ResponseFormat, Role, ToolChoice,
    ToolDefinition, WireApi,
};
use serde_json::{Value, json};

use super::super::Gemini;
use super::{BASE, finish, parts, stream};
use crate::dialect::{Auth, dialect_of_url};
use crate::replay::{answer, endpoint, question, sealed, sent};
use crate::wire::{Omission, Wire};

fn body(request: &ChatRequest) -> Value {
    sent(&Gemini, &endpoint(WireApi::Gemini, BASE), request).1
}

fn omissions(request: &ChatRequest) -> Vec<Omission> {
    Gemini.omissions(&endpoint(WireApi::Gemini, BASE), request)
}

fn call(id: &str, name: &str, arguments: &str, signature: Option<&str>) -> Part {
    let signature = signature.map(str::to_owned);
    Part::ToolCall { id: id.into(), name: name.into(), arguments: arguments.into(), signature }
}

fn result(call_id: &str, content: &str, is_error: bool) -> Part {
    Part::ToolResult { call_id: call_id.into(), name: "add".into(), content: content.into(), is_error }
}

fn said(role: Role, parts: Vec<Part>) -> Message {
    Message { role, parts }
}

#[test]
fn signatures_come_out_with_their_call_and_go_back_with_it() {
    let signed = json!([
        {"functionCall": {"name": "add", "args": {"a": 1}}, "thoughtSignature": "s1"},
        {"functionCall": {"name": "now"}},
        {"text": "so", "thoughtSignature": "s2"}]);
    let answer = answer(&Gemini, &stream(&[parts(&signed), finish("STOP")]), true);
    let arguments: Vec<_> = answer.tool_calls.iter().map(|call| call.arguments.as_str()).collect();
    assert_eq!((arguments, &answer.tool_calls[0].id), (vec![r#"{"a":1}"#, ""], &None));
    assert_eq!(sealed(&answer), [json!({"thoughtSignature": "s1"}), json!({"thoughtSignature": "s2"})]);

    let turn = |provider: &str| {
        let mut request = question("gemini-2.5-flash");
        request.messages.push(answer.to_message(provider, WireApi::Gemini));
        sent(&Gemini, &endpoint(WireApi::Gemini, BASE), &request).1["contents"][1]["parts"].clone()
    };
    assert_eq!(
        turn("test"),
        json!([
            {"functionCall": {"name": "add", "args": {"a": 1}}, "thoughtSignature": "s1"},
            {"functionCall": {"name": "now", "args": {}}},
            {"text": "so", "thoughtSignature": "s2"}])
    );
    assert_eq!(turn("another")[2], json!({"text": "so"}), "a signature of a text is its provider's alone");
}

#[test]
fn a_request_names_the_model_however_it_is_written() {
    let url = |base: &str, model: &str, stream: bool| {
        let mut request = question(model);
        request.stream = stream;
        sent(&Gemini, &endpoint(WireApi::Gemini, base), &request).0
    };
    let expected = format!("{BASE}/models/gemini-x:streamGenerateContent?alt=sse");
    assert_eq!(url(BASE, "gemini-x", true), expected);
    assert_eq!(url(&format!("{BASE}/"), "models/gemini-x", true), expected);
    assert_eq!(url(BASE, "tunedModels/mine", false), format!("{BASE}/tunedModels/mine:generateContent"));
    assert_eq!(url(BASE, "a?b#c", false), format!("{BASE}/models/a%3Fb%23c:generateContent"));
}

#[test]
fn a_request_carries_everything_in_googles_shape() {
    let mut request = question("gemini-2.5-flash");
    request.messages.insert(0, Message::text(Role::System, "Be brief."));
    let blob = Blob { media_type: "image/png".into(), base64: "aGk=".into(), name: None };
    request.messages.push(Message { role: Role::User, parts: vec![Part::Image { blob }] });
    request.messages.push(Message::text(Role::Assistant, "Hm."));
    request.messages.push(said(Role::Tool, vec![result("c", "no", true)]));
    let parameters = json!({"type": "object"});
    request.tools.push(ToolDefinition { name: "add".into(), description: Some("Adds.".into()), parameters });
    request.params = Params {
        temperature: Some(0.5),
        max_tokens: Some(9),
        stop: vec!["END".into()],
        seed: Some(1),
        top_k: Some(40),
        presence_penalty: Some(0.5),
        frequency_penalty: Some(-0.5),
        reasoning_effort: Some(ReasoningEffort::Low),
        ..Params::default()
    };
    assert_eq!(omissions(&request), []);
    assert_eq!(
        body(&request),
        json!({
            "systemInstruction": {"parts": [{"text": "Be brief."}]},
            "contents": [
                {"role": "user", "parts": [{"text": "Why?"}, {"inlineData": {"mimeType": "image/png", "data": "aGk="}}]},
                {"role": "model", "parts": [{"text": "Hm."}]},
                {"role": "user", "parts": [{"functionResponse": {"name": "add", "response": {"error": "no"}}}]}
            ],
            "tools": [{"functionDeclarations": [
                {"name": "add", "description": "Adds.", "parametersJsonSchema": {"type": "object"}}]}],
            "generationConfig": {"temperature": 0.5, "maxOutputTokens": 9, "stopSequences": ["END"], "seed": 1,
                "topK": 40, "presencePenalty": 0.5, "frequencyPenalty": -0.5,
                "thinkingConfig": {"includeThoughts": true, "thinkingBudget": 1024}}
        })
    );
}

#[test]
fn vertex_is_another_address_of_the_same_api() {
    let url = |base: &str| sent(&Gemini, &endpoint(WireApi::Gemini, base), &question("gemini-x")).0;
    let project = "https://europe-west4-aiplatform.googleapis.com/v1/projects/p/locations/europe-west4/publishers/google";
    assert_eq!(url(project), format!("{project}/models/gemini-x:streamGenerateContent?alt=sse"));
    let express = "https://aiplatform.googleapis.com/v1/publishers/google";
    assert_eq!(url(express), format!("{express}/models/gemini-x:streamGenerateContent?alt=sse"));
    let row = |base: &str| dialect_of_url(&base.parse().unwrap(), WireApi::Gemini);
    assert_eq!((row(project).id, row(project).auth), ("vertex", Auth::Bearer));
    assert_eq!((row(express).id, row(express).auth), ("vertex-express", Auth::XGoogApiKey));
    let global = "https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/google";
    assert_eq!(row(global).id, "vertex");
    assert_eq!(
        Gemini.models_url(&endpoint(WireApi::Gemini, project)).as_str(),
        "https://europe-west4-aiplatform.googleapis.com/v1beta1/publishers/google/models?pageSize=100"
    );
}

#[test]
fn a_signature_of_an_empty_part_goes_back_in_an_empty_part() {
    let chunks = [
        parts(&json!([{"text": "so"}])),
        parts(&json!([{"text": "", "thoughtSignature": "s"}])),
        finish("STOP"),
    ];
    let answer = answer(&Gemini, &stream(&chunks), true);
    let mut request = question("gemini-3-flash");
    request.messages.push(answer.to_message("test", WireApi::Gemini));
    let parts = json!([{"text": "so"}, {"text": "", "thoughtSignature": "s"}]);
    assert_eq!(body(&request)["contents"][1]["parts"], parts);
}

#[test]
fn the_third_generation_matches_calls_by_id_and_has_every_first_call_signed() {
    let exchange = |model: &str, signature| {
        let mut request = question(model);
        let calls = vec![call("c1", "add", "{}", signature), call("c2", "add", "", None)];
        request.messages.push(said(Role::Assistant, calls));
        request
            .messages
            .push(said(Role::Tool, vec![result("c1", r#"{"sum":1}"#, false), result("c2", "2", false)]));
        let contents = body(&request)["contents"].clone();
        (contents[1]["parts"].clone(), contents[2]["parts"].clone())
    };
    let (calls, results) = exchange("gemini-3-flash-preview", Some("sig"));
    assert_eq!(
        calls,
        json!([{"functionCall": {"id": "c1", "name": "add", "args": {}}, "thoughtSignature": "sig"},
            {"functionCall": {"id": "c2", "name": "add", "args": {}}}])
    );
    assert_eq!(
        results,
        json!([{"functionResponse": {"id": "c1", "name": "add", "response": {"sum": 1}}},
            {"functionResponse": {"id": "c2", "name": "add", "response": {"output": "2"}}}])
    );
    let (foreign, _) = exchange("gemini-3.1-pro-preview", None);
    assert_eq!(foreign[0]["thoughtSignature"], json!("skip_thought_signature_validator"));
    assert_eq!(foreign[1]["thoughtSignature"], Value::Null);
    let (older, results) = exchange("gemini-2.5-pro", None);
    assert_eq!(older[0], json!({"functionCall": {"name": "add", "args": {}}}));
    assert_eq!(results[1]["functionResponse"]["id"], Value::Null);
}

#[test]
fn tools_are_chosen_in_the_api_s_words() {
    let chosen = |tool_choice: ToolChoice| {
        let tool = ToolDefinition {
            name: "add".into(),
            description: None,
            parameters: json!({"$schema": "https://x.example", "properties": {"a": {"const": 1}}}),
        };
        let request = ChatRequest { tools: vec![tool], tool_choice, ..question("gemini-2.5-flash") };
        let body = body(&request);
        assert_eq!(
            body["tools"][0]["functionDeclarations"][0]["parametersJsonSchema"],
            json!({"properties": {"a": {"enum": [1]}}})
        );
        body["toolConfig"]["functionCallingConfig"].clone()
    };
    assert_eq!(chosen(ToolChoice::Auto), Value::Null);
    assert_eq!(chosen(ToolChoice::None), json!({"mode": "NONE"}));
    assert_eq!(chosen(ToolChoice::Required), json!({"mode": "ANY"}));
    let named = ToolChoice::Named("add".into());
    assert_eq!(chosen(named.clone()), json!({"mode": "ANY", "allowedFunctionNames": ["add"]}));
    let toolless = ChatRequest { tool_choice: named, ..question("gemini-2.5-flash") };
    assert_eq!(omissions(&toolless), [Omission::ToolChoice]);
}

#[test]
fn a_form_of_the_answer_is_asked_for_and_beside_tools_only_where_the_model_can() {
    let schema = json!({"type": "object", "properties": {"a": {"type": "integer"}}});
    let response_format = ResponseFormat::JsonSchema { name: "answer".into(), schema: schema.clone() };
    let mut request = question("gemini-2.5-flash");
    request.params = Params { response_format, ..Params::default() };
    let config = body(&request)["generationConfig"].clone();
    assert_eq!(
        (&config["responseMimeType"], &config["responseJsonSchema"]),
        (&json!("application/json"), &schema)
    );
    request.tools = vec![ToolDefinition { name: "add".into(), description: None, parameters: json!({}) }];
    assert_eq!(omissions(&request), [Omission::ResponseFormat]);
    assert_eq!(body(&request)["generationConfig"]["responseMimeType"], Value::Null);
    request.model = "gemini-3-flash-preview".into();
    assert_eq!(omissions(&request), []);
}

#[test]
fn files_go_as_the_api_knows_them_and_what_it_does_not_know_is_said() {
    let blob = |media_type: &str| Blob { media_type: media_type.into(), base64: "aGk=".into(), name: None };
    let with = |part: Part| {
        let mut request = question("gemini-2.5-flash");
        request.messages = vec![said(Role::User, vec![Part::Text { text: "See?".into() }, part])];
        request
    };
    let part = |part| body(&with(part))["contents"][0]["parts"][1].clone();
    for (media_type, expected) in [
        ("application/pdf", "application/pdf"),
        ("audio/wav", "audio/wav"),
        ("video/mp4", "video/mp4"),
        ("text/csv", "text/csv"),
        ("application/json", "text/plain"),
        ("image/jpg", "image/jpeg"),
    ] {
        let sent = part(Part::File { blob: blob(media_type) });
        assert_eq!(sent, json!({"inlineData": {"mimeType": expected, "data": "aGk="}}), "{media_type}");
    }
    assert_eq!(
        part(Part::ImageUrl { url: "gs://bucket/a.png".into() }),
        json!({"fileData": {"mimeType": "image/png", "fileUri": "gs://bucket/a.png"}})
    );
    for (part, omission) in [
        (Part::File { blob: blob("application/zip") }, Omission::Files("application/zip".into())),
        (Part::Image { blob: blob("image/gif") }, Omission::Images),
        (Part::ImageUrl { url: "https://x.example/a".into() }, Omission::ImageUrls),
        (Part::Other { api: WireApi::AnthropicMessages, content: json!({}) }, Omission::OtherItems),
        (Part::Reasoning { text: "hm".into(), opaque: None, provider: "test".into() }, Omission::Reasoning),
    ] {
        let request = with(part);
        assert_eq!(omissions(&request), [omission]);
        assert_eq!(body(&request)["contents"][0]["parts"], json!([{"text": "See?"}]));
    }
}
