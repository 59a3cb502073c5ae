//! Messages as they are stored and sent. Adapters convert them to and from each wire.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::endpoint::WireApi;

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Instructions that stand above the conversation.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
    /// The result of a tool call.
    Tool,
}

/// Bytes with a media type: an image, a PDF, a sound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blob {
    /// For instance `image/png`.
    pub media_type: String,
    /// The bytes in standard base64. Shared: the requests of all lanes hold a file once.
    pub base64: Arc<str>,
    /// The name shown to the user and, where the wire has a place for it, to the model.
    pub name: Option<String>,
}

/// One piece of a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Part {
    /// Plain text; markdown in answers.
    Text {
        /// The text.
        text: String,
    },
    /// An image to look at.
    Image {
        /// The image.
        blob: Blob,
    },
    /// An image on the web, which the provider fetches itself.
    ImageUrl {
        /// Where it is.
        url: String,
    },
    /// A document to read.
    File {
        /// The document.
        blob: Blob,
    },
    /// Reasoning the model showed, with the provider's signature where it must be replayed.
    Reasoning {
        /// The visible reasoning; empty when only a signature or encrypted content came.
        text: String,
        /// Provider-signed or encrypted content, verbatim, valid only at `provider`.
        opaque: Option<serde_json::Value>,
        /// Whose it is: dropped when another provider takes over.
        provider: String,
    },
    /// A call the model wants made.
    ToolCall {
        /// The provider's id for the call, or ours where it gives none.
        id: String,
        /// The tool's name.
        name: String,
        /// The arguments as the model wrote them: JSON unless it was cut off.
        arguments: String,
        /// A provider's signature that belongs to the call (Gemini's `thoughtSignature`).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signature: Option<String>,
    },
    /// What a tool answered.
    ToolResult {
        /// The id of the call.
        call_id: String,
        /// The tool's name (Gemini and Ollama match by it).
        name: String,
        /// The result as text.
        content: String,
        /// Whether the tool failed.
        is_error: bool,
    },
    /// The model declined, in the field its wire has for that.
    Refusal {
        /// What it said.
        text: String,
    },
    /// Something only one wire knows (a server-side tool, a compaction): kept verbatim and sent back to that wire alone.
    Other {
        /// Whose word it is.
        api: WireApi,
        /// The item or block, verbatim.
        content: serde_json::Value,
    },
}

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said, in order.
    pub parts: Vec<Part>,
}

impl Message {
    /// A message of one text.
    pub fn text(role: Role, text: impl Into<String>) -> Self {
        Self { role, parts: vec![Part::Text { text: text.into() }] }
    }

    /// All text parts, joined by blank lines.
    pub fn plain_text(&self) -> String {
        let texts: Vec<&str> = self
            .parts
            .iter()
            .filter_map(|part| if let Part::Text { text } = part { Some(text.as_str()) } else { None })
            .collect();
        texts.join("\n\n")
    }
}
