//! Prices beside the built-in list: what is in force, what is the user's own, what waits.

use roundtable_domain::UnixMs;
use roundtable_store::{CatalogueModel, CatalogueOrigin};
use serde_json::{Value, json};

use crate::support::Room;

fn row(model: &str, origin: CatalogueOrigin, input: &str) -> CatalogueModel {
    CatalogueModel {
        provider: "openai".into(),
        model: model.into(),
        origin,
        facts: json!({"price": {"input": input}}),
        updated_at: UnixMs(1),
    }
}

async fn listed(room: &Room) -> Vec<(String, CatalogueOrigin, Value)> {
    let rows = room.store.catalogue().list().await.unwrap();
    rows.into_iter().map(|row| (row.model, row.origin, row.facts["price"]["input"].clone())).collect()
}

#[tokio::test]
async fn an_update_keeps_earlier_ones_and_the_users_own_and_replaces_what_waited() {
    use CatalogueOrigin::{Held, Own, Update};
    let room = Room::new().await;
    let catalogue = room.store.catalogue();
    catalogue.put(&[row("a", Own, "9")]).await.unwrap();
    catalogue
        .put_update(&[row("a", Update, "1"), row("b", Update, "1"), row("c", Held, "100")])
        .await
        .unwrap();
    catalogue.put_update(&[row("b", Update, "2"), row("d", Held, "200")]).await.unwrap();
    let expected = [
        ("a".into(), Own, json!("9")),
        ("a".into(), Update, json!("1")),
        ("b".into(), Update, json!("2")),
        ("d".into(), Held, json!("200")),
    ];
    assert_eq!(listed(&room).await, expected);

    catalogue.decide(&[row("d", Update, "200")]).await.unwrap();
    catalogue.remove("openai", "a", Own).await.unwrap();
    catalogue.remove("openai", "a", Own).await.unwrap();
    let expected = [
        ("a".into(), Update, json!("1")),
        ("b".into(), Update, json!("2")),
        ("d".into(), Update, json!("200")),
    ];
    assert_eq!(listed(&room).await, expected);
}
