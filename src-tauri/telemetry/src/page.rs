//! The page Prometheus reads: `GET /metrics` on loopback.

use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::http::header::{CONTENT_TYPE, HOST};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// The text form's own type.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Makes the text of the page, each time it is asked for.
pub type Page = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = String> + Send>> + Send + Sync>;

/// Why the page cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The port.
    #[error("metrics cannot be served on port {port}: {source}. Choose another port")]
    Port {
        /// Which.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Serves the page on loopback until it is cancelled; port 0 takes a free one. Gives the address and the future that serves.
///
/// A page of the web cannot read it: a request that names another host than loopback (a name that was made to point here) is refused,
/// and nothing allows another origin to read the reply.
pub async fn serve(
    port: u16,
    page: Page,
    cancel: CancellationToken,
) -> Result<(SocketAddr, impl Future<Output = ()> + Send + 'static), PageError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(|source| PageError::Port { port, source })?;
    let address = listener.local_addr().map_err(|source| PageError::Port { port, source })?;
    let router = Router::new().route(
        "/metrics",
        get(move |headers: HeaderMap| {
            let page = Arc::clone(&page);
            async move {
                if is_loopback(&headers) {
                    shown(page().await)
                } else {
                    StatusCode::FORBIDDEN.into_response()
                }
            }
        }),
    );
    let serving = async move {
        let served = axum::serve(listener, router).with_graceful_shutdown(cancel.cancelled_owned()).await;
        if let Err(error) = served {
            tracing::warn!(%error, "metrics are not served any more");
        }
    };
    Ok((address, serving))
}

fn shown(text: String) -> Response {
    ([(CONTENT_TYPE, OPEN_METRICS)], text).into_response()
}

fn is_loopback(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    matches!(name, "127.0.0.1" | "localhost")
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    use super::*;

    async fn reply(address: SocketAddr, host: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET /metrics HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text
    }

    #[tokio::test]
    async fn the_page_is_made_anew_for_who_asks_on_this_machine_and_for_nobody_else() {
        let cancel = CancellationToken::new();
        let page: Page = Arc::new(|| Box::pin(async { "roundtable_calls_total 1\n".to_owned() }));
        let (address, serving) = serve(0, page, cancel.clone()).await.unwrap();
        let serving = tokio::spawn(serving);
        assert!(address.ip().is_loopback());
        let text = reply(address, &address.to_string()).await;
        assert!(text.starts_with("HTTP/1.1 200") && text.contains("roundtable_calls_total 1"), "{text}");
        assert!(!text.to_ascii_lowercase().contains("access-control"), "{text}");
        assert!(reply(address, "example.org").await.starts_with("HTTP/1.1 403"));
        cancel.cancel();
        serving.await.unwrap();
        assert!(TcpStream::connect(address).await.is_err(), "it has stopped");
    }

    #[tokio::test]
    async fn a_port_that_is_taken_is_named() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = taken.local_addr().unwrap().port();
        let page: Page = Arc::new(|| Box::pin(async { String::new() }));
        let error = serve(port, page, CancellationToken::new()).await.err().unwrap();
        assert!(error.to_string().contains(&port.to_string()));
    }
}
