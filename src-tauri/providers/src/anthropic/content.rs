//! Messages as the API takes them: content blocks under roles that alternate.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use roundtable_domain::{Blob, Message, Part, Role, WireApi};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::wire::Omission;

/// Media types of pictures the API takes (<https://docs.anthropic.com/en/docs/build-with-claude/vision>).
const PICTURES: [&str; 4] = ["image/jpeg", "image/png", "image/gif", "image/webp"];

#[derive(Serialize)]
pub(super) struct WireMessage<'a> {
    pub(super) role: &'static str,
    pub(super) content: Vec<Content<'a>>,
}

/// A block, and whether the prompt up to here is to be kept in the provider's cache.
#[derive(Serialize)]
pub(super) struct Content<'a> {
    #[serde(flatten)]
    block: Block<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<CacheControl>,
}

/// Kept for the API's default of five minutes.
#[derive(Serialize)]
pub(super) struct CacheControl {
    #[serde(rename = "type")]
    kind: &'static str,
}

impl CacheControl {
    pub(super) const EPHEMERAL: Self = Self { kind: "ephemeral" };
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block<'a> {
    Text {
        text: &'a str,
    },
    Image {
        source: Source<'a>,
    },
    Document {
        source: Source<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        title: Option<&'a str>,
    },
    ToolUse {
        id: String,
        name: &'a str,
        input: Value,
    },
    ToolResult {
        tool_use_id: String,
        content: &'a str,
        is_error: bool,
    },
    /// A block as this API sent it: signed thinking, the tools of its own servers, a compaction.
    #[serde(untagged)]
    Verbatim(&'a Value),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Source<'a> {
    Base64 { media_type: &'a str, data: &'a str },
    Text { media_type: &'static str, data: String },
    Url { url: &'a str },
}

impl Content<'_> {
    /// Marks the end of what is worth caching; not on blocks of another's making.
    pub(super) fn mark_cached(&mut self) {
        let ours = !matches!(self.block, Block::Verbatim(_));
        self.cache_control = ours.then_some(CacheControl::EPHEMERAL);
    }
}

/// Where messages are written to, with what decides how.
pub(super) struct Writer<'a, 'o> {
    pub(super) provider: &'a str,
    /// Whether thinking is bound to the exact messages before it: then it goes back only within the exchange of tool calls
    /// it is part of, where the API insists on it and nothing can have come between.
    pub(super) binds_thinking: bool,
    pub(super) omissions: &'o mut BTreeSet<Omission>,
}

impl<'a> Writer<'a, '_> {
    /// Neighbours of one role are merged, tool results count as the user's.
    pub(super) fn messages(&mut self, messages: &'a [Message]) -> Vec<WireMessage<'a>> {
        let last_question = messages.iter().rposition(|message| message.role == Role::User);
        let mut wire: Vec<WireMessage<'a>> = Vec::with_capacity(messages.len());
        for (place, message) in messages.iter().enumerate() {
            let role = match message.role {
                Role::System => continue,
                Role::User | Role::Tool => "user",
                Role::Assistant => "assistant",
            };
            let takes_thinking = !self.binds_thinking || last_question.is_none_or(|last| place > last);
            let mut content = Vec::with_capacity(message.parts.len());
            for part in &message.parts {
                self.part(part, takes_thinking, &mut content);
            }
            match wire.last_mut() {
                _ if content.is_empty() => {}
                Some(last) if last.role == role => last.content.append(&mut content),
                _ => wire.push(WireMessage { role, content }),
            }
        }
        wire
    }

    fn part(&mut self, part: &'a Part, takes_thinking: bool, content: &mut Vec<Content<'a>>) {
        let block = match part {
            // The API refuses text blocks without a visible character.
            Part::Text { text } | Part::Refusal { text } if text.trim().is_empty() => return,
            Part::Text { text } | Part::Refusal { text } => Block::Text { text },
            Part::Image { blob } => match picture(blob) {
                Some(source) => Block::Image { source },
                None => return self.omit(Omission::Images),
            },
            Part::ImageUrl { url } if url.starts_with("https://") || url.starts_with("http://") => {
                Block::Image { source: Source::Url { url } }
            }
            Part::ImageUrl { .. } => return self.omit(Omission::ImageUrls),
            Part::File { blob } => match (picture(blob), document(blob)) {
                (Some(source), _) => Block::Image { source },
                (None, Some(source)) => Block::Document { source, title: blob.name.as_deref() },
                (None, None) => return self.omit(Omission::Files(blob.media_type.clone())),
            },
            Part::Reasoning { opaque, provider, .. } => {
                let ours = opaque.as_ref().filter(|_| provider == self.provider && takes_thinking);
                let before = content.len();
                if let Some(opaque) = ours {
                    push_verbatim(opaque, content);
                }
                // Unsigned thinking, or another provider's, is refused.
                if content.len() == before {
                    self.omit(Omission::Reasoning);
                }
                return;
            }
            Part::ToolCall { id, name, arguments, .. } => {
                Block::ToolUse { id: wire_id(id), name, input: input(arguments) }
            }
            Part::ToolResult { call_id, content, is_error, .. } => {
                Block::ToolResult { tool_use_id: wire_id(call_id), content, is_error: *is_error }
            }
            Part::Other { api: WireApi::AnthropicMessages, content } => Block::Verbatim(content),
            Part::Other { .. } => return self.omit(Omission::OtherItems),
        };
        content.push(Content { block, cache_control: None });
    }

    fn omit(&mut self, omission: Omission) {
        self.omissions.insert(omission);
    }
}

/// Blocks as the decoder gave them out: one block, or several in an array. Anything else that is opaque to us is another
/// wire's.
fn push_verbatim<'a>(opaque: &'a Value, content: &mut Vec<Content<'a>>) {
    let blocks = match opaque {
        Value::Array(blocks) => blocks.as_slice(),
        block => std::slice::from_ref(block),
    };
    let ours = blocks.iter().filter(|block| block.get("type").is_some_and(Value::is_string));
    content.extend(ours.map(|block| Content { block: Block::Verbatim(block), cache_control: None }));
}

fn picture(blob: &Blob) -> Option<Source<'_>> {
    let media_type = if blob.media_type == "image/jpg" { "image/jpeg" } else { &blob.media_type };
    PICTURES.contains(&media_type).then_some(Source::Base64 { media_type, data: &blob.base64 })
}

/// PDF as it is, anything textual as plain text: the API takes no other documents.
fn document(blob: &Blob) -> Option<Source<'_>> {
    if blob.media_type == "application/pdf" {
        return Some(Source::Base64 { media_type: &blob.media_type, data: &blob.base64 });
    }
    if !crate::media::is_text(&blob.media_type) {
        return None;
    }
    let data = BASE64.decode(blob.base64.as_bytes()).ok().and_then(|bytes| String::from_utf8(bytes).ok())?;
    Some(Source::Text { media_type: "text/plain", data })
}

/// The API takes letters, digits, `_` and `-` in ids; a call made by another provider's model may have others.
fn wire_id(id: &str) -> String {
    id.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') { c } else { '_' }).collect()
}

/// The arguments as an object, as the API requires; a text that is none (cut off) is kept under a name that says so.
fn input(arguments: &str) -> Value {
    if arguments.trim().is_empty() {
        return Value::Object(Map::new());
    }
    match serde_json::from_str(arguments) {
        Ok(Value::Object(object)) => Value::Object(object),
        _ => json!({ "unreadable_arguments": arguments }),
    }
}
