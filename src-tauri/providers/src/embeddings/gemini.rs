//! `:batchEmbedContents` (<https://ai.google.dev/api/embeddings>).

use roundtable_domain::Endpoint;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Batch, Dialogue, EmbeddingRequest, Unreadable};
use crate::gemini::model_url;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reply {
    embeddings: Vec<Entry>,
    usage_metadata: Option<Value>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    values: Vec<f32>,
}

pub(super) fn dialogue(endpoint: &Endpoint, request: &EmbeddingRequest, texts: &[String]) -> Dialogue {
    let name =
        if request.model.contains('/') { request.model.clone() } else { format!("models/{}", request.model) };
    let one = |text: &String| {
        let mut one = json!({ "model": name, "content": { "parts": [{ "text": text }] } });
        if let (Some(dimensions), Some(fields)) = (request.dimensions, one.as_object_mut()) {
            fields.insert("outputDimensionality".into(), json!(dimensions));
        }
        one
    };
    let requests: Vec<Value> = texts.iter().map(one).collect();
    Dialogue {
        url: model_url(&endpoint.base_url, &request.model, "batchEmbedContents"),
        body: json!({ "requests": requests }),
        read,
    }
}

fn read(reply: &[u8]) -> Result<Batch, Unreadable> {
    let reply: Reply = serde_json::from_slice(reply.trim_ascii()).map_err(|_| Unreadable::OtherApi)?;
    let count = |usage: &Value| usage.get("promptTokenCount")?.as_u64();
    Ok(Batch {
        vectors: reply.embeddings.into_iter().map(|entry| entry.values).collect(),
        model: None,
        tokens: reply.usage_metadata.as_ref().and_then(count),
        usage_raw: reply.usage_metadata,
    })
}
