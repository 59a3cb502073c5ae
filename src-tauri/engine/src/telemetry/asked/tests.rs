use std::collections::HashMap;

use super::super::environment::{METRICS_PORT, OTLP_ENDPOINT};
use super::*;

fn variables(list: &[(&str, &str)]) -> HashMap<String, String> {
    list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn settings(port: Option<u16>, endpoint: Option<&str>) -> TelemetrySettings {
    TelemetrySettings { metrics_port: port, otlp_endpoint: endpoint.map(str::to_owned) }
}

#[test]
fn the_environment_goes_first_each_for_itself() {
    let environment = Environment::of(&variables(&[(METRICS_PORT, " 9464 "), (OTLP_ENDPOINT, "")]));
    let wanted = Wanted::of(&environment, &settings(Some(1), Some("http://localhost:4318")), true);
    assert_eq!((wanted.page.from, wanted.page.value), (TelemetryFrom::Environment, Some(9464)));
    assert_eq!(wanted.export.from, TelemetryFrom::Settings);
    assert_eq!(wanted.export.value, Some(Collector::at("http://localhost:4318")));
}

#[test]
fn what_the_environment_says_badly_is_not_made_up_for_by_the_settings() {
    let environment =
        Environment::of(&variables(&[(METRICS_PORT, "many"), (OTLP_ENDPOINT, "localhost:4318")]));
    let wanted = Wanted::of(&environment, &settings(Some(9464), Some("http://localhost:4318")), true);
    for (from, problem) in
        [(wanted.page.from, wanted.page.problem), (wanted.export.from, wanted.export.problem)]
    {
        assert_eq!(from, TelemetryFrom::Environment);
        assert!(problem.is_some());
    }
    assert_eq!((wanted.page.value, wanted.export.value), (None, None));
}

#[test]
fn a_command_leaves_the_settings_port_to_the_window() {
    let asked = settings(Some(9464), Some("http://localhost:4318"));
    let wanted = Wanted::of(&Environment::default(), &asked, false);
    assert_eq!((wanted.page.value, wanted.export.value.is_some()), (None, true));
    let environment = Environment::of(&variables(&[(METRICS_PORT, "0")]));
    assert_eq!(
        Wanted::of(&environment, &asked, false).page.value,
        Some(0),
        "what it is asked for itself it does"
    );
}

#[test]
fn addresses_in_the_settings_hold_no_secrets_and_are_shown_without_any() {
    let secrets = ["https://me:secret@collector.example", "https://collector.example/?token=secret"];
    for bad in ["collector", "ftp://collector", "http://", "", "   "].iter().chain(&secrets) {
        assert_eq!(Wanted::by_settings(&settings(None, Some(bad))).export.value, None, "{bad}");
    }
    for secret in secrets {
        assert_eq!(without_secrets(secret).as_deref(), Some("https://collector.example"));
    }
    assert_eq!(without_secrets("http://localhost:4318/otlp/").as_deref(), Some("http://localhost:4318/otlp"));
}

#[test]
fn the_variables_of_other_programs_that_export_hold_here_too() {
    let asked = settings(None, Some("http://localhost:4318"));
    let export = |list: &[(&str, &str)]| Wanted::of(&Environment::of(&variables(list)), &asked, true).export;
    let described = export(&[
        ("OTEL_SERVICE_NAME", "desk"),
        ("OTEL_RESOURCE_ATTRIBUTES", "team=red, place=a%2Cb,nothing"),
        ("OTEL_METRICS_EXPORTER", "none"),
    ]);
    assert_eq!(described.from, TelemetryFrom::Settings);
    let collector = described.value.unwrap();
    assert_eq!(collector.service_name.as_deref(), Some("desk"));
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(collector.resource, [pair("team", "red"), pair("place", "a,b")]);
    assert_eq!((collector.traces.is_some(), collector.metrics), (true, None), "no metrics are wanted");

    let signals = export(&[
        (OTLP_ENDPOINT, "http://127.0.0.1:1"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://127.0.0.1:2/spans"),
    ]);
    let collector = signals.value.unwrap();
    assert_eq!(collector.traces.as_deref(), Some("http://127.0.0.1:2/spans"), "as it stands");
    assert_eq!(collector.metrics.as_deref(), Some("http://127.0.0.1:1/v1/metrics"));
    let alone = export(&[("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://127.0.0.1:3/m")]);
    assert_eq!((alone.from, &alone.value.as_ref().unwrap().traces), (TelemetryFrom::Environment, &None));
    assert_eq!(shown(&alone.value.unwrap()).as_deref(), Some("http://127.0.0.1:3/m"));

    let secret = export(&[(OTLP_ENDPOINT, "http://me:secret@127.0.0.1:3")]);
    assert!(secret.value.is_none() && secret.problem.is_some(), "it would be in a log at trace");

    let off = export(&[("OTEL_SDK_DISABLED", "TRUE")]);
    assert_eq!((off.from, &off.value), (TelemetryFrom::Environment, &None));
    assert_eq!(off.problem.unwrap().saying.code, "telemetry_disabled");
    let grpc = [("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")];
    let refused = export(&grpc);
    assert_eq!((refused.from, &refused.value), (TelemetryFrom::Environment, &None));
    let said = refused.problem.unwrap();
    assert_eq!(said.saying.code, "telemetry_no_protocol");
    assert!(said.text.contains("OTEL_EXPORTER_OTLP_PROTOCOL"), "{}", said.text);
    let spans_alone =
        [("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf"), ("OTEL_METRICS_EXPORTER", "none")];
    assert!(
        export(&[&grpc[..], &spans_alone].concat()).value.is_some(),
        "nobody is spoken to in the other one"
    );
    let nobody = Wanted::of(&Environment::of(&variables(&grpc)), &settings(None, None), true).export;
    assert!(nobody.problem.is_none(), "who asks for nothing is not refused anything");
    let bad =
        export(&[(OTLP_ENDPOINT, "http://127.0.0.1:1"), ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "spans")]);
    assert!(bad.value.is_none() && bad.problem.is_some(), "half of it would look like all of it");
}

#[test]
fn a_collector_is_shown_by_what_both_have_in_common() {
    assert_eq!(shown(&Collector::at("http://c:4318/")).as_deref(), Some("http://c:4318"));
    let spans = Collector { metrics: None, ..Collector::at("http://c:4318") };
    assert_eq!(shown(&spans).as_deref(), Some("http://c:4318"));
    let apart = Collector { metrics: Some("http://d/m".to_owned()), ..spans };
    assert_eq!(shown(&apart).as_deref(), Some("http://c:4318/v1/traces"));
}
