//! `POST /api/embed` (<https://docs.ollama.com/api/embed>).

use roundtable_domain::Endpoint;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Batch, Dialogue, EmbeddingRequest, Unreadable};
use crate::ollama::url_of;

#[derive(Deserialize)]
struct Reply {
    embeddings: Vec<Vec<f32>>,
    model: Option<String>,
    prompt_eval_count: Option<u64>,
}

pub(super) fn dialogue(endpoint: &Endpoint, request: &EmbeddingRequest, texts: &[String]) -> Dialogue {
    // Otherwise the end of a text that is too long would be left out in silence.
    let mut body = json!({ "model": request.model, "input": texts, "truncate": false });
    if let (Some(dimensions), Some(fields)) = (request.dimensions, body.as_object_mut()) {
        fields.insert("dimensions".into(), json!(dimensions));
    }
    Dialogue { url: url_of(&endpoint.base_url, "embed"), body, read }
}

fn read(reply: &[u8]) -> Result<Batch, Unreadable> {
    let reply: Reply = serde_json::from_slice(reply.trim_ascii()).map_err(|_| Unreadable::OtherApi)?;
    let usage = |tokens: u64| -> Value { json!({ "prompt_eval_count": tokens }) };
    Ok(Batch {
        vectors: reply.embeddings,
        model: reply.model,
        usage_raw: reply.prompt_eval_count.map(usage),
        tokens: reply.prompt_eval_count,
    })
}
