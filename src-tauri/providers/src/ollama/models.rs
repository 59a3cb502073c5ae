//! `GET /api/tags`: the models on the machine, and `POST /api/show`: what one of them can do.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::listing::ModelKind;
use crate::wire::ListedModel;

#[derive(Deserialize)]
struct Page {
    models: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    capabilities: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Shown {
    capabilities: Option<Vec<String>>,
    #[serde(default)]
    model_info: Map<String, Value>,
}

/// The models by the name to send.
pub(super) fn parse(body: &[u8]) -> Result<Vec<ListedModel>, String> {
    let page: Page =
        serde_json::from_slice(body).map_err(|error| format!("not a list of models: {error}"))?;
    let listed = |entry: Entry| {
        let mut model = ListedModel { id: entry.name, ..ListedModel::default() };
        add_capabilities(&mut model, entry.capabilities.as_deref());
        model
    };
    Ok(page.models.into_iter().map(listed).collect())
}

/// Adds what `/api/show` tells of a model. A reply that is something else adds nothing.
pub(crate) fn add_shown(model: &mut ListedModel, body: &[u8]) {
    let Ok(shown) = serde_json::from_slice::<Shown>(body) else { return };
    add_capabilities(model, shown.capabilities.as_deref());
    // `llama.context_length`, `qwen3.context_length`: the architecture stands before the point.
    let trained = shown.model_info.iter().find(|(name, _)| name.ends_with(".context_length"));
    model.context_window = trained.and_then(|(_, tokens)| tokens.as_u64()).or(model.context_window);
}

fn add_capabilities(model: &mut ListedModel, capabilities: Option<&[String]>) {
    let Some(capabilities) = capabilities else { return };
    let has = |name: &str| capabilities.iter().any(|capability| capability == name);
    model.kind = match (has("completion"), has("embedding")) {
        (true, _) => Some(ModelKind::Chat),
        (false, true) => Some(ModelKind::Embedding),
        (false, false) => None,
    };
    model.vision = Some(has("vision"));
    model.tools = Some(has("tools"));
    model.reasoning = Some(has("thinking"));
    model.audio = Some(has("audio"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_what_is_on_the_machine() {
        let body = br#"{"models":[{"name":"qwen3:4b","modified_at":"2026-01-01T00:00:00Z","size":1}]}"#;
        let model = &parse(body).unwrap()[0];
        assert_eq!((model.id.as_str(), model.tools), ("qwen3:4b", None));
        assert_eq!(parse(br#"{"models":[]}"#).unwrap(), []);
        assert!(parse(br#"{"data":[]}"#).is_err());
    }

    #[test]
    fn what_a_model_can_do_is_shown_apart() {
        let mut model = ListedModel { id: "qwen3:4b".into(), ..ListedModel::default() };
        let body = br#"{"capabilities":["completion","tools","thinking"],
            "model_info":{"general.architecture":"qwen3","qwen3.context_length":40960}}"#;
        add_shown(&mut model, body);
        assert_eq!((model.kind, model.context_window), (Some(ModelKind::Chat), Some(40_960)));
        assert_eq!((model.tools, model.reasoning, model.vision), (Some(true), Some(true), Some(false)));
        let known = model.clone();
        add_shown(&mut model, br#"{"error":"model 'x' not found"}"#);
        add_shown(&mut model, b"<html>");
        assert_eq!(model, known, "a server too old for it changes nothing");
    }
}
