//! Events of a stream (PROTOCOLS, section 3).

use std::borrow::Cow;

use roundtable_domain::{ErrorCategory, ProviderError, StreamEvent};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::blocks::Delta;
use super::reply::{Message, Reply};
use crate::error::broken_frame;

/// Any event. One flat shape, so that the deltas, which are nearly all of a stream, are read in one pass.
#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "type", borrow, default)]
    kind: Cow<'a, str>,
    #[serde(default)]
    index: u64,
    #[serde(borrow)]
    delta: Option<Delta<'a>>,
    #[serde(borrow)]
    content_block: Option<&'a RawValue>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
    error: Option<IgnoredAny>,
}

/// What is needed to see whether an event that cannot be read is one we know.
#[derive(Deserialize)]
struct Outline<'a> {
    #[serde(rename = "type", borrow, default)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    delta: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct DeltaOutline<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
}

impl Reply {
    /// Takes one event in; `name` is its `event:` field, which counts where the data has no type.
    pub(super) fn stream_event(&mut self, name: &str, data: &[u8], out: &mut Vec<StreamEvent>) {
        let event = match serde_json::from_slice::<Event<'_>>(data) {
            Ok(event) => event,
            // OpenRouter closes its imitation of this stream with OpenAI's marker; some servers send empty data.
            Err(_) if is_ignorable(data) => return out.push(StreamEvent::KeepAlive),
            Err(_) => return self.fail(broken_frame(&self.provider, data), out),
        };
        if event.error.is_some() {
            return self.fail_as_told(data, out);
        }
        let kind = if event.kind.is_empty() { name } else { &*event.kind };
        let understood = match kind {
            "content_block_delta" => {
                self.blocks.delta(event.index, event.delta.unwrap_or_default(), out);
                Ok(())
            }
            "content_block_start" => self.block_started(event.index, event.content_block, out),
            "content_block_stop" => {
                self.blocks.stop(event.index, out);
                Ok(())
            }
            "message_start" => self.message_started(event.message, out),
            "message_delta" => {
                self.message_changed(event.delta, event.usage, out);
                Ok(())
            }
            "message_stop" => {
                out.push(StreamEvent::Completed);
                Ok(())
            }
            _ => {
                out.push(StreamEvent::KeepAlive);
                Ok(())
            }
        };
        if understood.is_err() {
            self.fail(broken_frame(&self.provider, data), out);
        }
    }

    fn block_started(
        &mut self,
        index: u64,
        block: Option<&RawValue>,
        out: &mut Vec<StreamEvent>,
    ) -> serde_json::Result<()> {
        self.has_content = true;
        block.map_or(Ok(()), |block| self.blocks.start(index, block, out))
    }

    /// A proxy may send the start twice, or begin a second message inside the first. A repeated start says nothing new.
    /// A new message takes the place of one without content; after content it would be spliced to what is there already,
    /// so it is an error.
    fn message_started(
        &mut self,
        message: Option<&RawValue>,
        out: &mut Vec<StreamEvent>,
    ) -> serde_json::Result<()> {
        let Some(message) = message else { return Ok(()) };
        let message: Message<'_> = serde_json::from_str(message.get())?;
        if self.message_id.is_some() && self.message_id == message.id {
            out.push(StreamEvent::KeepAlive);
            return Ok(());
        }
        if self.has_content {
            let text = "the server began a second message inside the first; what came before it is kept";
            self.fail(ProviderError::local(ErrorCategory::Unavailable, &*self.provider, text), out);
            return Ok(());
        }
        self.message(message, out)
    }

    fn message_changed(
        &mut self,
        delta: Option<Delta<'_>>,
        usage: Option<&RawValue>,
        out: &mut Vec<StreamEvent>,
    ) {
        if let Some(usage) = usage {
            self.usage.merge(&self.provider, usage, out);
        }
        let Delta { stop_reason, stop_sequence, .. } = delta.unwrap_or_default();
        if let Some(reason) = stop_reason {
            out.push(StreamEvent::Finish { reason, stop_sequence });
        }
    }
}

/// Whether data that is none of our events may be passed over: no JSON object at all, or one of a type we do not know.
fn is_ignorable(data: &[u8]) -> bool {
    let data = data.trim_ascii();
    if data.is_empty() || data == b"[DONE]" {
        return true;
    }
    let Ok(outline) = serde_json::from_slice::<Outline<'_>>(data) else { return false };
    match &*outline.kind {
        "content_block_delta" => {
            let delta = outline.delta.map(|delta| serde_json::from_str::<DeltaOutline<'_>>(delta.get()));
            let Some(Ok(DeltaOutline { kind })) = delta else { return false };
            !matches!(&*kind, "text_delta" | "thinking_delta" | "signature_delta" | "input_json_delta")
        }
        "message_start"
        | "message_delta"
        | "content_block_start"
        | "content_block_stop"
        | "message_stop"
        | "error"
        | "" => false,
        _ => true,
    }
}
