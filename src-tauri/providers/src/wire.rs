//! What every wire protocol provides: a request to send, a decoder of what comes back, an error from a refused request.

use bytes::Bytes;
use reqwest::header::HeaderMap;
use roundtable_domain::{ChatRequest, Endpoint, ProviderError, StreamEvent};
use url::Url;

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

/// A model as a provider lists it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListedModel {
    /// The name to send.
    pub id: String,
    /// A name for people, where the provider gives one.
    pub name: Option<String>,
    /// Tokens that fit into prompt and answer together.
    pub context_window: Option<u64>,
    /// The longest answer in tokens.
    pub max_output: Option<u64>,
}

/// One wire protocol. Implementations hold no state; `decoder` makes the state of one reply.
pub trait Wire: Send + Sync {
    /// The request for a chat. Fails when the wire cannot carry what is asked, saying what.
    fn chat_request(&self, endpoint: &Endpoint, request: &ChatRequest) -> Result<WireRequest, ProviderError>;

    /// A decoder for one successful (2xx) reply: a stream when `streaming`, else one whole body. A reply that turns out to
    /// be of the other kind, or an error inside a 200, is recognised by its first bytes.
    fn decoder(&self, provider: &str, streaming: bool) -> Box<dyn Decoder>;

    /// The error of a refused (non-2xx) reply. `body` may be empty, HTML, or cut short.
    fn error(&self, provider: &str, status: u16, headers: &HeaderMap, body: &[u8]) -> ProviderError;

    /// The free endpoint that lists models; also used to check a key.
    fn models_url(&self, endpoint: &Endpoint) -> Url;

    /// The models of that endpoint's reply; an error text when the body is something else.
    fn parse_models(&self, body: &[u8]) -> Result<Vec<ListedModel>, String>;
}
