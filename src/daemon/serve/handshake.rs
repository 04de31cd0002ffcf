//! The beginning of a connection that is encrypted, and how much of it is read at once. Knows nothing of what is said on
//! it, and leaves the time that it may take to others.
//!
//! rustls holds what it has not used yet: up to 64 KiB of a message that is said to be so long, for each connection.

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

/// Most bytes that are read for a handshake, and for one request after it. A client's certificates take some kilobytes,
/// and the largest head of a request is 8 KiB; what is read ahead comes on top.
const MOST: u64 = 16 << 10;

/// Most bytes that are kept for a client that does not read them.
const MOST_UNREAD: usize = 16 << 10;

/// How many bytes of a client may still be read.
#[derive(Clone, Debug)]
pub(super) struct Allowance(Arc<AtomicU64>);

impl Allowance {
    /// For a handshake.
    pub(super) fn new() -> Self {
        Self(Arc::new(AtomicU64::new(MOST)))
    }

    /// For the next request.
    pub(super) fn renew(&self) {
        self.0.store(MOST, Ordering::Relaxed);
    }
}

/// What a client sends, which ends for us where its allowance does.
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

/// Shakes hands with a client.
pub(super) async fn shake<S>(server: &TlsServer, stream: S) -> io::Result<TlsStream<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let acceptor = TlsAcceptor::from(server.config());
    let limit = |session: &mut ServerConnection| session.set_buffer_limit(Some(MOST_UNREAD));
    acceptor.accept_with(stream, limit).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_client_is_read_as_far_as_it_is_allowed_and_no_further() {
        let allowance = Allowance::new();
        let mut endless = Bounded::new(tokio::io::repeat(b'x'), &allowance);
        let mut read = Vec::new();
        endless.read_to_end(&mut read).await.unwrap();
        assert_eq!(u64::try_from(read.len()).unwrap(), MOST);
        allowance.renew();
        assert_eq!(endless.read(&mut [0; 7]).await.unwrap(), 7);
    }
}
