//! Replies: the handler of streams and whole bodies, and whole messages.

use roundtable_domain::{ProviderError, StreamEvent};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::blocks::Blocks;
use super::usage::UsageSoFar;
use crate::error::{broken_frame, framing_failed, not_this_api, read};
use crate::framing::{FramingError, ReplyHandler};

/// The state of one reply.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) provider: String,
    /// The id of the message that is being received.
    pub(super) message_id: Option<String>,
    pub(super) blocks: Blocks,
    pub(super) usage: UsageSoFar,
    /// Whether any block has begun: from here on another message cannot take this one's place.
    pub(super) has_content: bool,
    /// An error was given out; nothing counts any more.
    pub(super) failed: bool,
}

/// A message: the whole reply, or what `message_start` holds of it.
#[derive(Deserialize)]
pub(super) struct Message<'a> {
    pub(super) id: Option<String>,
    pub(super) model: Option<String>,
    #[serde(borrow, default)]
    pub(super) content: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub(super) usage: Option<&'a RawValue>,
    pub(super) stop_reason: Option<String>,
    pub(super) stop_sequence: Option<String>,
    error: Option<IgnoredAny>,
}

impl Reply {
    pub(super) fn new(provider: &str) -> Self {
        Self {
            provider: provider.to_owned(),
            message_id: None,
            blocks: Blocks::default(),
            usage: UsageSoFar::default(),
            has_content: false,
            failed: false,
        }
    }

    /// Everything a message holds, in the order it would have been streamed.
    pub(super) fn message(
        &mut self,
        message: Message<'_>,
        out: &mut Vec<StreamEvent>,
    ) -> serde_json::Result<()> {
        self.message_id.clone_from(&message.id);
        out.push(StreamEvent::Started { response_id: message.id, model: message.model });
        for block in message.content.unwrap_or_default() {
            self.has_content = true;
            self.blocks.whole(block, out)?;
        }
        if let Some(usage) = message.usage {
            self.usage.merge(&self.provider, usage, out);
        }
        if let Some(reason) = message.stop_reason {
            out.push(StreamEvent::Finish { reason, stop_sequence: message.stop_sequence });
        }
        Ok(())
    }

    /// Gives out the error that a body or event of a successful reply reports.
    pub(super) fn fail_as_told(&mut self, body: &[u8], out: &mut Vec<StreamEvent>) {
        let reported = serde_json::from_slice(body).ok().as_ref().and_then(read);
        let error = match reported {
            Some(reported) => reported.into_error(&self.provider, 200),
            None => not_this_api(&self.provider, body),
        };
        self.fail(error, out);
    }

    /// Gives out an error; nothing after it counts.
    pub(super) fn fail(&mut self, error: ProviderError, out: &mut Vec<StreamEvent>) {
        self.failed = true;
        out.push(StreamEvent::Failed(error));
    }
}

impl ReplyHandler for Reply {
    fn frame(&mut self, event: &str, data: &[u8], out: &mut Vec<StreamEvent>) {
        if !self.failed {
            self.stream_event(event, data, out);
        }
    }

    fn whole(&mut self, body: &[u8], out: &mut Vec<StreamEvent>) {
        match serde_json::from_slice::<Message<'_>>(body) {
            Ok(message) if message.error.is_none() && message.content.is_some() => {
                match self.message(message, out) {
                    Ok(()) => out.push(StreamEvent::Completed),
                    Err(_) => self.fail(broken_frame(&self.provider, body), out),
                }
            }
            // Cut off: the stream is simply over, without its end.
            Err(cut) if cut.is_eof() => {}
            _ => self.fail_as_told(body, out),
        }
    }

    fn end(&mut self, _out: &mut Vec<StreamEvent>) {}

    fn broken(&mut self, error: FramingError, out: &mut Vec<StreamEvent>) {
        self.fail(framing_failed(&self.provider, error), out);
    }
}
