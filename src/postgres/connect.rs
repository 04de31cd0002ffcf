//! Makes a fresh connection, from the socket to the first question, under one deadline; knows nothing of
//! how often one is made.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::net::{TcpStream, UnixStream, lookup_host};
use tokio::time;

use super::classify;
use super::login::{Login, SessionPurpose};
use super::peer;
use super::postmaster::Postmaster;
use super::presets::{self, Presets};
use super::queries::NewSession;
use super::refusal::{Refusal, Wire};
use super::session::Session;
use super::tls::{self, Attempt, Plan};
use super::wire::SqlState;
use crate::health::Failure;
use crate::postgres::conninfo::{Endpoint, HostAddress, Target};

/// Connects, logs in, and asks whether clients find a slot. The timeout bounds all of it, and each statement of the
/// session. Over TCP, the connection is refused if the server is not the one that runs in its data directory on this
/// host, as far as that can be read.
pub async fn connect(target: &Target, timeout: Duration) -> Result<(Session, NewSession), Refusal> {
    let entered = async {
        let mut session = attempts(target, timeout, SessionPurpose::Database).await?;
        let (mut found, identity) = session.new_session().await?;
        if presets::are_transactions_among(target.options.as_deref()) {
            found.transactions = None;
        }
        match target.endpoint {
            // The kernel identifies the listening process.
            Endpoint::Unix { .. } => {}
            Endpoint::Tcp { .. } => identity
                .compare_here()
                .map_err(|other| Refusal::of(Failure::OtherServer, &other))?,
        }
        Ok((session, found))
    };
    within(timeout, entered).await
}

/// Connects and logs in. The timeout bounds all of it, and each statement of the session.
pub async fn enter(target: &Target, timeout: Duration) -> Result<Session, Refusal> {
    within(timeout, attempts(target, timeout, SessionPurpose::Database)).await
}

/// Connects and logs in as a WAL receiver does.
pub async fn replicating(target: &Target, timeout: Duration) -> Result<Session, Refusal> {
    within(
        timeout,
        attempts(target, timeout, SessionPurpose::Replication),
    )
    .await
}

/// Returns whether a connection is accepted there, be it by the operating system for a server that hangs.
pub async fn accepts_connections(endpoint: &Endpoint) -> bool {
    match endpoint {
        Endpoint::Unix { .. } => match endpoint.socket_path() {
            Some(path) => UnixStream::connect(path).await.is_ok(),
            None => false,
        },
        Endpoint::Tcp {
            host,
            address,
            port,
        } => match resolve(host, address.as_ref(), *port).await {
            Ok(addresses) => open_first(&addresses).await.is_ok(),
            Err(_) => false,
        },
    }
}

async fn within<T>(
    timeout: Duration,
    work: impl Future<Output = Result<T, Refusal>>,
) -> Result<T, Refusal> {
    let deadline = Instant::now() + timeout;
    match time::timeout_at(deadline.into(), work).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Refusal::timed_out("a new connection")),
    }
}

/// Makes the planned attempts. Certificates, keys and the password file are read each time, so that renewed ones take
/// effect.
async fn attempts(
    target: &Target,
    limit: Duration,
    entry: SessionPurpose,
) -> Result<Session, Refusal> {
    let plan = Plan::new(&target.endpoint, &target.tls);
    let login =
        Login::new(target, limit, entry).map_err(|error| Refusal::of(Failure::Setup, &error))?;
    let mut refused = None;
    for planned in plan.attempts() {
        let outcome = match planned {
            Ok(attempt) => self::attempt(target, &login, attempt).await,
            Err(error) => Err(Refusal::of(Failure::Tls, error)),
        };
        let refusal = match outcome {
            Ok(session) => return Ok(session),
            Err(refusal) => refusal,
        };
        // The server has no TLS: its refusal of the login without TLS is the reason.
        if refused.is_some() && (refusal.failure, refusal.wire) == (Failure::Tls, Wire::Declined) {
            break;
        }
        let go_on = tls::other_may_differ(refusal.failure, refusal.wire);
        refused = Some(refusal.after(refused));
        if !go_on {
            break;
        }
    }
    Err(refused.unwrap_or_else(|| Refusal::timed_out("a plan without attempts")))
}

/// Makes one attempt, and a second one without presets if a pooler refuses settings that it does not know.
async fn attempt(
    target: &Target,
    login: &Login<'_>,
    attempt: &Attempt,
) -> Result<Session, Refusal> {
    match open(target, login, attempt, Presets::Taken).await {
        Err(refusal) if refusal.code == Some(SqlState::PROTOCOL_VIOLATION) => {
            open(target, login, attempt, Presets::Refused).await
        }
        outcome => outcome,
    }
}

async fn open(
    target: &Target,
    login: &Login<'_>,
    attempt: &Attempt,
    presets: Presets,
) -> Result<Session, Refusal> {
    let opened = |error: io::Error| Refusal::of(classify::open(&error), &error);
    match &target.endpoint {
        Endpoint::Unix { .. } => {
            let path = target.endpoint.socket_path().unwrap_or_default();
            let stream = UnixStream::connect(path).await.map_err(opened)?;
            if let Some(wanted) = &target.require_peer {
                let checked = peer::check(&stream, wanted).await;
                checked.map_err(|problem| Refusal::of(Failure::Auth, &problem))?;
            }
            let postmaster = Postmaster::behind(&stream);
            match login.on(stream, attempt, presets).await {
                Ok(session) => Ok(session.watching(postmaster)),
                Err(refusal) => Err(explain(refusal, postmaster)),
            }
        }
        Endpoint::Tcp {
            host,
            address,
            port,
        } => {
            let addresses = resolve(host, address.as_ref(), *port).await?;
            let stream = open_first(&addresses).await.map_err(opened)?;
            stream.set_nodelay(true).map_err(opened)?;
            login.on(stream, attempt, presets).await
        }
    }
}

pub(super) async fn resolve(
    host: &str,
    address: Option<&HostAddress>,
    port: u16,
) -> Result<Vec<SocketAddr>, Refusal> {
    let written = match address {
        Some(HostAddress { ip, zone: None }) => return Ok(vec![(*ip, port).into()]),
        // The C library looks up the number of the zone.
        Some(address) => address.to_string(),
        None => host.to_owned(),
    };
    match lookup_host((written, port)).await {
        Ok(addresses) => Ok(addresses.collect()),
        Err(error) => Err(Refusal::of(Failure::NoHost, &error)),
    }
}

/// Tries a name's addresses in turn, as libpq does; the last failure counts.
pub(super) async fn open_first(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut outcome = Err(io::ErrorKind::NotFound.into());
    for address in addresses {
        outcome = TcpStream::connect(address).await;
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

/// Adds the listening process, and the status in the postmaster's file if the refusal alone leaves the reason open.
fn explain(mut refusal: Refusal, postmaster: Option<Postmaster>) -> Refusal {
    refusal.listener = postmaster.as_ref().map(Postmaster::pid);
    if let Failure::CannotConnectNow(_) = refusal.failure {
        refusal.postmaster = postmaster.and_then(|postmaster| postmaster.status());
    }
    refusal
}
