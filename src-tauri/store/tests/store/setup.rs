//! Providers, what is known of keys, models and settings.

use roundtable_domain::{KeyId, Network, Origin, Params, UnixMs, WireApi};
use roundtable_store::{Key, ModelSettings, Provider, ProviderSettings, StoreError, StoredPlace};
use serde_json::json;

use crate::support::{Room, id};

fn provider(slug: &str) -> Provider {
    Provider {
        id: slug.into(),
        name: "A Provider".into(),
        api: WireApi::AnthropicMessages,
        dialect: "anthropic".into(),
        base_url: "https://api.example.com/v1".into(),
        extra_headers: vec![("x-title".into(), "Roundtable".into())],
        settings: ProviderSettings {
            params: Params { temperature: Some(0.25), ..Params::default() },
            network: Network { query: vec![("api-version".into(), "1".into())], ..Network::default() },
            calls_at_once: Some(2),
        },
        enabled: true,
        plain_http_confirmed: false,
        created_at: UnixMs(1),
        updated_at: UnixMs(1),
    }
}

fn key(slug: &str) -> Key {
    Key {
        id: id(KeyId::from_uuid),
        provider: slug.into(),
        label: String::new(),
        mask: "sk-…f3a9".into(),
        origin: serde_json::from_value::<Origin>(json!("https://api.example.com")).unwrap(),
        place: StoredPlace::Session,
        created_at: UnixMs(1),
        last_checked_at: None,
        last_check: None,
    }
}

#[tokio::test]
async fn a_provider_is_added_changed_and_removed_with_what_hangs_on_it() {
    let room = Room::new().await;
    let providers = room.store.providers();
    providers.upsert(&provider("a")).await.unwrap();
    let changed = Provider { enabled: false, updated_at: UnixMs(5), created_at: UnixMs(5), ..provider("a") };
    providers.upsert(&changed).await.unwrap();
    let stored = providers.get("a").await.unwrap().unwrap();
    assert_eq!(stored, Provider { created_at: UnixMs(1), ..changed }, "when it was set up does not change");
    assert_eq!(providers.list().await.unwrap(), [stored]);

    room.store.keys().upsert(&key("a")).await.unwrap();
    room.store.models().replace("a", &[("m".into(), json!({}))], UnixMs(1)).await.unwrap();
    let own = ModelSettings {
        provider: "a".into(),
        model: "m".into(),
        params: Params { top_p: Some(0.5), ..Params::default() },
        updated_at: UnixMs(2),
    };
    let elsewhere = ModelSettings { provider: "demo".into(), ..own.clone() };
    for settings in [&own, &elsewhere] {
        room.store.model_settings().set(settings).await.unwrap();
    }
    assert_eq!(room.store.model_settings().get("a", "m").await.unwrap(), Some(own.params.clone()));
    providers.remove("a").await.unwrap();
    assert_eq!(providers.get("a").await.unwrap(), None);
    assert_eq!(
        room.store.model_settings().list().await.unwrap(),
        [elsewhere],
        "what is set for its models goes too"
    );
    room.store.model_settings().remove("demo", "m").await.unwrap();
    assert_eq!(room.store.model_settings().get("demo", "m").await.unwrap(), None);
    assert!(room.store.keys().list(None).await.unwrap().is_empty());
    assert!(room.store.models().list(None).await.unwrap().is_empty());
    assert!(matches!(providers.remove("a").await, Err(StoreError::NotFound { what: "provider", .. })));
}

#[tokio::test]
async fn a_key_row_holds_everything_but_the_key() {
    let room = Room::new().await;
    let keys = room.store.keys();
    assert!(keys.upsert(&key("nobody")).await.is_err(), "its provider must be set up");
    room.store.providers().upsert(&provider("a")).await.unwrap();
    let mut one = key("a");
    keys.upsert(&one).await.unwrap();
    keys.set_check(one.id, &json!({"state": "accepted"}), UnixMs(9)).await.unwrap();
    one.last_checked_at = Some(UnixMs(9));
    one.last_check = Some(json!({"state": "accepted"}));
    assert_eq!(keys.get(one.id).await.unwrap(), Some(one.clone()));
    one.place = StoredPlace::Keyring;
    keys.upsert(&one).await.unwrap();
    assert_eq!(keys.list(Some("a")).await.unwrap(), [one.clone()]);
    assert!(keys.list(Some("b")).await.unwrap().is_empty());
    keys.remove(one.id).await.unwrap();
    assert_eq!(keys.get(one.id).await.unwrap(), None);
    assert!(keys.remove(one.id).await.is_err());
}

#[tokio::test]
async fn a_list_of_models_replaces_the_one_before() {
    let room = Room::new().await;
    let models = room.store.models();
    for slug in ["a", "b"] {
        room.store.providers().upsert(&provider(slug)).await.unwrap();
        models
            .replace(slug, &[("old".into(), json!({"n": 1})), ("m".into(), json!({}))], UnixMs(1))
            .await
            .unwrap();
    }
    let twice = [("m".into(), json!({"n": 1})), ("m".into(), json!({"n": 2}))];
    models.replace("a", &twice, UnixMs(2)).await.unwrap();
    let listed = models.list(Some("a")).await.unwrap();
    assert_eq!((listed.len(), &listed[0].facts, listed[0].listed_at), (1, &json!({"n": 2}), UnixMs(2)));
    assert_eq!(models.list(None).await.unwrap().len(), 3);
    assert!(models.get("b", "old").await.unwrap().is_some());
    assert!(models.get("a", "old").await.unwrap().is_none());
}

#[tokio::test]
async fn a_setting_is_any_json_and_null_is_not_missing() {
    let room = Room::new().await;
    let settings = room.store.settings();
    assert_eq!(settings.get("theme").await.unwrap(), None);
    for value in [json!("dark"), json!({"a": [1, null, "ü'\"; DROP TABLE settings; --"]}), json!(null)] {
        settings.set("theme", &value, UnixMs(1)).await.unwrap();
        assert_eq!(settings.get("theme").await.unwrap(), Some(value));
    }
    assert_eq!(settings.list().await.unwrap(), [("theme".to_owned(), json!(null))]);
    settings.remove("theme").await.unwrap();
    settings.remove("theme").await.unwrap();
    assert_eq!(settings.get("theme").await.unwrap(), None);
}
