//! From an HTTP request to a plan.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};

use super::answer::{self, Reply};
use super::connection::Connection;
use super::{Shared, embeddings, lock};
use crate::Behaviour;
use crate::ask::bare_model;
use crate::behaviour::fault_named;
use crate::capture::CapturedRequest;
use crate::failure::Failure;
use crate::models;
use crate::plan::plan;
use crate::wire::Api;

/// Larger requests get a 413.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

type Info = ConnectInfo<Connection>;

pub(super) async fn openai_chat(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(by): Info,
    request: Request,
) -> Response {
    chat(&shared, by, Api::OpenAiChat, "", request).await
}

pub(super) async fn openai_responses(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(by): Info,
    request: Request,
) -> Response {
    chat(&shared, by, Api::OpenAiResponses, "", request).await
}

pub(super) async fn openai_text(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(by): Info,
    request: Request,
) -> Response {
    chat(&shared, by, Api::OpenAiText, "", request).await
}

pub(super) async fn anthropic(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(by): Info,
    request: Request,
) -> Response {
    chat(&shared, by, Api::Anthropic, "", request).await
}

pub(super) async fn ollama(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(by): Info,
    request: Request,
) -> Response {
    chat(&shared, by, Api::Ollama, "", request).await
}

/// `{model}:{method}`; the model may have slashes.
pub(super) async fn gemini(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(by): Info,
    Path(call): Path<String>,
    request: Request,
) -> Response {
    let sse = request.uri().query().is_some_and(|query| query.split('&').any(|pair| pair == "alt=sse"));
    match call.rsplit_once(':') {
        Some((model, "generateContent")) => {
            chat(&shared, by, Api::Gemini { sse: false }, model, request).await
        }
        Some((model, "streamGenerateContent")) => {
            // The stream is asked for by the method's name, not by the body.
            chat(&shared, by, Api::Gemini { sse }, &format!("{model}:stream"), request).await
        }
        Some((model, "countTokens")) => {
            count(&shared, Api::Gemini { sse: false }, model, "totalTokens", request).await
        }
        Some((model, "embedContent" | "batchEmbedContents")) => {
            embeddings::gemini(&shared, by, model, request).await
        }
        _ => no_such_path(State(shared), request).await,
    }
}

pub(super) async fn anthropic_count(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    count(&shared, Api::Anthropic, "", "input_tokens", request).await
}

pub(super) async fn no_such_path(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let api = match request.uri().path() {
        path if path.starts_with("/v1beta") => Api::Gemini { sse: false },
        path if path.starts_with("/api") => Api::Ollama,
        _ => api_of_v1(request.headers()),
    };
    let path = format!("{} {}", request.method(), request.uri().path());
    match receive(&shared, request).await {
        Ok(_) => answer::refuse(&shared, api, &Failure::NoSuchPath { path }),
        Err(failure) => answer::refuse(&shared, api, &failure),
    }
}

/// `/v1` serves two APIs; Anthropic's clients always send their version.
pub(super) fn api_of_v1(headers: &HeaderMap) -> Api {
    if headers.contains_key("anthropic-version") { Api::Anthropic } else { Api::OpenAiChat }
}

async fn chat(shared: &Arc<Shared>, by: Connection, api: Api, model: &str, request: Request) -> Response {
    let (model, stream) = match model.strip_suffix(":stream") {
        Some(model) => (model, true),
        None => (model, false),
    };
    let allowed = authenticate(api, request.headers(), request.uri().query());
    let version_missing = api == Api::Anthropic && !request.headers().contains_key("anthropic-version");
    let body = match receive(shared, request).await {
        Ok(body) => body,
        Err(failure) => return answer::refuse(shared, api, &failure),
    };
    if let Err(failure) = allowed {
        return answer::refuse(shared, api, &failure);
    }
    if version_missing {
        let message = "anthropic-version: header is required".to_owned();
        return answer::refuse(shared, api, &Failure::InvalidRequest { message, param: None });
    }
    let mut ask = match parse(&body).and_then(|body| api.read(&body, model)) {
        Ok(ask) => ask,
        Err(failure) => return answer::refuse(shared, api, &failure),
    };
    ask.stream |= stream;
    let Some(behaviour) = behaviour(shared, &ask.model) else {
        return answer::refuse(shared, api, &Failure::ModelNotFound { model: ask.model });
    };
    if api == Api::Anthropic && ask.max_tokens.is_none() {
        let message = "max_tokens: Field required".to_owned();
        return answer::refuse(shared, api, &Failure::InvalidRequest { message, param: None });
    }
    let plan = plan(&ask, behaviour, models::voice_of(&ask.model), shared.pace, shared.seed);
    answer::perform(Reply { shared: Arc::clone(shared), api, ask, by }, plan).await
}

/// Scripts come first, then the names that mean a fault, then the demo models.
pub(super) fn behaviour(shared: &Shared, model: &str) -> Option<Behaviour> {
    let model = bare_model(model);
    shared
        .scripted(model)
        .or_else(|| fault_named(model))
        .or_else(|| models::find(model).map(|_| Behaviour::Normal))
}

async fn count(shared: &Arc<Shared>, api: Api, model: &str, field: &str, request: Request) -> Response {
    let allowed = authenticate(api, request.headers(), request.uri().query());
    let body = match receive(shared, request).await {
        Ok(body) => body,
        Err(failure) => return answer::refuse(shared, api, &failure),
    };
    let counted = allowed.and_then(|()| parse(&body)).and_then(|body| api.read(&body, model));
    match counted {
        Ok(ask) if behaviour_exists(shared, &ask.model) => {
            let mut reply = serde_json::Map::new();
            reply.insert(field.to_owned(), json!(ask.input_tokens()));
            answer::json(shared, api, 200, Vec::new(), &Value::Object(reply))
        }
        Ok(ask) => answer::refuse(shared, api, &Failure::ModelNotFound { model: ask.model }),
        Err(failure) => answer::refuse(shared, api, &failure),
    }
}

/// Counting tokens uses up no script.
fn behaviour_exists(shared: &Shared, model: &str) -> bool {
    let model = bare_model(model);
    lock(&shared.scripts).contains_key(model) || fault_named(model).is_some() || models::find(model).is_some()
}

pub(super) fn parse(body: &[u8]) -> Result<Value, Failure> {
    serde_json::from_slice(body).map_err(|error| Failure::InvalidRequest {
        message: format!("We could not parse the JSON body of your request: {error}"),
        param: None,
    })
}

/// Reads the body and keeps the request for assertions.
pub(super) async fn receive(shared: &Shared, request: Request) -> Result<Vec<u8>, Failure> {
    let (parts, body) = request.into_parts();
    let body = tokio::select! {
        body = read(body) => body?,
        () = shared.stop.cancelled() => return Err(Failure::Unavailable),
    };
    let text = |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    shared.capture(CapturedRequest {
        order: 0,
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect(),
        body: serde_json::from_slice(&body).unwrap_or_default(),
        body_bytes: body.len(),
    });
    Ok(body)
}

async fn read(body: Body) -> Result<Vec<u8>, Failure> {
    to_bytes(body, BODY_LIMIT).await.map(Vec::from).map_err(|_| Failure::TooLarge)
}

/// Any key will do, except the two kinds kept for trying refusals. Each API looks for it in its own places.
pub(super) fn authenticate(api: Api, headers: &HeaderMap, query: Option<&str>) -> Result<(), Failure> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let bearer = || header("authorization").and_then(|value| value.strip_prefix("Bearer ")).map(str::trim);
    let in_query = || query.and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("key=")));
    let key = match api {
        Api::Ollama => return Ok(()),
        Api::OpenAiChat | Api::OpenAiResponses | Api::OpenAiText => bearer(),
        Api::Anthropic => header("x-api-key").or_else(bearer),
        Api::Gemini { .. } => header("x-goog-api-key").or_else(in_query).or_else(bearer),
    };
    match key.filter(|key| !key.is_empty()) {
        None => Err(Failure::MissingKey),
        Some(key) if key.starts_with("bad") => Err(Failure::InvalidKey),
        Some(key) if key.starts_with("locked") => Err(Failure::Permission { model: "this".to_owned() }),
        Some(_) => Ok(()),
    }
}
