//! Why the demo ended before its end.

use std::fmt;

use support::Trouble;

/// Why the demo ended early.
#[derive(thiserror::Error)]
pub(crate) enum End {
    /// Ctrl-C, SIGTERM or a closed terminal.
    #[error("interrupted")]
    Interrupted,
    /// A server, a program or a wait failed.
    #[error(transparent)]
    Trouble(#[from] Trouble),
    /// The client that writes could not begin, or its rows could not be looked at.
    #[error(transparent)]
    Traffic(#[from] pgsql_state_traffic::Error),
    /// Everything ran, and something was not as it should be.
    #[error("{0}")]
    Wrong(String),
}

/// The sentence with its causes.
impl fmt::Debug for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trouble(trouble) => write!(f, "{trouble:?}"),
            Self::Interrupted | Self::Traffic(_) | Self::Wrong(_) => write!(f, "{self}"),
        }
    }
}
