//! The closed set of contenders.

use clap::ValueEnum;

/// One contender; their order is that of their turns and of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Name {
    /// A server that does nothing but answer.
    Bare,
    /// The daemon of this project.
    Ours,
    /// The psql one-liner behind a socket of systemd.
    Psql,
    /// The background worker `bgw_replstatus`.
    Bgw,
    /// Patroni's `GET /primary`.
    Patroni,
}

impl Name {
    /// As it stands in the table.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Bare => "bare tokio server",
            Self::Ours => "pgsql-state",
            Self::Psql => "psql one-liner",
            Self::Bgw => "bgw_replstatus",
            Self::Patroni => "Patroni `GET /primary`",
        }
    }

    /// As part of a file's name.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Ours => "ours",
            Self::Psql => "psql",
            Self::Bgw => "bgw",
            Self::Patroni => "patroni",
        }
    }
}
