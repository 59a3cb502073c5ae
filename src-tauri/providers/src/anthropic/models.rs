//! `GET /v1/models`: what the key may use.

use serde::Deserialize;

use crate::wire::ListedModel;

#[derive(Deserialize)]
struct Page {
    data: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    display_name: Option<String>,
    max_input_tokens: Option<u64>,
    max_tokens: Option<u64>,
}

/// The models of one page; a page holds up to 1000, which is all there are.
pub(super) fn parse(body: &[u8]) -> Result<Vec<ListedModel>, String> {
    let page: Page =
        serde_json::from_slice(body).map_err(|error| format!("not a list of models: {error}"))?;
    let listed = |entry: Entry| ListedModel {
        id: entry.id,
        name: entry.display_name,
        context_window: entry.max_input_tokens,
        max_output: entry.max_tokens,
    };
    Ok(page.data.into_iter().map(listed).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_list_and_says_what_is_wrong_with_anything_else() {
        let body = br#"{"data":[{"type":"model","id":"claude-x","display_name":"Claude X","created_at":"2026-01-01T00:00:00Z"}],"has_more":false}"#;
        let models = parse(body).unwrap();
        assert_eq!(models.len(), 1);
        assert_eq!((models[0].id.as_str(), models[0].name.as_deref()), ("claude-x", Some("Claude X")));
        assert!(parse(b"<html>").unwrap_err().starts_with("not a list of models"));
    }
}
