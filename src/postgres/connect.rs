//! A fresh connection, from the socket to the first question, under one deadline; knows nothing of
//! how often one is made.

use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::UnixStream;
use tokio::time;
use tokio_postgres::{Config, NoTls};

use super::classify::{self, Phase};
use super::postmaster;
use super::refusal::Refusal;
use super::session::Session;
use crate::role::{Failure, Room};
use crate::target::{Endpoint, Target};

/// Connects, logs in, and asks whether others find room. The timeout bounds all of it: the driver's
/// own covers only the opening of the socket.
pub async fn connect(target: &Target, timeout: Duration) -> Result<(Session, Room), Refusal> {
    let deadline = Instant::now() + timeout;
    match time::timeout_at(deadline.into(), attempt(target)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Refusal::timed_out("a new connection")),
    }
}

async fn attempt(target: &Target) -> Result<(Session, Room), Refusal> {
    let config = config(target);
    let mut session = match &target.endpoint {
        Endpoint::Unix { .. } => {
            let path = target.endpoint.socket_path().unwrap_or_default();
            let stream = UnixStream::connect(path)
                .await
                .map_err(|e| Refusal::of(classify::open(&e), &e))?;
            let pid = stream.peer_cred().ok().and_then(|peer| peer.pid());
            login(&config, stream)
                .await
                .map_err(|refusal| explain(refusal, pid))?
        }
        Endpoint::Tcp { .. } => Err(Refusal::timed_out("tcp"))?,
    };
    let room = session.room().await?;
    Ok((session, room))
}

fn config(target: &Target) -> Config {
    let mut config = Config::new();
    config
        .user(&target.user)
        .dbname(&target.database)
        .application_name("pgsql-state");
    config
}

async fn login<S>(config: &Config, stream: S) -> Result<Session, Refusal>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    match config.connect_raw(stream, NoTls).await {
        Ok((client, connection)) => Ok(Session::start(client, connection)),
        Err(error) => Err(Refusal::of(classify::driver(&error, Phase::Login), &error)),
    }
}

/// Adds the postmaster's own word where the server's refusal leaves the reason open.
fn explain(mut refusal: Refusal, postmaster: Option<i32>) -> Refusal {
    if let Failure::CannotConnectNow(_) = refusal.failure {
        refusal.postmaster = postmaster.and_then(postmaster::status);
    }
    refusal
}
