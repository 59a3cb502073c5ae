//! The HTTP client all attempts share: connections are reused, redirects are not followed, keys go in at the last moment.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect;
use roundtable_domain::{Endpoint, ErrorCategory, ProviderError, WireApi};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::dialect::{Auth, auth_of};
use crate::timers::Timers;

/// How a [`Client`] is built.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// Sent as `roundtable/VERSION`.
    pub version: String,
    /// Whether proxies of the system and the environment are used. Loopback is never proxied.
    pub system_proxy: bool,
    /// Connections kept open per host while idle.
    pub idle_connections: usize,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self { version: env!("CARGO_PKG_VERSION").to_owned(), system_proxy: true, idle_connections: 16 }
    }
}

/// The HTTP client could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client could not be set up: {0}")]
pub struct ClientError(#[from] reqwest::Error);

/// Sends requests. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Client {
    options: Arc<ClientOptions>,
    /// One per setting that reqwest fixes when a client is built. In practice two.
    built: Arc<Mutex<Vec<(Fixed, reqwest::Client)>>>,
}

/// What cannot vary between the requests of one reqwest client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fixed {
    connect_ms: u64,
    /// Straight to the server: loopback is never proxied, whatever the environment says.
    direct: bool,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Client {
    /// A client with its first connection settings tried, so that a broken TLS setup shows here.
    pub fn new(options: ClientOptions) -> Result<Self, ClientError> {
        let client = Self { options: Arc::new(options), built: Arc::default() };
        let direct = !client.options.system_proxy;
        client.get(Fixed { connect_ms: Timers::default().connect_ms, direct })?;
        Ok(client)
    }

    /// The reqwest client for requests to a URL.
    pub(crate) fn for_url(&self, url: &Url, connect_ms: u64) -> Result<reqwest::Client, ClientError> {
        let direct = !self.options.system_proxy || is_loopback(url);
        self.get(Fixed { connect_ms, direct })
    }

    fn get(&self, fixed: Fixed) -> Result<reqwest::Client, ClientError> {
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, client)) = built.iter().find(|(known, _)| *known == fixed) {
            return Ok(client.clone());
        }
        let client = build(&self.options, fixed)?;
        built.push((fixed, client.clone()));
        Ok(client)
    }
}

fn build(options: &ClientOptions, fixed: Fixed) -> Result<reqwest::Client, reqwest::Error> {
    let builder = || {
        let builder = reqwest::Client::builder()
            .user_agent(format!("roundtable/{}", options.version))
            .redirect(redirect::Policy::none())
            .referer(false)
            // Retries are the router's, which knows what they cost.
            .retry(reqwest::retry::never())
            .connect_timeout(Duration::from_millis(fixed.connect_ms))
            .pool_max_idle_per_host(options.idle_connections)
            .pool_idle_timeout(Duration::from_secs(90))
            .tcp_nodelay(true)
            .tcp_keepalive(Duration::from_secs(30))
            .http2_adaptive_window(true);
        if fixed.direct { builder.no_proxy() } else { builder }
    };
    // A machine without any certificates can still talk to its own servers; https then fails with a certificate error.
    builder().build().or_else(|_| builder().tls_certs_only([]).build())
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// The headers of a request, the key among them: marked sensitive, so that neither Debug nor HTTP/2 tables show them.
pub(crate) fn headers(
    endpoint: &Endpoint,
    key: Option<&SecretString>,
    wire: HeaderMap,
    accept: &'static str,
) -> Result<HeaderMap, ProviderError> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static(accept));
    if endpoint.api == WireApi::AnthropicMessages {
        headers.insert("anthropic-version", HeaderValue::from_static("2023-06-01"));
    }
    headers.extend(wire);
    if let Some(key) = key.map(|key| key.expose_secret().trim()).filter(|key| !key.is_empty()) {
        let (name, value) = match auth_of(endpoint) {
            Auth::Bearer | Auth::None => (AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {key}"))),
            Auth::XApiKey => (HeaderName::from_static("x-api-key"), HeaderValue::from_str(key)),
            Auth::XGoogApiKey => (HeaderName::from_static("x-goog-api-key"), HeaderValue::from_str(key)),
        };
        headers.insert(name, sensitive(value).ok_or_else(|| unusable_key(endpoint))?);
    }
    for (name, value) in &endpoint.extra_headers {
        let pair = HeaderName::from_bytes(name.trim().as_bytes())
            .ok()
            .zip(sensitive(HeaderValue::from_str(value.trim())));
        let (name, value) = pair.ok_or_else(|| unusable_header(endpoint, name))?;
        headers.insert(name, value);
    }
    Ok(headers)
}

fn sensitive<E>(value: Result<HeaderValue, E>) -> Option<HeaderValue> {
    let mut value = value.ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn unusable_key(endpoint: &Endpoint) -> ProviderError {
    ProviderError::local(
        ErrorCategory::Authentication,
        endpoint.provider.as_str(),
        "The key holds characters no key has, perhaps a line break from copying; nothing was sent. Paste it again.",
    )
}

fn unusable_header(endpoint: &Endpoint, name: &str) -> ProviderError {
    let message = format!(
        "The extra header \"{name}\" cannot be sent: its name or value is not valid. Nothing was sent."
    );
    ProviderError::local(ErrorCategory::InvalidRequest, endpoint.provider.as_str(), message)
}

impl ClientError {
    /// The same for an attempt that needed other connection settings.
    pub(crate) fn into_provider_error(self, endpoint: &Endpoint) -> ProviderError {
        ProviderError::local(
            ErrorCategory::Network,
            endpoint.provider.as_str(),
            format!("Nothing was sent: {self}."),
        )
    }
}
