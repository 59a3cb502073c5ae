//! Messages as the API takes them: contents of parts, with roles that alternate.

use std::borrow::Cow;
use std::collections::BTreeSet;

use roundtable_domain::{Blob, Message, Part, Role, WireApi};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::media;
use crate::wire::Omission;

/// Media types of pictures the API takes (<https://ai.google.dev/gemini-api/docs/image-understanding>).
const PICTURES: [&str; 5] = ["image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"];

/// What takes the place of a signature on calls nobody signed, which Gemini 3 would refuse: a history that came from
/// another model (<https://ai.google.dev/gemini-api/docs/thought-signatures>).
const NOT_SIGNED: &str = "skip_thought_signature_validator";

#[derive(Serialize)]
pub(super) struct Content<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) role: Option<&'static str>,
    pub(super) parts: Vec<WirePart<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum WirePart<'a> {
    Ours(Box<OurPart<'a>>),
    /// A part as this API sent it.
    Verbatim(&'a Value),
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OurPart<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inline_data: Option<InlineData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_data: Option<FileData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_call: Option<FunctionCall<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_response: Option<FunctionResponse<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thought_signature: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InlineData<'a> {
    mime_type: &'a str,
    data: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FileData<'a> {
    mime_type: &'static str,
    file_uri: &'a str,
}

#[derive(Serialize)]
struct FunctionCall<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    name: &'a str,
    args: Value,
}

#[derive(Serialize)]
struct FunctionResponse<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    name: &'a str,
    response: Map<String, Value>,
}

/// Where messages are written to, with what decides how.
pub(super) struct Writer<'a, 'o> {
    pub(super) provider: &'a str,
    /// Whether the model is of the third generation: calls have ids and have to be signed. Older models and hosts give no
    /// ids and match calls and responses by name and order (PROTOCOLS, section 4).
    pub(super) third: bool,
    pub(super) omissions: &'o mut BTreeSet<Omission>,
}

impl<'a> Writer<'a, '_> {
    /// System messages from anywhere in the conversation: the API has one place for them.
    pub(super) fn system_instruction(&mut self, messages: &'a [Message]) -> Option<Content<'a>> {
        let system = messages.iter().filter(|message| message.role == Role::System);
        let mut parts = Vec::new();
        for part in system.flat_map(|message| &message.parts) {
            match part {
                Part::Text { text } if text.is_empty() => {}
                Part::Text { text } => parts.push(text_part(text)),
                other => self.omissions.extend(Omission::of(other)),
            }
        }
        (!parts.is_empty()).then_some(Content { role: None, parts })
    }

    /// Neighbours of one role are merged, tool results count as the user's.
    pub(super) fn contents(&mut self, messages: &'a [Message]) -> Vec<Content<'a>> {
        let mut contents: Vec<Content<'a>> = Vec::with_capacity(messages.len());
        for message in messages {
            let role = match message.role {
                Role::System => continue,
                Role::User | Role::Tool => Some("user"),
                Role::Assistant => Some("model"),
            };
            let mut parts = self.parts(&message.parts);
            match contents.last_mut() {
                _ if parts.is_empty() => {}
                Some(last) if last.role == role => last.parts.append(&mut parts),
                _ => contents.push(Content { role, parts }),
            }
        }
        contents
    }

    fn parts(&mut self, parts: &'a [Part]) -> Vec<WirePart<'a>> {
        let mut signature: Option<&str> = None;
        let mut wire = Vec::with_capacity(parts.len());
        let mut calls = 0;
        let is_signed = self.is_signed(parts);
        for part in parts {
            let mut ours = OurPart::default();
            match part {
                Part::Text { text } | Part::Refusal { text } if text.is_empty() => continue,
                Part::Text { text } | Part::Refusal { text } => {
                    ours.text = Some(text.into());
                    ours.thought_signature = signature.take();
                }
                Part::Image { blob } | Part::File { blob } => {
                    let Some(data) = self.inline(blob) else { continue };
                    ours.inline_data = Some(data);
                }
                Part::ImageUrl { url } => {
                    let Some(data) = self.file(url) else { continue };
                    ours.file_data = Some(data);
                }
                // Thoughts themselves are never sent back, only the signatures that belong to other parts.
                Part::Reasoning { opaque, provider, .. } => {
                    let own = opaque.as_ref().filter(|_| provider == self.provider);
                    match own.map(|own| (own, own.get("thoughtSignature").and_then(Value::as_str))) {
                        Some((own, Some(_))) if own.get("text").is_some() => {
                            wire.push(WirePart::Verbatim(own));
                        }
                        // Two for one text: the last covers all of it.
                        Some((_, Some(of_text))) => signature = Some(of_text),
                        Some((_, None)) => {}
                        None if is_signed => {}
                        None => {
                            self.omissions.insert(Omission::Reasoning);
                        }
                    }
                    continue;
                }
                Part::ToolCall { id, name, arguments, signature: signed } => {
                    wire.extend(signature.take().map(signed_part));
                    let signed = signed.as_deref();
                    let stand_in = (self.third && calls == 0).then_some(NOT_SIGNED);
                    calls += 1;
                    ours.thought_signature = signed.or(stand_in);
                    ours.function_call = Some(FunctionCall { id: self.id(id), name, args: args(arguments) });
                }
                Part::ToolResult { call_id, name, content, is_error } => {
                    let response = response(content, *is_error);
                    ours.function_response = Some(FunctionResponse { id: self.id(call_id), name, response });
                }
                Part::Other { api: WireApi::Gemini, content } => {
                    wire.push(WirePart::Verbatim(content));
                    continue;
                }
                Part::Other { .. } => {
                    self.omissions.insert(Omission::OtherItems);
                    continue;
                }
            }
            wire.push(WirePart::Ours(Box::new(ours)));
        }
        wire.extend(signature.map(signed_part));
        wire
    }

    /// Whether signatures of this provider go back with a message: then its thoughts are not lost.
    fn is_signed(&self, parts: &[Part]) -> bool {
        parts.iter().any(|part| match part {
            Part::Reasoning { opaque, provider, .. } => opaque.is_some() && provider == self.provider,
            Part::ToolCall { signature, .. } => signature.is_some(),
            _ => false,
        })
    }

    fn id(&self, id: &'a str) -> Option<&'a str> {
        (self.third && !id.is_empty()).then_some(id)
    }

    /// Pictures, sounds, films, PDF, and anything textual (<https://ai.google.dev/gemini-api/docs/document-processing>).
    fn inline(&mut self, blob: &'a Blob) -> Option<InlineData<'a>> {
        let media_type = blob.media_type.as_str();
        let mime_type = match media_type {
            "image/jpg" => "image/jpeg",
            _ if PICTURES.contains(&media_type) || media_type == "application/pdf" => media_type,
            _ if ["audio/", "video/", "text/"].iter().any(|start| media_type.starts_with(start)) => {
                media_type
            }
            _ if media::is_text(media_type) => "text/plain",
            _ => {
                let is_picture = media_type.starts_with("image/");
                let files = || Omission::Files(media_type.to_owned());
                self.omissions.insert(if is_picture { Omission::Images } else { files() });
                return None;
            }
        };
        Some(InlineData { mime_type, data: &blob.base64 })
    }

    /// A picture at an address. The API wants to know its type, which only the address can tell.
    fn file(&mut self, url: &'a str) -> Option<FileData<'a>> {
        let found = media::picture_at(url).map(|mime_type| FileData { mime_type, file_uri: url });
        if found.is_none() {
            self.omissions.insert(Omission::ImageUrls);
        }
        found
    }
}

fn text_part(text: &str) -> WirePart<'_> {
    WirePart::Ours(Box::new(OurPart { text: Some(text.into()), ..OurPart::default() }))
}

/// A signature that belongs to no other part.
fn signed_part(signature: &str) -> WirePart<'_> {
    let text = Some(Cow::Borrowed(""));
    let part = OurPart { text, thought_signature: Some(signature), ..OurPart::default() };
    WirePart::Ours(Box::new(part))
}

/// The arguments as an object, as the API requires; a text that is none (cut off) is kept under a name that says so.
fn args(arguments: &str) -> Value {
    if arguments.trim().is_empty() {
        return Value::Object(Map::new());
    }
    match serde_json::from_str(arguments) {
        Ok(Value::Object(object)) => Value::Object(object),
        _ => json!({ "unreadable_arguments": arguments }),
    }
}

/// A result as the API wants it, an object: the tool's own, or its text under the name the documentation gives it.
fn response(content: &str, is_error: bool) -> Map<String, Value> {
    let reserved =
        |object: &Map<String, Value>| object.contains_key("output") || object.contains_key("error");
    match serde_json::from_str(content) {
        Ok(Value::Object(object)) if !is_error && !reserved(&object) => object,
        _ => {
            let key = if is_error { "error" } else { "output" };
            Map::from_iter([(key.to_owned(), Value::String(content.to_owned()))])
        }
    }
}
