//! The HTTP client all attempts share: connections are reused, redirects are not followed, keys go in at the last moment.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect;
use roundtable_domain::{Endpoint, ErrorCategory, ProviderError, Proxy, WireApi};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::dialect::{Auth, auth_of};
use crate::network::{NetworkError, parse_proxy};
use crate::timers::Timers;
use crate::trust::{Trust, TrustError};

/// How a [`Client`] is built.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// Sent as `roundtable/VERSION`.
    pub version: String,
    /// Whether proxies of the system and the environment are used where an endpoint leaves it to them. Loopback is never
    /// proxied.
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
pub enum ClientError {
    /// A setting of the provider cannot be used.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The TLS library refuses.
    #[error("the HTTP client could not be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// The HTTP library refuses.
    #[error("the HTTP client could not be set up: {0}")]
    Http(#[from] reqwest::Error),
}

impl From<TrustError> for ClientError {
    fn from(error: TrustError) -> Self {
        match error {
            TrustError::Authority(error) => Self::Network(error),
            TrustError::Tls(error) => Self::Tls(error),
        }
    }
}

/// The most settings whose connections are kept. More than a person has; a long-running program that is given ever new ones
/// forgets the oldest.
const MAX_BUILT: usize = 32;

/// Sends requests. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Client {
    options: Arc<ClientOptions>,
    trust: Arc<Trust>,
    /// One per setting that reqwest fixes when a client is built, the last used at the end.
    built: Arc<Mutex<Vec<(Fixed, reqwest::Client)>>>,
}

/// What cannot vary between the requests of one reqwest client.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Fixed {
    connect_ms: u64,
    proxy: Proxy,
    certificate_authority: Option<String>,
}

/// What stands between us and a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// Nothing.
    Direct,
    /// What the system and the environment say: a proxy or nothing.
    System,
    /// The provider's proxy.
    Proxy(Url),
}

/// A client for requests to one server, and what failures below HTTP need to be explained.
#[derive(Debug)]
pub(crate) struct Way {
    pub http: reqwest::Client,
    pub route: Route,
    pub connect_ms: u64,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Client {
    /// A client with its first connection settings tried, so that a broken setup shows here.
    pub fn new(options: ClientOptions) -> Result<Self, ClientError> {
        let client = Self { options: Arc::new(options), trust: Arc::default(), built: Arc::default() };
        let proxy = if client.options.system_proxy { Proxy::System } else { Proxy::Direct };
        let connect_ms = Timers::default().connect_ms;
        client.get(Fixed { connect_ms, proxy, certificate_authority: None })?;
        Ok(client)
    }

    /// The way to a URL of an endpoint.
    pub(crate) fn way(&self, endpoint: &Endpoint, url: &Url, connect_ms: u64) -> Result<Way, ClientError> {
        let proxy = match &endpoint.network.proxy {
            _ if is_loopback(url) => Proxy::Direct,
            Proxy::System if !self.options.system_proxy => Proxy::Direct,
            chosen => chosen.clone(),
        };
        let route = match &proxy {
            Proxy::System => Route::System,
            Proxy::Direct => Route::Direct,
            Proxy::Url { url } => Route::Proxy(parse_proxy(url)?),
        };
        let certificate_authority = endpoint.network.certificate_authority.clone();
        let http = self.get(Fixed { connect_ms, proxy, certificate_authority })?;
        Ok(Way { http, route, connect_ms })
    }

    fn get(&self, fixed: Fixed) -> Result<reqwest::Client, ClientError> {
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = built.iter().position(|(known, _)| *known == fixed) {
            let found = built.remove(place);
            let client = found.1.clone();
            built.push(found);
            return Ok(client);
        }
        let client = self.build(&fixed)?;
        if built.len() >= MAX_BUILT {
            built.remove(0);
        }
        built.push((fixed, client.clone()));
        Ok(client)
    }

    fn build(&self, fixed: &Fixed) -> Result<reqwest::Client, ClientError> {
        let tls = self.trust.config(fixed.certificate_authority.as_deref())?;
        let builder = reqwest::Client::builder()
            .user_agent(format!("roundtable/{}", self.options.version))
            .redirect(redirect::Policy::none())
            .referer(false)
            // Retries are the router's, which knows what they cost.
            .retry(reqwest::retry::never())
            .connect_timeout(Duration::from_millis(fixed.connect_ms))
            .pool_max_idle_per_host(self.options.idle_connections)
            .pool_idle_timeout(Duration::from_secs(90))
            .tcp_nodelay(true)
            .tcp_keepalive(Duration::from_secs(30))
            .http2_adaptive_window(true)
            .tls_backend_preconfigured(tls);
        let builder = match &fixed.proxy {
            Proxy::System => builder,
            Proxy::Direct => builder.no_proxy(),
            Proxy::Url { url } => {
                let url = parse_proxy(url)?;
                builder.no_proxy().proxy(reqwest::Proxy::all(url.as_str())?)
            }
        };
        Ok(builder.build()?)
    }
}

/// The URL with the endpoint's query; parameters the wire has set itself stay as they are.
pub(crate) fn with_query(mut url: Url, endpoint: &Endpoint) -> Url {
    let set: Vec<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    for (name, value) in endpoint.network.query.iter().filter(|(name, _)| !set.contains(name)) {
        url.query_pairs_mut().append_pair(name, value);
    }
    url
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
            Auth::ApiKey => (HeaderName::from_static("api-key"), HeaderValue::from_str(key)),
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
        let message = format!("Nothing was sent: {self}");
        // Asking again would meet the same setting.
        ProviderError::local(ErrorCategory::InvalidRequest, endpoint.provider.as_str(), message)
    }
}
