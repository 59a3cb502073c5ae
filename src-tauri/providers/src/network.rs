//! Whether the settings of the way to a provider can be used, said before they are saved.

use std::collections::HashSet;

use reqwest::header::{HeaderName, HeaderValue};
use roundtable_domain::{Network, Proxy, Timeouts};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use url::Url;

/// The longest time a phase may be given: a week. Longer ones mean "for ever", and clocks overflow.
pub(crate) const LONGEST_MS: u64 = 7 * 24 * 60 * 60 * 1000;

/// Headers that belong to the connection or are computed from the body: another value breaks the request.
const RESERVED_HEADERS: &[&str] =
    &["connection", "content-length", "expect", "host", "te", "trailer", "transfer-encoding", "upgrade"];

/// Names of query parameters that carry secrets, which would then lie in plain text in the settings.
const SECRET_NAMES: &[&str] = &["access_token", "api-key", "api_key", "apikey", "key", "token"];

/// A setting that cannot be used. The text says what to write instead, and holds nothing secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// Not a URL with a host.
    #[error(
        "The proxy is not an address. Write it like http://proxy.example:8080 or socks5h://127.0.0.1:1080."
    )]
    ProxyAddress,
    /// Another scheme than those of proxies.
    #[error("\"{0}\" is no kind of proxy known here. Use http, https, socks5 or socks5h.")]
    ProxyScheme(String),
    /// A user or password in the URL.
    #[error(
        "The proxy's address holds a user or a password, which are secrets and are not stored in settings. Put them into the \
         environment (HTTPS_PROXY) and choose the system's proxy."
    )]
    ProxyCredentials,
    /// No certificate in the text.
    #[error(
        "The certificate authority holds no certificate. Paste it in PEM form: it begins with \
         -----BEGIN CERTIFICATE-----."
    )]
    NoCertificate,
    /// A certificate that cannot be read; counted from 1.
    #[error("Certificate {0} of the certificate authority is damaged or cut off. Paste it again, whole.")]
    Certificate(usize),
    /// A private key beside the certificates.
    #[error(
        "The certificate authority holds a private key, which is a secret. Paste the certificates alone."
    )]
    PrivateKey,
    /// A header whose name or value cannot be sent.
    #[error(
        "The header \"{0}\" cannot be sent: its name or its value holds characters that are not allowed."
    )]
    Header(String),
    /// A header that is not the user's to set.
    #[error("The header \"{0}\" belongs to the connection and cannot be set.")]
    ReservedHeader(String),
    /// A query parameter without a name, twice, or with control characters.
    #[error("The query parameter \"{0}\" cannot be used: it needs a name of its own and no line breaks.")]
    Query(String),
    /// A query parameter that is a secret by its name.
    #[error(
        "The query parameter \"{0}\" is a secret by its name; it would be stored in plain text. Save it as the key."
    )]
    SecretQuery(String),
    /// A time of nothing, or of more than a week.
    #[error("The {0} timeout must be at least 1 ms and at most a week.")]
    Timeout(&'static str),
    /// A phase that may take longer than the whole.
    #[error(
        "The {0} timeout is longer than the total one, so it would never matter. Shorten it, or raise the total."
    )]
    TimeoutOrder(&'static str),
}

/// Checks what a person set. Asks nobody: a proxy that is written correctly may still not be there.
pub fn check_network(network: &Network) -> Result<(), NetworkError> {
    if let Proxy::Url { url } = &network.proxy {
        parse_proxy(url)?;
    }
    if let Some(pem) = &network.certificate_authority {
        parse_authority(pem)?;
    }
    check_query(&network.query)?;
    check_timeouts(&network.timeouts)
}

/// Checks the headers that go with every request.
pub fn check_headers(headers: &[(String, String)]) -> Result<(), NetworkError> {
    for (name, value) in headers {
        let parsed = HeaderName::from_bytes(name.trim().as_bytes());
        let parsed = parsed.map_err(|_| NetworkError::Header(name.clone()))?;
        HeaderValue::from_str(value.trim()).map_err(|_| NetworkError::Header(name.clone()))?;
        if RESERVED_HEADERS.contains(&parsed.as_str()) {
            return Err(NetworkError::ReservedHeader(name.clone()));
        }
    }
    Ok(())
}

/// The proxy of a URL. The text of the URL is in no error: it may hold a password.
pub(crate) fn parse_proxy(text: &str) -> Result<Url, NetworkError> {
    let url = Url::parse(text.trim()).map_err(|_| NetworkError::ProxyAddress)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(NetworkError::ProxyCredentials);
    }
    match url.scheme() {
        "http" | "https" | "socks5" | "socks5h" if url.host_str().is_some_and(|host| !host.is_empty()) => {
            Ok(url)
        }
        "http" | "https" | "socks5" | "socks5h" => Err(NetworkError::ProxyAddress),
        // `proxy.example:8080` reads as a scheme of that name.
        other if other.contains('.') || other == "localhost" => Err(NetworkError::ProxyAddress),
        other => Err(NetworkError::ProxyScheme(other.to_owned())),
    }
}

/// The certificates of a text in PEM form, each of them usable as an authority.
pub(crate) fn parse_authority(pem: &str) -> Result<RootCertStore, NetworkError> {
    if pem.contains("PRIVATE KEY-----") {
        return Err(NetworkError::PrivateKey);
    }
    let mut roots = RootCertStore::empty();
    for (index, certificate) in CertificateDer::pem_slice_iter(pem.as_bytes()).enumerate() {
        let damaged = NetworkError::Certificate(index + 1);
        let certificate = certificate.map_err(|_| damaged.clone())?;
        roots.add(certificate).map_err(|_| damaged)?;
    }
    if roots.is_empty() { Err(NetworkError::NoCertificate) } else { Ok(roots) }
}

fn check_query(query: &[(String, String)]) -> Result<(), NetworkError> {
    let mut names = HashSet::new();
    for (name, value) in query {
        let breaks = name.chars().chain(value.chars()).any(char::is_control);
        if name.trim().is_empty() || breaks || !names.insert(name) {
            return Err(NetworkError::Query(name.clone()));
        }
        if SECRET_NAMES.contains(&name.trim().to_ascii_lowercase().as_str()) {
            return Err(NetworkError::SecretQuery(name.clone()));
        }
    }
    Ok(())
}

fn check_timeouts(timeouts: &Timeouts) -> Result<(), NetworkError> {
    let phases = [
        ("connect", timeouts.connect_ms),
        ("first-delta", timeouts.first_delta_ms),
        ("idle", timeouts.idle_ms),
        ("total", timeouts.total_ms),
    ];
    for (name, time) in phases {
        if time.is_some_and(|ms| ms == 0 || ms > LONGEST_MS) {
            return Err(NetworkError::Timeout(name));
        }
        if time.zip(timeouts.total_ms).is_some_and(|(phase, total)| phase > total) {
            return Err(NetworkError::TimeoutOrder(name));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
