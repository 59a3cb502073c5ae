//! `GET /models`: an `OpenAI` list, or one of its relatives.
//!
//! One reader for all: where a fact can stand in several places, they are tried in turn, each with who puts it there.
//! Sources: the model pages of `OpenRouter`, Together, Mistral, Groq, Moonshot, `DeepInfra`, Cohere, vLLM, llama.cpp, LM Studio.

mod facts;

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
    Ok(items.iter().filter_map(facts::model).collect())
}

#[cfg(test)]
mod tests;
