//! `GET /api/tags`: the models on the machine.

use serde::Deserialize;

use crate::wire::ListedModel;

#[derive(Deserialize)]
struct Page {
    models: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
}

/// The models by the name to send. The list says nothing about their context.
pub(super) fn parse(body: &[u8]) -> Result<Vec<ListedModel>, String> {
    let page: Page =
        serde_json::from_slice(body).map_err(|error| format!("not a list of models: {error}"))?;
    let listed = |entry: Entry| ListedModel { id: entry.name, ..ListedModel::default() };
    Ok(page.models.into_iter().map(listed).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_what_is_on_the_machine() {
        let body = br#"{"models":[{"name":"qwen3:4b","modified_at":"2026-01-01T00:00:00Z","size":1}]}"#;
        assert_eq!(parse(body).unwrap()[0].id, "qwen3:4b");
        assert_eq!(parse(br#"{"models":[]}"#).unwrap(), []);
        assert!(parse(br#"{"data":[]}"#).is_err());
    }
}
