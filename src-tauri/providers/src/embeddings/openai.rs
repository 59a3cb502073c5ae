//! `POST /embeddings` (<https://platform.openai.com/docs/api-reference/embeddings>).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roundtable_domain::Endpoint;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::limits::limits_of;
use super::{Batch, Dialogue, EmbeddingRequest, Unreadable};
use crate::openai::address;

#[derive(Deserialize)]
struct Reply<'a> {
    #[serde(borrow)]
    data: Vec<Entry<'a>>,
    model: Option<String>,
    usage: Option<Value>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    index: Option<usize>,
    /// Numbers, or a string of base64. Some servers answer with numbers whatever was asked for.
    #[serde(borrow)]
    embedding: &'a RawValue,
}

pub(super) fn dialogue(endpoint: &Endpoint, request: &EmbeddingRequest, texts: &[String]) -> Dialogue {
    let limits = limits_of(endpoint);
    let mut body = Map::new();
    body.insert("model".into(), json!(request.model));
    body.insert("input".into(), json!(texts));
    if let Some(dimensions) = request.dimensions {
        body.insert(limits.dimensions.into(), json!(dimensions));
    }
    if limits.base64 {
        body.insert("encoding_format".into(), json!("base64"));
    }
    Dialogue { url: address(endpoint, &["embeddings"]), body: Value::Object(body), read }
}

pub(super) fn read(reply: &[u8]) -> Result<Batch, Unreadable> {
    let reply: Reply<'_> = serde_json::from_slice(reply.trim_ascii()).map_err(|_| Unreadable::OtherApi)?;
    let mut placed = Vec::with_capacity(reply.data.len());
    for (position, entry) in reply.data.iter().enumerate() {
        placed.push((entry.index.unwrap_or(position), vector(entry.embedding.get())?));
    }
    placed.sort_by_key(|(index, _)| *index);
    if placed.iter().enumerate().any(|(expected, (index, _))| expected != *index) {
        return Err(Unreadable::Wrong("its vectors are not numbered from first to last".to_owned()));
    }
    let count =
        |usage: &Value| ["prompt_tokens", "total_tokens"].iter().find_map(|name| usage.get(*name)?.as_u64());
    Ok(Batch {
        vectors: placed.into_iter().map(|(_, vector)| vector).collect(),
        model: reply.model.filter(|model| !model.is_empty()),
        tokens: reply.usage.as_ref().and_then(count),
        usage_raw: reply.usage.filter(|usage| !usage.is_null()),
    })
}

fn vector(raw: &str) -> Result<Vec<f32>, Unreadable> {
    let wrong = || Unreadable::Wrong("a vector is neither numbers nor base64".to_owned());
    if !raw.starts_with('"') {
        return serde_json::from_str(raw).map_err(|_| wrong());
    }
    let text: String = serde_json::from_str(raw).map_err(|_| wrong())?;
    let bytes = STANDARD.decode(text).map_err(|_| wrong())?;
    let (numbers, rest) = bytes.as_chunks::<4>();
    if rest.is_empty() { Ok(numbers.iter().copied().map(f32::from_le_bytes).collect()) } else { Err(wrong()) }
}
