//! Checks that the required user serves a Unix socket (`requirepeer`), before a byte is sent.

use std::io;

use thiserror::Error;
use tokio::net::UnixStream;
use tokio::task;

/// The user ID that the kernel shows for every user outside a user namespace, such as that of
/// `PrivateUsers=yes` (`/proc/sys/kernel/overflowuid` in proc(5)).
const HIDDEN: u32 = 65_534;

/// Why a socket is refused.
#[derive(Debug, Error)]
pub(super) enum PeerProblem {
    /// Another user serves the socket.
    #[error("the Unix socket is served by {found}, but requirepeer demands {wanted}")]
    Other {
        /// The user's name, or its number if it has no name.
        found: String,
        /// The name in the settings.
        wanted: String,
    },
    /// The kernel hides the user.
    #[error(
        "requirepeer demands that {wanted} serves the Unix socket, but the kernel does not show which user does: the \
         daemon's unit needs PrivateUsers=no, which \"generate systemd\" writes, unless that user is nobody"
    )]
    Hidden {
        /// The name in the settings.
        wanted: String,
    },
    /// The user cannot be determined.
    #[error(
        "requirepeer cannot be checked: the kernel does not report which user serves the Unix socket"
    )]
    Unknown(#[source] io::Error),
}

/// Checks that the user who called `listen` for the other end of `stream` (`SO_PEERCRED` in unix(7)) has this name.
pub(super) async fn check(stream: &UnixStream, wanted: &str) -> Result<(), PeerProblem> {
    let peer = stream.peer_cred().map_err(PeerProblem::Unknown)?;
    let wanted = wanted.to_owned();
    if peer.uid() == HIDDEN {
        return Err(PeerProblem::Hidden { wanted });
    }
    // Names may come from a directory service that does not answer, and the one thread must not wait for it.
    let uid = peer.uid();
    let named = task::spawn_blocking(move || {
        let user = uzers::get_user_by_uid(uid);
        user.map(|user| user.name().to_string_lossy().into_owned())
    });
    let named = named
        .await
        .map_err(|error| PeerProblem::Unknown(error.into()))?;
    match named {
        Some(name) if name == wanted => Ok(()),
        other => {
            let found = other.unwrap_or_else(|| format!("user {uid}"));
            Err(PeerProblem::Other { found, wanted })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_user_at_the_other_end_must_have_the_required_name() {
        let (ours, _theirs) = UnixStream::pair().unwrap();
        let own = uzers::get_current_username().unwrap();
        assert!(check(&ours, own.to_str().unwrap()).await.is_ok());
        let other = check(&ours, "no-such-user-here")
            .await
            .unwrap_err()
            .to_string();
        assert!(other.contains(own.to_str().unwrap()), "{other}");
        assert!(other.contains("no-such-user-here"), "{other}");
    }
}
