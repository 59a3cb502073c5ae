//! Replies (PROTOCOLS, section 4): chunks of a stream, one whole chunk, or an array of them.

use roundtable_domain::{ProviderError, Seals, StreamEvent};
use serde_json::json;
use serde_json::value::RawValue;

use super::arguments::Arguments;
use super::chunk::{Candidate, Chunk, PromptFeedback, for_each_element};
use super::error;
use super::part::{FunctionCall, Part};
use super::usage::UsageSoFar;
use crate::error::{broken_frame, framing_failed};
use crate::framing::{FramingError, ReplyHandler};

/// The state of one reply.
#[derive(Debug)]
pub(super) struct Reply {
    provider: String,
    response_id: Option<String>,
    model: Option<String>,
    usage: UsageSoFar,
    candidates: usize,
    calls: usize,
    /// A call whose arguments are coming piece by piece.
    open_call: Option<(usize, Arguments)>,
    /// A finish reason or a block came: the end of the bytes is the end of the answer.
    finished: bool,
    /// An error was given out; nothing counts any more.
    failed: bool,
}

impl Reply {
    pub(super) fn new(provider: &str) -> Self {
        Self {
            provider: provider.to_owned(),
            response_id: None,
            model: None,
            usage: UsageSoFar::default(),
            candidates: 0,
            calls: 0,
            open_call: None,
            finished: false,
            failed: false,
        }
    }

    fn chunk(&mut self, data: &[u8], out: &mut Vec<StreamEvent>) {
        if self.failed {
            return;
        }
        let data = data.trim_ascii();
        let before = out.len();
        match serde_json::from_slice::<Chunk<'_>>(data) {
            Ok(Chunk { error: Some(_), .. }) => self.fail(error::of_success(&self.provider, data), out),
            Ok(chunk) => self.take(chunk, out),
            // Imitations of the API may close with OpenAI's marker.
            Err(_) if data.is_empty() || data == b"[DONE]" => {}
            Err(_) => self.fail(broken_frame(&self.provider, data), out),
        }
        if out.len() == before {
            out.push(StreamEvent::KeepAlive);
        }
    }

    fn take(&mut self, chunk: Chunk<'_>, out: &mut Vec<StreamEvent>) {
        self.name(chunk.response_id, chunk.model_version, out);
        let candidates = chunk.candidates.unwrap_or_default();
        self.count(&candidates, out);
        for (place, candidate) in candidates.into_iter().enumerate() {
            if candidate.index.unwrap_or(place) == 0 {
                self.candidate(candidate, out);
            }
        }
        if let Some(usage) = chunk.usage_metadata {
            self.usage.merge(&self.provider, usage, out);
        }
        if self.finished {
            self.usage.flush(&self.provider, out);
        }
        if let Some(PromptFeedback { block_reason: Some(reason) }) = chunk.prompt_feedback {
            self.finished = true;
            out.push(StreamEvent::Finish { reason: format!("blocked:{reason}"), stop_sequence: None });
        }
    }

    /// Every chunk repeats the names; only changes are given out.
    fn name(&mut self, response_id: Option<String>, model: Option<String>, out: &mut Vec<StreamEvent>) {
        let new_id = response_id.is_some() && response_id != self.response_id;
        let new_model = model.is_some() && model != self.model;
        if new_id {
            self.response_id.clone_from(&response_id);
        }
        if new_model {
            self.model.clone_from(&model);
        }
        if new_id || new_model {
            out.push(StreamEvent::Started { response_id, model });
        }
    }

    fn count(&mut self, candidates: &[Candidate<'_>], out: &mut Vec<StreamEvent>) {
        let places = candidates.iter().enumerate().map(|(place, candidate)| candidate.index.unwrap_or(place));
        let count = places.max().map_or(0, |last| last.saturating_add(1));
        if count > self.candidates {
            self.candidates = count;
            out.push(StreamEvent::Choices(count));
        }
    }

    fn candidate(&mut self, candidate: Candidate<'_>, out: &mut Vec<StreamEvent>) {
        for part in candidate.content.and_then(|content| content.parts).unwrap_or_default() {
            self.part(part, out);
        }
        if let Some(reason) = candidate.finish_reason {
            self.close_call(out);
            self.finished = true;
            out.push(StreamEvent::Finish { reason, stop_sequence: None });
        }
    }

    fn part(&mut self, part: Part<'_>, out: &mut Vec<StreamEvent>) {
        let is_bare = part.text.as_deref() == Some("") && part.call.is_none() && part.other.is_none();
        if let Some(text) = part.text.filter(|text| !text.is_empty()) {
            out.push(if part.thought { StreamEvent::Reasoning(text) } else { StreamEvent::Text(text) });
        }
        let tool_call = part.call.and_then(|call| self.call(call, out));
        if let Some(kind) = part.other {
            out.push(StreamEvent::OtherPart { kind });
        }
        if let Some(signature) = part.signature {
            let (of, content) = match tool_call {
                Some(index) => (Seals::ToolCall(index), json!({ "thoughtSignature": signature })),
                None if is_bare => (Seals::Nothing, json!({ "text": "", "thoughtSignature": signature })),
                None => (Seals::Text, json!({ "thoughtSignature": signature })),
            };
            out.push(StreamEvent::Opaque { of, content });
        }
    }

    /// Takes a call or a piece of one; returns which call it was. A name begins a call, a piece without a name goes on
    /// with the one that is open, and whatever does not continue closes it: an empty `{}` is only the plainest form.
    fn call(&mut self, call: FunctionCall<'_>, out: &mut Vec<StreamEvent>) -> Option<usize> {
        let index = if let Some(name) = call.name {
            self.close_call(out);
            let index = self.calls;
            self.calls += 1;
            out.push(StreamEvent::ToolCallStarted { index, id: call.id, name });
            let args = call.args.map(RawValue::get);
            if !call.will_continue && call.partial_args.is_none() {
                let delta = args.unwrap_or_default().to_owned();
                out.push(StreamEvent::ToolCallArguments { index, delta });
                return Some(index);
            }
            self.open_call = Some((index, Arguments::new(args)));
            index
        } else {
            self.open_call.as_ref()?.0
        };
        if let Some((_, arguments)) = &mut self.open_call {
            call.partial_args.unwrap_or_default().into_iter().for_each(|piece| arguments.take(piece));
        }
        if !call.will_continue {
            self.close_call(out);
        }
        Some(index)
    }

    fn close_call(&mut self, out: &mut Vec<StreamEvent>) {
        if let Some((index, arguments)) = self.open_call.take() {
            out.push(StreamEvent::ToolCallArguments { index, delta: arguments.into_json() });
        }
    }

    fn fail(&mut self, error: ProviderError, out: &mut Vec<StreamEvent>) {
        self.usage.flush(&self.provider, out);
        self.failed = true;
        out.push(StreamEvent::Failed(error));
    }
}

impl ReplyHandler for Reply {
    fn frame(&mut self, _event: &str, data: &[u8], out: &mut Vec<StreamEvent>) {
        self.chunk(data, out);
    }

    fn whole(&mut self, body: &[u8], out: &mut Vec<StreamEvent>) {
        if body.starts_with(b"[") {
            if for_each_element(body, |element| self.chunk(element.get().as_bytes(), out)).is_err() {
                self.fail(broken_frame(&self.provider, body), out);
            }
        } else {
            match serde_json::from_slice::<Chunk<'_>>(body) {
                Ok(chunk) if chunk.is_reply() => self.take(chunk, out),
                // Cut off: the reply is simply over, without its end.
                Err(cut) if cut.is_eof() => {}
                _ => self.fail(error::of_success(&self.provider, body), out),
            }
        }
        self.end(out);
    }

    fn end(&mut self, out: &mut Vec<StreamEvent>) {
        if self.failed {
            return;
        }
        self.close_call(out);
        self.usage.flush(&self.provider, out);
        if self.finished {
            out.push(StreamEvent::Completed);
        }
    }

    fn broken(&mut self, error: FramingError, out: &mut Vec<StreamEvent>) {
        self.fail(framing_failed(&self.provider, error), out);
    }
}
