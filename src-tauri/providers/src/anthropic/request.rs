//! A chat in the shape of `POST /v1/messages`.
//!
//! Prompt caching (<https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching>): once a Claude has answered in a
//! conversation, the end of the system text and the end of the last message are marked, so that the next turn, or the next
//! step of a chain of tool calls, reads everything before it at a tenth of the price. The first question of a conversation is
//! not marked: writing costs a quarter more, and most conversations that end after one answer would pay it for nothing.
//! What is marked changes the price, never the answer, and prompts too short to cache are not charged for it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use roundtable_domain::{
    ChatRequest, Endpoint, Message, Params, Part, ResponseFormat, Role, ToolChoice, ToolDefinition,
};
use serde::Serialize;
use serde_json::{Value, json};

use super::content::{CacheControl, Content, WireMessage, Writer};
use super::generation::{Traits, traits};
use super::schema;
use super::thinking::{self, Mode, Plan};
use crate::wire::{Omission, WireRequest};

/// The version of the API this is written against (<https://docs.anthropic.com/en/api/versioning>).
const VERSION: &str = "2023-06-01";

/// The least `top_p` a thinking model takes.
const LEAST_TOP_P: f64 = 0.95;

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    max_tokens: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<System<'a>>,
    messages: Vec<WireMessage<'a>>,
    #[serde(flatten)]
    sampling: Sampling,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    stop_sequences: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<Mode>,
    #[serde(skip_serializing_if = "OutputConfig::is_empty")]
    output_config: OutputConfig,
    stream: bool,
}

#[derive(Serialize)]
#[serde(untagged)]
enum System<'a> {
    Plain(&'a str),
    Blocks(Vec<SystemBlock<'a>>),
}

#[derive(Serialize)]
struct SystemBlock<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<CacheControl>,
}

#[derive(Default, Serialize)]
struct Sampling {
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<u32>,
}

#[derive(Serialize)]
struct OutputConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    effort: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<Value>,
}

impl OutputConfig {
    fn is_empty(&self) -> bool {
        self.effort.is_none() && self.format.is_none()
    }
}

#[derive(Serialize)]
struct Tool<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    input_schema: Cow<'a, Value>,
}

/// The request for a chat; an error text when there is nothing to send.
pub(super) fn build(endpoint: &Endpoint, request: &ChatRequest) -> Result<WireRequest, String> {
    let body = write(endpoint, request, &mut BTreeSet::new());
    if body.messages.is_empty() {
        return Err("there is no message to send".to_owned());
    }
    let body = serde_json::to_vec(&body).map_err(|error| error.to_string())?;
    let mut headers = HeaderMap::new();
    headers.insert(HeaderName::from_static("anthropic-version"), HeaderValue::from_static(VERSION));
    Ok(WireRequest { url: super::url_of(&endpoint.base_url, "messages"), headers, body: body.into() })
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
    let params = &request.params;
    let traits = traits(&request.model);
    let tool_choice = tool_choice(request, &traits, omissions);
    let forced =
        tool_choice.as_ref().is_some_and(|choice| choice["type"] == "any" || choice["type"] == "tool");
    let plan = thinking::plan(&traits, params, !forced);
    omissions.extend(plan.omitted.iter().map(|name| Omission::Parameter((*name).to_owned())));
    let sampling = sampling(&traits, &plan, params, omissions);
    let format = output_format(&traits, &params.response_format, omissions);
    let provider = &endpoint.provider;
    let mut writer = Writer { provider, binds_thinking: traits.binds_thinking, omissions };
    let mut messages = writer.messages(&request.messages);
    let answered = request.messages.iter().any(|message| message.role == Role::Assistant);
    let cached = traits.is_claude && answered;
    if let Some(last) = messages.last_mut().filter(|last| cached && last.role == "user") {
        last.content.iter_mut().next_back().into_iter().for_each(Content::mark_cached);
    }
    Body {
        model: &request.model,
        max_tokens: plan.max_tokens,
        system: system(&request.messages, cached, omissions),
        messages,
        sampling,
        stop_sequences: &params.stop,
        tools: request.tools.iter().map(wire_tool).collect(),
        tool_choice,
        thinking: plan.thinking,
        output_config: OutputConfig { effort: plan.effort, format },
        stream: request.stream,
    }
}

/// System messages from anywhere in the conversation: the API has one place for them, above all messages.
fn system<'a>(
    messages: &'a [Message],
    cached: bool,
    omissions: &mut BTreeSet<Omission>,
) -> Option<System<'a>> {
    let parts =
        messages.iter().filter(|message| message.role == Role::System).flat_map(|message| &message.parts);
    let mut texts: Vec<&str> = Vec::new();
    for part in parts {
        match part {
            Part::Text { text } if text.trim().is_empty() => {}
            Part::Text { text } => texts.push(text),
            other => omissions.extend(Omission::of(other)),
        }
    }
    let last = texts.len().checked_sub(1)?;
    if let ([text], false) = (texts.as_slice(), cached) {
        return Some(System::Plain(text));
    }
    let block = |(place, text)| SystemBlock {
        kind: "text",
        text,
        cache_control: (cached && place == last).then_some(CacheControl::EPHEMERAL),
    };
    Some(System::Blocks(texts.into_iter().enumerate().map(block).collect()))
}

/// Sampling as far as the model takes it: not at all from 4.7 on, and hardly while it thinks
/// (<https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking#feature-compatibility>).
fn sampling(traits: &Traits, plan: &Plan, params: &Params, omissions: &mut BTreeSet<Omission>) -> Sampling {
    let free = traits.sampling && !plan.is_thinking();
    let top_p_fits = match params.top_p {
        Some(top_p) if plan.is_thinking() => traits.sampling && top_p >= LEAST_TOP_P,
        _ => free && (traits.both_sampling || params.temperature.is_none()),
    };
    let sampling = Sampling {
        temperature: params.temperature.filter(|_| free),
        top_p: params.top_p.filter(|_| top_p_fits),
        top_k: params.top_k.filter(|_| free),
    };
    for (name, asked, sent) in [
        ("temperature", params.temperature.is_some(), sampling.temperature.is_some()),
        ("top_p", params.top_p.is_some(), sampling.top_p.is_some()),
        ("top_k", params.top_k.is_some(), sampling.top_k.is_some()),
        ("seed", params.seed.is_some(), false),
        ("presence_penalty", params.presence_penalty.is_some(), false),
        ("frequency_penalty", params.frequency_penalty.is_some(), false),
    ] {
        if asked && !sent {
            omissions.insert(Omission::Parameter(name.to_owned()));
        }
    }
    sampling
}

/// Holding the answer to a schema, where the model has it. There is nothing for JSON of any shape: a schema has to name
/// every field. A tool that has to be called would do it for older models, but would make the answer a call.
fn output_format(
    traits: &Traits,
    format: &ResponseFormat,
    omissions: &mut BTreeSet<Omission>,
) -> Option<Value> {
    match format {
        ResponseFormat::Text => None,
        ResponseFormat::JsonSchema { schema, .. } if traits.output_format => {
            Some(json!({ "type": "json_schema", "schema": schema::subset(schema) }))
        }
        ResponseFormat::JsonObject | ResponseFormat::JsonSchema { .. } => {
            omissions.insert(Omission::ResponseFormat);
            None
        }
    }
}

fn tool_choice(request: &ChatRequest, traits: &Traits, omissions: &mut BTreeSet<Omission>) -> Option<Value> {
    let wants_call = matches!(request.tool_choice, ToolChoice::Required | ToolChoice::Named(_));
    let can_force = traits.forced_tools && !request.tools.is_empty();
    if wants_call && !can_force {
        omissions.insert(Omission::ToolChoice);
    }
    if request.tools.is_empty() {
        return None;
    }
    let one_at_a_time = request.parallel_tools == Some(false);
    let mut choice = match &request.tool_choice {
        ToolChoice::None => return Some(json!({ "type": "none" })),
        ToolChoice::Required if can_force => json!({ "type": "any" }),
        ToolChoice::Named(name) if can_force => json!({ "type": "tool", "name": name }),
        _ if one_at_a_time => json!({ "type": "auto" }),
        _ => return None,
    };
    if let (true, Some(fields)) = (one_at_a_time, choice.as_object_mut()) {
        fields.insert("disable_parallel_tool_use".to_owned(), Value::Bool(true));
    }
    Some(choice)
}

fn wire_tool(tool: &ToolDefinition) -> Tool<'_> {
    let input_schema = if tool.parameters.is_object() {
        Cow::Borrowed(&tool.parameters)
    } else {
        Cow::Owned(json!({ "type": "object", "properties": {} }))
    };
    Tool { name: &tool.name, description: tool.description.as_deref(), input_schema }
}
