//! What is chosen of a configuration, by a word each; knows no line of it.

/// What a configuration is optimised for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// The blocks and parameters of the three-node example.
    Classic,
    /// Never sends a writer to the wrong server, and closes no session unnecessarily.
    Safe,
    /// As `Safe`, with shorter times between checks.
    Fast,
}

/// How a server is checked for its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HaproxyCheck {
    /// The line of the state port.
    Text,
    /// The status of an HTTP path.
    Http,
    /// The line of the state port, and an agent-check for a standby's share of the readers.
    Agent,
}

/// How a standby reaches the primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplicationPath {
    /// Through a listen block of its own, which keeps its session while a primary shuts down.
    Own,
    /// Through the block for writers.
    Prod,
    /// Without `HAProxy`.
    Direct,
}

impl Profile {
    /// The word for it on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Classic => "classic",
            Self::Safe => "safe",
            Self::Fast => "fast",
        }
    }
}

impl HaproxyCheck {
    /// The word for it on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Http => "http",
            Self::Agent => "agent",
        }
    }
}

impl ReplicationPath {
    /// The word for it on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Prod => "prod",
            Self::Direct => "direct",
        }
    }
}
