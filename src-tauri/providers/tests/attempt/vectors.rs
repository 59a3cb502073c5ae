//! Vectors and counts against a real socket.

use roundtable_domain::{
    ChatRequest, Endpoint, ErrorCategory, Message, Network, ProviderError, Role, WireApi,
};
use roundtable_providers::{
    Client, ClientOptions, EmbeddingRequest, Embeddings, Timers, count_tokens, embed, list_models,
};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::server::{Act, Server};

const KEY: &str = "sk-test-0123456789wxyz";

fn endpoint(api: WireApi, dialect: &str, base: &str) -> Endpoint {
    Endpoint {
        provider: "p".into(),
        api,
        dialect: dialect.into(),
        base_url: Url::parse(base).unwrap(),
        extra_headers: Vec::new(),
        network: Network::default(),
    }
}

fn client() -> Client {
    Client::new(ClientOptions::default()).unwrap()
}

fn reply(status: &str, body: &str) -> Act {
    Act::Send(format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes())
}

/// The vectors of texts, and the last request as it came.
async fn embedded(
    (api, dialect): (WireApi, &str),
    acts: Vec<Act>,
    texts: &[&str],
) -> (Result<Embeddings, ProviderError>, String) {
    let server = Server::start(acts).await;
    let request = EmbeddingRequest {
        model: "e".into(),
        texts: texts.iter().map(|text| (*text).to_owned()).collect(),
        dimensions: Some(2),
    };
    let (endpoint, key) = (endpoint(api, dialect, &server.base), SecretString::from(KEY));
    let (cancel, timers) = (CancellationToken::new(), Timers::default());
    let embeddings = embed(&client(), &endpoint, Some(&key), &request, timers, &cancel).await;
    (embeddings.map_err(|none| none.error), server.request().await)
}

#[tokio::test]
async fn every_wire_asks_in_its_own_words_and_gives_the_same_vectors() {
    let openai = r#"{"data":[{"index":1,"embedding":[3,4]},{"index":0,"embedding":[1,2]}],"usage":{"prompt_tokens":5}}"#;
    let gemini =
        r#"{"embeddings":[{"values":[1,2]},{"values":[3,4]}],"usageMetadata":{"promptTokenCount":5}}"#;
    let ollama = r#"{"model":"e","embeddings":[[1,2],[3,4]],"prompt_eval_count":5}"#;
    for (api, dialect, body, line, words) in [
        (
            WireApi::OpenaiChat,
            "openai",
            openai,
            "POST /v1/embeddings ",
            r#""dimensions":2,"encoding_format":"base64""#,
        ),
        (WireApi::OpenaiChat, "mistral", openai, "POST /v1/embeddings ", r#""output_dimension":2"#),
        (
            WireApi::Gemini,
            "gemini",
            gemini,
            "POST /v1/models/e:batchEmbedContents ",
            r#""outputDimensionality":2"#,
        ),
        (WireApi::Ollama, "ollama", ollama, "POST /v1/api/embed ", r#""truncate":false,"dimensions":2"#),
    ] {
        let (embeddings, sent) = embedded((api, dialect), vec![reply("200 OK", body)], &["one", "two"]).await;
        let embeddings = embeddings.unwrap();
        assert_eq!(embeddings.vectors, [[1.0, 2.0], [3.0, 4.0]], "{dialect}");
        assert_eq!(embeddings.tokens, Some(5), "{dialect}");
        assert!(sent.starts_with(line) && sent.contains(words), "{sent}");
    }
}

#[tokio::test]
async fn many_texts_are_sent_in_batches_and_come_back_as_one_list() {
    let one =
        |vector: &str| format!(r#"{{"data":[{{"embedding":{vector}}}],"usage":{{"prompt_tokens":3}}}}"#);
    let acts = vec![reply("200 OK", &one("[1,2]")), Act::Read, reply("200 OK", &one("[3,4]"))];
    // Mistral takes 16,000 bytes at a time.
    let large = "x".repeat(9000);
    let (embeddings, _) = embedded((WireApi::OpenaiChat, "mistral"), acts, &[&large, &large]).await;
    let embeddings = embeddings.unwrap();
    assert_eq!((embeddings.vectors, embeddings.tokens), (vec![vec![1.0, 2.0], vec![3.0, 4.0]], Some(6)));
    assert!(
        embeddings.usage_raw.is_some_and(|usage| usage.as_array().is_some_and(|batches| batches.len() == 2))
    );
}

#[tokio::test]
async fn refusals_and_hostile_answers_are_errors() {
    let echo = format!(r#"{{"error":{{"message":"bad key {KEY}","code":"invalid_api_key"}}}}"#);
    for (status, body, category, words) in [
        ("401 Unauthorized", echo.as_str(), ErrorCategory::Authentication, "bad key sk-…wxyz"),
        ("200 OK", echo.as_str(), ErrorCategory::Authentication, "bad key sk-…wxyz"),
        ("200 OK", r#"{"data":[]}"#, ErrorCategory::Unavailable, "0 vectors for 1 texts"),
        (
            "200 OK",
            r#"{"data":[{"embedding":[1]}]}"#,
            ErrorCategory::Unavailable,
            "1 numbers where 2 were asked for",
        ),
        ("200 OK", r#"{"hello":1}"#, ErrorCategory::WrongAddress, "not as this API does"),
    ] {
        let (result, _) =
            embedded((WireApi::OpenaiChat, "custom"), vec![reply(status, body)], &["one"]).await;
        let error = result.unwrap_err();
        assert_eq!(error.category, category, "{error:?}");
        assert!(error.message.contains(words), "{}", error.message);
    }
    let request =
        EmbeddingRequest { model: "e".into(), texts: vec!["one".into(), " ".into()], dimensions: None };
    let (client, cancel) = (client(), CancellationToken::new());
    let nowhere = endpoint(WireApi::OpenaiChat, "custom", "http://127.0.0.1:1/v1");
    let error = embed(&client, &nowhere, None, &request, Timers::default(), &cancel).await.unwrap_err().error;
    assert!(error.message.contains("Text 2 of 2 is empty"), "{}", error.message);
}

async fn count(api: WireApi, acts: Vec<Act>) -> (Result<Option<u64>, ProviderError>, String) {
    let server = Server::start(acts).await;
    let request = ChatRequest {
        model: "m".into(),
        messages: vec![Message::text(Role::User, "hi")],
        stream: true,
        ..ChatRequest::default()
    };
    let (client, cancel) = (client(), CancellationToken::new());
    let endpoint = endpoint(api, "custom", &server.base);
    let counted = count_tokens(&client, &endpoint, None, &request, Timers::default(), &cancel).await;
    (counted, server.request().await)
}

#[tokio::test]
async fn a_prompt_is_counted_by_the_provider_that_reads_it() {
    let body = r#"{"input_tokens":14}"#;
    let (counted, sent) = count(WireApi::AnthropicMessages, vec![reply("200 OK", body)]).await;
    assert_eq!(counted.unwrap(), Some(14));
    assert!(sent.starts_with("POST /v1/messages/count_tokens ") && !sent.contains("max_tokens"), "{sent}");
    let (counted, sent) = count(WireApi::Gemini, vec![reply("200 OK", r#"{"totalTokens":31}"#)]).await;
    assert_eq!(counted.unwrap(), Some(31));
    assert!(
        sent.starts_with("POST /v1/models/m:countTokens ") && sent.contains("generateContentRequest"),
        "{sent}"
    );
    let (counted, _) = count(WireApi::AnthropicMessages, vec![reply("404 Not Found", "")]).await;
    assert_eq!(counted.unwrap(), None, "a server that imitates the wire without the count");
    let gone = r#"{"type":"error","error":{"type":"not_found_error","message":"model: m"}}"#;
    let (counted, _) = count(WireApi::AnthropicMessages, vec![reply("404 Not Found", gone)]).await;
    assert_eq!(counted.unwrap_err().category, ErrorCategory::ModelNotFound);
}

#[tokio::test]
async fn an_ollama_is_asked_what_its_models_can_do() {
    let tags = r#"{"models":[{"name":"qwen3:4b"},{"name":"qwen3:4b"}]}"#;
    let shown = r#"{"capabilities":["completion","tools"],"model_info":{"qwen3.context_length":40960}}"#;
    let server = Server::start(vec![reply("200 OK", tags), Act::Read, reply("200 OK", shown)]).await;
    let endpoint = endpoint(WireApi::Ollama, "ollama", &server.base);
    let models = list_models(&client(), &endpoint, None, &CancellationToken::new()).await.unwrap();
    assert_eq!(models.len(), 1, "a name that is listed twice is one model");
    assert_eq!((models[0].context_window, models[0].tools), (Some(40_960), Some(true)));
}
