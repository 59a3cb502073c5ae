//! The recorded exchanges: one request's reply, and what a reader of it should have understood.

use std::fs;
use std::path::{Path, PathBuf};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use roundtable_domain::WireApi;
use serde::Deserialize;
use serde_json::{Map, Value};

/// A recorded reply.
#[derive(Deserialize)]
pub struct Exchange {
    /// For instance `anthropic.messages.tool-stream.01`.
    pub id: String,
    /// Whose reply it is.
    pub provider: String,
    /// The word of its wire.
    api: String,
    /// The HTTP status.
    pub status: u16,
    response_headers: Map<String, Value>,
    /// The request's body; null where it was not recorded.
    pub request: Value,
    /// The body as text.
    pub body: String,
    /// Read from the file of the same name.
    #[serde(skip)]
    pub expected: Expected,
}

/// What the reply means (`field_notes` of the manifest). Usage is in the inclusive convention.
#[derive(Default, Deserialize)]
pub struct Expected {
    /// `true`, `false`, or the word for another form of stream.
    pub stream: Value,
    pub text: String,
    pub reasoning_text: String,
    pub refusal_text: String,
    pub tool_calls: Vec<ExpectedCall>,
    pub finish_reason: Option<String>,
    pub stop_sequence: Option<String>,
    pub usage: Option<Map<String, Value>>,
    pub usage_raw: Option<Value>,
    pub error: Option<Map<String, Value>>,
    pub mid_stream_error: bool,
    pub stream_complete: Option<bool>,
    pub model: Option<String>,
    pub response_id: Option<String>,
    pub choices_count: Option<usize>,
    pub other_parts: Vec<String>,
}

/// A tool call.
#[derive(Deserialize)]
pub struct ExpectedCall {
    pub name: String,
    pub arguments_json: String,
    pub arguments_valid: bool,
    pub arguments_empty: bool,
    pub id: Option<String>,
}

impl Exchange {
    /// The wire it is in.
    pub fn wire_api(&self) -> WireApi {
        WireApi::parse(&self.api).unwrap_or_else(|| panic!("{}: unknown api {}", self.id, self.api))
    }

    /// Whether a stream had been asked for.
    pub fn is_streamed(&self) -> bool {
        self.expected.stream == Value::Bool(true)
    }

    /// The reply's headers.
    pub fn headers(&self) -> HeaderMap {
        let pair = |(name, value): (&String, &Value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
        };
        self.response_headers.iter().filter_map(pair).collect()
    }
}

/// The folder of the corpus: `ROUNDTABLE_CORPUS`, else beside the checkout. `None` when it is not there.
pub fn folder() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let folder = std::env::var_os("ROUNDTABLE_CORPUS").map_or(beside, PathBuf::from);
    folder.join("exchanges").is_dir().then_some(folder)
}

/// All exchanges of a wire, in the order of their ids.
pub fn load(folder: &Path, api: WireApi) -> Vec<Exchange> {
    let mut names: Vec<_> =
        fs::read_dir(folder.join("exchanges")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    let mut exchanges = Vec::new();
    for name in names {
        let mut exchange: Exchange = read(&folder.join("exchanges").join(&name));
        if exchange.wire_api() == api {
            exchange.expected = read(&folder.join("expected").join(&name));
            exchanges.push(exchange);
        }
    }
    exchanges
}

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> T {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
