//! Providers, keys and models as the window shows them. A key is a mask and a place, never itself.

use roundtable_domain::{KeyId, UnixMs, WireApi};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::fault::FaultView;

/// Where a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum KeyPlace {
    /// The operating system's keyring.
    Keyring,
    /// Memory of this process, gone when it ends.
    Session,
    /// An environment variable: read, never stored.
    Environment,
}

/// What the last check said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum KeyState {
    /// Not checked yet.
    Unchecked,
    /// The provider accepted it.
    Accepted,
    /// The provider refused it.
    Refused,
    /// The provider could not be asked.
    Unknown,
    /// It was stored, but is not there any more: session memory of an earlier run, or removed from the keyring.
    Missing,
}

/// A key, without the key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct KeyView {
    /// Which; `None` for one from the environment.
    pub id: Option<KeyId>,
    /// Under which money spent with it stands in the books; of one from the environment made from its variable's name.
    pub spend_id: KeyId,
    /// For instance `sk-…f3a9`.
    pub mask: String,
    /// Where it is.
    pub place: KeyPlace,
    /// The environment variable it was read from.
    pub variable: Option<String>,
    /// Scheme, host and port it may be sent to.
    pub origin: String,
    /// What the last check said.
    pub state: KeyState,
    /// The last check's message.
    pub message: Option<String>,
    /// When it was last checked.
    pub checked_at: Option<UnixMs>,
    /// What the user calls it; may be empty.
    pub label: String,
}

/// A provider as set up here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ProviderView {
    /// The slug, as in `provider/model`.
    pub id: String,
    /// For people.
    pub name: String,
    /// The wire it speaks.
    pub api: WireApi,
    /// The row of the dialect table.
    pub dialect: String,
    /// Where it is reached.
    pub base_url: String,
    /// The environment variable that address is from; absent when it is set up here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub address_from: Option<String>,
    /// The built-in emulator.
    pub simulated: bool,
    /// A server on this machine.
    pub local: bool,
    /// Whether it wants a key.
    pub needs_key: bool,
    /// The first of its keys; `None` when there is none.
    pub key: Option<KeyView>,
    /// All of its keys, in the order in which they are used.
    pub keys: Vec<KeyView>,
    /// Models known for it.
    pub models: u32,
}

/// A provider to add or change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct NewProvider {
    /// The slug; `None` makes one from the name. An existing one is changed.
    pub id: Option<String>,
    /// For people.
    pub name: String,
    /// A row of the dialect table; `custom` with `api` for any other server.
    pub dialect: String,
    /// The wire, for `custom`; else the dialect's.
    pub api: Option<WireApi>,
    /// Where; empty takes the dialect's.
    pub base_url: String,
    /// The user has confirmed plain http to a private address.
    pub plain_http_confirmed: bool,
}

/// A provider that can be added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DialectView {
    /// For instance `openrouter`.
    pub id: String,
    /// For people.
    pub name: String,
    /// The wire it speaks.
    pub api: WireApi,
    /// The usual address.
    pub base_url: String,
    /// Environment variables a key is read from.
    pub environment: Vec<String>,
    /// Whether it wants a key.
    pub needs_key: bool,
    /// A server on this machine.
    pub local: bool,
    /// Where a person gets a key.
    pub key_page: Option<String>,
}

/// What a list price is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PriceView {
    /// Dollars per million tokens, exact decimal.
    pub input: String,
    /// Dollars per million tokens, exact decimal.
    pub output: String,
    /// Prompt tokens read from a cache, as above; `None`: not priced of their own.
    pub cache_read: Option<String>,
    /// Prompt tokens written to a cache for five minutes, as above; `None`: not priced of their own.
    pub cache_write: Option<String>,
    /// `YYYY-MM-DD`.
    pub date: String,
    /// Where the price stands.
    pub origin: PriceOrigin,
    /// Prompts above certain sizes, or hours of the day, are charged otherwise.
    pub tiered: bool,
}

/// Where a price stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum PriceOrigin {
    /// The provider's own list of its models, where no price list has one.
    Listed,
    /// The list this program was built with.
    BuiltIn,
    /// The last update of the list.
    Update,
    /// The user.
    Own,
    /// Invented, for a demo model.
    Simulated,
}

/// A model that can stand in a lane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ModelView {
    /// `provider/model`.
    pub target: String,
    /// The provider's slug.
    pub provider: String,
    /// The provider's name for people.
    pub provider_name: String,
    /// The name to send.
    pub model: String,
    /// For people.
    pub name: String,
    /// One line about it, where there is one (demo models).
    pub description: Option<String>,
    /// Tokens that fit.
    #[ts(type = "number | null")]
    pub context_window: Option<u64>,
    /// The longest answer in tokens.
    #[ts(type = "number | null")]
    pub max_output: Option<u64>,
    /// `None`: unpriced.
    pub price: Option<PriceView>,
    /// A demo model.
    pub simulated: bool,
    /// Looks at images; `None`: not known.
    pub vision: Option<bool>,
    /// Calls tools; `None`: not known.
    pub tools: Option<bool>,
    /// Reasons before it answers; `None`: not known.
    pub reasoning: Option<bool>,
    /// Reads PDF files; `None`: not known.
    pub pdf: Option<bool>,
    /// Hears sound; `None`: not known.
    pub audio: Option<bool>,
    /// Keeps to a JSON schema; `None`: not known.
    pub json_schema: Option<bool>,
    /// The announced day of retirement, `YYYY-MM-DD`.
    pub retirement_date: Option<String>,
    /// Its provider is set up and has a key if it wants one.
    pub ready: bool,
    /// The provider itself listed it (else it is from the catalogue).
    pub listed: bool,
}

/// What checking a key found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct KeyCheckView {
    /// The provider afterwards.
    pub provider: ProviderView,
    /// Ready to show.
    pub message: String,
    /// What went wrong; `None` when the key works.
    pub fault: Option<FaultView>,
}

/// A model server found on this machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct LocalServer {
    /// The row of the dialect table.
    pub dialect: String,
    /// For people.
    pub name: String,
    /// Where.
    pub base_url: String,
    /// What it serves.
    pub models: Vec<String>,
    /// Already set up as a provider.
    pub added: bool,
}
