//! Whether the right user serves a Unix socket (`requirepeer`), seen before a byte is sent; knows nothing of logins.

use std::io;

use thiserror::Error;
use tokio::net::UnixStream;
use tokio::task;

/// Who stands for every user whom the kernel does not show to the processes of a user namespace, as that of
/// `PrivateUsers=yes` (`/proc/sys/kernel/overflowuid` in proc(5)).
const HIDDEN: u32 = 65_534;

/// Why a socket is not trusted.
#[derive(Debug, Error)]
pub(super) enum PeerProblem {
    /// Somebody else.
    #[error("the Unix socket is served by {found}, and requirepeer demands {wanted}")]
    Other {
        /// The user's name, or number.
        found: String,
        /// The name in the settings.
        wanted: String,
    },
    /// It is not known who.
    #[error(
        "requirepeer demands that {wanted} serves the Unix socket, and the kernel hides who does: its unit needs \
         PrivateUsers=no, which \"generate systemd\" writes; or nobody's user does"
    )]
    Hidden {
        /// The name in the settings.
        wanted: String,
    },
    /// The kernel does not tell.
    #[error(
        "requirepeer cannot be checked, as the kernel does not tell who serves the Unix socket"
    )]
    Unknown(#[source] io::Error),
}

/// Holds the user who called `listen` for the other end of `stream` (`SO_PEERCRED` in unix(7)) against a name.
pub(super) async fn check(stream: &UnixStream, wanted: &str) -> Result<(), PeerProblem> {
    let peer = stream.peer_cred().map_err(PeerProblem::Unknown)?;
    let wanted = wanted.to_owned();
    if peer.uid() == HIDDEN {
        return Err(PeerProblem::Hidden { wanted });
    }
    // Names may come from a directory that does not answer, and the one thread must not wait for it.
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
    async fn the_user_at_the_other_end_is_held_against_a_name() {
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
