//! Writing a request as the dialect takes it.

use roundtable_domain::{ChatRequest, Endpoint, ProviderError, ToolDefinition, WireApi};
use serde_json::{Value, json};

use super::messages;
use crate::dialect::{MaxTokens, UsageOption, dialect_of};
use crate::draft::{Draft, nothing_to_send};
use crate::openai::{Form, form, put_chat_reasoning, put_sampling, put_tools};

/// The body, and what is left out of it. Fails when nothing is left to say.
pub(super) fn draft(endpoint: &Endpoint, request: &ChatRequest) -> Result<Draft, ProviderError> {
    let dialect = dialect_of(endpoint);
    let mut draft = Draft::default();
    draft.put("model", request.model.as_str());
    let messages = messages::into_wire(endpoint, &mut draft, &request.messages);
    if messages.is_empty() {
        return Err(nothing_to_send(endpoint));
    }
    draft.put("messages", messages);
    put_sampling(&mut draft, dialect, WireApi::OpenaiChat, request, &[]);
    if let Some(max_tokens) = request.params.max_tokens {
        let name = match dialect.max_tokens {
            MaxTokens::MaxTokens => "max_tokens",
            MaxTokens::MaxCompletionTokens => "max_completion_tokens",
        };
        draft.put(name, max_tokens);
    }
    put_chat_reasoning(&mut draft, dialect, request);
    put_tools(
        &mut draft,
        dialect,
        request,
        definition,
        |name| json!({"type": "function", "function": {"name": name}}),
    );
    match form(&mut draft, dialect, &request.params.response_format) {
        None => {}
        Some(Form::Object) => draft.put("response_format", json!({"type": "json_object"})),
        Some(Form::Schema { name, schema, strict }) => {
            let schema = json!({"name": name, "schema": schema, "strict": strict});
            draft.put("response_format", json!({"type": "json_schema", "json_schema": schema}));
        }
    }
    draft.put("stream", request.stream);
    match dialect.usage {
        UsageOption::StreamOptions if request.stream => {
            draft.put("stream_options", json!({"include_usage": true}));
        }
        UsageOption::UsageInclude => draft.put("usage", json!({"include": true})),
        UsageOption::StreamOptions | UsageOption::Nothing => {}
    }
    Ok(draft)
}

fn definition(tool: &ToolDefinition) -> Value {
    let mut function = json!({"name": tool.name, "parameters": tool.parameters});
    if let (Some(description), Some(function)) = (&tool.description, function.as_object_mut()) {
        function.insert("description".to_owned(), json!(description));
    }
    json!({"type": "function", "function": function})
}
