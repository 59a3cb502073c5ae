//! Texts as vectors, in the words of `OpenAI`, Gemini and Ollama. A vector depends on nothing but the text's words, so that texts
//! that share words lie close together and the same text is always the same vector.

use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Shared;
use super::answer::{self, Reply};
use super::connection::Connection;
use super::entry::{authenticate, behaviour, parse, receive};
use crate::Behaviour;
use crate::ask::{Ask, Role, Turn, bare_model};
use crate::dice::Dice;
use crate::failure::Failure;
use crate::models;
use crate::plan::{Plan, plan};
use crate::tokens::count_tokens;
use crate::wire::Api;

/// The model that turns texts into vectors. The others do, too.
pub const EMBEDDING_MODEL: &str = "vectors";

/// Numbers of a vector when the request names no other count.
const DIMENSIONS: usize = 256;
/// The most a request may ask for.
const MOST_DIMENSIONS: u64 = 4_096;

/// A request in neutral terms.
struct Wanted {
    model: String,
    texts: Vec<String>,
    dimensions: Option<u64>,
}

pub(super) async fn openai(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(by): ConnectInfo<Connection>,
    request: Request,
) -> Response {
    let write = |wanted: &Wanted, vectors: &[Vec<f32>], body: &Value| {
        let as_base64 = body.get("encoding_format").and_then(Value::as_str) == Some("base64");
        let entry = |(index, vector): (usize, &Vec<f32>)| {
            let bytes = || vector.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
            let embedding = if as_base64 { json!(STANDARD.encode(bytes())) } else { json!(vector) };
            json!({"object": "embedding", "index": index, "embedding": embedding})
        };
        let data: Vec<Value> = vectors.iter().enumerate().map(entry).collect();
        let tokens = tokens(&wanted.texts);
        let usage = json!({"prompt_tokens": tokens, "total_tokens": tokens});
        json!({"object": "list", "data": data, "model": bare_model(&wanted.model), "usage": usage})
    };
    answer(&shared, by, Api::OpenAiChat, "", request, write).await
}

pub(super) async fn ollama(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(by): ConnectInfo<Connection>,
    request: Request,
) -> Response {
    let write = |wanted: &Wanted, vectors: &[Vec<f32>], _: &Value| {
        json!({
            "model": wanted.model, "embeddings": vectors, "total_duration": 14_143_917_u64, "load_duration": 1_019_500_u64,
            "prompt_eval_count": tokens(&wanted.texts)
        })
    };
    answer(&shared, by, Api::Ollama, "", request, write).await
}

/// `embedContent` with one text, `batchEmbedContents` with several.
pub(super) async fn gemini(shared: &Arc<Shared>, by: Connection, model: &str, request: Request) -> Response {
    let write = |wanted: &Wanted, vectors: &[Vec<f32>], body: &Value| {
        let entries: Vec<Value> = vectors.iter().map(|vector| json!({ "values": vector })).collect();
        let usage = json!({"promptTokenCount": tokens(&wanted.texts)});
        match (body.get("requests"), entries.first()) {
            (None, Some(only)) => json!({"embedding": only, "usageMetadata": usage}),
            _ => json!({"embeddings": entries, "usageMetadata": usage}),
        }
    };
    answer(shared, by, Api::Gemini { sse: false }, model, request, write).await
}

async fn answer(
    shared: &Arc<Shared>,
    by: Connection,
    api: Api,
    model: &str,
    request: Request,
    write: impl FnOnce(&Wanted, &[Vec<f32>], &Value) -> Value,
) -> Response {
    let allowed = authenticate(api, request.headers(), request.uri().query());
    let body = match receive(shared, request).await.and_then(|body| allowed.and_then(|()| parse(&body))) {
        Ok(body) => body,
        Err(failure) => return answer::refuse(shared, api, &failure),
    };
    let wanted = match read(&body, model) {
        Ok(wanted) => wanted,
        Err(failure) => return answer::refuse(shared, api, &failure),
    };
    let known = || (bare_model(&wanted.model) == EMBEDDING_MODEL).then_some(Behaviour::Normal);
    let Some(behaviour) = behaviour(shared, &wanted.model).or_else(known) else {
        return answer::refuse(shared, api, &Failure::ModelNotFound { model: wanted.model });
    };
    // The same faults as for answers, as far as a reply in one piece can have them.
    let turns = wanted.texts.iter().map(|text| Turn { role: Role::User, text: text.clone() }).collect();
    let ask = Ask { model: wanted.model.clone(), turns, ..Ask::default() };
    let planned = plan(&ask, behaviour, models::voice_of(&ask.model), shared.pace, shared.seed);
    if !matches!(planned, Plan::Perform(_)) {
        let reply = Reply { shared: Arc::clone(shared), api, ask, by };
        return answer::perform(reply, planned).await;
    }
    let dimensions = wanted.dimensions.map_or(DIMENSIONS, |wish| usize::try_from(wish).unwrap_or(DIMENSIONS));
    let vectors: Vec<Vec<f32>> = wanted.texts.iter().map(|text| vector(text, dimensions)).collect();
    answer::json(shared, api, 200, Vec::new(), &write(&wanted, &vectors, &body))
}

/// What is asked for, in any of the three APIs' words.
fn read(body: &Value, model: &str) -> Result<Wanted, Failure> {
    let invalid =
        |message: &str| Failure::InvalidRequest { message: message.to_owned(), param: Some("input") };
    let named = body.get("model").and_then(Value::as_str).filter(|_| model.is_empty()).unwrap_or(model);
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let content = |one: &Value| text(one.pointer("/content/parts/0/text")?);
    let texts: Option<Vec<String>> = match (body.get("input"), body.get("requests")) {
        (Some(Value::Array(all)), _) => all.iter().map(text).collect(),
        (Some(one), _) => text(one).map(|one| vec![one]),
        (None, Some(all)) => all.as_array().into_iter().flatten().map(content).collect(),
        (None, None) => content(body).map(|one| vec![one]),
    };
    let texts = texts
        .filter(|texts| !texts.is_empty())
        .ok_or_else(|| invalid("'input' must be a string or a list of strings."))?;
    let places =
        ["/dimensions", "/output_dimension", "/outputDimensionality", "/requests/0/outputDimensionality"];
    let dimensions = places.iter().find_map(|place| body.pointer(place)?.as_u64());
    if dimensions.is_some_and(|wish| wish == 0 || wish > MOST_DIMENSIONS) {
        return Err(invalid("'dimensions' must be between 1 and 4096."));
    }
    Ok(Wanted { model: named.to_owned(), texts, dimensions })
}

fn tokens(texts: &[String]) -> u64 {
    texts.iter().map(|text| count_tokens(text)).sum()
}

/// Every word points somewhere; a text points where its words do, at length 1.
fn vector(text: &str, dimensions: usize) -> Vec<f32> {
    let mut sum = vec![0.0_f32; dimensions];
    let lower = text.to_lowercase();
    let words = lower.split(|one: char| !one.is_alphanumeric()).filter(|word| !word.is_empty());
    // A text without words still has a direction.
    for word in words.chain([""]) {
        let mut dice = Dice::new(0, &["vector", word]);
        let weight = if word.is_empty() { 0.1 } else { 1.0 };
        for place in &mut sum {
            let number = i16::try_from(dice.below(2_001)).unwrap_or_default() - 1_000;
            *place += f32::from(number) * weight;
        }
    }
    let length = sum.iter().map(|number| number * number).sum::<f32>().sqrt();
    sum.into_iter().map(|number| if length > 0.0 { number / length } else { 1.0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(one: &str, other: &str) -> f32 {
        vector(one, 256).iter().zip(vector(other, 256)).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn texts_that_share_words_are_closer_and_the_same_text_is_the_same_vector() {
        assert_eq!(vector("Hello, world", 64), vector("hello world", 64));
        assert!(
            near("the cat sat on the mat", "a cat on a mat")
                > near("the cat sat on the mat", "stock prices fell")
        );
        let length: f32 = vector("", 16).iter().map(|number| number * number).sum();
        assert!((length - 1.0).abs() < 1e-4, "every vector has length 1, got {length}");
    }
}
