//! Failures that are a proxy's and not the server's. What the HTTP libraries say of them has types nobody can name, so their
//! texts are looked at; tests with real proxies hold them to it.

use reqwest::Error;
use url::Url;

use super::{chain, host_of, io_kind, is_unresolved, tls};
use crate::client::Route;

/// The proxy as it is called in a sentence; `None` where there is none.
pub(super) fn named(route: &Route) -> Option<String> {
    match route {
        Route::Direct => None,
        Route::System => Some("the system's proxy, if one is set,".to_owned()),
        Route::Proxy(url) => Some(format!("the proxy {}", host_of(url))),
    }
}

/// The message, if it was the proxy.
pub(super) fn explain(host: &str, url: &Url, route: &Route, error: &Error, causes: &str) -> Option<String> {
    let proxy = match route {
        Route::Direct => return None,
        Route::System => "The system's proxy".to_owned(),
        Route::Proxy(proxy) => format!("The proxy {}", host_of(proxy)),
    };
    if causes.contains("socks") {
        return Some(socks(&proxy, host, error, causes));
    }
    if causes.contains("tunnel error") {
        return Some(tunnel(&proxy, host, error, causes));
    }
    // Plain http has no tunnel: whoever was connected to was the proxy.
    let to_proxy = matches!(route, Route::Proxy(_)) && url.scheme() == "http" && error.is_connect();
    to_proxy.then(|| connection(&proxy, error, causes, false))
}

pub(super) fn wants_login(proxy: &str) -> String {
    format!(
        "{proxy} wants a user and a password (407). They are secrets, so they belong into the environment (HTTPS_PROXY), with \
         the system's proxy chosen in this provider's settings."
    )
}

/// No connection to the proxy itself.
fn connection(proxy: &str, error: &Error, causes: &str, refused: bool) -> String {
    if is_unresolved(causes) {
        return format!(
            "{proxy} has a name that does not resolve. Check its address in this provider's settings."
        );
    }
    if refused || io_kind(error) == Some(std::io::ErrorKind::ConnectionRefused) {
        return format!(
            "{proxy} refused the connection: nothing is listening there. Check its address in this provider's settings."
        );
    }
    match tls::refusal(error) {
        Some(refusal) => format!("{proxy} cannot be used. {}", tls::explain("this proxy", refusal)),
        None => format!("{proxy} cannot be reached. Check its address, and this computer's network."),
    }
}

fn tunnel(proxy: &str, host: &str, error: &Error, causes: &str) -> String {
    if causes.contains("proxy authorization required") {
        return wants_login(proxy);
    }
    if causes.contains("failed to create underlying connection") {
        return connection(proxy, error, causes, false);
    }
    if causes.contains("unsuccessful") || causes.contains("headers too long") {
        return format!(
            "{proxy} did not open a way to {host}: it forbids it, cannot reach it, or is no HTTP proxy. Check the proxy's \
             address and kind in this provider's settings."
        );
    }
    format!("{proxy} closed the connection instead of opening a way to {host}. Perhaps it is no HTTP proxy.")
}

fn socks(proxy: &str, host: &str, error: &Error, causes: &str) -> String {
    if causes.contains("error resolving for socks") {
        return format!(
            "The name {host} does not resolve on this computer. If {} knows it, write socks5h:// for socks5://.",
            proxy.replacen("The", "the", 1)
        );
    }
    if causes.contains("underlying connection") {
        // The library says why in its debug text alone.
        let debug: String = chain(error).map(|cause| format!("{cause:?}").to_lowercase()).collect();
        return connection(proxy, error, &debug, debug.contains("connectionrefused"));
    }
    if causes.contains("user/pass") || causes.contains("credentials") || causes.contains("authentication") {
        return format!(
            "{proxy} wants a user and a password. They are secrets, so they belong into the environment (ALL_PROXY), with the \
             system's proxy chosen in this provider's settings."
        );
    }
    let reasons = [
        ("connection refused", "the server refuses connections"),
        ("host unreachable", "the server cannot be reached from there"),
        ("network unreachable", "the server's network cannot be reached from there"),
        ("connection not allowed", "its rules forbid it"),
        ("general server failure", "it failed"),
        ("ttl expired", "the way is too long"),
    ];
    match reasons.iter().find(|(word, _)| causes.contains(word)) {
        Some((_, reason)) => format!("{proxy} did not open a way to {host}: {reason}."),
        None => format!(
            "{proxy} does not answer as a SOCKS proxy does. Check its address and kind in this provider's settings."
        ),
    }
}
