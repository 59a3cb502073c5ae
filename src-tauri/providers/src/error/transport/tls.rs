//! Why a server was not believed, or did not speak TLS at all.

use std::error::Error;
use std::io;

use rustls::{AlertDescription, CertificateError, InvalidMessage};

use super::chain;

/// What TLS itself said, wherever in the chain it is.
pub(super) fn refusal(error: &reqwest::Error) -> Option<&rustls::Error> {
    chain(error).find_map(inside)
}

/// An `io::Error` keeps what it wraps out of its `source`.
fn inside<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    if let Some(found) = cause.downcast_ref::<rustls::Error>() {
        return Some(found);
    }
    let wrapped = cause.downcast_ref::<io::Error>()?.get_ref()?;
    inside(wrapped)
}

pub(super) fn explain(host: &str, refusal: &rustls::Error) -> String {
    match refusal {
        rustls::Error::InvalidCertificate(reason) => certificate(host, reason),
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => no_tls(host),
        rustls::Error::AlertReceived(AlertDescription::CertificateRequired) => format!(
            "{host} wants a certificate from this computer (mutual TLS), which Roundtable does not offer. Ask who runs it for \
             an address with keys."
        ),
        other => format!(
            "No secure connection (TLS) to {host}: {other}. Check the base URL, or a proxy that rewrites traffic."
        ),
    }
}

/// Something answers, but not in TLS.
pub(super) fn no_tls(host: &str) -> String {
    format!(
        "{host} does not speak TLS there. Check the port in the base URL, and whether the server expects http instead of https."
    )
}

fn certificate(host: &str, reason: &CertificateError) -> String {
    match reason {
        // A bad signature: the authority has the name of one that is known, and another key. It was made anew.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => format!(
            "The TLS certificate of {host} is from an authority this computer does not know. If it is your company's or your \
             own, paste that authority's certificate into \"Certificate authority\" in this provider's settings; otherwise \
             somebody may stand between you and {host}."
        ),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => format!(
            "The TLS certificate of {host} has expired. Check this computer's clock; if it is right, the server needs a new \
             certificate, and no setting here helps."
        ),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            format!("The TLS certificate of {host} is not valid yet. Check this computer's clock.")
        }
        CertificateError::NotValidForName => wrong_name(host, &[]),
        CertificateError::NotValidForNameContext { presented, .. } => wrong_name(host, presented),
        CertificateError::Revoked => {
            format!("The TLS certificate of {host} was revoked; do not send anything there.")
        }
        CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => format!(
            "{host} shows an authority's certificate as its own (TLS), which is not accepted. Give the server a certificate \
             signed by that authority, and paste the authority's into \"Certificate authority\" in this provider's settings."
        ),
        other => format!("The TLS certificate of {host} is not accepted: {other}."),
    }
}

/// `presented` comes as rustls writes it: `DnsName("a.example")`.
fn wrong_name(host: &str, presented: &[String]) -> String {
    let names: Vec<&str> = presented.iter().filter_map(|name| name.split('"').nth(1)).take(3).collect();
    let names = if names.is_empty() { "another name".to_owned() } else { names.join(", ") };
    format!(
        "The TLS certificate of {host} is made out to {names}. Check the base URL: it must use a name the certificate holds; a \
         certificate authority in the settings does not change that."
    )
}
