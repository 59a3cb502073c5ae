//! What the environment says of telemetry: where it goes, and what every program that speaks OTLP is told in the same variables.
//! <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>

use std::collections::HashMap;

use percent_encoding::percent_decode_str;
use roundtable_telemetry::Collector;

use super::asked::{Asked, endpoint};
use super::words;
use crate::view::TelemetryFrom;

/// The variable that names the port of the page; 0 takes a free one, which the settings and the log say.
pub(super) const METRICS_PORT: &str = "ROUNDTABLE_METRICS_PORT";

/// The variable that switches all of it off.
const DISABLED: &str = "OTEL_SDK_DISABLED";

/// The variable that names a collector.
pub(super) const OTLP_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// The whole address of spans alone.
const TRACES_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";

/// The whole address of metrics alone.
const METRICS_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";

/// The variables that say how a collector is spoken to: of spans, of metrics, and of both.
const TRACES_PROTOCOL: &str = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL";
const METRICS_PROTOCOL: &str = "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL";
const PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";

/// The one that is spoken here.
const SPOKEN: &str = "http/protobuf";

/// What the environment says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Environment {
    pub(super) page: Asked<u16>,
    pub(super) export: Asked<Collector>,
    /// The variable that decides over the export.
    pub(super) export_variable: &'static str,
    manner: Manner,
}

/// How it is sent, whoever says where to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Manner {
    disabled: bool,
    no_traces: bool,
    no_metrics: bool,
    /// The variable that asks for a protocol that is not spoken here.
    unspoken: Option<&'static str>,
    service_name: Option<String>,
    resource: Vec<(String, String)>,
}

/// An address without a name and a password: libraries write the whole of it into a log at `trace`. Headers carry secrets unseen.
fn open_endpoint(text: &str) -> Option<url::Url> {
    endpoint(text).filter(|url| url.username().is_empty() && url.password().is_none())
}

impl Environment {
    /// Reads the variables. An empty one says nothing.
    pub(crate) fn of(variables: &HashMap<String, String>) -> Self {
        let from = TelemetryFrom::Environment;
        let named = |name: &str| variables.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
        let port = |text: &str| text.parse().map_err(|_| words::no_port(METRICS_PORT));
        let whole = |name: &str| named(name).map(|text| open_endpoint(text).map(|_| text.to_owned()));
        let (base, traces, metrics) = (named(OTLP_ENDPOINT), whole(TRACES_ENDPOINT), whole(METRICS_ENDPOINT));
        let asks = base.is_some() || traces.is_some() || metrics.is_some();
        let collector = || {
            let below = match base {
                Some(base) => Collector::at(open_endpoint(base).map(|_| base)?),
                None => Collector::default(),
            };
            let signal = |own: Option<Option<String>>, below| own.map_or(Some(below), |own| own.map(Some));
            Some(Collector {
                traces: signal(traces.clone(), below.traces)?,
                metrics: signal(metrics.clone(), below.metrics)?,
                ..Collector::default()
            })
        };
        let is = |name: &str, value: &str| named(name).is_some_and(|text| text.eq_ignore_ascii_case(value));
        let disabled = is(DISABLED, "true");
        let (no_traces, no_metrics) =
            (is("OTEL_TRACES_EXPORTER", "none"), is("OTEL_METRICS_EXPORTER", "none"));
        let unspoken = |own: &'static str, is_off: bool| {
            let variable = if named(own).is_some() { own } else { PROTOCOL };
            (!is_off && named(variable).is_some() && !is(variable, SPOKEN)).then_some(variable)
        };
        let unspoken =
            unspoken(TRACES_PROTOCOL, no_traces).or_else(|| unspoken(METRICS_PROTOCOL, no_metrics));
        let export_variable = match (unspoken, &base, &traces, &metrics) {
            _ if disabled => DISABLED,
            (Some(variable), ..) => variable,
            (None, None, Some(_), _) => TRACES_ENDPOINT,
            (None, None, None, Some(_)) => METRICS_ENDPOINT,
            _ => OTLP_ENDPOINT,
        };
        Self {
            page: named(METRICS_PORT).map(|text| Asked::of(from, port(text))).unwrap_or_default(),
            export: if asks {
                Asked::of(from, collector().ok_or_else(words::no_endpoint))
            } else {
                Asked::default()
            },
            export_variable,
            manner: Manner {
                disabled,
                no_traces,
                no_metrics,
                unspoken,
                service_name: named("OTEL_SERVICE_NAME").map(str::to_owned),
                resource: named("OTEL_RESOURCE_ATTRIBUTES").map(pairs).unwrap_or_default(),
            },
        }
    }

    /// What is asked for, sent as the environment says.
    pub(super) fn apply(&self, asked: Asked<Collector>) -> Asked<Collector> {
        let Manner { disabled, no_traces, no_metrics, unspoken, service_name, resource } =
            self.manner.clone();
        if disabled && asked.from != TelemetryFrom::Nobody {
            return Asked::of(TelemetryFrom::Environment, Err(words::disabled()));
        }
        // The library would speak its own without a word, to a port that expects another.
        if let Some(variable) = unspoken.filter(|_| asked.value.is_some()) {
            return Asked::of(TelemetryFrom::Environment, Err(words::no_protocol(variable)));
        }
        asked.map(|collector| Collector {
            traces: collector.traces.filter(|_| !no_traces),
            metrics: collector.metrics.filter(|_| !no_metrics),
            service_name,
            resource,
        })
    }
}

/// `name=value,name=value`, with what would be taken for these signs percent-encoded. What is no pair is passed over.
fn pairs(text: &str) -> Vec<(String, String)> {
    let decoded = |text: &str| percent_decode_str(text.trim()).decode_utf8_lossy().into_owned();
    let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decoded(name), decoded(value))).filter(|(name, _)| !name.is_empty()).collect()
}
