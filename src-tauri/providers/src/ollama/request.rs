//! A chat in the shape of `POST /api/chat`.

use roundtable_domain::{
    ChatRequest, Endpoint, Params, ProviderError, ReasoningEffort, ResponseFormat, ToolChoice, ToolDefinition,
};
use serde_json::{Map, Value, json};

use super::messages;
use crate::draft::{Draft, nothing_to_send};
use crate::wire::Omission;

/// The body, and what is left out of it. Fails when nothing is left to say.
pub(super) fn draft(endpoint: &Endpoint, request: &ChatRequest) -> Result<Draft, ProviderError> {
    let mut draft = Draft::default();
    draft.put("model", request.model.as_str());
    let messages = messages::into_wire(endpoint, &mut draft, &request.messages);
    if messages.is_empty() {
        return Err(nothing_to_send(endpoint));
    }
    draft.put("messages", messages);
    put_tools(&mut draft, request);
    let options = options(&request.params);
    if !options.is_empty() {
        draft.put("options", options);
    }
    match &request.params.response_format {
        ResponseFormat::Text => {}
        ResponseFormat::JsonObject => draft.put("format", "json"),
        ResponseFormat::JsonSchema { schema, .. } => draft.put("format", schema.clone()),
    }
    put_thinking(&mut draft, &request.model, &request.params);
    draft.put("stream", request.stream);
    Ok(draft)
}

/// Names of the model file, not of the other APIs (<https://docs.ollama.com/modelfile>).
fn options(params: &Params) -> Map<String, Value> {
    let number = |value: Option<f64>| value.map(|value| json!(value));
    let given = [
        ("temperature", number(params.temperature)),
        ("top_p", number(params.top_p)),
        ("top_k", params.top_k.map(Value::from)),
        ("num_predict", params.max_tokens.map(Value::from)),
        ("presence_penalty", number(params.presence_penalty)),
        ("frequency_penalty", number(params.frequency_penalty)),
        ("stop", (!params.stop.is_empty()).then(|| json!(params.stop))),
        ("seed", params.seed.map(Value::from)),
    ];
    given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// The model always chooses by itself; not to know any tools is the only way never to call one.
fn put_tools(draft: &mut Draft, request: &ChatRequest) {
    if request.tools.is_empty() || request.tool_choice == ToolChoice::None {
        return;
    }
    if request.tool_choice != ToolChoice::Auto {
        draft.omit(Omission::ToolChoice);
    }
    if request.parallel_tools == Some(false) {
        draft.omit_parameter("parallel_tools");
    }
    draft.put("tools", request.tools.iter().map(definition).collect::<Value>());
}

fn definition(tool: &ToolDefinition) -> Value {
    let mut function = json!({"name": tool.name, "parameters": tool.parameters});
    if let (Some(description), Some(function)) = (&tool.description, function.as_object_mut()) {
        function.insert("description".to_owned(), json!(description));
    }
    json!({"type": "function", "function": function})
}

/// On or off; gpt-oss alone takes a level and cannot be turned off (<https://docs.ollama.com/capabilities/thinking>).
fn put_thinking(draft: &mut Draft, model: &str, params: &Params) {
    if params.reasoning_tokens.is_some() {
        draft.omit_parameter("reasoning_tokens");
    }
    let Some(asked) = params.reasoning_effort else { return };
    let (think, is_exact) = if model.contains("gpt-oss") {
        match asked {
            ReasoningEffort::Off | ReasoningEffort::Minimal => (json!("low"), false),
            ReasoningEffort::Low => (json!("low"), true),
            ReasoningEffort::Medium => (json!("medium"), true),
            ReasoningEffort::High => (json!("high"), true),
            ReasoningEffort::Max => (json!("high"), false),
        }
    } else {
        let is_exact = !matches!(asked, ReasoningEffort::Low | ReasoningEffort::Max);
        (json!(asked > ReasoningEffort::Minimal), is_exact)
    };
    if !is_exact {
        draft.omit_parameter("reasoning_effort");
    }
    draft.put("think", think);
}
