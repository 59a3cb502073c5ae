use std::collections::HashMap;
use std::sync::Arc;

use roundtable_domain::{Layer, Network, Params, RunState, Timeouts};
use roundtable_emulator::{Behaviour, CapturedRequest, Emulator, EmulatorOptions, Pace};
use roundtable_engine::view::{
    ConversationSnapshot, EffectiveValue, MoneyChoice, NewProvider, Profile, ProviderSettings, RunView,
    Settings, Theme,
};
use roundtable_engine::{Engine, Options, SettingName};
use roundtable_tests::{Window, options};
use tempfile::TempDir;

const KEY: &str = "sk-test-0123456789abcdef";

/// An engine whose provider is an emulator of the test's own.
struct Office {
    engine: Engine,
    emulator: Arc<Emulator>,
    folder: Arc<TempDir>,
}

impl Office {
    /// With these variables besides the address of the emulator and a key for it, as `OpenAI`'s.
    async fn with(variables: &[(&str, &str)]) -> Self {
        let emulator = Emulator::start(EmulatorOptions { pace: Pace::Instant, ..Default::default() });
        let office = (Arc::new(emulator.await.unwrap()), Arc::new(tempfile::tempdir().unwrap()));
        Self::open(office.0, office.1, variables).await
    }

    async fn open(emulator: Arc<Emulator>, folder: Arc<TempDir>, variables: &[(&str, &str)]) -> Self {
        let address = format!("{}/v1", emulator.base_url());
        let mut environment: HashMap<String, String> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        environment.entry("OPENAI_API_KEY".to_owned()).or_insert_with(|| KEY.to_owned());
        environment.entry("OPENAI_BASE_URL".to_owned()).or_insert(address);
        environment.retain(|_, value| !value.is_empty());
        let options = Options { environment, demo: false, ..options(folder.path(), Pace::Instant) };
        Self { engine: Engine::open(options).await.unwrap(), emulator, folder }
    }

    /// The same folder and emulator in another process, with other variables.
    async fn again(&self, variables: &[(&str, &str)]) -> Self {
        Self::open(Arc::clone(&self.emulator), Arc::clone(&self.folder), variables).await
    }

    async fn conversation(&self) -> ConversationSnapshot {
        self.engine.create_conversation(&["openai/swift".to_owned()]).await.unwrap()
    }

    async fn ask(&self, conversation: &ConversationSnapshot) -> RunView {
        let window = Window::default();
        let id = conversation.summary.id;
        let turn = self
            .engine
            .start_turn(id, "Why is the sky blue?", &[], &[], MoneyChoice::default(), window.sink())
            .await
            .unwrap();
        window.runs(&turn.runs).await.remove(0)
    }

    fn last_request(&self) -> CapturedRequest {
        self.emulator.requests().pop().unwrap()
    }

    /// What a lane will use for one value.
    async fn value(&self, conversation: &ConversationSnapshot, name: &str) -> EffectiveValue {
        let values = self.engine.effective_values(conversation.lanes[0].id).await.unwrap();
        values.into_iter().find(|value| value.name == name).unwrap()
    }
}

fn warm(temperature: f64) -> Params {
    Params { temperature: Some(temperature), ..Params::default() }
}

fn provider_settings(params: Params) -> ProviderSettings {
    ProviderSettings { params, ..ProviderSettings::default() }
}

#[tokio::test]
async fn each_layer_goes_before_the_next_and_the_request_carries_what_the_view_says() {
    let quiet = Office::with(&[]).await;
    let loud = quiet.again(&[("LLM_DEFAULT_TEMPERATURE", "0.5")]).await;
    let conversation = quiet.conversation().await;
    let check = async |office: &Office, sent: Option<f64>, layer: Layer, origin: &str| {
        let run = Box::pin(office.ask(&conversation)).await;
        assert_eq!(run.state, RunState::Complete, "{:?}", run.fault);
        assert_eq!(office.last_request().body["temperature"].as_f64(), sent, "{layer:?} on the wire");
        let value = office.value(&conversation, "temperature").await;
        let shown = value.value.map(|text| text.parse::<f64>().unwrap());
        assert_eq!((shown, value.layer, value.origin.as_str()), (sent, layer, origin));
        if layer != Layer::User {
            let of_model = office.engine.model_values("openai/swift", None).await.unwrap();
            let of_lane = office.engine.effective_values(conversation.lanes[0].id).await.unwrap();
            assert_eq!(of_model, of_lane, "a lane that sets nothing is sent with what holds for its model");
        }
    };
    check(&quiet, None, Layer::Default, "").await;

    let draft = Profile {
        id: String::new(),
        name: "Lively".to_owned(),
        description: String::new(),
        params: warm(0.1),
        timeouts: Timeouts::default(),
        built_in: false,
        active: true,
    };
    quiet.engine.save_profile(draft).await.unwrap();
    check(&quiet, Some(0.1), Layer::Profile, "Lively").await;

    quiet.engine.save_provider_settings("openai", provider_settings(warm(0.2))).await.unwrap();
    check(&quiet, Some(0.2), Layer::Provider, "OpenAI").await;

    quiet.engine.save_model_params("openai/swift", warm(0.3)).await.unwrap();
    check(&quiet, Some(0.3), Layer::Model, "openai/swift").await;

    check(&loud, Some(0.5), Layer::Environment, "LLM_DEFAULT_TEMPERATURE").await;

    quiet.engine.set_lane_params(conversation.lanes[0].id, warm(0.0)).await.unwrap();
    check(&loud, Some(0.0), Layer::User, "").await;
}

#[tokio::test]
async fn a_variable_that_cannot_be_understood_is_told_and_keeps_nothing_from_working() {
    let office = Office::with(&[("LLM_DEFAULT_TEMPERATURE", "warm"), ("LLM_TIMEOUT", "soon")]).await;
    let notices = office.engine.ready().await.unwrap().notices;
    assert!(notices.iter().any(|notice| notice.contains("LLM_DEFAULT_TEMPERATURE is “warm”")), "{notices:?}");
    assert!(notices.iter().any(|notice| notice.contains("LLM_TIMEOUT")), "{notices:?}");
    let conversation = office.conversation().await;
    let value = office.value(&conversation, "temperature").await;
    assert_eq!((value.value, value.layer), (None, Layer::Default));
    assert!(value.problem.unwrap().contains("it is not used"));
    assert_eq!(office.ask(&conversation).await.state, RunState::Complete);
    assert!(office.last_request().body.get("temperature").is_none());
}

#[tokio::test]
async fn what_the_lane_says_and_the_model_does_not_take_is_refused_before_anything_is_sent() {
    let office = Office::with(&[]).await;
    let conversation = office.conversation().await;
    office.engine.set_lane_params(conversation.lanes[0].id, warm(5.0)).await.unwrap();
    let value = office.value(&conversation, "temperature").await;
    assert_eq!((value.minimum, value.maximum), (Some(0.0), Some(2.0)));
    let run = Box::pin(office.ask(&conversation)).await;
    let fault = run.fault.unwrap();
    assert_eq!(run.state, RunState::Failed);
    assert!(
        fault.message.contains("temperature is 5") && fault.message.contains("0 to 2"),
        "{}",
        fault.message
    );
    assert_eq!(office.emulator.requests().len(), 0, "nothing was sent");
}

#[tokio::test]
async fn what_is_said_for_all_models_and_one_does_not_take_is_brought_near_and_told() {
    let office = Office::with(&[("LLM_DEFAULT_TEMPERATURE", "5")]).await;
    let conversation = office.conversation().await;
    let run = Box::pin(office.ask(&conversation)).await;
    assert_eq!(run.state, RunState::Complete, "{:?}", run.fault);
    assert_eq!(office.last_request().body["temperature"], 2.0);
    assert!(
        run.notices.iter().any(|notice| notice.text.contains("LLM_DEFAULT_TEMPERATURE")),
        "{:?}",
        run.notices
    );
}

#[tokio::test]
async fn a_providers_values_headers_and_query_are_sent() {
    let office = Office::with(&[]).await;
    let settings = ProviderSettings {
        params: Params { max_tokens: Some(77), ..warm(0.25) },
        extra_headers: vec![(" X-Team ".to_owned(), "astronomy".to_owned()), (String::new(), String::new())],
        network: Network {
            query: vec![("api-version".to_owned(), "2026-01".to_owned())],
            ..Network::default()
        },
        calls_at_once: Some(2),
    };
    let kept = office.engine.save_provider_settings("openai", settings).await.unwrap();
    assert_eq!(kept.extra_headers, [("X-Team".to_owned(), "astronomy".to_owned())]);
    assert_eq!(office.engine.provider_settings("openai").await.unwrap(), kept);
    let conversation = office.conversation().await;
    assert_eq!(office.ask(&conversation).await.state, RunState::Complete);
    let request = office.last_request();
    assert_eq!(request.body["temperature"], 0.25);
    let length = request.body.get("max_completion_tokens").or_else(|| request.body.get("max_tokens"));
    assert_eq!(length.and_then(serde_json::Value::as_u64), Some(77));
    assert_eq!(request.headers["x-team"], "astronomy");
    assert!(request.query.contains("api-version=2026-01"), "{}", request.query);
}

#[tokio::test]
async fn settings_that_cannot_be_used_change_nothing_and_say_why() {
    let office = Office::with(&[]).await;
    let good = provider_settings(warm(0.4));
    office.engine.save_provider_settings("openai", good.clone()).await.unwrap();
    let header = |name: &str| ProviderSettings {
        extra_headers: vec![(name.to_owned(), "Bearer very-secret-0123456789".to_owned())],
        ..ProviderSettings::default()
    };
    let network = |network| ProviderSettings { network, ..ProviderSettings::default() };
    let pem = Network { certificate_authority: Some("no certificate".to_owned()), ..Network::default() };
    let wait = Timeouts { total_ms: Some(0), ..Timeouts::default() };
    for (settings, word) in [
        (header("Authorization"), "keyring"),
        (header("X-Api-Key"), "keyring"),
        (network(pem), "certificate"),
        (network(Network { timeouts: wait, ..Network::default() }), "timeout"),
        (provider_settings(Params { top_p: Some(2.0), ..Params::default() }), "top_p"),
    ] {
        let error = office.engine.save_provider_settings("openai", settings).await.unwrap_err();
        assert_eq!(error.code, "bad_setting");
        assert!(error.message.contains(word) && !error.message.contains("very-secret"), "{}", error.message);
    }
    assert_eq!(office.engine.provider_settings("openai").await.unwrap(), good);
    let error = office.engine.provider_settings("nobody").await.unwrap_err();
    assert_eq!(error.code, "unknown_provider");
}

#[tokio::test]
async fn waits_are_as_long_as_the_settings_say() {
    let office = Office::with(&[]).await;
    let timeouts = Timeouts { first_delta_ms: Some(40), ..Timeouts::default() };
    let settings = ProviderSettings {
        network: Network { timeouts, ..Network::default() },
        ..ProviderSettings::default()
    };
    office.engine.save_provider_settings("openai", settings).await.unwrap();
    let conversation = office.conversation().await;
    let value = office.value(&conversation, "first_delta_ms").await;
    assert_eq!((value.value.as_deref(), value.layer), (Some("40"), Layer::Provider));
    office.emulator.script_always("swift", Behaviour::PingsForever { every_ms: 5 });
    let fault = office.ask(&conversation).await.fault.unwrap();
    assert!(fault.message.contains("40 ms"), "{}", fault.message);
    let hurried = office.again(&[("LLM_TIMEOUT", "0.03")]).await;
    let fault = hurried.ask(&conversation).await.fault.unwrap();
    assert!(fault.message.contains("30 ms") && fault.message.contains("total"), "{}", fault.message);
}

#[tokio::test]
async fn the_environments_address_moves_its_provider_and_takes_its_key_along_and_no_other() {
    let office = Office::with(&[]).await;
    let shown = office.engine.list_providers().await.unwrap().remove(0);
    assert_eq!(shown.address_from.as_deref(), Some("OPENAI_BASE_URL"));
    assert!(shown.base_url.starts_with(&office.emulator.base_url()));
    let conversation = office.conversation().await;
    assert_eq!(office.ask(&conversation).await.state, RunState::Complete);
    assert_eq!(office.last_request().headers["authorization"], format!("Bearer {KEY}"));

    // Keeping its settings does not nail the provider to where the environment has moved it.
    office.engine.save_provider_settings("openai", provider_settings(warm(1.0))).await.unwrap();
    let home = office.again(&[("OPENAI_BASE_URL", "")]).await;
    let shown = home.engine.list_providers().await.unwrap().remove(0);
    assert_eq!((shown.base_url.as_str(), shown.address_from), ("https://api.openai.com/v1", None));

    // An address of the user's own goes before the environment, and the environment's key is not sent there.
    let own = NewProvider {
        id: Some("openai".to_owned()),
        name: "OpenAI".to_owned(),
        dialect: "openai".to_owned(),
        api: None,
        base_url: "https://elsewhere.example/v1".to_owned(),
        plain_http_confirmed: false,
    };
    let shown = office.engine.save_provider(own).await.unwrap();
    assert_eq!((shown.base_url.as_str(), shown.key), ("https://elsewhere.example/v1", None));
    let kept = office.engine.provider_settings("openai").await.unwrap();
    assert_eq!(kept, provider_settings(warm(1.0)), "its other settings stay");
}

#[tokio::test]
async fn an_address_without_a_key_beside_it_says_who_moved_the_provider() {
    let office =
        Office::with(&[("OPENAI_API_KEY", ""), ("OPENAI_BASE_URL", "https://proxy.example/v1")]).await;
    let conversation = office.conversation().await;
    let fault = office.ask(&conversation).await.fault.unwrap();
    assert!(fault.message.contains("OPENAI_BASE_URL moves it to https://proxy.example"), "{}", fault.message);
}

#[tokio::test]
async fn the_environments_model_is_the_lane_of_a_new_conversation() {
    let lanes = async |office: &Office| {
        let conversation = office.engine.create_conversation(&[]).await.unwrap();
        conversation.lanes.into_iter().map(|lane| lane.target).collect::<Vec<_>>()
    };
    let office = Office::with(&[("LLM_DEFAULT_MODEL", "openai/swift")]).await;
    assert_eq!(lanes(&office).await, ["openai/swift"]);
    let alone = office.again(&[("LLM_DEFAULT_MODEL", "gpt-4o-mini")]).await;
    assert_eq!(lanes(&alone).await, ["openai/gpt-4o-mini"], "the only provider here that can mean it");
    let named = office.again(&[("LLM_DEFAULT_MODEL", "llama3"), ("LLM_DEFAULT_PROVIDER", "ollama")]).await;
    assert_eq!(named.engine.default_target().await.unwrap().as_deref(), Some("ollama/llama3"));
    let two = office.again(&[("LLM_DEFAULT_MODEL", "made-up"), ("MISTRAL_API_KEY", KEY)]).await;
    assert_eq!(two.engine.default_target().await.unwrap_err().code(), "unknown_default_model");
    let notices = two.engine.ready().await.unwrap().notices;
    assert!(notices.iter().any(|notice| notice.contains("“made-up”")), "{notices:?}");
    let mut settings = office.engine.ready().await.unwrap().settings;
    settings.default_lanes = vec!["openai/poet".to_owned()];
    office.engine.save_settings(settings).await.unwrap();
    assert_eq!(lanes(&office).await, ["openai/poet"], "what the user has set goes before");
}

#[tokio::test]
async fn profiles_are_kept_and_the_one_in_use_is_one() {
    let office = Office::with(&[]).await;
    let profiles = office.engine.list_profiles().await.unwrap();
    let ids: Vec<&str> = profiles.iter().map(|profile| profile.id.as_str()).collect();
    assert_eq!(ids, ["draft", "balanced", "careful"]);
    let careful = profiles.into_iter().find(|profile| profile.id == "careful").unwrap();
    office.engine.save_profile(Profile { active: true, ..careful }).await.unwrap();
    let later = office.again(&[]).await;
    let active: Vec<Profile> =
        later.engine.list_profiles().await.unwrap().into_iter().filter(|profile| profile.active).collect();
    assert_eq!(active.len(), 1);
    assert_eq!(active[0].id, "careful");
    let conversation = later.conversation().await;
    let wait = later.value(&conversation, "total_ms").await;
    assert_eq!((wait.layer, wait.origin.as_str()), (Layer::Profile, "Careful"));
    let error = later.engine.remove_profile("nobody").await.unwrap_err();
    assert_eq!(error.code, "unknown_profile");
}

#[tokio::test]
async fn values_of_a_model_are_kept_for_it_alone_and_go_when_they_are_emptied() {
    let office = Office::with(&[]).await;
    office.engine.save_model_params("openai/swift", warm(0.7)).await.unwrap();
    assert_eq!(office.engine.model_params("openai/swift").await.unwrap(), warm(0.7));
    assert_eq!(office.engine.model_params("openai/poet").await.unwrap(), Params::default());
    office.engine.save_model_params("openai/swift", Params::default()).await.unwrap();
    assert_eq!(office.engine.model_params("openai/swift").await.unwrap(), Params::default());
    let error = office.engine.save_model_params("auto", warm(0.7)).await.unwrap_err();
    assert_eq!(error.code, "unknown_model");
    let error = office.engine.save_model_params("openai/swift", warm(-1.0)).await.unwrap_err();
    assert_eq!(error.code, "bad_setting");
}

#[tokio::test]
async fn what_another_process_has_set_is_not_undone_by_a_window_that_shows_the_old() {
    let folder = tempfile::tempdir().unwrap();
    let window = Engine::open(options(folder.path(), Pace::Instant)).await.unwrap();
    let command = Engine::open(options(folder.path(), Pace::Instant)).await.unwrap();
    let shown = window.ready().await.unwrap().settings;
    command.set_named(SettingName::Currency, Some("EUR:0.92")).await.unwrap();
    let saved = window.save_settings(Settings { theme: Theme::Dark, ..shown.clone() }).await.unwrap();
    assert_eq!(
        (saved.theme, saved.currency.as_ref().map(|own| own.code.as_str())),
        (Theme::Dark, Some("EUR"))
    );
    // What is changed here goes first, whoever has set it.
    let saved = window.save_settings(Settings { currency: None, ..saved }).await.unwrap();
    assert_eq!((saved.theme, saved.currency), (Theme::Dark, None));
    assert_eq!(command.ready().await.unwrap().settings.currency, None);
    window.shutdown().await;
    command.shutdown().await;
}
