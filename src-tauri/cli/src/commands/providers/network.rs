//! The way to a provider: what the command line changes of it, and how it reads for people.

use std::path::Path;

use roundtable_domain::Proxy;
use roundtable_engine::view::ProviderSettings;

use crate::arguments::{NetworkArguments, ProxyChoice};
use crate::failure::Failure;
use crate::prompt;

/// The settings with what the command line names; the rest as it was.
pub(super) fn changed(
    mut settings: ProviderSettings,
    arguments: &NetworkArguments,
) -> Result<ProviderSettings, Failure> {
    let network = &mut settings.network;
    match &arguments.proxy {
        Some(ProxyChoice::System) => network.proxy = Proxy::System,
        Some(ProxyChoice::Direct) => network.proxy = Proxy::Direct,
        Some(ProxyChoice::Url(url)) => network.proxy = Proxy::Url { url: url.clone() },
        None => {}
    }
    match arguments.certificate_authority.as_deref() {
        Some(path) if path == Path::new("none") => network.certificate_authority = None,
        Some(path) => network.certificate_authority = Some(prompt::text_file(path)?),
        None => {}
    }
    for (seconds, place) in [
        (arguments.connect_timeout, &mut network.timeouts.connect_ms),
        (arguments.first_timeout, &mut network.timeouts.first_delta_ms),
        (arguments.idle_timeout, &mut network.timeouts.idle_ms),
        (arguments.total_timeout, &mut network.timeouts.total_ms),
    ] {
        if let Some(seconds) = seconds {
            *place = Some(seconds.saturating_mul(1_000));
        }
    }
    if let Some(calls) = arguments.at_once {
        settings.calls_at_once = (calls > 0).then_some(calls);
    }
    for pair in &arguments.query {
        put(&mut network.query, pair, '=', "--query NAME=VALUE", |known, name| known == name)?;
    }
    for pair in &arguments.headers {
        put(&mut settings.extra_headers, pair, ':', "--header NAME:VALUE", |known, name| {
            known.eq_ignore_ascii_case(name)
        })?;
    }
    Ok(settings)
}

/// Puts a pair in the place of the one with the same name; one without a value removes it.
fn put(
    pairs: &mut Vec<(String, String)>,
    text: &str,
    separator: char,
    form: &str,
    same: fn(&str, &str) -> bool,
) -> Result<(), Failure> {
    let (name, value) = text
        .split_once(separator)
        .map(|(name, value)| (name.trim(), value.trim()))
        .filter(|(name, _)| !name.is_empty())
        .ok_or_else(|| Failure::Usage(format!("“{text}” has not the form of {form}")))?;
    pairs.retain(|(known, _)| !same(known, name));
    if !value.is_empty() {
        pairs.push((name.to_owned(), value.to_owned()));
    }
    Ok(())
}

/// What is set, a line each; nothing for what is as usual.
pub(super) fn describe(settings: &ProviderSettings) -> Vec<String> {
    let network = &settings.network;
    let mut lines = Vec::new();
    match &network.proxy {
        Proxy::System => {}
        Proxy::Direct => lines.push("proxy: none, straight to the server".to_owned()),
        Proxy::Url { url } => lines.push(format!("proxy: {url}")),
    }
    let certificates =
        network.certificate_authority.as_ref().map(|pem| pem.matches("-----BEGIN CERTIFICATE").count());
    lines.extend(certificates.map(|count| format!("certificates trusted besides the system's: {count}")));
    let timeouts = &network.timeouts;
    for (name, ms) in [
        ("connection", timeouts.connect_ms),
        ("first piece", timeouts.first_delta_ms),
        ("between pieces", timeouts.idle_ms),
        ("whole answer", timeouts.total_ms),
    ] {
        lines.extend(ms.map(|ms| format!("longest wait, {name}: {ms} ms")));
    }
    lines.extend(settings.calls_at_once.map(|calls| format!("calls at once: {calls}")));
    lines.extend(network.query.iter().map(|(name, value)| format!("query: {name}={value}")));
    lines.extend(settings.extra_headers.iter().map(|(name, _)| format!("header: {name}")));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_takes_the_place_of_the_one_with_its_name_and_goes_without_a_value() {
        let mut pairs = vec![("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())];
        let same = |known: &str, name: &str| known == name;
        put(&mut pairs, "a = 3=4", '=', "", same).unwrap();
        put(&mut pairs, "b=", '=', "", same).unwrap();
        assert_eq!(pairs, [("a".to_owned(), "3=4".to_owned())]);
        assert!(put(&mut pairs, "nothing", '=', "--query NAME=VALUE", same).is_err());
        assert!(put(&mut pairs, "=1", '=', "--query NAME=VALUE", same).is_err());
    }
}
