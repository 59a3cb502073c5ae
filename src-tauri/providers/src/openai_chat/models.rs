//! `GET /models`: an `OpenAI` list, or one of its relatives.

use serde_json::Value;

use crate::wire::ListedModel;

/// Reads `{"data":[…]}`, `{"models":[…]}` or a bare array; fields beside `id` where a dialect gives them.
pub(crate) fn parse(body: &[u8]) -> Result<Vec<ListedModel>, String> {
    let unexpected = || format!("the list of models is not one: {}", crate::error::excerpt(body));
    let value: Value = serde_json::from_slice(body.trim_ascii()).map_err(|_| unexpected())?;
    let items = match &value {
        Value::Array(items) => items,
        Value::Object(object) => match object.get("data").or_else(|| object.get("models")) {
            Some(Value::Array(items)) => items,
            // Ollama's `/v1/models` answers `"data": null` when it has no model.
            Some(Value::Null) => return Ok(Vec::new()),
            _ => return Err(unexpected()),
        },
        _ => return Err(unexpected()),
    };
    Ok(items.iter().filter_map(model).collect())
}

fn model(item: &Value) -> Option<ListedModel> {
    let text = |name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
    let number = |names: &[&str]| names.iter().find_map(|name| item.pointer(name).and_then(Value::as_u64));
    Some(ListedModel {
        id: text("id").or_else(|| text("model")).or_else(|| text("name"))?,
        name: text("display_name").or_else(|| text("name")),
        context_window: number(&[
            "/context_length",     // OpenRouter, Together, Moonshot
            "/max_context_length", // Mistral, LM Studio
            "/context_window",     // Groq
            "/max_model_len",      // vLLM
            "/meta/n_ctx",         // llama.cpp
            "/meta/n_ctx_train",   // llama.cpp, older
        ]),
        max_output: number(&["/top_provider/max_completion_tokens", "/max_completion_tokens"]),
    })
}
