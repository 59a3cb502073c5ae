//! Accumulating chunks (PROTOCOLS, section 6: the rules that satisfied all recordings).

use roundtable_domain::{ErrorCategory, ProviderError, StreamEvent, WireApi, usage};
use serde_json::Value;
use serde_json::value::RawValue;

use super::chunk::{Choice, Chunk, Content, ContentPart, Delta};
use super::tools::ToolCalls;
use crate::error;
use crate::framing::{FramingError, ReplyHandler};
use crate::lenient;
use crate::reasoning_details::ReasoningDetails;

/// What a chunk is a chunk of. Perplexity sends both a message and a delta in either form; only one of them counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Stream,
    Whole,
}

/// Whether a returned `service_tier` has prices of its own. `auto` is a wish, and the others are the providers' words for the
/// usual tier (`on_demand` is Groq's).
pub(crate) fn is_special_tier(tier: &str) -> bool {
    !matches!(tier, "" | "auto" | "default" | "standard" | "on_demand")
}

/// What is replied to. Choices of a text completion hold a `text` instead of a message, and differ in nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Chat,
    Completion,
}

/// The state of one reply.
#[derive(Debug)]
pub(crate) struct ChatHandler {
    provider: String,
    kind: Kind,
    started: Option<(Option<String>, Option<String>)>,
    service_tier: Option<String>,
    finish_reason: Option<String>,
    tools: ToolCalls,
    details: ReasoningDetails,
    choices: u32,
    /// Visible text or reasoning came: without a finish reason it still makes a `[DONE]` believable.
    has_text: bool,
    has_audio: bool,
    /// Completed or failed: nothing of use follows.
    over: bool,
}

impl ChatHandler {
    pub fn new(provider: &str) -> Self {
        Self {
            provider: provider.to_owned(),
            kind: Kind::Chat,
            started: None,
            service_tier: None,
            finish_reason: None,
            tools: ToolCalls::default(),
            details: ReasoningDetails::default(),
            choices: 0,
            has_text: false,
            has_audio: false,
            over: false,
        }
    }

    /// For replies of `POST /completions`.
    pub fn of_completion(provider: &str) -> Self {
        Self { kind: Kind::Completion, ..Self::new(provider) }
    }

    fn take_chunk(&mut self, form: Form, chunk: &Chunk<'_>, out: &mut Vec<StreamEvent>) {
        let before = out.len();
        self.take_names(chunk, out);
        self.take_tier(chunk, out);
        let choices = chunk.choices.as_ref().map_or(&[][..], |list| &list.0);
        for (position, choice) in choices.iter().enumerate() {
            let index = choice.index.0.unwrap_or_else(|| u32::try_from(position).unwrap_or(u32::MAX));
            self.count_choice(index, out);
            if index == 0 {
                self.take_choice(form, choice, out);
            }
        }
        self.take_usage(chunk, out);
        if out.len() == before {
            out.push(StreamEvent::KeepAlive);
        }
        let error = chunk
            .error
            .into_iter()
            .chain(choices.iter().filter_map(|choice| choice.error))
            .find(|raw| is_filled(raw));
        if let Some(raw) = error {
            self.fail(inner_error(&self.provider, raw), out);
        }
    }

    fn take_names(&mut self, chunk: &Chunk<'_>, out: &mut Vec<StreamEvent>) {
        let (id, model) = (chunk.id.0.as_deref(), chunk.model.0.as_deref());
        let known = self.started.as_ref().map(|(id, model)| (id.as_deref(), model.as_deref()));
        let is_new = |new: Option<&str>, old: Option<&str>| new.is_some() && new != old;
        let (known_id, known_model) = known.unwrap_or_default();
        if is_new(id, known_id) || is_new(model, known_model) {
            let names = (id.or(known_id).map(str::to_owned), model.or(known_model).map(str::to_owned));
            self.started = Some(names.clone());
            out.push(StreamEvent::Started { response_id: names.0, model: names.1 });
        }
    }

    fn take_tier(&mut self, chunk: &Chunk<'_>, out: &mut Vec<StreamEvent>) {
        let tier = chunk.service_tier.filled().filter(|tier| is_special_tier(tier));
        if let Some(tier) = tier.filter(|tier| self.service_tier.as_deref() != Some(*tier)) {
            self.service_tier = Some(tier.to_owned());
            out.push(StreamEvent::ServiceTier(tier.to_owned()));
        }
    }

    fn count_choice(&mut self, index: u32, out: &mut Vec<StreamEvent>) {
        if index >= self.choices {
            self.choices = index.saturating_add(1);
            out.push(StreamEvent::Choices(self.choices as usize));
        }
    }

    fn take_choice(&mut self, form: Form, choice: &Choice<'_>, out: &mut Vec<StreamEvent>) {
        let (delta, message) = (choice.delta.as_ref(), choice.message.as_ref());
        if let Some(delta) = if form == Form::Whole { message.or(delta) } else { delta.or(message) } {
            self.take_delta(delta, out);
        }
        if self.kind == Kind::Completion {
            self.text(choice.text.filled().unwrap_or_default(), out);
        }
        if let Some(reason) = choice.finish_reason.filled()
            && self.finish_reason.as_deref() != Some(reason)
        {
            self.finish_reason = Some(reason.to_owned());
            out.push(StreamEvent::Finish { reason: reason.to_owned(), stop_sequence: None });
        }
    }

    fn take_delta(&mut self, delta: &Delta<'_>, out: &mut Vec<StreamEvent>) {
        self.take_reasoning(delta, out);
        match &delta.content {
            Content::None => {}
            Content::Text(text) => self.text(text, out),
            Content::Parts(parts) => parts.iter().for_each(|part| self.take_part(part, out)),
        }
        if let Some(refusal) = delta.refusal.filled() {
            out.push(StreamEvent::Refusal(refusal.to_owned()));
        }
        if delta.audio.is_some() && !std::mem::replace(&mut self.has_audio, true) {
            out.push(StreamEvent::OtherPart { kind: "audio".to_owned() });
        }
        for piece in delta.tool_calls.iter().flat_map(|list| &list.0) {
            self.tools.push(piece, out);
        }
        if let Some(piece) = &delta.function_call {
            self.tools.push_legacy(piece, out);
        }
    }

    /// The same reasoning comes under up to three names: the first that holds any is taken (rule 1).
    fn take_reasoning(&mut self, delta: &Delta<'_>, out: &mut Vec<StreamEvent>) {
        let from_details = delta.reasoning_details.as_ref().and_then(|list| self.details.take(&list.0));
        let plain = delta.reasoning_content.filled().or_else(|| delta.reasoning.filled());
        if let Some(text) = plain.map(str::to_owned).or(from_details) {
            self.reasoning(text, out);
        }
    }

    fn take_part(&mut self, part: &ContentPart<'_>, out: &mut Vec<StreamEvent>) {
        match (part.thinking.as_deref(), part.kind.filled()) {
            (Some(Content::Text(text)), _) => self.reasoning(text.clone().into_owned(), out),
            (Some(Content::Parts(parts)), _) => {
                for text in parts.iter().filter_map(|part| part.text.filled()) {
                    self.reasoning(text.to_owned(), out);
                }
            }
            (_, Some("text") | None) => self.text(part.text.filled().unwrap_or_default(), out),
            (_, Some("thinking")) => {}
            (_, Some(kind)) => out.push(StreamEvent::OtherPart { kind: kind.to_owned() }),
        }
    }

    fn text(&mut self, text: &str, out: &mut Vec<StreamEvent>) {
        if !text.is_empty() {
            self.has_text = true;
            out.push(StreamEvent::Text(text.to_owned()));
        }
    }

    fn reasoning(&mut self, text: String, out: &mut Vec<StreamEvent>) {
        if !text.is_empty() {
            self.has_text = true;
            out.push(StreamEvent::Reasoning(text));
        }
    }

    /// Usage sits in one of three places; groups of numbers are never added up (rule 4).
    fn take_usage(&self, chunk: &Chunk<'_>, out: &mut Vec<StreamEvent>) {
        let of_choices = chunk.choices.iter().flat_map(|list| &list.0).rev().find_map(|choice| choice.usage);
        let raw = [chunk.usage, of_choices].into_iter().flatten().find_map(object).or_else(|| {
            let groq = object(chunk.x_groq?)?;
            groq.get("usage").filter(|usage| usage.is_object()).cloned()
        });
        if let Some(raw) = raw {
            let tokens = usage::read(WireApi::OpenaiChat, &self.provider, &raw).tokens;
            out.push(StreamEvent::Usage { tokens, raw });
        }
    }

    fn fail(&mut self, error: ProviderError, out: &mut Vec<StreamEvent>) {
        self.over = true;
        out.push(StreamEvent::Failed(error));
    }

    /// The terminal signal came: completes, unless the reason says that the provider gave up.
    fn complete(&mut self, out: &mut Vec<StreamEvent>) {
        self.details.finish(out);
        if let Some(reason @ ("error" | "network_error")) = self.finish_reason.as_deref() {
            let message =
                format!("The provider stopped in the middle and gave only \"{reason}\" as the reason.");
            let error = ProviderError {
                status: Some(200),
                ..ProviderError::local(ErrorCategory::Unavailable, self.provider.as_str(), message)
            };
            return self.fail(error, out);
        }
        self.over = true;
        out.push(StreamEvent::Completed);
    }
}

impl ReplyHandler for ChatHandler {
    fn frame(&mut self, event: &str, data: &[u8], out: &mut Vec<StreamEvent>) {
        if self.over {
            return;
        }
        let data = data.trim_ascii();
        if data == b"[DONE]" {
            // Snowflake never sets a finish reason; a bare [DONE] after nothing is no answer (rule 3).
            if self.finish_reason.is_some() || self.has_text {
                self.complete(out);
            }
            return;
        }
        if data.is_empty() {
            return out.push(StreamEvent::KeepAlive);
        }
        let mut lossy = String::new();
        match lenient::parse::<Chunk<'_>>(data, &mut lossy) {
            Ok(chunk) => {
                let is_chat = chunk.choices.is_some() || chunk.usage.is_some();
                if event != "error" && (is_chat || chunk.error.is_some()) {
                    return self.take_chunk(Form::Stream, &chunk, out);
                }
                // Neither an answer nor nested error: an error event, or an error that lies flat.
                match serde_json::from_slice(data).ok().as_ref().and_then(error::read) {
                    Some(reported) => self.fail(reported.into_error(&self.provider, 200), out),
                    None if event == "error" => self.fail(error::broken_frame(&self.provider, data), out),
                    None => self.take_chunk(Form::Stream, &chunk, out),
                }
            }
            // A bare value is somebody's idea of a ping; anything else that cannot be read may hold part of the answer.
            Err(_) if is_bare_value(data) => out.push(StreamEvent::KeepAlive),
            Err(_) => self.fail(error::broken_frame(&self.provider, data), out),
        }
    }

    fn whole(&mut self, body: &[u8], out: &mut Vec<StreamEvent>) {
        let mut lossy = String::new();
        let value = serde_json::from_slice::<Value>(body).ok();
        let chunk = lenient::parse::<Chunk<'_>>(body, &mut lossy)
            .ok()
            .filter(|_| value.as_ref().is_some_and(Value::is_object));
        match chunk {
            Some(chunk) if chunk.choices.is_some() => {
                self.take_chunk(Form::Whole, &chunk, out);
                if !self.over {
                    self.complete(out);
                }
            }
            _ => match value.as_ref().and_then(error::read) {
                Some(reported) => self.fail(reported.into_error(&self.provider, 200), out),
                None => self.fail(error::not_this_api(&self.provider, body), out),
            },
        }
    }

    fn end(&mut self, out: &mut Vec<StreamEvent>) {
        if self.over {
            return;
        }
        // Cerebras and Perplexity end without [DONE]; what counts is that the model said why it stopped.
        if self.finish_reason.is_some() {
            self.complete(out);
        } else {
            self.details.finish(out);
        }
    }

    fn broken(&mut self, error: FramingError, out: &mut Vec<StreamEvent>) {
        if !self.over {
            self.fail(error::framing_failed(&self.provider, error), out);
        }
    }
}

fn object(raw: &RawValue) -> Option<Value> {
    serde_json::from_str::<Value>(raw.get()).ok().filter(Value::is_object)
}

fn is_bare_value(data: &[u8]) -> bool {
    serde_json::from_slice::<Value>(data).is_ok_and(|value| !value.is_object() && !value.is_array())
}

/// Whether an `error` field says anything: some servers send `"error": null` or an empty one with every chunk.
fn is_filled(raw: &RawValue) -> bool {
    !matches!(raw.get(), "null" | "\"\"" | "{}" | "false")
}

/// The error inside a chunk or a choice.
fn inner_error(provider: &str, raw: &RawValue) -> ProviderError {
    let wrapped = format!("{{\"error\":{}}}", raw.get());
    let reported = serde_json::from_str::<Value>(&wrapped).ok().as_ref().and_then(error::read);
    reported.unwrap_or_default().into_error(provider, 200)
}
