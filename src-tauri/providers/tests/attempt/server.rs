//! A server of one reply on loopback, told byte by byte what to do. It ends with the test.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// One thing the server does after it has read the request.
#[derive(Clone)]
pub enum Act {
    /// Sends bytes.
    Send(Vec<u8>),
    /// Reads another request on the same connection.
    Read,
    /// Waits this many milliseconds.
    Wait(u64),
    /// Keeps the connection open for as long as the test lives.
    Hold,
    /// Closes the connection in order.
    Close,
    /// Resets the connection.
    Reset,
}

pub struct Server {
    /// The base URL, with `/v1`.
    pub base: String,
    request: std::sync::Mutex<Option<oneshot::Receiver<String>>>,
    task: JoinHandle<()>,
}

impl Server {
    /// Serves one connection.
    pub async fn start(acts: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/v1", listener.local_addr().unwrap());
        let (sender, receiver) = oneshot::channel();
        let task = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let request = read_request(&mut socket).await;
            // The test may not care for the request.
            let _ = sender.send(request);
            perform(socket, acts).await;
        });
        Self { base, request: std::sync::Mutex::new(Some(receiver)), task }
    }

    /// The base URL of a port nobody listens on.
    pub async fn closed_port() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}/v1", listener.local_addr().unwrap())
    }

    /// The request as it came.
    pub async fn request(&self) -> String {
        let receiver = self.request.lock().unwrap().take().unwrap();
        receiver.await.unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn read_request(socket: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = socket.read(&mut buffer).await.unwrap_or(0);
        request.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&request);
        let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length = head
                .lines()
                .find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            body.len() >= length.unwrap_or(0)
        });
        // A TLS greeting has no end we would know.
        if count == 0 || whole || request.first() == Some(&0x16) {
            return text.into_owned();
        }
    }
}

async fn perform(mut socket: TcpStream, acts: Vec<Act>) {
    for act in acts {
        match act {
            Act::Send(bytes) => {
                if socket.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            Act::Read => drop(read_request(&mut socket).await),
            Act::Wait(ms) => tokio::time::sleep(Duration::from_millis(ms)).await,
            Act::Hold => std::future::pending().await,
            Act::Close => return,
            Act::Reset => {
                socket.set_zero_linger().unwrap();
                return;
            }
        }
    }
}
