//! Performs the TLS handshake of a connection, and limits how much of a client is read. Does not know the protocol
//! inside; the caller limits the time.
//!
//! The limit is needed because rustls buffers up to 64 KiB of an incomplete message for each connection.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use rustls::ServerConnection;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf, Take};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::base::https::TlsServer;
use crate::base::tls_error::of_handshake;

/// Most bytes that are read for a handshake, and for each request after it. A client's certificates take some kilobytes,
/// and the largest head of a request is 8 KiB; the rest is for bytes that are read ahead.
const MOST: u64 = 16 << 10;

/// Most bytes that are buffered for a client that does not read them.
const MOST_UNREAD: usize = 16 << 10;

/// The number of bytes of a client that may still be read.
#[derive(Clone, Debug)]
pub(super) struct Allowance(Arc<AtomicU64>);

impl Allowance {
    /// The allowance for a handshake.
    pub(super) fn new() -> Self {
        Self(Arc::new(AtomicU64::new(MOST)))
    }

    /// Resets the allowance for the next request.
    pub(super) fn renew(&self) {
        self.0.store(MOST, Ordering::Relaxed);
    }
}

/// A client's stream, which ends when the allowance is used up.
#[derive(Debug)]
pub(super) struct Bounded<R> {
    inner: Take<R>,
    allowance: Allowance,
}

impl<R: AsyncRead + Unpin> Bounded<R> {
    pub(super) fn new(inner: R, allowance: &Allowance) -> Self {
        Self {
            inner: inner.take(0),
            allowance: allowance.clone(),
        }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Bounded<R> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let allowed = &this.allowance.0;
        this.inner.set_limit(allowed.load(Ordering::Relaxed));
        ready!(Pin::new(&mut this.inner).poll_read(context, buffer))?;
        allowed.store(this.inner.limit(), Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }
}

/// Performs the handshake with a client.
pub(super) async fn perform<S>(server: &TlsServer, stream: S) -> io::Result<TlsStream<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let acceptor = TlsAcceptor::from(server.config());
    let limit = |session: &mut ServerConnection| session.set_buffer_limit(Some(MOST_UNREAD));
    let accepted = acceptor.accept_with(stream, limit).await;
    accepted.map_err(of_handshake)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_more_of_a_client_is_read_than_its_allowance() {
        let allowance = Allowance::new();
        let mut endless = Bounded::new(tokio::io::repeat(b'x'), &allowance);
        let mut read = Vec::new();
        endless.read_to_end(&mut read).await.unwrap();
        assert_eq!(u64::try_from(read.len()).unwrap(), MOST);
        allowance.renew();
        assert_eq!(endless.read(&mut [0; 7]).await.unwrap(), 7);
    }
}
