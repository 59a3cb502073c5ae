//! `GET /v1beta/models`: what the key may use.

use serde::Deserialize;

use crate::wire::ListedModel;

#[derive(Deserialize)]
struct Page {
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
}

/// The models that can chat; embedding and the like are left out.
pub(super) fn parse(body: &[u8]) -> Result<Vec<ListedModel>, String> {
    let page: Page =
        serde_json::from_slice(body).map_err(|error| format!("not a list of models: {error}"))?;
    let chats = |entry: &Entry| {
        let methods = entry.supported_generation_methods.as_deref();
        methods.is_none_or(|methods| methods.iter().any(|method| method == "generateContent"))
    };
    let listed = |entry: Entry| ListedModel {
        id: entry.name.strip_prefix("models/").unwrap_or(&entry.name).to_owned(),
        name: entry.display_name,
        context_window: entry.input_token_limit,
        max_output: entry.output_token_limit,
    };
    Ok(page.models.into_iter().filter(chats).map(listed).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_models_that_chat_by_the_name_to_send() {
        let body = br#"{"models":[
            {"name":"models/gemini-x","displayName":"Gemini X","inputTokenLimit":1000,"outputTokenLimit":10,
             "supportedGenerationMethods":["generateContent","countTokens"]},
            {"name":"models/embed-x","supportedGenerationMethods":["embedContent"]}]}"#;
        let models = parse(body).unwrap();
        let expected = ListedModel {
            id: "gemini-x".into(),
            name: Some("Gemini X".into()),
            context_window: Some(1000),
            max_output: Some(10),
        };
        assert_eq!(models, [expected]);
        assert!(parse(b"").is_err());
    }
}
