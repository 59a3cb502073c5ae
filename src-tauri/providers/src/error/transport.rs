//! Failures below HTTP: what reqwest could not do, said so that somebody can act on it. Each says who it was: the name, the
//! server, its certificate, the proxy, or a timer of ours.

mod proxy;
mod tls;

use std::error::Error;
use std::io;

use roundtable_domain::{ErrorCategory, ProviderError};
use url::Url;

use crate::client::Way;
use crate::timers::time;

/// The request could not be sent, or no head of a reply came.
pub(crate) fn send_failed(provider: &str, url: &Url, way: &Way, error: &reqwest::Error) -> ProviderError {
    let host = host_of(url);
    let causes = causes(error);
    let network = |message: String| ProviderError::local(ErrorCategory::Network, provider, message);
    let broken = || format!("The connection to {host} broke before an answer came. Trying again may help.");
    if error.is_connect() && error.is_timeout() {
        let through = proxy::named(&way.route).map(|proxy| format!(" through {proxy}")).unwrap_or_default();
        let message = format!(
            "No connection to {host}{through} within {} (connect timer). Is the address right, and does it need a proxy or \
             VPN?",
            time(way.connect_ms)
        );
        return ProviderError::local(ErrorCategory::Timeout, provider, message);
    }
    if error.is_timeout() {
        let message = format!("{host} did not answer in time.");
        return ProviderError::local(ErrorCategory::Timeout, provider, message);
    }
    if let Some(message) = proxy::explain(&host, url, &way.route, error, &causes) {
        return network(message);
    }
    if is_unresolved(&causes) {
        return network(format!(
            "The name {host} does not resolve. Check the base URL for a typo, and whether this computer is online."
        ));
    }
    if let Some(refusal) = tls::refusal(error) {
        return network(tls::explain(&host, refusal));
    }
    if let Some(kind) = io_kind(error) {
        return network(match kind {
            io::ErrorKind::ConnectionRefused => format!(
                "{host} refused the connection: no server is listening there. Start it, or check the port in the base URL."
            ),
            io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable => {
                format!("{host} cannot be reached from this network. Check that this computer is online.")
            }
            io::ErrorKind::UnexpectedEof if causes.contains("handshake") => tls::no_tls(&host),
            _ => broken(),
        });
    }
    if causes.contains("connection closed") {
        return network(broken());
    }
    network(format!("The request to {host} failed: {}.", innermost(error)))
}

/// The connection failed while the body was read. `None` when it merely ended early: that is an end of file without a
/// terminal signal, and the decoder knows whether anything is missing.
pub(crate) fn body_failed(provider: &str, error: &reqwest::Error) -> Option<ProviderError> {
    let causes = causes(error);
    let ended = io_kind(error) == Some(io::ErrorKind::UnexpectedEof)
        || causes.contains("connection closed before message completed")
        || causes.contains("unexpected eof");
    if ended {
        return None;
    }
    let message =
        "The connection broke while the answer was coming; what came so far is kept. Trying again may help.";
    Some(ProviderError::local(ErrorCategory::Network, provider, message))
}

/// The proxy itself answered in the server's place that it wants to know who asks.
pub(crate) fn proxy_wants_login(provider: &str) -> ProviderError {
    ProviderError {
        status: Some(407),
        ..ProviderError::local(ErrorCategory::Network, provider, proxy::wants_login("The proxy"))
    }
}

fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or("the server");
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn chain<'a>(error: &'a reqwest::Error) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let mut next: Option<&'a (dyn Error + 'static)> = Some(error);
    std::iter::from_fn(move || {
        let current = next?;
        next = current.source();
        Some(current)
    })
}

/// The texts of the whole chain in lower case, except reqwest's own, which repeats the URL.
fn causes(error: &reqwest::Error) -> String {
    chain(error).skip(1).map(|cause| cause.to_string().to_lowercase()).collect::<Vec<_>>().join(": ")
}

fn innermost(error: &reqwest::Error) -> String {
    chain(error).skip(1).last().map_or_else(|| "no reason given".to_owned(), ToString::to_string)
}

fn io_kind(error: &reqwest::Error) -> Option<io::ErrorKind> {
    chain(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).last().map(io::Error::kind)
}

fn is_unresolved(causes: &str) -> bool {
    causes.contains("dns error") || causes.contains("failed to lookup address")
}
