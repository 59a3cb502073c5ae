//! `GET /v1beta/models`: what the key may use (<https://ai.google.dev/api/models>), and Vertex's list of publisher models.

use serde::Deserialize;

use crate::listing::{ModelKind, kind_of_name};
use crate::wire::ListedModel;

#[derive(Deserialize)]
struct Page {
    #[serde(alias = "publisherModels")]
    models: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    name: String,
    display_name: Option<String>,
    input_token_limit: Option<u64>,
    output_token_limit: Option<u64>,
    supported_generation_methods: Option<Vec<String>>,
    thinking: Option<bool>,
}

/// All models, each with its kind.
pub(super) fn parse(body: &[u8]) -> Result<Vec<ListedModel>, String> {
    let page: Page =
        serde_json::from_slice(body).map_err(|error| format!("not a list of models: {error}"))?;
    Ok(page.models.into_iter().map(listed).collect())
}

fn listed(entry: Entry) -> ListedModel {
    let id = ["models/", "publishers/google/models/"]
        .iter()
        .find_map(|collection| entry.name.strip_prefix(collection))
        .unwrap_or(&entry.name)
        .to_owned();
    ListedModel {
        kind: kind(&id, entry.supported_generation_methods.as_deref()),
        name: entry.display_name,
        context_window: entry.input_token_limit,
        max_output: entry.output_token_limit,
        reasoning: entry.thinking,
        id,
        ..ListedModel::default()
    }
}

/// Speech models are asked by `generateContent` too: their names tell.
fn kind(id: &str, methods: Option<&[String]>) -> Option<ModelKind> {
    let by_name = kind_of_name(id);
    let Some(methods) = methods else { return by_name };
    let has = |name: &str| methods.iter().any(|method| method == name);
    let by_method = if has("embedContent") || has("batchEmbedContents") {
        ModelKind::Embedding
    } else if has("generateContent") {
        ModelKind::Chat
    } else {
        ModelKind::Other
    };
    by_name.filter(|kind| *kind == ModelKind::Other).or(Some(by_method))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_models_by_the_name_to_send_and_their_kind() {
        let body = br#"{"models":[
            {"name":"models/gemini-x","displayName":"Gemini X","inputTokenLimit":1000,"outputTokenLimit":10,
             "supportedGenerationMethods":["generateContent","countTokens"],"thinking":true},
            {"name":"models/embed-x","supportedGenerationMethods":["embedContent"]},
            {"name":"models/gemini-x-tts","supportedGenerationMethods":["generateContent"]},
            {"name":"models/imagen-x","supportedGenerationMethods":["predict"]}]}"#;
        let models = parse(body).unwrap();
        let expected = ListedModel {
            id: "gemini-x".into(),
            name: Some("Gemini X".into()),
            kind: Some(ModelKind::Chat),
            context_window: Some(1000),
            max_output: Some(10),
            reasoning: Some(true),
            ..ListedModel::default()
        };
        assert_eq!(models[0], expected);
        let kinds: Vec<_> = models.iter().filter_map(|model| model.kind).collect();
        assert_eq!(kinds, [ModelKind::Chat, ModelKind::Embedding, ModelKind::Other, ModelKind::Other]);
        assert!(parse(b"").is_err());
    }

    #[test]
    fn vertex_lists_publisher_models() {
        let body = br#"{"publisherModels":[{"name":"publishers/google/models/gemini-x","versionId":"001"}]}"#;
        assert_eq!(parse(body).unwrap()[0].id, "gemini-x");
    }
}
