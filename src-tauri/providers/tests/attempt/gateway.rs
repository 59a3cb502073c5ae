//! Proxies of a few lines: an HTTP one, a SOCKS one, and ones that are neither.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the proxy does with whoever comes.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Opens a way, wherever it was asked to go, to this address.
    Connect(SocketAddr),
    /// Answers a request with these bytes.
    Answer(&'static str),
    /// Closes.
    Close,
    /// SOCKS 5 to this address.
    Socks(SocketAddr),
    /// SOCKS 5 that lets nobody in without a password.
    SocksLogin,
    /// SOCKS 5 that answers every wish with this code.
    SocksRefuses(u8),
}

pub struct Gateway {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Gateway {
    pub async fn start(kind: Kind) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let noted = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                let note = |target: String| noted.lock().unwrap().push(target);
                // Clients that give up are part of the tests.
                let _ = serve(&mut socket, kind, note).await;
            }
        });
        Self { address, asked, task }
    }

    /// Where it was asked to go, in the order of asking.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(socket: &mut TcpStream, kind: Kind, note: impl Fn(String)) -> std::io::Result<()> {
    match kind {
        Kind::Close => {
            note(String::new());
            Ok(())
        }
        Kind::Answer(bytes) => {
            // Whatever it is that comes: a greeting of SOCKS has no lines.
            socket.read_u8().await?;
            let _ = socket.try_read(&mut [0; 4096]);
            socket.write_all(bytes.as_bytes()).await
        }
        Kind::Connect(target) => {
            note(read_head(socket).await?);
            socket.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
            splice(socket, target).await
        }
        Kind::Socks(target) => {
            note(socks_greeting(socket, 0).await?);
            socket.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
            splice(socket, target).await
        }
        Kind::SocksLogin => socks_greeting(socket, 0xff).await.map(drop),
        Kind::SocksRefuses(code) => {
            note(socks_greeting(socket, 0).await?);
            socket.write_all(&[5, code, 0, 1, 0, 0, 0, 0, 0, 0]).await
        }
    }
}

async fn splice(socket: &mut TcpStream, target: SocketAddr) -> std::io::Result<()> {
    let mut server = TcpStream::connect(target).await?;
    copy_bidirectional(socket, &mut server).await.map(|_| ())
}

/// The first line of a request's head.
async fn read_head(socket: &mut TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned())
}

/// Reads a greeting, answers with a method, and reads the wish: a name and a port (RFC 1928).
async fn socks_greeting(socket: &mut TcpStream, method: u8) -> std::io::Result<String> {
    let mut head = [0; 2];
    socket.read_exact(&mut head).await?;
    socket.read_exact(&mut vec![0; usize::from(head[1])]).await?;
    socket.write_all(&[5, method]).await?;
    let mut wish = [0; 4];
    socket.read_exact(&mut wish).await?;
    assert_eq!(wish[3], 3, "a name, so that the proxy resolves it");
    let mut name = vec![0; usize::from(socket.read_u8().await?)];
    socket.read_exact(&mut name).await?;
    let port = socket.read_u16().await?;
    Ok(format!("{}:{port}", String::from_utf8_lossy(&name)))
}
