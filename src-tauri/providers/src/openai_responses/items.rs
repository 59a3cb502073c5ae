//! Messages as input items, in the order of their parts.

use roundtable_domain::{Blob, ChatRequest, Endpoint, Message, Part, Role, WireApi};
use serde_json::{Value, json};

use crate::blob::{as_text, audio_format, data_url, file_name};
use crate::dialect::{Choice, Dialect, Documents, Images, Replay, dialect_of};
use crate::draft::Draft;
use crate::openai_chat::result_text;
use crate::wire::Omission;

/// The input items of a conversation; notes what they lose.
pub(super) fn into_wire(endpoint: &Endpoint, draft: &mut Draft, request: &ChatRequest) -> Vec<Value> {
    let dialect = dialect_of(endpoint);
    let mut writer = Writer {
        provider: &endpoint.provider,
        dialect,
        takes_sealed: dialect.takes_sealed(&request.model),
        draft,
        items: Vec::with_capacity(request.messages.len()),
    };
    for message in &request.messages {
        writer.message(message);
    }
    writer.items
}

struct Writer<'a> {
    provider: &'a str,
    dialect: &'static Dialect,
    /// Whether the model takes sealed reasoning back.
    takes_sealed: bool,
    draft: &'a mut Draft,
    items: Vec<Value>,
}

impl Writer<'_> {
    /// Text and media that follow each other are one item; everything else is an item of its own.
    fn message(&mut self, message: &Message) {
        let role = match message.role {
            Role::System => "system",
            Role::User | Role::Tool => "user",
            Role::Assistant => "assistant",
        };
        let calls_tools = message.parts.iter().any(|part| matches!(part, Part::ToolCall { .. }));
        let mut content = Vec::new();
        for part in &message.parts {
            if let Some(part) = self.content_part(message.role, part) {
                content.push(part);
            } else if let Some(item) = self.item(part, calls_tools) {
                self.say(role, &mut content);
                self.items.push(item);
            }
        }
        if message.role == Role::Tool && !content.is_empty() && self.add_to_result(&mut content) {
            return;
        }
        self.say(role, &mut content);
    }

    fn say(&mut self, role: &str, content: &mut Vec<Value>) {
        if !content.is_empty() {
            self.items.push(json!({"role": role, "content": std::mem::take(content)}));
        }
    }

    /// What a tool gave beside its text belongs to its output. False when there is no result to add it to.
    fn add_to_result(&mut self, content: &mut Vec<Value>) -> bool {
        let last =
            self.items.last_mut().filter(|item| item.get("type") == Some(&json!("function_call_output")));
        let Some(output) = last.and_then(|item| item.get_mut("output")) else { return false };
        let text = json!({"type": "input_text", "text": output.as_str().unwrap_or_default()});
        let parts = std::iter::once(text).filter(|text| text.get("text") != Some(&json!("")));
        *output = parts.chain(content.drain(..)).collect();
        true
    }

    /// A part of a message's content; `None` for what is an item, and for what is left out.
    fn content_part(&mut self, role: Role, part: &Part) -> Option<Value> {
        let media = self.dialect.media;
        match part {
            Part::Text { text } => (!text.is_empty()).then(|| text_part(role, text)),
            Part::Refusal { text } if self.dialect.refusal_parts && role == Role::Assistant => {
                Some(json!({"type": "refusal", "refusal": text}))
            }
            Part::Refusal { text } => Some(text_part(role, text)),
            Part::Image { blob } if media.images != Images::None => {
                Some(json!({"type": "input_image", "image_url": data_url(blob)}))
            }
            Part::Image { .. } => self.omitted(Omission::Images),
            Part::ImageUrl { url } if media.images == Images::BytesAndUrls => {
                Some(json!({"type": "input_image", "image_url": url}))
            }
            Part::ImageUrl { .. } => self.omitted(Omission::ImageUrls),
            Part::File { blob } => self.file_part(role, blob),
            Part::Other { api: WireApi::OpenaiResponses, content } => {
                is_content(content).then(|| content.clone())
            }
            Part::Other { .. } | Part::Reasoning { .. } | Part::ToolCall { .. } | Part::ToolResult { .. } => {
                None
            }
        }
    }

    fn file_part(&mut self, role: Role, blob: &Blob) -> Option<Value> {
        if let Some(text) = as_text(blob) {
            return Some(text_part(role, &text));
        }
        let is_taken = match self.dialect.media.documents {
            Documents::File(types) => types.is_empty() || types.contains(&blob.media_type.as_str()),
            Documents::DocumentUrl | Documents::None => false,
        };
        // The API has no part for sound.
        if !is_taken || audio_format(&blob.media_type).is_some() {
            return self.omitted(Omission::Files(blob.media_type.clone()));
        }
        Some(json!({"type": "input_file", "filename": file_name(blob), "file_data": data_url(blob)}))
    }

    fn item(&mut self, part: &Part, calls_tools: bool) -> Option<Value> {
        let has_tools = self.dialect.tools.choice != Choice::NoTools;
        match part {
            Part::Reasoning { text, opaque, provider } => {
                self.reasoning(text, opaque.as_ref(), provider, calls_tools)
            }
            Part::ToolCall { .. } | Part::ToolResult { .. } if !has_tools => self.omitted(Omission::Tools),
            Part::ToolCall { id, name, arguments, signature } => {
                if signature.is_some() {
                    self.draft.omit(Omission::Reasoning);
                }
                let arguments = if arguments.trim().is_empty() { "{}" } else { arguments };
                let id = self.dialect.call_id(id);
                Some(json!({"type": "function_call", "call_id": id, "name": name, "arguments": arguments}))
            }
            Part::ToolResult { call_id, content, is_error, .. } => {
                let output = result_text(content, *is_error);
                let id = self.dialect.call_id(call_id);
                Some(json!({"type": "function_call_output", "call_id": id, "output": output}))
            }
            Part::Other { api: WireApi::OpenaiResponses, content } => Some(content.clone()),
            Part::Other { .. } => self.omitted(Omission::OtherItems),
            Part::Text { .. }
            | Part::Refusal { .. }
            | Part::Image { .. }
            | Part::ImageUrl { .. }
            | Part::File { .. } => None,
        }
    }

    /// A sealed item goes back as it came. Open reasoning only where calls cannot do without it.
    fn reasoning(
        &mut self,
        text: &str,
        opaque: Option<&Value>,
        provider: &str,
        calls_tools: bool,
    ) -> Option<Value> {
        let is_own = provider == self.provider;
        let sealed = opaque.filter(|item| is_own && self.takes_sealed && is_item(item));
        if let Some(item) = sealed {
            return Some(item.clone());
        }
        if !is_own || opaque.is_some() {
            return self.omitted(Omission::Reasoning);
        }
        let wants_open =
            matches!(self.dialect.replay, Replay::ContentWithToolCalls | Replay::ContentWithEveryToolCall);
        (wants_open && calls_tools && !text.is_empty()).then(|| {
            let content = json!([{"type": "reasoning_text", "text": text}]);
            json!({"type": "reasoning", "summary": [], "content": content})
        })
    }

    fn omitted<T>(&mut self, omission: Omission) -> Option<T> {
        self.draft.omit(omission);
        None
    }
}

fn text_part(role: Role, text: &str) -> Value {
    let kind = if role == Role::Assistant { "output_text" } else { "input_text" };
    json!({"type": kind, "text": text})
}

/// Whether it is part of a message's content rather than an item.
fn is_content(content: &Value) -> bool {
    let kind = content.get("type").and_then(Value::as_str).unwrap_or_default();
    kind.starts_with("input_") || kind.starts_with("output_")
}

/// Whether a sealed part is an item of this wire: the same provider's chat API seals in another form
/// (`reasoning.encrypted`).
fn is_item(opaque: &Value) -> bool {
    opaque.get("type").and_then(Value::as_str).is_some_and(|kind| !kind.contains('.'))
}
