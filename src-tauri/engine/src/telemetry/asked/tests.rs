use super::*;

fn variables(list: &[(&str, &str)]) -> HashMap<String, String> {
    list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn settings(port: Option<u16>, endpoint: Option<&str>) -> TelemetrySettings {
    TelemetrySettings { metrics_port: port, otlp_endpoint: endpoint.map(str::to_owned) }
}

#[test]
fn the_environment_goes_first_each_for_itself() {
    let environment = Wanted::by_environment(&variables(&[(METRICS_PORT, " 9464 "), (OTLP_ENDPOINT, "")]));
    let wanted = Wanted::of(&environment, &settings(Some(1), Some("http://localhost:4318")), true);
    assert_eq!((wanted.page.from, wanted.page.value), (TelemetryFrom::Environment, Some(9464)));
    assert_eq!(wanted.export.from, TelemetryFrom::Settings);
    assert_eq!(wanted.export.value.as_deref(), Some("http://localhost:4318"));
}

#[test]
fn what_the_environment_says_badly_is_not_made_up_for_by_the_settings() {
    let environment =
        Wanted::by_environment(&variables(&[(METRICS_PORT, "many"), (OTLP_ENDPOINT, "localhost:4318")]));
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
    let wanted = Wanted::of(&Wanted::default(), &asked, false);
    assert_eq!((wanted.page.value, wanted.export.value.is_some()), (None, true));
    let environment = Wanted::by_environment(&variables(&[(METRICS_PORT, "0")]));
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
