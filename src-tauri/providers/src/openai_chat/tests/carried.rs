//! What reaches the model as it stands, what in another form, and what is said to be left out.

use roundtable_domain::{
    Blob, ChatRequest, Endpoint, Message, Network, Params, Part, ReasoningEffort, ResponseFormat, Role,
    ToolChoice, ToolDefinition, WireApi,
};
use serde_json::{Value, json};

use crate::dialect::{ThinkingApart, dialect};
use crate::openai_responses::OpenaiResponses;
use crate::wire::{Omission, Wire};

use super::OpenaiChat;

fn endpoint(dialect: &str) -> Endpoint {
    Endpoint {
        provider: dialect.to_owned(),
        api: WireApi::OpenaiChat,
        dialect: dialect.to_owned(),
        base_url: "https://x.example/v1".parse().unwrap(),
        extra_headers: Vec::new(),
        network: Network::default(),
    }
}

fn request() -> ChatRequest {
    ChatRequest {
        model: "m".into(),
        messages: vec![Message::text(Role::User, "hi")],
        ..ChatRequest::default()
    }
}

fn with(params: Params) -> ChatRequest {
    ChatRequest { params, ..request() }
}

fn with_parts(role: Role, parts: Vec<Part>) -> ChatRequest {
    let mut request = request();
    request.messages.push(Message { role, parts });
    request
}

fn of(wire: &dyn Wire, dialect: &str, request: &ChatRequest) -> (Value, Vec<Omission>) {
    let endpoint = endpoint(dialect);
    let body = wire.chat_request(&endpoint, request).unwrap().body;
    (serde_json::from_slice(&body).unwrap(), wire.omissions(&endpoint, request))
}

fn chat(dialect: &str, request: &ChatRequest) -> (Value, Vec<Omission>) {
    of(&OpenaiChat, dialect, request)
}

fn responses(dialect: &str, request: &ChatRequest) -> (Value, Vec<Omission>) {
    of(&OpenaiResponses, dialect, request)
}

fn parameter(name: &str) -> Omission {
    Omission::Parameter(name.to_owned())
}

fn blob(media_type: &str, name: Option<&str>) -> Blob {
    Blob { media_type: media_type.into(), base64: "aGk=".into(), name: name.map(Into::into) }
}

fn with_tools(choice: ToolChoice) -> ChatRequest {
    let tool = |name: &str| ToolDefinition {
        name: name.into(),
        description: Some("d".into()),
        parameters: json!({}),
    };
    ChatRequest { tools: vec![tool("f"), tool("g")], tool_choice: choice, ..request() }
}

#[test]
fn a_choice_of_tools_is_said_in_every_providers_words() {
    let choice = |dialect: &str, choice: ToolChoice| {
        let (body, omissions) = chat(dialect, &with_tools(choice));
        (body.get("tool_choice").cloned(), omissions)
    };
    let named = || ToolChoice::Named("f".into());
    let name = json!({"type": "function", "function": {"name": "f"}});
    assert_eq!(choice("openai", ToolChoice::Auto), (None, vec![]));
    assert_eq!(choice("openai", ToolChoice::None), (Some(json!("none")), vec![]));
    assert_eq!(choice("openai", ToolChoice::Required), (Some(json!("required")), vec![]));
    assert_eq!(choice("openai", named()), (Some(name), vec![]));
    assert_eq!(choice("mistral", ToolChoice::Required), (Some(json!("any")), vec![]));
    assert_eq!(choice("lmstudio", named()), (None, vec![Omission::ToolChoice]));
    assert_eq!(choice("zai", ToolChoice::Required), (None, vec![Omission::ToolChoice]));
    assert_eq!(choice("moonshot", ToolChoice::Required), (None, vec![Omission::ToolChoice]));
    assert_eq!(choice("perplexity", ToolChoice::Required), (None, vec![Omission::Tools]));

    let (body, omissions) = chat("zai", &with_tools(ToolChoice::None));
    assert_eq!((body.get("tools"), omissions), (None, vec![]), "it cannot call what it does not know");
    let mut only_one = with_tools(named());
    only_one.tools.truncate(1);
    assert_eq!(chat("lmstudio", &only_one).0["tool_choice"], "required", "the same with one tool");

    let (body, omissions) = responses("openai", &with_tools(named()));
    assert_eq!((&body["tool_choice"], omissions), (&json!({"type": "function", "name": "f"}), vec![]));
    assert_eq!(body["tools"][1]["name"], "g");
}

#[test]
fn parallel_calls_can_be_forbidden_where_there_is_a_field() {
    let parallel = |dialect: &str, allowed: bool| {
        let request = ChatRequest { parallel_tools: Some(allowed), ..with_tools(ToolChoice::Auto) };
        let (body, omissions) = chat(dialect, &request);
        (body.get("parallel_tool_calls").cloned(), omissions)
    };
    assert_eq!(parallel("openai", false), (Some(json!(false)), vec![]));
    assert_eq!(parallel("deepseek", false), (None, vec![parameter("parallel_tools")]));
    assert_eq!(parallel("deepseek", true), (None, vec![]), "they are the rule");
}

#[test]
fn the_form_of_an_answer_falls_back_to_the_nearest() {
    let schema =
        json!({"type": "object", "properties": {"a": {}}, "required": ["a"], "additionalProperties": false});
    let asked = |response_format| with(Params { response_format, ..Params::default() });
    let by_schema = asked(ResponseFormat::JsonSchema { name: "n".into(), schema: schema.clone() });
    let (body, omissions) = chat("openai", &by_schema);
    let strict = json!({"name": "n", "schema": schema, "strict": true});
    assert_eq!(body["response_format"], json!({"type": "json_schema", "json_schema": strict}));
    assert_eq!(omissions, []);
    let (body, omissions) = chat("deepseek", &by_schema);
    assert_eq!(body["response_format"], json!({"type": "json_object"}));
    assert_eq!(omissions, [Omission::ResponseFormat], "it keeps to no schema");

    let object = asked(ResponseFormat::JsonObject);
    assert_eq!(chat("openai", &object).0["response_format"], json!({"type": "json_object"}));
    let (body, omissions) = chat("lmstudio", &object);
    assert_eq!(body["response_format"]["json_schema"]["schema"], json!({"type": "object"}));
    assert_eq!(omissions, [], "a schema of any object is the same");

    let format = json!({"type": "json_schema", "name": "n", "schema": schema, "strict": true});
    assert_eq!(responses("openai", &by_schema).0["text"], json!({ "format": format }));
}

#[test]
fn files_and_pictures_go_where_they_are_taken() {
    let file = |blob: Blob| with_parts(Role::User, vec![Part::File { blob }]);
    let part = |dialect: &str, request: &ChatRequest| {
        let (body, omissions) = chat(dialect, request);
        (body.pointer("/messages/1/content/0").cloned(), omissions)
    };
    let pdf = file(blob("application/pdf", None));
    let data = "data:application/pdf;base64,aGk=";
    let as_file = json!({"type": "file", "file": {"filename": "file.pdf", "file_data": data}});
    assert_eq!(part("openai", &pdf), (Some(as_file), vec![]));
    let as_url = json!({"type": "document_url", "document_url": data, "document_name": "file.pdf"});
    assert_eq!(part("mistral", &pdf), (Some(as_url), vec![]));
    let left_out = |kind: &str| vec![Omission::Files(kind.into())];
    assert_eq!(part("deepseek", &pdf), (None, left_out("application/pdf")));
    assert_eq!(part("openai", &file(blob("application/zip", None))), (None, left_out("application/zip")));

    let sound = file(blob("audio/mpeg", None));
    let as_audio =
        |data: &str| json!({"type": "input_audio", "input_audio": {"data": data, "format": "mp3"}});
    assert_eq!(part("openai", &sound), (Some(as_audio("aGk=")), vec![]));
    assert_eq!(part("qwen", &sound), (Some(as_audio("data:audio/mpeg;base64,aGk=")), vec![]));
    assert_eq!(part("groq", &sound), (None, left_out("audio/mpeg")));

    let url = with_parts(Role::User, vec![Part::ImageUrl { url: "https://x.example/a.png".into() }]);
    assert_eq!(part("openai", &url).1, []);
    assert_eq!(part("ollama-openai", &url), (None, vec![Omission::ImageUrls]));
    let image = with_parts(Role::User, vec![Part::Image { blob: blob("image/png", None) }]);
    assert_eq!(part("cerebras", &image), (None, vec![Omission::Images]));

    let (body, omissions) = responses("openai", &pdf);
    let as_item = json!({"type": "input_file", "filename": "file.pdf", "file_data": data});
    assert_eq!((&body["input"][1]["content"][0], omissions), (&as_item, vec![]));
    assert_eq!(responses("openai", &sound).1, left_out("audio/mpeg"), "the API has no sound");
}

#[test]
fn every_effort_has_its_field() {
    use ReasoningEffort::{High, Low, Max, Medium, Off};
    let asked = |dialect: &str, model: &str, effort, tokens| {
        let params = Params { reasoning_effort: effort, reasoning_tokens: tokens, ..Params::default() };
        let (mut body, omissions) = chat(dialect, &ChatRequest { model: model.into(), ..with(params) });
        for name in ["model", "messages", "stream", "usage"] {
            body.as_object_mut().unwrap().remove(name);
        }
        (body, omissions)
    };
    let inexact = || vec![parameter("reasoning_effort")];
    assert_eq!(asked("openai", "gpt-5.2", Some(Max), None), (json!({"reasoning_effort": "xhigh"}), vec![]));
    assert_eq!(asked("openai", "gpt-5.1", Some(Off), None), (json!({"reasoning_effort": "none"}), vec![]));
    assert_eq!(
        asked("openai", "gpt-5", Some(Off), None),
        (json!({"reasoning_effort": "minimal"}), inexact())
    );
    assert_eq!(asked("openai", "gpt-4o", Some(High), None), (json!({}), inexact()));
    assert_eq!(asked("openai", "gpt-4o", Some(Off), None), (json!({}), vec![]), "it does not think anyway");
    assert_eq!(asked("openai", "gpt-5", None, Some(9)), (json!({}), vec![parameter("reasoning_tokens")]));
    let budget = json!({"reasoning": {"max_tokens": 9}});
    assert_eq!(asked("openrouter", "m", Some(High), Some(9)), (budget, vec![]), "the budget goes first");
    assert_eq!(asked("openrouter", "m", Some(Off), None), (json!({"reasoning": {"effort": "none"}}), vec![]));
    let thinking = json!({"enable_thinking": true, "thinking_budget": 9});
    assert_eq!(asked("qwen", "m", None, Some(9)), (thinking, vec![]));
    assert_eq!(asked("qwen", "m", Some(Low), None), (json!({"enable_thinking": true}), inexact()));
    let max = json!({"thinking": {"type": "enabled"}, "reasoning_effort": "max"});
    assert_eq!(asked("deepseek", "deepseek-v4-pro", Some(Max), None), (max, vec![]));
    let off = json!({"thinking": {"type": "disabled"}});
    assert_eq!(asked("deepseek", "deepseek-v4-pro", Some(Off), None), (off.clone(), vec![]));
    assert_eq!(asked("moonshot", "kimi-k2.6", Some(Off), None), (off, vec![]));
    assert_eq!(asked("moonshot", "moonshot-v1-8k", Some(Medium), None), (json!({}), inexact()));
}

#[test]
fn thinking_is_limited_by_itself_where_the_limit_of_the_answer_leaves_it_out_and_turned_on_by_nothing_else() {
    use ReasoningEffort::{High, Off};
    use ThinkingApart::{Nothing, Tokens, Unlimited};
    let asked = |name: &str, model: &str, effort, tokens, thinking_limit| {
        let params = Params {
            reasoning_effort: effort,
            reasoning_tokens: tokens,
            max_tokens: Some(10),
            ..Params::default()
        };
        let request = ChatRequest { model: model.into(), thinking_limit, ..with(params) };
        let (body, _) = chat(name, &request);
        let apart = dialect(name).unwrap().thinking_apart(WireApi::OpenaiChat, &request);
        (body.get("enable_thinking").cloned(), body.get("thinking_budget").cloned(), apart)
    };
    let (on, off) = (Some(json!(true)), Some(json!(false)));
    assert_eq!(asked("qwen", "qwen-plus", None, None, None), (None, None, Unlimited));
    assert_eq!(asked("qwen", "qwen-plus", None, None, Some(500)), (None, Some(json!(500)), Tokens(500)));
    assert_eq!(
        asked("qwen", "qwen-plus", Some(High), None, Some(500)),
        (on.clone(), Some(json!(500)), Tokens(500))
    );
    assert_eq!(asked("qwen", "qwen-plus", None, Some(900), Some(500)), (on, Some(json!(900)), Tokens(900)));
    assert_eq!(asked("qwen", "qwen-plus", Some(Off), None, Some(500)), (off.clone(), None, Nothing));
    assert_eq!(asked("qwen", "qvq-max", Some(Off), None, None), (off, None, Unlimited), "it always thinks");
    assert_eq!(asked("xai", "grok-4", None, None, Some(500)), (None, None, Unlimited), "it takes no limit");
    assert_eq!(asked("xai", "grok-4.3", Some(Off), None, None).2, Nothing);
    assert_eq!(
        asked("openai", "gpt-5", Some(High), None, Some(500)),
        (None, None, Nothing),
        "it is in the limit"
    );
}

#[test]
fn efforts_in_responses_are_one_object() {
    let asked = |dialect: &str, model: &str, effort| {
        let params = Params { reasoning_effort: Some(effort), ..Params::default() };
        let (body, _) = responses(dialect, &ChatRequest { model: model.into(), ..with(params) });
        (body.get("reasoning").cloned(), body.get("include").is_some())
    };
    let effort = |word: &str| Some(json!({ "effort": word }));
    assert_eq!(asked("openai", "gpt-5", ReasoningEffort::High), (effort("high"), true));
    assert_eq!(asked("openai", "gpt-4o", ReasoningEffort::High), (None, false), "it would refuse both");
    assert_eq!(asked("xai", "grok-4", ReasoningEffort::High), (None, true));
    assert_eq!(asked("deepseek", "deepseek-v4-pro", ReasoningEffort::Off), (effort("none"), false));
    assert_eq!(asked("deepseek", "deepseek-v4-pro", ReasoningEffort::Max), (effort("max"), false));
}

#[test]
fn parameters_have_other_names_or_none() {
    let params = Params { top_k: Some(4), seed: Some(7), presence_penalty: Some(0.5), ..Params::default() };
    let (body, omissions) = chat("mistral", &with(params.clone()));
    assert_eq!((&body["random_seed"], body.get("seed"), body.get("top_k")), (&json!(7), None, None));
    assert_eq!(omissions, [parameter("top_k")]);
    let (body, omissions) = chat("custom", &with(params.clone()));
    assert_eq!((&body["top_k"], &body["seed"], omissions), (&json!(4), &json!(7), vec![]));
    let (_, omissions) = responses("custom", &with(params));
    assert_eq!(omissions, [parameter("presence_penalty"), parameter("seed"), parameter("top_k")]);
    let stop = Params { stop: vec!["x".into()], ..Params::default() };
    let of_model = |model: &str| chat("openai", &ChatRequest { model: model.into(), ..with(stop.clone()) });
    assert_eq!(of_model("o4-mini").1, [parameter("stop")], "the model refuses it");
    assert_eq!(of_model("gpt-4o").1, []);
}

#[test]
fn a_failed_tool_and_a_picture_of_one_reach_the_model() {
    let result = Part::ToolResult {
        call_id: "c".into(),
        name: "f".into(),
        content: "no \"disk\"".into(),
        is_error: true,
    };
    let request = with_parts(Role::Tool, vec![result, Part::Image { blob: blob("image/png", None) }]);
    let (body, omissions) = chat("openai", &request);
    assert_eq!(omissions, []);
    let failed = r#"{"error":"no \"disk\""}"#;
    assert_eq!(body["messages"][1], json!({"role": "tool", "tool_call_id": "c", "content": failed}));
    assert_eq!(body["messages"][2]["role"], "user", "a result is text, so the picture comes after it");
    let (body, _) = responses("openai", &request);
    let output = json!([{"type": "input_text", "text": failed},
        {"type": "input_image", "image_url": "data:image/png;base64,aGk="}]);
    assert_eq!(body["input"][1], json!({"type": "function_call_output", "call_id": "c", "output": output}));
    let back = OpenaiResponses.messages_from_wire("openai", &body).unwrap();
    assert_eq!(
        back,
        request
            .messages
            .iter()
            .map(|message| {
                let mut message = message.clone();
                if let Some(Part::ToolResult { name, .. }) = message.parts.first_mut() {
                    name.clear();
                }
                message
            })
            .collect::<Vec<_>>(),
        "but for the name, which only the missing call knew"
    );
}

#[test]
fn reasoning_and_foreign_items_are_left_out_when_another_provider_takes_over() {
    let reasoning = |opaque: Option<Value>, provider: &str| Part::Reasoning {
        text: "hm".into(),
        opaque,
        provider: provider.into(),
    };
    let said = |dialect: &str, part: Part| {
        let parts = vec![part, Part::Text { text: "yes".into() }];
        chat(dialect, &with_parts(Role::Assistant, parts)).1
    };
    let sealed = || Some(json!({"type": "reasoning", "encrypted_content": "x"}));
    assert_eq!(said("openai", reasoning(sealed(), "anthropic")), [Omission::Reasoning]);
    assert_eq!(said("openai", reasoning(sealed(), "openai")), [Omission::Reasoning], "Responses' own form");
    assert_eq!(said("openai", reasoning(None, "openai")), [], "nobody expects thoughts back");
    let other = |api| Part::Other { api, content: json!({"type": "video_url", "video_url": {"url": "u"}}) };
    assert_eq!(said("openai", other(WireApi::Gemini)), [Omission::OtherItems]);
    assert_eq!(said("openai", other(WireApi::OpenaiChat)), []);
    let own = with_parts(Role::User, vec![other(WireApi::OpenaiChat)]);
    assert_eq!(chat("zai", &own).0["messages"][1]["content"][0]["type"], "video_url", "verbatim");

    let item = json!({"type": "web_search_call", "id": "ws"});
    let search = Part::Other { api: WireApi::OpenaiResponses, content: item.clone() };
    let request = with_parts(Role::Assistant, vec![search, Part::Text { text: "found".into() }]);
    let (body, omissions) = responses("openai", &request);
    assert_eq!((&body["input"][1], omissions), (&item, vec![]));
    assert_eq!(body["input"][2]["role"], "assistant", "in the order in which it came");
}

#[test]
fn calls_of_other_providers_fit_and_take_their_reasoning_field_along() {
    let call = Part::ToolCall {
        id: "toolu_0123456789".into(),
        name: "f".into(),
        arguments: "{}".into(),
        signature: Some("sig".into()),
    };
    let result = Part::ToolResult {
        call_id: "toolu_0123456789".into(),
        name: "f".into(),
        content: "1".into(),
        is_error: false,
    };
    let mut request = with_parts(Role::Assistant, vec![call]);
    request.messages.push(Message { role: Role::Tool, parts: vec![result] });
    let (body, _) = chat("mistral", &request);
    let id = body["messages"][1]["tool_calls"][0]["id"].as_str().unwrap();
    assert_eq!((id.len(), body["messages"][2]["tool_call_id"].as_str()), (9, Some(id)));
    let (body, _) = chat("deepseek", &request);
    assert_eq!(body["messages"][1]["reasoning_content"], "", "it refuses calls without the field");
    let (body, omissions) = chat("gemini-openai", &request);
    let extra = &body["messages"][1]["tool_calls"][0]["extra_content"];
    assert_eq!((extra, omissions), (&json!({"google": {"thought_signature": "sig"}}), vec![]));
    assert_eq!(chat("openai", &request).1, [Omission::Reasoning], "a signature of another's");
    let back = OpenaiChat.messages_from_wire("gemini-openai", &body).unwrap();
    assert_eq!(back, request.messages);
}

#[test]
fn texts_are_joined_where_lists_are_not_taken() {
    let parts = vec![Part::Text { text: "a".into() }, Part::Text { text: "b".into() }];
    let request = with_parts(Role::User, parts);
    assert_eq!(chat("deepseek", &request).0["messages"][1]["content"], "a\n\nb");
    assert_eq!(chat("openai", &request).0["messages"][1]["content"].as_array().map(Vec::len), Some(2));
}
