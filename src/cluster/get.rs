//! One question to another node's daemon: a GET of its `/state`, bounded in bytes. Knows nothing of what
//! is in the answer, and leaves the time that it may take to others.

use std::error::Error;
use std::net::SocketAddr;

use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, HOST};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::io::{self, AsyncReadExt};
use tokio::net::TcpStream;

/// Largest answer: a thousand standbys and slots are within it.
const MOST: usize = 256 << 10;

/// What may come beside the document: heads, and the sizes of chunks. The client of hyper passes over informational
/// responses (RFC 9110, section 15.2) without counting them, so their bytes are counted below it.
const MOST_BESIDE: usize = 64 << 10;

/// What came of it.
#[derive(Debug)]
pub(super) enum Answer {
    /// The document.
    State(Bytes),
    /// The address is one of this host, so the daemon would ask itself.
    Own,
}

/// Asks; the error is for the log.
pub(super) async fn state(address: SocketAddr) -> Result<Answer, String> {
    let stream = TcpStream::connect(address).await;
    let stream = stream.map_err(|error| said(address, &error))?;
    if is_own(&stream) {
        return Ok(Answer::Own);
    }
    match document(stream, address, MOST).await {
        Ok(body) => Ok(Answer::State(body)),
        Err(GetError::Status(status)) => Err(format!("{address} answered {status}")),
        Err(GetError::Http(error)) => Err(said(address, &error)),
        Err(GetError::Request(error)) => Err(said(address, &error)),
        Err(GetError::Body(error)) => Err(said(address, error.as_ref())),
    }
}

/// Why no document came over a connection that was made.
#[derive(Debug, Error)]
pub enum GetError {
    /// Something else than a daemon, or one that refuses this host.
    #[error("it does not speak HTTP, or lets nobody from here in")]
    Http(#[from] hyper::Error),
    /// The request could not be written.
    #[error("this cannot be asked")]
    Request(#[from] hyper::http::Error),
    /// Another status than 200.
    #[error("it answers with status {0}")]
    Status(StatusCode),
    /// It broke off, or has more bytes than may be.
    #[error("its answer cannot be read")]
    Body(#[source] Box<dyn Error + Send + Sync>),
}

/// A daemon's `/state` over a connection to `address`, of at most so many bytes. Not many more are read, whatever comes
/// instead of it.
pub async fn document(
    stream: TcpStream,
    address: SocketAddr,
    most: usize,
) -> Result<Bytes, GetError> {
    let (read, write) = stream.into_split();
    let limit = u64::try_from(most.saturating_add(MOST_BESIDE)).unwrap_or(u64::MAX);
    let bounded = io::join(read.take(limit), write);
    let (mut requests, connection) = http1::handshake(TokioIo::new(bounded)).await?;
    let request = Request::get("/state")
        .header(HOST, address.to_string())
        .header(CONNECTION, "close")
        .body(Empty::<Bytes>::new())?;
    let exchange = async move {
        let response = requests.send_request(request).await?;
        if response.status() != StatusCode::OK {
            return Err(GetError::Status(response.status()));
        }
        let body = Limited::new(response.into_body(), most).collect().await;
        Ok(body.map_err(GetError::Body)?.to_bytes())
    };
    // The connection moves only while somebody waits for it; how it ends shows in the exchange.
    let (body, _) = tokio::join!(exchange, connection);
    body
}

/// To an address of its own a host connects from that same address.
fn is_own(stream: &TcpStream) -> bool {
    match (stream.local_addr(), stream.peer_addr()) {
        (Ok(local), Ok(peer)) => local.ip() == peer.ip(),
        (Err(_), _) | (_, Err(_)) => false,
    }
}

fn said(address: SocketAddr, error: &dyn Error) -> String {
    let causes = std::iter::successors(error.source(), |error| (*error).source());
    causes.fold(format!("{address}: {error}"), |said, cause| {
        format!("{said}: {cause}")
    })
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::time::Duration;

    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;
    use tokio::{task, time};

    use super::*;

    /// A loopback address that is not the one from which this host connects to all of them.
    const OTHER: Ipv4Addr = Ipv4Addr::new(127, 8, 8, 8);

    /// Answers whoever asks `listener` with these bytes.
    fn answer(listener: TcpListener, bytes: Vec<u8>) {
        task::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = [0; 1024];
            let read = stream.read(&mut head).await.unwrap();
            assert!(head[..read].starts_with(b"GET /state HTTP/1.1\r\n"));
            // Who has read enough need not read all.
            drop(stream.write_all(&bytes).await);
        });
    }

    async fn asked(response: &str, body: &str) -> Result<Answer, String> {
        let listener = TcpListener::bind((OTHER, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        answer(listener, format!("{response}\r\n\r\n{body}").into_bytes());
        state(address).await
    }

    #[tokio::test]
    async fn the_document_is_what_comes_with_200() {
        let sized = asked("HTTP/1.1 200 OK\r\nContent-Length: 2", "{}").await;
        assert!(matches!(sized, Ok(Answer::State(body)) if body == "{}"));
        let to_the_end = asked("HTTP/1.0 200 OK", "{}").await;
        assert!(matches!(to_the_end, Ok(Answer::State(body)) if body == "{}"));
        let missing = asked("HTTP/1.1 404 Not Found\r\nContent-Length: 0", "").await;
        assert!(missing.unwrap_err().ends_with("answered 404 Not Found"));
    }

    #[tokio::test]
    async fn what_breaks_off_or_has_no_end_is_no_document() {
        let broken = asked("HTTP/1.1 200 OK\r\nContent-Length: 3", "{}").await;
        assert!(broken.is_err());
        let endless = asked("HTTP/1.0 200 OK", &" ".repeat(MOST + 1)).await;
        assert!(endless.unwrap_err().contains("length limit"));
        let nonsense = asked("production", "").await;
        assert!(nonsense.is_err());
    }

    #[tokio::test]
    async fn informational_responses_without_end_are_read_up_to_a_bound() {
        let listener = TcpListener::bind((OTHER, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let liar = task::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let informational = b"HTTP/1.1 100 Continue\r\n\r\n".repeat(1000);
            let mut sent = 0_usize;
            while stream.write_all(&informational).await.is_ok() {
                sent += informational.len();
            }
            sent
        });
        let asked = time::timeout(Duration::from_secs(20), state(address)).await;
        assert!(asked.unwrap().is_err());
        // What the sockets of both sides hold comes on top of what was read.
        assert!(liar.await.unwrap() < 64 << 20);
    }

    #[tokio::test]
    async fn who_would_be_asking_itself_does_not() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let own = state(listener.local_addr().unwrap()).await;
        assert!(matches!(own, Ok(Answer::Own)));
    }
}
