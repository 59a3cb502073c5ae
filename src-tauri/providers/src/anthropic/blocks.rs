//! Content blocks, streamed or whole, turned into events.

use std::borrow::Cow;
use std::collections::HashMap;

use roundtable_domain::{Seals, StreamEvent, WireApi};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// The blocks of one message that are open, and how many tool calls there were.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    open: HashMap<u64, Block>,
    calls: usize,
}

#[derive(Debug)]
enum Block {
    Thinking {
        text: String,
        signature: String,
    },
    Call {
        index: usize,
        /// Arguments that came with the start of the block; they count only when no fragments follow.
        input: Option<String>,
    },
    /// Text, whose deltas need no memory.
    Plain,
    /// A block of the API's own making (a tool of its servers, a compaction, sealed thinking), put together to be sent back
    /// as it is.
    Foreign {
        block: Value,
        /// The pieces of its input.
        input: String,
    },
}

/// A delta of a block. Fields of unknown delta types are ignored.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Delta<'a> {
    #[serde(rename = "type", borrow, default)]
    kind: Cow<'a, str>,
    text: Option<String>,
    thinking: Option<String>,
    signature: Option<String>,
    partial_json: Option<String>,
    /// Of a compaction.
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    /// In `message_delta` only.
    pub(super) stop_reason: Option<String>,
    /// In `message_delta` only.
    pub(super) stop_sequence: Option<String>,
}

#[derive(Deserialize)]
struct Kind<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
}

#[derive(Deserialize)]
struct TextBlock {
    #[serde(default)]
    text: String,
}

#[derive(Deserialize)]
struct ThinkingBlock {
    #[serde(default)]
    thinking: String,
    signature: Option<String>,
}

#[derive(Deserialize)]
struct CallBlock<'a> {
    id: Option<String>,
    #[serde(default)]
    name: String,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
}

impl Blocks {
    /// A block as a whole reply holds it.
    pub(super) fn whole(&mut self, block: &RawValue, out: &mut Vec<StreamEvent>) -> serde_json::Result<()> {
        // No position of a stream is as large, so this block is open alone.
        let position = u64::MAX;
        self.start(position, block, out)?;
        if let Some(Block::Call { index, input: Some(input) }) = self.open.get_mut(&position) {
            out.push(StreamEvent::ToolCallArguments { index: *index, delta: std::mem::take(input) });
            self.open.remove(&position);
        }
        self.stop(position, out);
        Ok(())
    }

    /// `content_block_start`.
    pub(super) fn start(
        &mut self,
        position: u64,
        block: &RawValue,
        out: &mut Vec<StreamEvent>,
    ) -> serde_json::Result<()> {
        let text = block.get();
        let Kind { kind } = serde_json::from_str(text)?;
        let opened = match &*kind {
            "text" => {
                push_text(serde_json::from_str::<TextBlock>(text)?.text, out);
                Block::Plain
            }
            "thinking" => {
                let ThinkingBlock { thinking, signature } = serde_json::from_str(text)?;
                if !thinking.is_empty() {
                    out.push(StreamEvent::Reasoning(thinking.clone()));
                }
                Block::Thinking { text: thinking, signature: signature.unwrap_or_default() }
            }
            "tool_use" => {
                let CallBlock { id, name, input } = serde_json::from_str(text)?;
                let index = self.calls;
                self.calls += 1;
                out.push(StreamEvent::ToolCallStarted { index, id, name });
                Block::Call { index, input: input.map(|input| input.get().to_owned()) }
            }
            _ => {
                out.push(StreamEvent::OtherPart { kind: kind.into_owned() });
                Block::Foreign { block: serde_json::from_str(text)?, input: String::new() }
            }
        };
        self.open.insert(position, opened);
        Ok(())
    }

    /// `content_block_delta`.
    pub(super) fn delta(&mut self, position: u64, delta: Delta<'_>, out: &mut Vec<StreamEvent>) {
        let Delta { kind, text, thinking, signature, partial_json, content, .. } = delta;
        match (&*kind, self.open.get_mut(&position)) {
            ("text_delta", _) => push_text(text.unwrap_or_default(), out),
            ("thinking_delta", block) => {
                let piece = thinking.unwrap_or_default();
                if let Some(Block::Thinking { text, .. }) = block {
                    text.push_str(&piece);
                }
                if !piece.is_empty() {
                    out.push(StreamEvent::Reasoning(piece));
                }
            }
            ("signature_delta", Some(Block::Thinking { signature: whole, .. })) => {
                whole.push_str(&signature.unwrap_or_default());
            }
            ("input_json_delta", Some(Block::Call { index, input })) => {
                let delta = partial_json.unwrap_or_default();
                if !delta.is_empty() {
                    *input = None;
                    out.push(StreamEvent::ToolCallArguments { index: *index, delta });
                }
            }
            ("input_json_delta", Some(Block::Foreign { input, .. })) => {
                input.push_str(&partial_json.unwrap_or_default());
                out.push(StreamEvent::KeepAlive);
            }
            ("compaction_delta", Some(Block::Foreign { block, .. })) => {
                append_content(block, content);
                out.push(StreamEvent::KeepAlive);
            }
            // Citations, and whatever is invented next: alive, but nothing of ours.
            _ => out.push(StreamEvent::KeepAlive),
        }
    }

    /// `content_block_stop`.
    pub(super) fn stop(&mut self, position: u64, out: &mut Vec<StreamEvent>) {
        match self.open.remove(&position) {
            Some(Block::Thinking { text, signature }) if !signature.is_empty() => {
                let content: Value = json!({ "type": "thinking", "thinking": text, "signature": signature });
                out.push(StreamEvent::Opaque { of: Seals::Reasoning, content });
            }
            // A server that sends the arguments with the start of the block and no fragments. `{}` is the placeholder
            // every start has.
            Some(Block::Call { index, input: Some(input) }) if input != "{}" => {
                out.push(StreamEvent::ToolCallArguments { index, delta: input });
            }
            Some(Block::Foreign { mut block, input }) => {
                let streamed = serde_json::from_str(&input).ok();
                if let (Some(input), Some(fields)) = (streamed, block.as_object_mut()) {
                    fields.insert("input".to_owned(), input);
                }
                let is_thinking = block.get("type").and_then(Value::as_str) == Some("redacted_thinking");
                let item = Seals::Item(WireApi::AnthropicMessages);
                let of = if is_thinking { Seals::Reasoning } else { item };
                out.push(StreamEvent::Opaque { of, content: block });
            }
            _ => {}
        }
    }
}

/// A compaction comes as a text in one or more pieces, or as null where it failed.
fn append_content(block: &mut Value, piece: Option<&RawValue>) {
    let piece = piece.and_then(|piece| serde_json::from_str::<String>(piece.get()).ok());
    let (Some(piece), Some(fields)) = (piece, block.as_object_mut()) else { return };
    match fields.get_mut("content") {
        Some(Value::String(so_far)) => so_far.push_str(&piece),
        _ => {
            fields.insert("content".to_owned(), Value::String(piece));
        }
    }
}

fn push_text(text: String, out: &mut Vec<StreamEvent>) {
    if !text.is_empty() {
        out.push(StreamEvent::Text(text));
    }
}
