//! How a provider is reached over HTTP: what people behind a proxy or a company's own certificates have to say.

use serde::{Deserialize, Serialize};

/// Through what requests go. Loopback is never proxied.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Proxy {
    /// What the system and the environment say (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`).
    #[default]
    System,
    /// Straight to the server, whatever the environment says.
    Direct,
    /// This one.
    Url {
        /// `http://`, `https://`, `socks5://` or `socks5h://` (names resolved by the proxy). Without user and password: those
        /// are secrets, and belong into the environment's proxy variables.
        url: String,
    },
}

/// How long each phase of a call may take, in milliseconds; `None` leaves it to the next in line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(default)]
pub struct Timeouts {
    /// Until the connection stands.
    #[ts(optional, type = "number")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect_ms: Option<u64>,
    /// From sending to the first semantic delta of a streamed answer.
    #[ts(optional, type = "number")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_delta_ms: Option<u64>,
    /// Between semantic deltas.
    #[ts(optional, type = "number")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_ms: Option<u64>,
    /// The whole call.
    #[ts(optional, type = "number")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_ms: Option<u64>,
}

/// Everything about the way to a provider that is not its address. Holds no secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(default)]
pub struct Network {
    /// Through what requests go.
    pub proxy: Proxy,
    /// Certificates in PEM form, trusted beside the system's for this provider alone.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_authority: Option<String>,
    /// How long each phase may take.
    pub timeouts: Timeouts,
    /// Added to the query of every request (Azure's `api-version`).
    pub query: Vec<(String, String)>,
}
