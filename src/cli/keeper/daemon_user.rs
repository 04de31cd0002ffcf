//! Whether a connection within this host leads to its daemon: which user has accepted it, as the kernel reports it. Sends
//! nothing, and does not know what is asked.
//!
//! While no daemon runs, every user of the host can listen on its port.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use thiserror::Error;
use tokio::net::TcpStream;
use tokio::{task, time};

use crate::base::tcp_table::{TcpOwner, TcpRow};

/// The kernel's tables of this network namespace. `/proc/net` is hidden by `ProcSubset=pid`.
const TABLES: [&str; 2] = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];

/// The first wait for the daemon to accept, and the longest. A table with many connections takes milliseconds to read.
const PAUSES: [Duration; 2] = [Duration::from_millis(5), Duration::from_millis(100)];

const ROOT: u32 = 0;

/// Why a connection does not lead to the daemon.
#[derive(Debug, Error)]
pub(super) enum UserProblem {
    /// Another user listens.
    #[error(
        "the user {found} listens there, and neither {wanted} nor root; if the daemon runs as that one, name it in \
         slots.daemon_user"
    )]
    Other {
        /// The user's name, or its number if it has no name.
        found: String,
        /// `slots.daemon_user`.
        wanted: String,
    },
    /// It cannot be seen.
    #[error("which user listens there cannot be seen")]
    Unseen(#[from] io::Error),
}

/// Waits until the connection has been accepted, and checks that root or this user did so. Nothing may be sent before. The
/// caller limits the time.
pub(super) async fn check(stream: &TcpStream, wanted: &str) -> Result<(), UserProblem> {
    let user = accepted_by(stream).await?;
    if user == ROOT {
        return Ok(());
    }
    // Names may come from a directory service that does not answer.
    let named = task::spawn_blocking(move || {
        let user = uzers::get_user_by_uid(user);
        user.map(|user| user.name().to_string_lossy().into_owned())
    });
    match named.await.map_err(io::Error::from)? {
        Some(name) if name == wanted => Ok(()),
        other => Err(UserProblem::Other {
            found: other.unwrap_or_else(|| user.to_string()),
            wanted: wanted.to_owned(),
        }),
    }
}

async fn accepted_by(stream: &TcpStream) -> io::Result<u32> {
    let (own, other) = (stream.local_addr()?, stream.peer_addr()?);
    let [mut pause, longest] = PAUSES;
    loop {
        if let Some(owner) = only_owner(&sockets(other, own)?) {
            return Ok(owner.user);
        }
        time::sleep(pause).await;
        pause = longest.min(pause * 2);
    }
}

/// Returns who has the only socket; `None` while it is in the queue of whoever listens.
fn only_owner(sockets: &[TcpRow]) -> Option<TcpOwner> {
    match sockets {
        [only] => only.owner,
        [] | [_, _, ..] => None,
    }
}

/// The address as the tables have it: without what only an IPv6 socket knows.
fn plain(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// Returns the sockets with these addresses; one of IPv6 that serves IPv4 too is in the second table.
fn sockets(local: SocketAddr, remote: SocketAddr) -> io::Result<Vec<TcpRow>> {
    let (local, remote) = (plain(local), plain(remote));
    let is_end = |row: &TcpRow| row.local == local && row.remote == remote;
    let mut rows = Vec::new();
    for table in TABLES {
        match File::open(table) {
            Ok(table) => {
                for line in BufReader::new(table).lines() {
                    rows.extend(TcpRow::parse(&line?).filter(is_end));
                }
            }
            // This host has no IPv6.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;

    use tokio::net::TcpListener;

    use super::*;
    use crate::base::tcp_table::TcpState;

    /// Enough for what is there already.
    const SHORT: Duration = Duration::from_millis(200);

    #[tokio::test]
    async fn a_connection_is_nobodys_until_it_is_accepted() {
        for (listening, asked) in [
            ("127.0.0.1:0", "127.0.0.1"),
            ("[::]:0", "127.0.0.1"),
            ("[::1]:0", "::1"),
        ] {
            let listener = TcpListener::bind(listening).await.unwrap();
            let port = listener.local_addr().unwrap().port();
            let address = SocketAddr::new(asked.parse().unwrap(), port);
            let client = TcpStream::connect(address).await.unwrap();
            let early = time::timeout(SHORT, accepted_by(&client)).await;
            assert!(early.is_err(), "{listening}: {early:?}");
            let _served = listener.accept().await.unwrap();
            let user = accepted_by(&client).await.unwrap();
            assert_eq!(user, uzers::get_effective_uid(), "{listening}");
        }
    }

    #[test]
    fn of_two_ends_with_one_address_neither_is_taken() {
        let row = |user| TcpRow {
            local: "127.0.0.1:8008".parse().unwrap(),
            remote: "127.0.0.1:40000".parse().unwrap(),
            state: TcpState::Connection,
            owner: Some(TcpOwner {
                user,
                socket: NonZeroU64::MIN,
            }),
        };
        let owner = |rows: &[TcpRow]| only_owner(rows).map(|owner| owner.user);
        assert_eq!(owner(&[row(7)]), Some(7));
        assert_eq!(owner(&[row(7), row(0)]), None);
        assert_eq!(owner(&[]), None);
    }
}
