use std::collections::BTreeSet;

use roundtable_domain::endpoint::{PlainHttp, parse_base_url};
use roundtable_domain::{Params, Proxy, ReasoningEffort, ResponseFormat, Role, Timeouts, WireApi};
use serde_json::json;

use super::*;

fn endpoint() -> Endpoint {
    Endpoint {
        provider: "acme".into(),
        api: WireApi::OpenaiChat,
        dialect: "custom".into(),
        base_url: parse_base_url("https://api.example.com/v1", PlainHttp::Loopback).unwrap(),
        extra_headers: vec![("x-team".into(), "blue".into())],
        network: Network::default(),
    }
}

fn request() -> ChatRequest {
    ChatRequest {
        model: "m".into(),
        messages: vec![Message::text(Role::System, "ab"), Message::text(Role::User, "c")],
        params: Params { temperature: Some(0.0), ..Params::default() },
        ..ChatRequest::default()
    }
}

fn key(endpoint: &Endpoint, request: &ChatRequest) -> CacheKey {
    cache_key(&CacheInput { endpoint, request, model_served: "m-1", adapter_revision: "7" })
}

type Change = fn(&mut Endpoint, &mut ChatRequest);

/// Everything that may change an answer.
const CHANGES: &[Change] = &[
    |endpoint, _| endpoint.provider = "other".into(),
    |endpoint, _| endpoint.api = WireApi::OpenaiResponses,
    |endpoint, _| endpoint.dialect = "openrouter".into(),
    |endpoint, _| endpoint.base_url.set_path("/v2"),
    |endpoint, _| endpoint.extra_headers.clear(),
    |endpoint, _| endpoint.network.query.push(("api-version".into(), "1".into())),
    |_, request| request.model = "n".into(),
    |_, request| request.messages = vec![Message::text(Role::System, "a"), Message::text(Role::User, "bc")],
    |_, request| request.messages = vec![Message::text(Role::User, "ab"), Message::text(Role::User, "c")],
    |_, request| request.messages.truncate(1),
    |_, request| request.params.temperature = None,
    |_, request| request.params.temperature = Some(0.1),
    |_, request| request.params.top_p = Some(0.0),
    |_, request| request.params.max_tokens = Some(0),
    |_, request| request.params.stop = vec!["ab".into(), "c".into()],
    |_, request| request.params.stop = vec!["a".into(), "bc".into()],
    |_, request| request.params.seed = Some(0),
    |_, request| request.params.top_k = Some(0),
    |_, request| request.params.presence_penalty = Some(0.0),
    |_, request| request.params.frequency_penalty = Some(0.0),
    |_, request| request.params.reasoning_effort = Some(ReasoningEffort::Low),
    |_, request| request.params.reasoning_tokens = Some(0),
    |_, request| request.params.response_format = ResponseFormat::JsonObject,
    |_, request| request.tools.push(tool("a")),
    |_, request| request.tools.push(tool("b")),
    |_, request| request.tool_choice = ToolChoice::Required,
    |_, request| request.tool_choice = ToolChoice::Named("required".into()),
    |_, request| request.parallel_tools = Some(false),
    |_, request| request.thinking_limit = Some(0),
    |_, request| request.thinking_limit = Some(1),
];

fn tool(name: &str) -> ToolDefinition {
    ToolDefinition { name: name.into(), description: None, parameters: json!({}) }
}

#[test]
fn whatever_may_change_the_answer_changes_the_key() {
    let mut keys = BTreeSet::from([key(&endpoint(), &request())]);
    for change in CHANGES {
        let (mut endpoint, mut request) = (endpoint(), request());
        change(&mut endpoint, &mut request);
        keys.insert(key(&endpoint, &request));
    }
    let (endpoint, request) = (endpoint(), request());
    let input =
        CacheInput { endpoint: &endpoint, request: &request, model_served: "m-1", adapter_revision: "7" };
    keys.insert(cache_key(&CacheInput { model_served: "m-2", ..input }));
    keys.insert(cache_key(&CacheInput { adapter_revision: "8", ..input }));
    assert_eq!(keys.len(), CHANGES.len() + 3, "two different requests share a key");
}

#[test]
fn the_way_there_does_not_change_the_key() {
    let (mut other, mut streamed) = (endpoint(), request());
    other.network.proxy = Proxy::Direct;
    other.network.certificate_authority = Some("pem".into());
    other.network.timeouts = Timeouts { connect_ms: Some(1), ..Timeouts::default() };
    streamed.stream = true;
    assert_eq!(key(&other, &streamed), key(&endpoint(), &request()));
}

#[test]
fn only_what_repeats_is_taken_from_the_cache() {
    let with = |params: Params| check_request(&ChatRequest { params, ..request() }, false);
    assert_eq!(with(Params { temperature: Some(0.0), ..Params::default() }), Ok(()));
    assert_eq!(with(Params { seed: Some(7), temperature: Some(1.0), ..Params::default() }), Ok(()));
    assert_eq!(with(Params { top_k: Some(1), ..Params::default() }), Ok(()));
    assert_eq!(with(Params::default()), Err(NotCacheable::NotDeterministic));
    assert_eq!(check_request(&ChatRequest { params: Params::default(), ..request() }, true), Ok(()));
    let mut remote = request();
    remote.messages.push(Message {
        role: Role::User,
        parts: vec![Part::ImageUrl { url: "https://x.example/a".into() }],
    });
    assert_eq!(check_request(&remote, true), Err(NotCacheable::RemoteContent));
    let mut search = request();
    let other = Part::Other { api: WireApi::OpenaiResponses, content: json!({}) };
    search.messages.push(Message { role: Role::Assistant, parts: vec![other] });
    assert_eq!(check_request(&search, true), Err(NotCacheable::ServerSideTool));
}

#[test]
fn only_whole_answers_are_kept() {
    assert_eq!(check_answer(RunState::Complete, FinishReason::Stop, false), Ok(()));
    assert_eq!(check_answer(RunState::Complete, FinishReason::Stop, true), Err(NotCacheable::ServerSideTool));
    assert_eq!(
        check_answer(RunState::Complete, FinishReason::ContentFilter, false),
        Err(NotCacheable::Filtered)
    );
    for state in [RunState::Truncated, RunState::Failed, RunState::Cancelled, RunState::Interrupted] {
        assert_eq!(check_answer(state, FinishReason::Stop, false), Err(NotCacheable::Incomplete));
    }
}
