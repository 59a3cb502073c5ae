//! Writing a request: nothing is stored at the provider, the whole conversation goes along each time.

use roundtable_domain::{ChatRequest, Endpoint, ProviderError, ToolDefinition, WireApi};
use serde_json::{Value, json};

use super::items;
use crate::dialect::dialect_of;
use crate::draft::{Draft, nothing_to_send};
use crate::openai::{Form, form, put_responses_reasoning, put_sampling, put_tools};

/// Parameters this API has no field for.
const LACKING: &[&str] = &["stop", "seed", "top_k", "presence_penalty", "frequency_penalty"];

/// The body, and what is left out of it. Fails when nothing is left to say.
pub(super) fn draft(endpoint: &Endpoint, request: &ChatRequest) -> Result<Draft, ProviderError> {
    let dialect = dialect_of(endpoint);
    let mut draft = Draft::default();
    draft.put("model", request.model.as_str());
    let input = items::into_wire(endpoint, &mut draft, request);
    if input.is_empty() {
        return Err(nothing_to_send(endpoint));
    }
    draft.put("input", input);
    put_sampling(&mut draft, dialect, WireApi::OpenaiResponses, request, LACKING);
    if let Some(max_tokens) = request.params.max_tokens {
        draft.put("max_output_tokens", max_tokens);
    }
    put_responses_reasoning(&mut draft, dialect, request);
    put_tools(&mut draft, dialect, request, definition, |name| json!({"type": "function", "name": name}));
    let format = match form(&mut draft, dialect, &request.params.response_format) {
        None => None,
        Some(Form::Object) => Some(json!({"type": "json_object"})),
        Some(Form::Schema { name, schema, strict }) => {
            Some(json!({"type": "json_schema", "name": name, "schema": schema, "strict": strict}))
        }
    };
    if let Some(format) = format {
        draft.put("text", json!({ "format": format }));
    }
    draft.put("store", false);
    draft.put("stream", request.stream);
    Ok(draft)
}

/// Strict by default, which refuses most schemas people write: turned off.
fn definition(tool: &ToolDefinition) -> Value {
    json!({"type": "function", "name": tool.name, "description": tool.description,
        "parameters": tool.parameters, "strict": false})
}
