//! Serves the HTTP port: connections, and the requests on each, one after another. Does not know how a request is
//! answered.
//!
//! - [`answer`]: answers one request.

mod answer;

use std::io::Cursor;
use std::net::{self, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, join};
use tokio::net::TcpStream;
use tokio::sync::{Mutex, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::accepted::Accepted;
use super::gate::Pass;
use super::handshake::{self, Allowance, Bounded};
use super::protocol::Protocol;
use super::refused_handshakes::RefusedHandshakes;
use super::silence::Silence;
use super::slots::Slot;
use super::turns::Turns;
use crate::admit::{ClientTrust, ClusterKeys, Token};
use crate::answer::metrics::{Meter, Metrics};
use crate::base::https::TlsServer;
use crate::config::{HttpOptions, MetricNames};
use crate::daemon::observe::Observer;
use crate::health::RoleWords;

/// Time for a client to send the head of a request, from its connection or from the previous answer,
/// which it has to read in the same time. Includes the TLS handshake.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// Largest head of a request, in bytes; that of a check has some hundred.
const LARGEST_HEAD: usize = 8 << 10;

/// Size of the read buffer, in bytes; the least that hyper accepts.
const BUFFER: usize = 8 << 10;

/// The settings for answers; a reload replaces them.
#[derive(Clone, Debug, PartialEq)]
pub struct HttpPortOptions {
    /// `http.dialect`, `http.strict` and `http.documents`.
    pub http: HttpOptions,
    /// The TLS configuration, if connections are encrypted. Open connections keep the one they began with.
    pub tls: Option<TlsServer>,
    /// The token that each request must carry in `Authorization: Bearer`, if one is required (RFC 6750, section 2.1).
    pub token: Option<Token>,
    /// The keys with which `/state` is proven to clients that send a nonce.
    pub keys: Option<ClusterKeys>,
    /// `metrics.patroni_names`.
    pub metric_names: MetricNames,
    /// `answer.production` and `answer.standby`.
    pub words: RoleWords,
    /// `answer.max_age`.
    pub max_age: Duration,
    /// `postgres.timeout`.
    pub timeout: Duration,
}

/// The client of an open connection.
#[derive(Debug)]
struct HttpClient {
    slot: Slot,
    pass: Pass,
    /// Cancelled if another connection needs the slot before this client has sent a request.
    leave: CancellationToken,
    silence: Silence,
    /// Limits how much of the client is read, if the connection is encrypted.
    allowance: Allowance,
    /// The address of this host that the client has connected to.
    at: SocketAddr,
}

/// Answers connections to the HTTP port, each in a separate task.
#[derive(Clone, Debug)]
pub struct HttpPort {
    observer: Observer,
    options: watch::Receiver<Arc<HttpPortOptions>>,
    under_way: TaskTracker,
    stop: CancellationToken,
    metrics: Arc<Metrics>,
    meter: Meter,
    /// Schedules the handshakes of untrusted clients.
    turns: Turns,
    handshakes: RefusedHandshakes,
    begun: Instant,
}

impl HttpPort {
    /// Creates the port. `under_way` tracks the connections. When `stop` is cancelled, each connection ends after the
    /// answer under way.
    pub fn new(
        observer: Observer,
        options: watch::Receiver<Arc<HttpPortOptions>>,
        under_way: TaskTracker,
        stop: CancellationToken,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self {
            meter: metrics.meter(Protocol::Http.name()),
            metrics,
            observer,
            options,
            under_way,
            stop,
            turns: Turns::new(),
            handshakes: RefusedHandshakes::default(),
            begun: Instant::now(),
        }
    }

    /// Serves connections until the acceptor has ended.
    pub async fn serve(self, mut batches: mpsc::Receiver<Vec<Accepted>>) {
        while let Some(batch) = batches.recv().await {
            for accepted in batch {
                self.under_way.spawn(self.clone().connection(accepted));
            }
        }
    }

    async fn connection(self, accepted: Accepted) {
        let Accepted {
            socket,
            slot,
            early,
            arrived: _,
            pass,
        } = accepted;
        let Ok(stream) = TcpStream::from_std(net::TcpStream::from(socket)) else {
            return;
        };
        let Ok(at) = stream.local_addr() else {
            return;
        };
        let client = HttpClient {
            at,
            slot,
            pass,
            leave: CancellationToken::new(),
            silence: Silence::begun(Instant::now()),
            allowance: Allowance::new(),
        };
        client.slot.mark_silent(&client.leave);
        let (read, write) = stream.into_split();
        let read = Cursor::new(early).chain(read);
        let tls = self.options.borrow().tls.clone();
        match tls {
            None => self.exchange(client, join(read, write)).await,
            Some(server) => {
                let bounded = join(Bounded::new(read, &client.allowance), write);
                let handshake = handshake::perform(&server, bounded);
                let handshake = self.in_turn(client.pass.trust(), handshake);
                let accepted = tokio::select! {
                    biased;
                    accepted = handshake => accepted,
                    () = client.silence.wait(HEAD_TIMEOUT) => return,
                    () = client.leave.cancelled() => return,
                };
                match accepted {
                    Ok(stream) => {
                        client.allowance.renew();
                        self.exchange(client, stream).await;
                    }
                    Err(error) => {
                        let why = error.to_string();
                        self.handshakes
                            .log(client.pass.peer(), &why, Instant::now());
                        self.meter.refused("tls");
                    }
                }
            }
        }
    }

    /// Limits the processor time of untrusted clients' handshakes. Each handshake costs a signature, so that many of
    /// them could delay all other clients.
    async fn in_turn<H: Future>(&self, trust: ClientTrust, handshake: H) -> H::Output {
        match trust {
            ClientTrust::Trusted => handshake.await,
            ClientTrust::Untrusted | ClientTrust::Refused(_) => self.turns.take(handshake).await,
        }
    }

    /// Answers the requests on a connection.
    async fn exchange(self, client: HttpClient, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let HttpClient {
            slot,
            pass,
            leave,
            silence,
            allowance,
            at,
        } = &client;
        let (own, earlier) = (&self, AtomicBool::new(false));
        // Requests on a connection are answered one after another, so the lock is always free.
        let observer = &Mutex::new(self.observer.clone());
        let service = service_fn(|request| {
            silence.end();
            slot.mark_active();
            allowance.renew();
            // Admitting the connection has admitted its first request.
            let first = !earlier.swap(true, Ordering::Relaxed);
            let admitted = first || pass.admits(Instant::now()).is_ok();
            let trust = pass.trust();
            async move {
                if !admitted {
                    own.meter.refused("limit");
                    return Err(Disconnect);
                }
                let observer = &mut *observer.lock().await;
                let answer = own.answer(request, trust, *at, observer).await;
                silence.begin(Instant::now());
                slot.mark_silent(leave);
                Ok(answer)
            }
        });
        let connection = http1::Builder::new()
            .max_header_size(LARGEST_HEAD)
            .max_buf_size(BUFFER)
            .half_close(true)
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(connection);
        let mut silent = pin!(silence.wait(HEAD_TIMEOUT));
        let mut stopped = pin!(self.stop.cancelled());
        let mut open = true;
        // How the connection ends, in order or with an error, does not matter here.
        loop {
            tokio::select! {
                biased;
                _ended = connection.as_mut() => break,
                () = silent.as_mut() => break,
                () = leave.cancelled() => break,
                () = stopped.as_mut(), if open => {
                    connection.as_mut().graceful_shutdown();
                    open = false;
                }
            }
        }
    }
}

/// Makes hyper close the connection without sending a response.
#[derive(Clone, Copy, Debug, Error)]
#[error("more requests than the limits allow")]
struct Disconnect;
