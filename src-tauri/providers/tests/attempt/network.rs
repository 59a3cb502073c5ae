//! Proxies, certificates and timeouts, each with the words for its failure.

use roundtable_domain::{Endpoint, ErrorCategory, Network, ProviderError, Proxy, Timeouts, WireApi};
use roundtable_providers::{Client, ClientOptions, ListedModel, list_models};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::certificates::{Authority, TlsServer};
use crate::gateway::{Gateway, Kind};
use crate::server::{Act, Server};

const LIST: &str = r#"{"object":"list","data":[{"id":"a"}]}"#;

fn client() -> Client {
    Client::new(ClientOptions::default()).unwrap()
}

fn endpoint(base: &str, network: Network) -> Endpoint {
    Endpoint {
        provider: "p".into(),
        api: WireApi::OpenaiChat,
        dialect: "custom".into(),
        base_url: Url::parse(base).unwrap(),
        extra_headers: Vec::new(),
        network,
    }
}

async fn list_with(client: &Client, base: &str, network: Network) -> Result<Vec<ListedModel>, ProviderError> {
    list_models(client, &endpoint(base, network), None, &CancellationToken::new()).await
}

async fn list(base: &str, network: Network) -> Result<Vec<ListedModel>, ProviderError> {
    list_with(&client(), base, network).await
}

fn through(proxy: &str, authority: Option<&Authority>) -> Network {
    Network {
        proxy: Proxy::Url { url: proxy.to_owned() },
        certificate_authority: authority.map(|authority| authority.pem.clone()),
        ..Network::default()
    }
}

fn trusting(authority: &Authority) -> Network {
    Network { certificate_authority: Some(authority.pem.clone()), ..Network::default() }
}

fn at(server: &TlsServer, name: &str) -> String {
    format!("https://{name}:{}/v1", server.address.port())
}

async fn failure(base: &str, network: Network) -> String {
    let error = list(base, network).await.expect_err("it cannot work");
    assert_eq!((error.category, error.provider_message()), (ErrorCategory::Network, None), "{error:?}");
    error.message
}

#[tokio::test]
async fn an_own_authority_is_trusted_by_its_provider_alone() {
    let authority = Authority::new();
    let server = authority.serve("localhost", 2099, LIST).await;
    let (client, base) = (client(), at(&server, "localhost"));
    for _ in 0..2 {
        let message = list_with(&client, &base, Network::default()).await.unwrap_err().message;
        assert!(
            message.contains("does not know") && message.contains("\"Certificate authority\""),
            "{message}"
        );
        assert_eq!(list_with(&client, &base, trusting(&authority)).await.unwrap().len(), 1);
    }
    let message = failure(&base, trusting(&Authority::new())).await;
    assert!(message.contains("does not know"), "another authority does not vouch: {message}");
}

#[tokio::test]
async fn names_and_dates_count_whoever_vouches() {
    let authority = Authority::new();
    let server = authority.serve("localhost", 2001, LIST).await;
    let message = failure(&at(&server, "localhost"), trusting(&authority)).await;
    assert!(message.contains("has expired") && message.contains("clock"), "{message}");
    let server = authority.serve("other.example", 2099, LIST).await;
    let message = failure(&at(&server, "localhost"), trusting(&authority)).await;
    assert!(message.contains("made out to other.example"), "{message}");
}

#[tokio::test]
async fn requests_go_through_proxies_by_the_name_of_the_server() {
    let authority = Authority::new();
    let server = authority.serve("llm.example", 2099, LIST).await;
    for (kind, scheme, wish) in [
        (Kind::Connect(server.address), "http", "CONNECT llm.example:443 HTTP/1.1"),
        (Kind::Socks(server.address), "socks5h", "llm.example:443"),
    ] {
        let gateway = Gateway::start(kind).await;
        let proxy = format!("{scheme}://{}", gateway.address);
        let models = list("https://llm.example/v1", through(&proxy, Some(&authority))).await.unwrap();
        assert_eq!((models.len(), gateway.asked()), (1, vec![wish.to_owned()]), "{scheme}");
        drop(gateway);
        let gateway = Gateway::start(kind).await;
        let proxy = format!("{scheme}://{}", gateway.address);
        let message = failure("https://llm.example/v1", through(&proxy, None)).await;
        assert!(
            message.contains("certificate of llm.example"),
            "the server's fault, not the proxy's: {message}"
        );
    }
}

#[tokio::test]
async fn loopback_is_never_proxied() {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{LIST}", LIST.len());
    let server = Server::start(vec![Act::Send(head.into_bytes())]).await;
    let gateway = Gateway::start(Kind::Close).await;
    let network = through(&format!("http://{}", gateway.address), None);
    assert_eq!(list(&server.base, network).await.unwrap().len(), 1);
    assert_eq!(gateway.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn each_failure_of_a_proxy_has_its_words() {
    let login = "HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n";
    let forbidden = "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n";
    for (kind, scheme, words) in [
        (Kind::Answer(login), "http", "wants a user and a password (407)"),
        (Kind::Answer(forbidden), "http", "did not open a way to llm.example"),
        (Kind::Answer("220 mail.example ESMTP\r\n"), "http", "is no HTTP proxy"),
        (Kind::Close, "http", "closed the connection instead of opening a way"),
        (Kind::SocksLogin, "socks5h", "wants a user and a password"),
        (Kind::SocksRefuses(5), "socks5h", "the server refuses connections"),
        (Kind::SocksRefuses(4), "socks5h", "the server cannot be reached from there"),
        (Kind::SocksRefuses(2), "socks5h", "its rules forbid it"),
        (Kind::Answer("HTTP/1.1 400 Bad Request\r\n\r\n"), "socks5h", "does not answer as a SOCKS proxy"),
    ] {
        let gateway = Gateway::start(kind).await;
        let message =
            failure("https://llm.example/v1", through(&format!("{scheme}://{}", gateway.address), None))
                .await;
        let proxy = format!("The proxy {} ", gateway.address);
        assert!(message.starts_with(&proxy) && message.contains(words), "{kind:?}: {message}");
    }
    // Without TLS to the server the proxy answers in its place.
    let gateway = Gateway::start(Kind::Answer(login)).await;
    let error =
        list("http://10.1.2.3/v1", through(&format!("http://{}", gateway.address), None)).await.unwrap_err();
    assert_eq!((error.category, error.status), (ErrorCategory::Network, Some(407)));
    assert!(error.message.contains("wants a user and a password"), "{}", error.message);
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_told_from_a_server_that_is_not() {
    let closed = Server::closed_port().await;
    let port = Url::parse(&closed).unwrap().port().unwrap();
    for base in ["https://llm.example/v1", "http://10.1.2.3/v1"] {
        for scheme in ["http", "socks5h"] {
            let message = failure(base, through(&format!("{scheme}://127.0.0.1:{port}"), None)).await;
            let expected = format!("The proxy 127.0.0.1:{port} refused the connection");
            assert!(message.starts_with(&expected), "{base} {scheme}: {message}");
            let message = failure(base, through(&format!("{scheme}://no-proxy.invalid:8080"), None)).await;
            assert!(
                message.starts_with("The proxy no-proxy.invalid:8080 has a name that does not resolve"),
                "{base} {scheme}: {message}"
            );
        }
    }
    let message = failure("https://no-server.invalid/v1", through("socks5://127.0.0.1:9", None)).await;
    assert!(message.contains("no-server.invalid does not resolve on this computer"), "{message}");
}

#[tokio::test]
async fn a_setting_that_cannot_be_used_sends_nothing_and_shows_no_password() {
    let error =
        list("https://llm.example/v1", through("http://me:hunter2@127.0.0.1:9", None)).await.unwrap_err();
    assert_eq!((error.category, error.status), (ErrorCategory::InvalidRequest, None));
    assert!(
        error.message.contains("Nothing was sent") && error.message.contains("environment"),
        "{}",
        error.message
    );
    assert!(!format!("{error:?}").contains("hunter2"));
    let broken = Network { certificate_authority: Some("not PEM".into()), ..Network::default() };
    let error = list("https://llm.example/v1", broken).await.unwrap_err();
    assert!(error.message.contains("PEM"), "{}", error.message);
}

#[tokio::test]
async fn the_connect_timer_is_the_providers_own_and_named() {
    let silent = Server::start(vec![Act::Hold]).await;
    let timeouts = Timeouts { connect_ms: Some(300), ..Timeouts::default() };
    let network = Network { timeouts, ..Network::default() };
    let error = list(&silent.base.replace("http://", "https://"), network).await.unwrap_err();
    assert_eq!(error.category, ErrorCategory::Timeout, "{error:?}");
    assert!(error.message.contains("within 300 ms (connect timer)"), "{}", error.message);
}

#[tokio::test]
async fn the_query_goes_with_every_request_and_once() {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{LIST}", LIST.len());
    let server = Server::start(vec![Act::Send(head.into_bytes())]).await;
    let query = vec![("api-version".to_owned(), "2024-10-21".to_owned())];
    list(&server.base, Network { query, ..Network::default() }).await.unwrap();
    let sent = server.request().await;
    assert!(sent.starts_with("GET /v1/models?api-version=2024-10-21 HTTP/1.1"), "{sent}");
}
