//! Replies (PROTOCOLS, section 5): lines of a stream, or one object, which is a single last line.

use roundtable_domain::{ProviderError, StreamEvent, WireApi, usage};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use crate::error::{broken_frame, framing_failed, not_this_api, read};
use crate::framing::{FramingError, ReplyHandler};

/// One line. The counts come on the last one.
#[derive(Deserialize)]
struct Line<'a> {
    model: Option<String>,
    #[serde(borrow)]
    message: Option<Message<'a>>,
    #[serde(default)]
    done: bool,
    done_reason: Option<String>,
    error: Option<IgnoredAny>,
    prompt_eval_count: Option<Number>,
    eval_count: Option<Number>,
    total_duration: Option<Number>,
    load_duration: Option<Number>,
    prompt_eval_duration: Option<Number>,
    eval_duration: Option<Number>,
}

#[derive(Deserialize)]
struct Message<'a> {
    content: Option<String>,
    thinking: Option<String>,
    #[serde(borrow)]
    tool_calls: Option<Vec<ToolCall<'a>>>,
}

#[derive(Deserialize)]
struct ToolCall<'a> {
    id: Option<String>,
    #[serde(borrow)]
    function: Function<'a>,
}

#[derive(Deserialize)]
struct Function<'a> {
    name: String,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
}

/// The state of one reply.
#[derive(Debug)]
pub(super) struct Reply {
    provider: String,
    /// Every line repeats it; only a change is given out.
    model: Option<String>,
    calls: usize,
    /// An error was given out; nothing counts any more.
    failed: bool,
}

impl Reply {
    pub(super) fn new(provider: &str) -> Self {
        Self { provider: provider.to_owned(), model: None, calls: 0, failed: false }
    }

    fn line(&mut self, data: &[u8], out: &mut Vec<StreamEvent>) {
        if self.failed {
            return;
        }
        let before = out.len();
        match serde_json::from_slice::<Line<'_>>(data) {
            Ok(line) if line.error.is_some() => self.fail(self.error_in(data), out),
            Ok(line) => self.take(line, out),
            Err(_) => self.fail(broken_frame(&self.provider, data), out),
        }
        if out.len() == before {
            out.push(StreamEvent::KeepAlive);
        }
    }

    fn take(&mut self, mut line: Line<'_>, out: &mut Vec<StreamEvent>) {
        if line.model.is_some() && line.model != self.model {
            self.model.clone_from(&line.model);
            out.push(StreamEvent::Started { response_id: None, model: line.model.take() });
        }
        if let Some(message) = line.message.take() {
            self.message(message, out);
        }
        if line.done {
            self.finish_line(line, out);
        }
    }

    fn message(&mut self, message: Message<'_>, out: &mut Vec<StreamEvent>) {
        if let Some(thinking) = message.thinking.filter(|text| !text.is_empty()) {
            out.push(StreamEvent::Reasoning(thinking));
        }
        if let Some(content) = message.content.filter(|text| !text.is_empty()) {
            out.push(StreamEvent::Text(content));
        }
        // Calls come whole.
        for ToolCall { id, function } in message.tool_calls.unwrap_or_default() {
            let index = self.calls;
            self.calls += 1;
            out.push(StreamEvent::ToolCallStarted { index, id, name: function.name });
            let delta = function.arguments.map(arguments_text).unwrap_or_default();
            out.push(StreamEvent::ToolCallArguments { index, delta });
        }
    }

    fn finish_line(&self, line: Line<'_>, out: &mut Vec<StreamEvent>) {
        let counts = [
            ("prompt_eval_count", line.prompt_eval_count),
            ("eval_count", line.eval_count),
            ("total_duration", line.total_duration),
            ("load_duration", line.load_duration),
            ("prompt_eval_duration", line.prompt_eval_duration),
            ("eval_duration", line.eval_duration),
        ];
        let counts = counts.into_iter().filter_map(|(name, count)| Some((name.to_owned(), count?.into())));
        let raw: Map<String, Value> = counts.collect();
        if !raw.is_empty() {
            let raw = Value::Object(raw);
            let tokens = usage::read(WireApi::Ollama, &self.provider, &raw).tokens;
            out.push(StreamEvent::Usage { tokens, raw });
        }
        if let Some(reason) = line.done_reason {
            out.push(StreamEvent::Finish { reason, stop_sequence: None });
        }
        out.push(StreamEvent::Completed);
    }

    /// The error a line reports: nearly always a bare text.
    fn error_in(&self, data: &[u8]) -> ProviderError {
        let reported = serde_json::from_slice(data).ok().as_ref().and_then(read);
        reported.map_or_else(
            || not_this_api(&self.provider, data),
            |reported| reported.into_error(&self.provider, 200),
        )
    }

    fn fail(&mut self, error: ProviderError, out: &mut Vec<StreamEvent>) {
        self.failed = true;
        out.push(StreamEvent::Failed(error));
    }
}

/// Arguments are an object; servers that imitate the API may send text, as other APIs do.
fn arguments_text(arguments: &RawValue) -> String {
    serde_json::from_str::<String>(arguments.get()).unwrap_or_else(|_| arguments.get().to_owned())
}

impl ReplyHandler for Reply {
    fn frame(&mut self, _event: &str, data: &[u8], out: &mut Vec<StreamEvent>) {
        self.line(data, out);
    }

    /// One object, or the lines of a server that streams without being asked to.
    fn whole(&mut self, body: &[u8], out: &mut Vec<StreamEvent>) {
        if body.is_empty() {
            return self.fail(not_this_api(&self.provider, body), out);
        }
        for object in serde_json::Deserializer::from_slice(body).into_iter::<&RawValue>() {
            match object {
                Ok(object) if object.get().starts_with('{') => self.line(object.get().as_bytes(), out),
                // Cut off: the reply is simply over, without its end.
                Err(cut) if cut.is_eof() => {}
                _ => return self.fail(not_this_api(&self.provider, body), out),
            }
        }
    }

    fn end(&mut self, _out: &mut Vec<StreamEvent>) {}

    fn broken(&mut self, error: FramingError, out: &mut Vec<StreamEvent>) {
        self.fail(framing_failed(&self.provider, error), out);
    }
}
