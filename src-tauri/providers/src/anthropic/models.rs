//! `GET /v1/models`: what the key may use (<https://platform.claude.com/docs/en/api/models/list>).

use serde::Deserialize;

use crate::listing::ModelKind;
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
    capabilities: Option<Capabilities>,
}

/// Null as a whole, and in each of its members, where Anthropic does not say.
#[derive(Default, Deserialize)]
struct Capabilities {
    image_input: Option<Capability>,
    pdf_input: Option<Capability>,
    structured_outputs: Option<Capability>,
    thinking: Option<Capability>,
}

#[derive(Deserialize)]
struct Capability {
    supported: Option<bool>,
}

/// The models of one page; a page holds up to 1000, which is all there are.
pub(super) fn parse(body: &[u8]) -> Result<Vec<ListedModel>, String> {
    let page: Page =
        serde_json::from_slice(body).map_err(|error| format!("not a list of models: {error}"))?;
    Ok(page.data.into_iter().map(listed).collect())
}

fn listed(entry: Entry) -> ListedModel {
    let known = entry.capabilities.unwrap_or_default();
    let supported = |capability: Option<Capability>| capability.and_then(|capability| capability.supported);
    ListedModel {
        id: entry.id,
        name: entry.display_name,
        // The API has no other kind.
        kind: Some(ModelKind::Chat),
        context_window: entry.max_input_tokens.filter(|tokens| *tokens > 0),
        max_output: entry.max_tokens.filter(|tokens| *tokens > 0),
        vision: supported(known.image_input),
        pdf: supported(known.pdf_input),
        reasoning: supported(known.thinking),
        json_schema: supported(known.structured_outputs),
        ..ListedModel::default()
    }
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
        assert_eq!((models[0].vision, models[0].context_window), (None, None), "what is not said is unknown");
        assert!(parse(b"<html>").unwrap_err().starts_with("not a list of models"));
    }

    #[test]
    fn limits_and_capabilities_where_they_are_stated() {
        let body = br#"{"data":[{"id":"claude-x","max_input_tokens":200000,"max_tokens":64000,"capabilities":
            {"image_input":{"supported":true},"pdf_input":{"supported":false},"thinking":{"supported":true,"types":{}},
             "structured_outputs":null,"later_thing":{"supported":true}}}]}"#;
        let model = &parse(body).unwrap()[0];
        assert_eq!((model.context_window, model.max_output), (Some(200_000), Some(64_000)));
        assert_eq!((model.vision, model.pdf, model.reasoning), (Some(true), Some(false), Some(true)));
        assert_eq!(model.json_schema, None);
    }
}
