//! Sockets that can be ended rudely from inside a handler.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

const KEEP: u8 = 0;
const SILENT: u8 = 1;
const RESET: u8 = 2;

/// A handler's hold on the connection its request came by.
#[derive(Clone, Debug)]
pub(super) struct Connection(Arc<AtomicU8>);

impl Connection {
    /// Nothing more is written; the connection closes.
    pub(super) fn close_silently(&self) {
        self.0.store(SILENT, Ordering::SeqCst);
    }

    /// When the connection closes, the peer gets a reset instead of an orderly end.
    pub(super) fn reset_on_close(&self) {
        self.0.store(RESET, Ordering::SeqCst);
    }
}

/// The listener of 127.0.0.1.
pub(super) struct Loopback(pub(super) TcpListener);

impl Listener for Loopback {
    type Io = Socket;
    type Addr = Connection;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, _) = Listener::accept(&mut self.0).await;
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "tokens may be delayed");
        }
        let connection = Connection(Arc::new(AtomicU8::new(KEEP)));
        (Socket { stream, connection: connection.clone() }, connection)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(Connection(Arc::new(AtomicU8::new(KEEP))))
    }
}

impl Connected<IncomingStream<'_, Loopback>> for Connection {
    fn connect_info(stream: IncomingStream<'_, Loopback>) -> Self {
        stream.remote_addr().clone()
    }
}

pub(super) struct Socket {
    stream: TcpStream,
    connection: Connection,
}

impl Socket {
    fn check(&self) -> io::Result<()> {
        match self.connection.0.load(Ordering::SeqCst) {
            SILENT => Err(io::Error::new(io::ErrorKind::ConnectionAborted, "scripted")),
            _ => Ok(()),
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.connection.0.load(Ordering::SeqCst) == RESET
            && let Err(error) = self.stream.set_zero_linger()
        {
            tracing::debug!(%error, "the connection will end politely");
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    /// With a reset to come, the orderly end must not go out first.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.connection.0.load(Ordering::SeqCst) == RESET {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
