//! `keys` and `models` without a keyring: a key is masked, told where it is, and never printed.

use insta::assert_json_snapshot;
use roundtable_domain::WireApi;
use roundtable_engine::view::NewProvider;
use roundtable_engine::{DataDir, Engine, Options, Process};

use crate::support::{Cli, KEY, Server, settled};

/// Adds the emulator as a provider, as the window's settings would.
fn add_provider(cli: &Cli, server: &Server) {
    let provider = NewProvider {
        id: Some("house".to_owned()),
        name: "House".to_owned(),
        dialect: "custom".to_owned(),
        api: Some(WireApi::OpenaiChat),
        base_url: format!("{}/v1", server.emulator.base_url()),
        plain_http_confirmed: false,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let data_dir = DataDir::choose(Some(cli.folder.path())).unwrap();
        let options =
            Options { keyring: false.into(), logging: false, ..Options::new(data_dir, Process::Window) };
        let engine = Engine::open(options).await.unwrap();
        engine.save_provider(provider).await.unwrap();
        engine.shutdown().await;
    });
}

#[test]
fn a_key_is_checked_and_without_a_keyring_it_is_said_that_it_was_not_kept() {
    let (cli, server) = (Cli::new(), Server::start());
    add_provider(&cli, &server);
    let accepted = cli.run_with_input(&["keys", "--json", "set", "house"], &format!("{KEY}\n"));
    assert_eq!(accepted.code, Some(1), "what cannot be kept was not set");
    assert_eq!(accepted.error()["code"], "no_key");
    assert!(accepted.objects()[0]["key"].is_null());
    assert_json_snapshot!("key_accepted", settled(accepted.objects().remove(0)));

    let refused = cli.run_with_input(&["keys", "--json", "set", "house"], "bad-key-of-this-test");
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.objects()[0]["message"].as_str().unwrap().contains("does not accept the key"),
        "{}",
        refused.out
    );
    assert!(!refused.out.contains("bad-key-of-this-test"));

    let listed = cli.run(&["keys", "--json"]);
    assert!(
        listed.objects()[0]["key"].is_null(),
        "nothing is left of a key that was not kept: {}",
        listed.out
    );
    assert_eq!(cli.run_with_input(&["keys", "--json", "set", "house"], "\n").code, Some(2), "a blank key");
    assert_eq!(cli.run(&["keys", "--json", "remove", "house"]).code, Some(0));
    let models = cli.run(&["models", "--json", "--provider", "house"]);
    assert_eq!(models.of_type("model").len(), 5, "the check has kept the list of models");
}

#[test]
fn a_further_key_is_checked_alone_and_an_unknown_one_cannot_be_removed() {
    let (cli, server) = (Cli::new(), Server::start());
    add_provider(&cli, &server);
    let refused =
        cli.run_with_input(&["keys", "--json", "add", "house", "--label", "work"], "bad-key-of-this-test");
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.objects()[0]["message"].as_str().unwrap().contains("does not accept the key"),
        "{}",
        refused.out
    );
    assert!(!refused.out.contains("bad-key-of-this-test"));
    let added = cli.run_with_input(&["keys", "--json", "add", "house"], KEY);
    assert_eq!((added.code, added.error()["code"].as_str()), (Some(1), Some("no_key")), "nowhere to keep it");
    assert_eq!(
        added.objects()[0]["keys"],
        serde_json::json!([]),
        "nothing is left of a key that was not kept"
    );

    let unknown = ["keys", "--json", "remove", "house", "--id", "0199aaaa-0000-7000-8000-000000000000"];
    let removed = cli.run(&unknown);
    assert_eq!((removed.code, removed.error()["code"].as_str()), (Some(1), Some("unknown_key")));
    assert_eq!(cli.run(&["keys", "remove", "house", "--id", "first"]).code, Some(2), "not an id at all");
}

#[test]
fn a_key_of_the_environment_is_listed_by_its_variable_and_masked() {
    let cli = Cli::new().with("OPENAI_API_KEY", KEY);
    let listed = cli.run(&["keys", "--json"]);
    assert_eq!(listed.code, Some(0));
    assert_json_snapshot!("key_of_the_environment", listed.objects());
    let table = cli.run(&["keys"]).out;
    assert!(table.contains("environment variable OPENAI_API_KEY"), "{table}");
    let models = cli.run(&["models", "--json", "--provider", "openai"]);
    assert!(models.objects().iter().all(|model| model["ready"] == true));
}

#[test]
fn without_a_key_it_is_said_how_to_give_one() {
    let cli = Cli::new();
    assert_eq!(cli.run(&["keys", "--json"]).out, "");
    for arguments in [&["keys", "--json", "check", "openai"], &["keys", "--json", "remove", "openai"]] {
        let outcome = cli.run(arguments);
        assert_eq!((outcome.code, outcome.error()["code"].as_str()), (Some(1), Some("no_key")));
        assert!(
            outcome.err.contains("keys set openai") && outcome.err.contains("OPENAI_API_KEY"),
            "{}",
            outcome.err
        );
    }
    let unknown = cli.run(&["keys", "--json", "check", "nobody"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.err.contains("anthropic"), "the names that are known: {}", unknown.err);
    assert_eq!(cli.run(&["keys", "check", "demo"]).code, Some(0));
}

#[test]
fn demo_models_are_always_listed() {
    assert_json_snapshot!("models", Cli::new().run(&["models", "--json"]).objects());
}
