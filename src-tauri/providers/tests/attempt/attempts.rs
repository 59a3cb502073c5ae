use std::time::Duration;

use roundtable_domain::{
    Answer, AnswerEnd, ChatRequest, Endpoint, ErrorCategory, Message, Params, ProviderError, Role,
    StreamEvent, WireApi,
};
use roundtable_providers::{
    Call, ChatStream, Client, ClientOptions, Timers, check_key, list_models, start_chat,
};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::server::{Act, Server};

const KEY: &str = "sk-test-0123456789wxyz";

fn endpoint(base: &str) -> Endpoint {
    Endpoint {
        provider: "p".into(),
        api: WireApi::OpenaiChat,
        dialect: "custom".into(),
        base_url: Url::parse(base).unwrap(),
        extra_headers: vec![("x-extra".into(), "1".into())],
        network: roundtable_domain::Network::default(),
    }
}

fn client() -> Client {
    Client::new(ClientOptions { version: "9.9".into(), ..ClientOptions::default() }).unwrap()
}

fn request(stream: bool) -> ChatRequest {
    let messages = vec![Message::text(Role::User, "hi")];
    ChatRequest {
        model: "m".into(),
        messages,
        params: Params::default(),
        tools: Vec::new(),
        stream,
        ..ChatRequest::default()
    }
}

/// Short enough for a test, long enough for a busy machine.
fn timers() -> Timers {
    Timers { connect_ms: 2000, first_delta_ms: 5000, idle_ms: 5000, total_ms: 5000 }
}

async fn start(base: &str, timers: Timers, cancel: &CancellationToken) -> Result<ChatStream, ProviderError> {
    let (endpoint, key, request) = (endpoint(base), SecretString::from(KEY), request(true));
    let call = Call { endpoint: &endpoint, key: Some(&key), request: &request, timers };
    start_chat(&client(), call, cancel).await.map_err(|none| none.error)
}

/// Reads to the end; the answer, and the error that ended it if one did.
async fn read(stream: &mut ChatStream) -> (Answer, Option<ProviderError>) {
    let mut answer = Answer::default();
    loop {
        let mut batch = Vec::new();
        let more = stream.next_batch(&mut batch).await;
        for event in batch {
            answer.apply(event);
        }
        match more {
            Ok(true) => {}
            Ok(false) => return (answer, None),
            Err(error) => return (answer, Some(error)),
        }
    }
}

async fn run(acts: Vec<Act>, timers: Timers) -> (Answer, Option<ProviderError>) {
    let server = Server::start(acts).await;
    match start(&server.base, timers, &CancellationToken::new()).await {
        Ok(mut stream) => read(&mut stream).await,
        Err(error) => (Answer::default(), Some(error)),
    }
}

fn sse(payload: &str) -> Act {
    Act::Send(format!("data: {payload}\n\n").into_bytes())
}

fn text(text: &str) -> Act {
    sse(&format!(r#"{{"id":"r","model":"m","choices":[{{"index":0,"delta":{{"content":"{text}"}}}}]}}"#))
}

fn stop() -> Act {
    sse(r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#)
}

fn stream_head() -> Act {
    Act::Send(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nx-request-id: req7\r\nx-ratelimit-limit-requests: 5\r\nconnection: close\r\n\r\n".to_vec())
}

fn reply(status: &str, headers: &str, body: &str) -> Vec<Act> {
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n", body.len());
    vec![Act::Send([head.as_bytes(), body.as_bytes()].concat())]
}

#[tokio::test]
async fn an_answer_streams_and_the_request_is_as_promised() {
    let server = Server::start(vec![stream_head(), text("he"), text("llo"), stop(), sse("[DONE]")]).await;
    let mut stream = start(&server.base, timers(), &CancellationToken::new()).await.unwrap();
    assert_eq!((stream.head().status, stream.head().request_id.as_deref()), (200, Some("req7")));
    assert_eq!(stream.head().rate_limits.requests.and_then(|window| window.limit), Some(5));
    let (answer, error) = read(&mut stream).await;
    assert_eq!((answer.text.as_str(), answer.end(), error), ("hello", AnswerEnd::Complete, None));
    let sent = server.request().await;
    let lower = sent.to_lowercase();
    assert!(sent.starts_with("POST /v1/chat/completions HTTP/1.1\r\n"), "{sent}");
    for line in [
        "authorization: bearer sk-test-",
        "user-agent: roundtable/9.9",
        "x-extra: 1",
        "content-type: application/json",
    ] {
        assert!(lower.contains(line), "{line} in {sent}");
    }
    assert!(!format!("{stream:?}{:?}", endpoint("http://127.0.0.1")).contains(KEY), "Debug shows no key");
}

#[tokio::test]
async fn a_server_that_keeps_the_connection_open_does_not_hold_the_answer() {
    let after_done = vec![stream_head(), text("x"), stop(), sse("[DONE]"), Act::Hold];
    let began = tokio::time::Instant::now();
    let (answer, error) = run(after_done, timers()).await;
    assert_eq!((answer.end(), error), (AnswerEnd::Complete, None));
    assert!(began.elapsed() < Duration::from_secs(2), "neither EOF nor a timer was waited for");
}

#[tokio::test]
async fn a_finished_answer_leaves_its_connection_for_the_next() {
    let chunk = |text: &str| Act::Send(format!("{:x}\r\n{text}\r\n", text.len()).into_bytes());
    let head =
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    let done = "data: {\"choices\":[{\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    // The last chunk comes a moment after [DONE], as from real servers.
    let answer = [Act::Send(head), chunk(done), Act::Wait(10), chunk("")];
    let server = Server::start([&answer[..], &[Act::Read], &answer[..]].concat()).await;
    let (client, endpoint, request) = (client(), endpoint(&server.base), request(true));
    for turn in ["first", "second"] {
        let call = Call { endpoint: &endpoint, key: None, request: &request, timers: timers() };
        let mut stream = start_chat(&client, call, &CancellationToken::new()).await.expect(turn);
        let (answer, error) = read(&mut stream).await;
        assert_eq!(
            (answer.end(), error),
            (AnswerEnd::Complete, None),
            "{turn}: the server takes one connection only"
        );
    }
}

#[tokio::test]
async fn usage_after_the_finish_is_read() {
    let usage = sse(r#"{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1}}"#);
    let (answer, _) =
        run(vec![stream_head(), text("x"), stop(), Act::Wait(50), usage, sse("[DONE]")], timers()).await;
    assert!(answer.usage_raw.is_some() && answer.completed);
}

#[tokio::test]
async fn an_early_end_is_truncated_and_keeps_the_text() {
    for end in [Act::Close, Act::Reset] {
        let (answer, error) = run(vec![stream_head(), text("half"), Act::Wait(50), end], timers()).await;
        assert_eq!(answer.text, "half");
        assert!(!answer.completed && error.is_none_or(|error| error.category == ErrorCategory::Network));
    }
    let chunked =
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n5\r\ndata:"
            .to_vec();
    let (answer, error) = run(vec![Act::Send(chunked), Act::Close], timers()).await;
    assert_eq!((answer.end(), error), (AnswerEnd::Truncated, None), "chunks that break off are an early end");
    let (answer, error) = run(reply("200 OK", "content-type: text/event-stream\r\n", ""), timers()).await;
    assert_eq!((answer.end(), error), (AnswerEnd::Truncated, None), "an empty 200");
}

async fn timeout_of(acts: Vec<Act>, timers: Timers) -> (Answer, String) {
    let (answer, error) = run(acts, timers).await;
    let error = error.expect("a timer runs out");
    assert_eq!(error.category, ErrorCategory::Timeout, "{error:?}");
    (answer, error.message)
}

fn pings() -> impl Iterator<Item = Act> {
    let role = sse(r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}"#);
    [role, Act::Send(b": ping\n\n".to_vec()), Act::Wait(60)].into_iter().cycle().take(60)
}

#[tokio::test]
async fn keep_alives_reset_no_timer() {
    let short = Timers { first_delta_ms: 300, ..timers() };
    let (_, message) = timeout_of([stream_head()].into_iter().chain(pings()).collect(), short).await;
    assert!(message.contains("first-delta timer") && message.contains("300 ms"), "{message}");
    let (_, message) = timeout_of(vec![Act::Hold], short).await;
    assert!(message.contains("first-delta timer"), "before the head too: {message}");
    let idle = Timers { idle_ms: 300, ..timers() };
    let (answer, message) =
        timeout_of([stream_head(), text("half")].into_iter().chain(pings()).collect(), idle).await;
    assert!(answer.text == "half" && message.contains("idle timer"), "{message}");
}

#[tokio::test]
async fn the_total_timer_ends_even_a_lively_answer() {
    let total = Timers { total_ms: 300, ..timers() };
    let words = (0..60).flat_map(|_| [text("w "), Act::Wait(30)]);
    let (answer, message) = timeout_of([stream_head()].into_iter().chain(words).collect(), total).await;
    assert!(answer.text.starts_with("w w ") && message.contains("total timer"), "{message}");
}

#[tokio::test]
async fn cancelling_works_in_every_phase() {
    for acts in
        [vec![Act::Hold], vec![stream_head(), Act::Hold], vec![stream_head(), text("half"), Act::Hold]]
    {
        let server = Server::start(acts).await;
        let cancel = CancellationToken::new();
        let after = cancel.clone();
        let cancelling = async {
            tokio::time::sleep(Duration::from_millis(80)).await;
            after.cancel();
        };
        let reading = async {
            match start(&server.base, timers(), &cancel).await {
                Ok(mut stream) => read(&mut stream).await.1,
                Err(error) => Some(error),
            }
        };
        let (error, ()) = tokio::join!(reading, cancelling);
        assert_eq!(error.map(|error| error.category), Some(ErrorCategory::Cancelled));
    }
}

async fn refusal(acts: Vec<Act>) -> ProviderError {
    run(acts, timers()).await.1.expect("the call is refused")
}

#[tokio::test]
async fn refusals_carry_category_wait_and_no_key() {
    let body =
        format!(r#"{{"error":{{"message":"Wrong key {KEY} here","type":"t","code":"invalid_api_key"}}}}"#);
    let error = refusal(reply("401 Unauthorized", "x-request-id: r1\r\n", &body)).await;
    assert_eq!(
        (error.category, error.message.as_str()),
        (ErrorCategory::Authentication, "Wrong key sk-…wxyz here")
    );
    assert_eq!((error.status, error.request_id.as_deref()), (Some(401), Some("r1")));
    let date = httpdate::fmt_http_date(std::time::SystemTime::now() + Duration::from_secs(30));
    let error = refusal(reply("429 Too Many", &format!("retry-after: {date}\r\n"), "")).await;
    assert!(error.retry_after_ms.is_some_and(|ms| (25_000..=30_000).contains(&ms)), "{error:?}");
    let in_stream = vec![stream_head(), sse(&body)];
    let (answer, _) = run(in_stream, timers()).await;
    let error = answer.error.expect("an error inside a 200");
    assert_eq!(
        (error.message.as_str(), error.request_id.as_deref()),
        ("Wrong key sk-…wxyz here", Some("req7"))
    );
}

#[tokio::test]
async fn redirects_are_refused_and_name_their_target() {
    let acts =
        reply("307 Temporary Redirect", "location: https://evil.example/v1/chat/completions?x=1\r\n", "");
    let error = refusal(acts).await;
    assert_eq!((error.category, error.status), (ErrorCategory::WrongAddress, Some(307)));
    assert!(error.message.contains("https://evil.example/v1/chat/completions"), "{}", error.message);
}

#[tokio::test]
async fn a_web_page_says_that_the_base_url_seems_wrong() {
    let page = "<html><title>Sign in</title></html>";
    for (status, headers) in [
        ("200 OK", "content-type: text/html; charset=utf-8\r\n"),
        ("404 Not Found", "content-type: text/html\r\n"),
    ] {
        let error = refusal(reply(status, headers, page)).await;
        assert_eq!(error.category, ErrorCategory::WrongAddress, "{status}");
        assert!(error.message.contains("Sign in") && error.message.contains("base URL"), "{}", error.message);
    }
    let (answer, _) = run(reply("200 OK", "content-type: application/json\r\n", page), timers()).await;
    assert!(
        answer.error.is_some_and(|error| error.message.contains("base URL")),
        "a page under a false content type"
    );
}

async fn no_connection(base: &str) -> ProviderError {
    let error = start(base, timers(), &CancellationToken::new()).await.expect_err("nothing answers");
    assert!(!error.message.contains(KEY));
    error
}

#[tokio::test]
async fn failures_below_http_say_what_to_do() {
    let error = no_connection("https://no-such-host.invalid/v1").await;
    assert_eq!(error.category, ErrorCategory::Network);
    assert!(error.message.contains("no-such-host.invalid does not resolve"), "{}", error.message);
    let closed = Server::closed_port().await;
    let error = no_connection(&closed).await;
    assert_eq!(error.category, ErrorCategory::Network);
    assert!(error.message.contains("refused the connection"), "{}", error.message);
    let plain = Server::start(reply("400 Bad Request", "", "")).await;
    let error = no_connection(&plain.base.replace("http://", "https://")).await;
    assert_eq!(error.category, ErrorCategory::Network);
    assert!(error.message.contains("TLS"), "{}", error.message);
    let silent = Server::start(vec![Act::Close]).await;
    let error = no_connection(&silent.base).await;
    assert_eq!(error.category, ErrorCategory::Network);
    assert!(error.message.contains("broke before an answer"), "{}", error.message);
}

#[tokio::test]
async fn a_key_that_cannot_be_a_header_is_refused_before_sending() {
    let server = Server::start(vec![Act::Hold]).await;
    let (endpoint, key, request) = (endpoint(&server.base), SecretString::from("sk-a\nb"), request(true));
    let call = Call { endpoint: &endpoint, key: Some(&key), request: &request, timers: timers() };
    let error = start_chat(&client(), call, &CancellationToken::new()).await.expect_err("not a header").error;
    assert_eq!((error.category, error.status), (ErrorCategory::Authentication, None));
}

#[tokio::test]
async fn a_whole_reply_comes_as_events_too() {
    let body = r#"{"id":"r","model":"m","choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}"#;
    let server = Server::start(reply("200 OK", "content-type: application/json\r\n", body)).await;
    let (endpoint, request) = (endpoint(&server.base), request(false));
    let call = Call { endpoint: &endpoint, key: None, request: &request, timers: timers() };
    let mut stream = start_chat(&client(), call, &CancellationToken::new()).await.unwrap();
    let mut events = Vec::new();
    while stream.next_batch(&mut events).await.unwrap() {}
    assert!(events.contains(&StreamEvent::Text("hi".into())) && events.contains(&StreamEvent::Completed));
    assert!(!server.request().await.to_lowercase().contains("authorization"), "no key, no header");
}

#[tokio::test]
async fn models_are_listed_and_keys_checked_for_free() {
    let list = r#"{"object":"list","data":[{"id":"a"},{"id":"b"}]}"#;
    let json = "content-type: application/json\r\n";
    let (key, cancel) = (SecretString::from(KEY), CancellationToken::new());
    let server = Server::start(reply("200 OK", json, list)).await;
    let models = list_models(&client(), &endpoint(&server.base), Some(&key), &cancel).await.unwrap();
    assert_eq!(models.len(), 2);
    assert!(server.request().await.starts_with("GET /v1/models HTTP/1.1"));
    let server = Server::start(reply("200 OK", json, list)).await;
    assert_eq!(
        check_key(&client(), &endpoint(&server.base), Some(&key), &cancel).await.unwrap().models,
        Some(2)
    );
    let server = Server::start(reply("200 OK", json, r#"{"data":{"label":"x"}}"#)).await;
    let openrouter = Endpoint { dialect: "openrouter".into(), ..endpoint(&server.base) };
    assert_eq!(check_key(&client(), &openrouter, Some(&key), &cancel).await.unwrap().models, None);
    assert!(server.request().await.starts_with("GET /v1/key HTTP/1.1"), "its list of models is public");
    let server = Server::start(reply("401 Unauthorized", json, r#"{"error":{"message":"no"}}"#)).await;
    let error =
        check_key(&client(), &endpoint(&server.base), Some(&key), &cancel).await.expect_err("a wrong key");
    assert_eq!(error.category, ErrorCategory::Authentication);
    let server = Server::start(reply("200 OK", json, "[]x")).await;
    let error =
        list_models(&client(), &endpoint(&server.base), Some(&key), &cancel).await.expect_err("no list");
    assert!(error.message.contains("base URL"), "{}", error.message);
}
