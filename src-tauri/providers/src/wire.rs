//! What every wire protocol provides: a request to send, a decoder of what comes back, an error from a refused request.

use bytes::Bytes;
use reqwest::header::HeaderMap;
use roundtable_domain::{ChatRequest, Endpoint, Message, Part, ProviderError, StreamEvent};
use serde_json::Value;
use url::Url;

use crate::error;
pub use crate::listing::ListedModel;

/// A request in the shape of its wire, without the key: authentication is added by the client just before sending.
#[derive(Clone, Debug)]
pub struct WireRequest {
    /// Where to.
    pub url: Url,
    /// Headers the wire needs besides authentication and content type.
    pub headers: HeaderMap,
    /// The JSON body.
    pub body: Bytes,
}

/// Turns the bytes of one reply into events. Any split of the bytes gives the same events.
pub trait Decoder: Send {
    /// Takes the next bytes, appends what they mean to `out`.
    fn push(&mut self, bytes: &[u8], out: &mut Vec<StreamEvent>);

    /// The bytes are over: appends what was held back. Without a terminal signal so far, no [`StreamEvent::Completed`].
    fn finish(&mut self, out: &mut Vec<StreamEvent>);
}

/// Something of a request that will not reach the model as it stands. Told to the user before sending, never dropped in
/// silence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Omission {
    /// Reasoning another provider signed, or that this wire does not take back: left out. The normal case when a lane's
    /// model was swapped.
    Reasoning,
    /// Pictures.
    Images,
    /// Pictures named by their address: this wire takes bytes only.
    ImageUrls,
    /// Files of this media type.
    Files(String),
    /// Definitions of tools, calls or results.
    Tools,
    /// That a certain tool, or any, has to be called.
    ToolChoice,
    /// The form the answer has to take.
    ResponseFormat,
    /// A parameter, by its name in `Params`.
    Parameter(String),
    /// Instructions above the conversation, which become part of the first message.
    SystemMessage,
    /// Items only another wire knows.
    OtherItems,
}

impl Omission {
    /// What is missing when a part is left out; `None` for text, which every wire carries.
    pub(crate) fn of(part: &Part) -> Option<Self> {
        Some(match part {
            Part::Text { .. } | Part::Refusal { .. } => return None,
            Part::Image { .. } => Self::Images,
            Part::ImageUrl { .. } => Self::ImageUrls,
            Part::File { blob } => Self::Files(blob.media_type.clone()),
            Part::Reasoning { .. } => Self::Reasoning,
            Part::ToolCall { .. } | Part::ToolResult { .. } => Self::Tools,
            Part::Other { .. } => Self::OtherItems,
        })
    }
}

/// One wire protocol. Implementations hold no state; `decoder` makes the state of one reply.
pub trait Wire: Send + Sync {
    /// The request for a chat. Fails when the wire cannot carry what is asked, saying what.
    fn chat_request(&self, endpoint: &Endpoint, request: &ChatRequest) -> Result<WireRequest, ProviderError>;

    /// What of this request this endpoint will not be sent as it stands, each kind once. What it cannot do without is an
    /// error of [`Self::chat_request`] instead.
    fn omissions(&self, endpoint: &Endpoint, request: &ChatRequest) -> Vec<Omission>;

    /// The messages of a request body in this wire's form, system instructions first: the way back of
    /// [`Self::chat_request`]. The error says what is not understood.
    fn messages_from_wire(&self, provider: &str, body: &Value) -> Result<Vec<Message>, String>;

    /// A decoder for one successful (2xx) reply: a stream when `streaming`, else one whole body. A reply that turns out to
    /// be of the other kind, or an error inside a 200, is recognised by its first bytes.
    fn decoder(&self, provider: &str, streaming: bool) -> Box<dyn Decoder>;

    /// The error of a refused (non-2xx) reply. `body` may be empty, HTML, or cut short.
    fn error(&self, provider: &str, status: u16, headers: &HeaderMap, body: &[u8]) -> ProviderError {
        error::from_reply(provider, status, headers, body)
    }

    /// The free endpoint that lists models; also used to check a key.
    fn models_url(&self, endpoint: &Endpoint) -> Url;

    /// The models of that endpoint's reply; an error text when the body is something else.
    fn parse_models(&self, body: &[u8]) -> Result<Vec<ListedModel>, String>;
}
