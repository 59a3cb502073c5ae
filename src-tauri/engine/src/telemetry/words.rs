//! What is said of telemetry. Each sentence has a code that the window's catalogue knows.

use crate::view::{Said, Saying};

/// The port is taken. Values: `port`.
const PORT_TAKEN: &str = "telemetry_port_taken";
/// The system gives the port to nobody. Values: `port`, `reason` (the system's own words).
const PORT_REFUSED: &str = "telemetry_port_refused";
/// Port 0 in the settings. No values.
const PORT_ZERO: &str = "telemetry_port_zero";
/// A variable that names no port. Values: `variable`.
const NO_PORT: &str = "telemetry_no_port";
/// An address nobody can be reached at. No values.
const NO_ENDPOINT: &str = "telemetry_no_endpoint";
/// An address with a name, a password or a question in it. No values.
const ENDPOINT_WITH_SECRETS: &str = "telemetry_endpoint_with_secrets";
/// The environment has switched it off. No values.
const DISABLED: &str = "telemetry_disabled";
/// A protocol that is not spoken here. Values: `variable`.
const NO_PROTOCOL: &str = "telemetry_no_protocol";
/// What sends could not be made ready. Values: `reason` (the library's own words).
const NOT_READY: &str = "telemetry_not_ready";
/// A collector did not take what was sent. Values: `reason` (a status or a fault of the network, in the library's own words).
const NOT_SENT: &str = "telemetry_not_sent";

fn said(code: &str, values: &[(&str, &str)], text: String) -> Said {
    let saying = values.iter().fold(Saying::new(code), |saying, (name, value)| saying.with(name, *value));
    Said { text, saying }
}

pub(super) fn port_taken(port: u16) -> Said {
    let text = format!(
        "Port {port} is taken by another program. Choose another port, or end that program and save again."
    );
    said(PORT_TAKEN, &[("port", &port.to_string())], text)
}

pub(super) fn port_refused(port: u16, reason: &str) -> Said {
    let text =
        format!("Port {port} cannot be used: {reason}. Choose another port, for example one above 1024.");
    said(PORT_REFUSED, &[("port", &port.to_string()), ("reason", reason)], text)
}

pub(super) fn port_zero() -> Said {
    said(PORT_ZERO, &[], "Port 0 is no port. Choose one from 1 to 65535, for example 9464.".to_owned())
}

pub(super) fn no_port(variable: &str) -> Said {
    said(NO_PORT, &[("variable", variable)], format!("{variable} is no port; metrics are not served."))
}

pub(super) fn no_endpoint() -> Said {
    let text = "This is no address telemetry can be sent to. Write it as http://host:4318.";
    said(NO_ENDPOINT, &[], text.to_owned())
}

pub(super) fn endpoint_with_secrets() -> Said {
    let text = "An address with a password or a question mark in it would be kept readable on the disk. Write it without, and give \
                secrets in OTEL_EXPORTER_OTLP_HEADERS.";
    said(ENDPOINT_WITH_SECRETS, &[], text.to_owned())
}

pub(super) fn disabled() -> Said {
    said(DISABLED, &[], "Nothing is sent: OTEL_SDK_DISABLED is set in the environment.".to_owned())
}

pub(super) fn no_protocol(variable: &str) -> Said {
    let text = format!(
        "Nothing is sent: {variable} asks for another protocol than http/protobuf, the only one spoken here. Set it to that, and the \
         address to the collector's port for it, usually 4318."
    );
    said(NO_PROTOCOL, &[("variable", variable)], text)
}

pub(super) fn not_ready(reason: &str) -> Said {
    said(NOT_READY, &[("reason", reason)], format!("Telemetry cannot be sent there: {reason}."))
}

pub(super) fn not_sent(reason: &str) -> Said {
    let text = format!("The collector did not take what was sent last: {reason}.");
    said(NOT_SENT, &[("reason", reason)], text)
}
