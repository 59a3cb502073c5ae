use serde_json::json;

use super::*;
use ErrorCategory::{
    Authentication, ContentFilter, ContextLength, InvalidRequest, ModelNotFound, Permission, QuotaExceeded,
    RateLimited, Truncated, Unavailable, WrongAddress,
};
use reqwest::header::{HeaderMap, HeaderValue};

fn refused(status: u16, body: &str) -> ProviderError {
    from_reply("p", status, &HeaderMap::new(), body.as_bytes())
}

/// Real refusals (PROTOCOLS, sections 1 to 7), shortened.
const REFUSALS: &[(u16, &str, ErrorCategory)] = &[
    (
        401,
        r#"{"error":{"message":"Incorrect API key","type":"invalid_request_error","code":"invalid_api_key"}}"#,
        Authentication,
    ),
    (
        401,
        r#"{"error":{"code":"401","message":"Access denied due to invalid subscription key"}}"#,
        Authentication,
    ),
    (
        401,
        r#"{"code":"InvalidApiKey","message":"Invalid API-key provided.","request_id":"r"}"#,
        Authentication,
    ),
    (401, r#"{"detail":"Invalid API Key"}"#, Authentication),
    (
        400,
        r#"{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}"#,
        Authentication,
    ),
    (
        402,
        r#"{"error":{"message":"Insufficient Balance","type":"unknown_error","code":"invalid_request_error"}}"#,
        QuotaExceeded,
    ),
    (
        429,
        r#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}"#,
        QuotaExceeded,
    ),
    (
        429,
        r#"{"code":"Some resource has been exhausted","error":"Your team has used all available credits"}"#,
        QuotaExceeded,
    ),
    (
        400,
        r#"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the API"}}"#,
        QuotaExceeded,
    ),
    (429, r#"{"error":{"message":"Rate limit exceeded: free-models-per-day","code":429}}"#, QuotaExceeded),
    (
        429,
        r#"{"error":{"code":429,"message":"Your prepayment credits are depleted.","status":"RESOURCE_EXHAUSTED"}}"#,
        QuotaExceeded,
    ),
    (
        429,
        r#"{"error":"you (somebody) have reached your weekly usage limit, upgrade for higher limits"}"#,
        QuotaExceeded,
    ),
    (
        429,
        r#"{"error":{"message":"Rate limit reached","type":"tokens","code":"rate_limit_exceeded"}}"#,
        RateLimited,
    ),
    (429, r#"{"error":{"code":"RateLimitReached","message":"exceeded rate limit"}}"#, RateLimited),
    (
        429,
        r#"{"error":{"code":429,"message":"You exceeded your current quota","status":"RESOURCE_EXHAUSTED"}}"#,
        RateLimited,
    ),
    (
        429,
        r#"{"object":"error","message":"Service tier capacity exceeded","type":"invalid_request_error","code":null}"#,
        RateLimited,
    ),
    (429, "", RateLimited),
    (
        413,
        r#"{"error":{"message":"Request too large for model","type":"tokens","code":"rate_limit_exceeded"}}"#,
        ContextLength,
    ),
    (
        400,
        r#"{"error":{"message":"too long","type":"invalid_request_error","code":"context_length_exceeded"}}"#,
        ContextLength,
    ),
    (
        400,
        r#"{"error":{"message":"This model's maximum context length is 8 tokens","type":"BadRequestError","code":400}}"#,
        ContextLength,
    ),
    (
        400,
        r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens > 8 maximum"}}"#,
        ContextLength,
    ),
    (
        400,
        r#"{"error":{"code":400,"type":"exceed_context_size_error","message":"x","n_ctx":8}}"#,
        ContextLength,
    ),
    (
        400,
        r#"{"error":{"code":400,"message":"Illegal param: prefill 744 tokens exceed n_ctx_per_seq"}}"#,
        ContextLength,
    ),
    (
        400,
        r#"{"object":"error","message":"max_tokens must be at least 1, got -186.","code":400}"#,
        ContextLength,
    ),
    (
        404,
        r#"{"error":{"message":"The model `x` does not exist","type":"invalid_request_error","code":"model_not_found"}}"#,
        ModelNotFound,
    ),
    (
        404,
        r#"{"type":"error","error":{"type":"not_found_error","message":"model: claude-x"}}"#,
        ModelNotFound,
    ),
    (404, r#"{"error":"model 'x' not found"}"#, ModelNotFound),
    (404, r#"{"error":{"code":404,"message":"No endpoints found for x:free."}}"#, ModelNotFound),
    (
        400,
        r#"{"object":"error","message":"Invalid model: x","type":"invalid_model","code":"1500"}"#,
        ModelNotFound,
    ),
    (
        400,
        r#"{"error":{"message":"Model Not Exist","type":"invalid_request_error","code":"invalid_request_error"}}"#,
        ModelNotFound,
    ),
    (400, r#"{"error":{"code":400,"message":"x/y is not a valid model ID"}}"#, ModelNotFound),
    (
        400,
        r#"{"error":{"code":"model_decommissioned","message":"The model has been decommissioned"}}"#,
        ModelNotFound,
    ),
    (
        404,
        r#"{"error":{"code":"DeploymentNotFound","message":"The API deployment does not exist."}}"#,
        ModelNotFound,
    ),
    (400, r#"{"error":{"code":"1211","message":"Unknown Model"}}"#, ModelNotFound),
    (403, r#"{"error":{"code":null,"message":"You are not allowed to sample from this model"}}"#, Permission),
    (
        403,
        r#"{"error":{"code":403,"message":"Provider returned error","metadata":{"raw":"{\"error\":\"Content violates usage guidelines.\"}"}}}"#,
        ContentFilter,
    ),
    (
        400,
        r#"{"error":{"code":"content_filter","message":"filtered","innererror":{"code":"ResponsibleAIPolicyViolation"}}}"#,
        ContentFilter,
    ),
    (400, r#"{"error":{"code":"data_inspection_failed","message":"inappropriate"}}"#, ContentFilter),
    (
        400,
        r#"{"error":{"message":"Unsupported parameter: 'x'","code":"unsupported_parameter","param":"x"}}"#,
        InvalidRequest,
    ),
    (400, r#"{"error":{"message":"y does not support tools","type":"api_error"}}"#, InvalidRequest),
    (422, r#"{"detail":[{"loc":["body","messages"],"msg":"field required"}]}"#, InvalidRequest),
    (
        500,
        r#"{"error":{"code":500,"message":"tools param requires --jinja flag","type":"server_error"}}"#,
        Unavailable,
    ),
    (
        503,
        r#"{"error":{"message":"The server is overloaded or not ready yet.","type":"service_unavailable"}}"#,
        Unavailable,
    ),
    (529, r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#, Unavailable),
    (
        503,
        r#"[{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}]"#,
        Unavailable,
    ),
    (502, "<html><head><title>502 Bad Gateway</title></head></html>", Unavailable),
    (500, "", Unavailable),
    (408, "", Unavailable),
    (404, "404 page not found", WrongAddress),
];

#[test]
fn refusals_get_their_category() {
    for (status, body, category) in REFUSALS {
        assert_eq!(refused(*status, body).category, *category, "{status} {body}");
    }
}

#[test]
fn the_providers_words_stay_verbatim() {
    let error = refused(
        400,
        r#"{"error":{"message":"No.","type":"t","code":400,"param":"messages[0]"},"request_id":"r9"}"#,
    );
    assert_eq!(
        (error.message.as_str(), error.kind.as_deref(), error.param.as_deref()),
        ("No.", Some("t"), Some("messages[0]"))
    );
    assert_eq!(
        (error.code, error.request_id.as_deref(), error.status),
        (Some(json!(400)), Some("r9"), Some(400))
    );
    let null = refused(500, r#"{"error":{"message":"x","code":null}}"#);
    assert_eq!(null.code, None);
    assert_eq!(refused(422, r#"{"detail":[{"loc":["body","n"],"msg":"bad"}]}"#).message, "body.n: bad");
}

#[test]
fn headers_give_the_request_id_and_the_wait() {
    let mut headers = HeaderMap::new();
    headers.insert("x-request-id", HeaderValue::from_static("req_1"));
    headers.insert("retry-after", HeaderValue::from_static("4"));
    let error = from_reply("p", 429, &headers, br#"{"error":{"message":"Please try again in 174ms."}}"#);
    assert_eq!(
        (error.request_id.as_deref(), error.retry_after_ms),
        (Some("req_1"), Some(4000)),
        "a header beats the text"
    );
    assert_eq!(
        refused(429, r#"{"error":{"message":"Please try again in 174ms."}}"#).retry_after_ms,
        Some(174)
    );
}

#[test]
fn what_is_no_error_body_is_described() {
    let page = refused(404, "<!DOCTYPE html><html><body><h1>Not Found</h1><p>nginx</p></body></html>");
    assert_eq!(page.category, WrongAddress);
    assert!(
        page.message.contains("Not Found nginx") && page.message.contains("base URL"),
        "{}",
        page.message
    );
    assert!(refused(503, "").message.contains("503"));
    let long = refused(500, &"x".repeat(100_000));
    assert!(long.message.len() < 300, "an excerpt, not the body");
    for (body, category) in [
        ("{\"choices\":[{\"mess", Truncated),
        ("[{\"candidates\":", Truncated),
        ("{\"choices\":x", WrongAddress),
        ("<html>", WrongAddress),
        ("", WrongAddress),
    ] {
        assert_eq!(not_this_api("p", body.as_bytes()).category, category, "{body}");
    }
    assert_eq!(refused(404, r#"{"ok":true}"#).category, WrongAddress, "JSON that says nothing of an error");
}

#[test]
fn an_error_inside_a_200_follows_the_status_it_states() {
    let reported = read(&json!({"error":{"message":"down","code":502}})).unwrap().into_error("p", 200);
    assert_eq!(
        (reported.category, reported.status),
        (Unavailable, Some(200)),
        "HTTP's status stays what it was"
    );
    let reported = read(&json!({"error":{"message":"slow down","code":"429"}})).unwrap().into_error("p", 200);
    assert_eq!(reported.category, RateLimited);
    assert_eq!(read(&json!({"choices":[],"message":"no"})), None);
    assert_eq!(read(&json!({"id":"x"})), None);
}
