//! Lists of models, as each API gives them. They are the free requests by which a key is validated.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use serde_json::{Value, json};

use super::{Shared, answer, entry};
use crate::behaviour::fault_models;
use crate::models::demo_models;
use crate::wire::Api;

/// 2026-01-01T00:00:00Z, the day all demo models were "made".
const MADE: i64 = 1_767_225_600;
const MADE_TEXT: &str = "2026-01-01T00:00:00Z";

struct Listed {
    id: String,
    name: String,
    context_window: u64,
    max_output: u64,
    reasons: bool,
}

fn listed(request: &Request) -> Vec<Listed> {
    let mut models: Vec<Listed> = demo_models()
        .iter()
        .map(|model| Listed {
            id: model.id.to_owned(),
            name: model.name.to_owned(),
            context_window: model.context_window,
            max_output: model.max_output,
            reasons: model.reasons,
        })
        .collect();
    if request.uri().query().is_some_and(|query| query.split('&').any(|pair| pair == "all=1")) {
        models.extend(fault_models().into_iter().map(|(id, description)| Listed {
            id: id.to_owned(),
            name: description.to_owned(),
            context_window: 32_768,
            max_output: 4_096,
            reasons: false,
        }));
    }
    models
}

async fn list(shared: &Shared, api: Api, request: Request, body: Value) -> Response {
    let allowed = entry::authenticate(api, request.headers(), request.uri().query());
    match entry::receive(shared, request).await.and(allowed) {
        Ok(()) => answer::json(shared, api, 200, Vec::new(), &body),
        Err(failure) => answer::refuse(shared, api, &failure),
    }
}

/// `OpenAI`'s list, or Anthropic's for a client that sends `anthropic-version`.
pub(super) async fn v1_models(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let api = entry::api_of_v1(request.headers());
    let models = listed(&request);
    let body = if api == Api::Anthropic {
        let data: Vec<Value> = models
            .iter()
            .map(|model| {
                json!({
                    "type": "model", "id": model.id, "display_name": model.name, "created_at": MADE_TEXT,
                    "max_input_tokens": model.context_window, "max_tokens": model.max_output
                })
            })
            .collect();
        let (first, last) = (models.first().map(|model| &model.id), models.last().map(|model| &model.id));
        json!({"data": data, "has_more": false, "first_id": first, "last_id": last})
    } else {
        let data: Vec<Value> = models
            .iter()
            .map(|model| json!({"id": model.id, "object": "model", "created": MADE, "owned_by": "roundtable-demo"}))
            .collect();
        json!({"object": "list", "data": data})
    };
    list(&shared, api, request, body).await
}

pub(super) async fn gemini_models(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let models: Vec<Value> = listed(&request)
        .iter()
        .map(|model| {
            json!({
                "name": format!("models/{}", model.id), "version": "001", "displayName": model.name,
                "inputTokenLimit": model.context_window, "outputTokenLimit": model.max_output,
                "supportedGenerationMethods": ["generateContent", "countTokens"], "thinking": model.reasons
            })
        })
        .collect();
    list(&shared, Api::Gemini { sse: false }, request, json!({ "models": models })).await
}

pub(super) async fn ollama_tags(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let models: Vec<Value> = listed(&request)
        .iter()
        .map(|model| {
            json!({
                "name": model.id, "model": model.id, "modified_at": MADE_TEXT, "size": 4_683_075_271_u64,
                "digest": "0".repeat(64),
                "details": {
                    "parent_model": "", "format": "gguf", "family": "simulated", "families": ["simulated"],
                    "parameter_size": "7B", "quantization_level": "Q4_K_M"
                }
            })
        })
        .collect();
    list(&shared, Api::Ollama, request, json!({ "models": models })).await
}

pub(super) async fn ollama_version(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    list(&shared, Api::Ollama, request, json!({"version": "0.12.0"})).await
}
