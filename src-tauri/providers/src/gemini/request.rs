//! A chat in the shape of `:generateContent` and `:streamGenerateContent`.

use std::collections::BTreeSet;

use reqwest::header::HeaderMap;
use roundtable_domain::{ChatRequest, Endpoint, Params, ResponseFormat, ToolChoice, ToolDefinition};
use serde::Serialize;
use serde_json::{Value, json};

use super::contents::{Content, Writer};
use super::model::Family;
use super::schema;
use super::thinking::{self, ThinkingConfig};
use crate::wire::{Omission, WireRequest};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    contents: Vec<Content<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system_instruction: Option<Content<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tools<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_config: Option<Value>,
    generation_config: GenerationConfig<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tools<'a> {
    function_declarations: Vec<FunctionDeclaration<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FunctionDeclaration<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    /// JSON Schema; the older `parameters` takes less.
    parameters_json_schema: Value,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GenerationConfig<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u32>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    stop_sequences: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    presence_penalty: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency_penalty: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_mime_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_json_schema: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_config: Option<ThinkingConfig>,
}

/// The request for a chat; an error text when there is nothing to send.
pub(super) fn build(endpoint: &Endpoint, request: &ChatRequest) -> Result<WireRequest, String> {
    let body = write(endpoint, request, &mut BTreeSet::new());
    if body.contents.is_empty() {
        return Err("there is no message to send".to_owned());
    }
    let body = serde_json::to_vec(&body).map_err(|error| error.to_string())?;
    let method = if request.stream { "streamGenerateContent" } else { "generateContent" };
    let mut url = super::model_url(&endpoint.base_url, &request.model, method);
    if request.stream {
        // Without it the stream is one JSON array.
        url.query_pairs_mut().append_pair("alt", "sse");
    }
    Ok(WireRequest { url, headers: HeaderMap::new(), body: body.into() })
}

/// What of the request the body does not hold.
pub(super) fn omissions(endpoint: &Endpoint, request: &ChatRequest) -> BTreeSet<Omission> {
    let mut omissions = BTreeSet::new();
    write(endpoint, request, &mut omissions);
    omissions
}

fn write<'a>(
    endpoint: &'a Endpoint,
    request: &'a ChatRequest,
    omissions: &mut BTreeSet<Omission>,
) -> Body<'a> {
    let family = Family::of(&request.model);
    let tool_config = tool_config(request, omissions);
    let generation_config = generation_config(family, request, omissions);
    let mut writer = Writer { provider: &endpoint.provider, third: family.is_third(), omissions };
    Body {
        contents: writer.contents(&request.messages),
        system_instruction: writer.system_instruction(&request.messages),
        tools: tools(&request.tools),
        tool_config,
        generation_config,
    }
}

fn generation_config<'a>(
    family: Family,
    request: &'a ChatRequest,
    omissions: &mut BTreeSet<Omission>,
) -> GenerationConfig<'a> {
    let params = &request.params;
    if family.is_third() && params.reasoning_tokens.is_some() {
        omissions.insert(Omission::Parameter("reasoning_tokens".to_owned()));
    }
    // Until Gemini 3 a form of the answer beside tools is a 400.
    let takes_format = family.is_third() || request.tools.is_empty();
    if !takes_format && !params.response_format.is_text() {
        omissions.insert(Omission::ResponseFormat);
    }
    let (response_mime_type, response_json_schema) =
        if takes_format { response_format(params) } else { (None, None) };
    GenerationConfig {
        temperature: params.temperature,
        top_p: params.top_p,
        top_k: params.top_k,
        max_output_tokens: params.max_tokens,
        stop_sequences: &params.stop,
        seed: params.seed,
        presence_penalty: params.presence_penalty,
        frequency_penalty: params.frequency_penalty,
        response_mime_type,
        response_json_schema,
        thinking_config: thinking::plan(family, params),
    }
}

fn response_format(params: &Params) -> (Option<&'static str>, Option<Value>) {
    match &params.response_format {
        ResponseFormat::Text => (None, None),
        ResponseFormat::JsonObject => (Some("application/json"), None),
        ResponseFormat::JsonSchema { schema, .. } => (Some("application/json"), Some(schema::subset(schema))),
    }
}

/// Whether tools are called (<https://ai.google.dev/gemini-api/docs/function-calling#function_calling_modes>). There is no
/// word for one at a time.
fn tool_config(request: &ChatRequest, omissions: &mut BTreeSet<Omission>) -> Option<Value> {
    if request.tools.is_empty() {
        if matches!(request.tool_choice, ToolChoice::Required | ToolChoice::Named(_)) {
            omissions.insert(Omission::ToolChoice);
        }
        return None;
    }
    if request.parallel_tools == Some(false) {
        omissions.insert(Omission::Parameter("parallel_tools".to_owned()));
    }
    let config = match &request.tool_choice {
        ToolChoice::Auto => return None,
        ToolChoice::None => json!({ "mode": "NONE" }),
        ToolChoice::Required => json!({ "mode": "ANY" }),
        ToolChoice::Named(name) => json!({ "mode": "ANY", "allowedFunctionNames": [name] }),
    };
    Some(json!({ "functionCallingConfig": config }))
}

fn tools(tools: &[ToolDefinition]) -> Vec<Tools<'_>> {
    if tools.is_empty() {
        return Vec::new();
    }
    vec![Tools { function_declarations: tools.iter().map(declaration).collect() }]
}

fn declaration(tool: &ToolDefinition) -> FunctionDeclaration<'_> {
    FunctionDeclaration {
        name: &tool.name,
        description: tool.description.as_deref(),
        parameters_json_schema: schema::subset(&tool.parameters),
    }
}
