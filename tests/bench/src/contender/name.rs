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
    /// An HTTP server that does nothing but answer, asked on a new connection each time.
    BareHttp,
    /// The daemon's HTTP port, asked so.
    Http,
    /// The same server, asked on connections that stay.
    BareHttpKept,
    /// The daemon's HTTP port, asked so.
    HttpKept,
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
            Self::BareHttp => "bare hyper server",
            Self::Http => "pgsql-state `HEAD /primary`",
            Self::BareHttpKept => "bare hyper server, kept alive",
            Self::HttpKept => "pgsql-state `HEAD /primary`, kept alive",
            Self::Patroni => "Patroni `GET /primary`",
        }
    }

    /// Whether it is the daemon.
    pub(crate) const fn is_ours(self) -> bool {
        match self {
            Self::Ours | Self::Http | Self::HttpKept => true,
            Self::Bare
            | Self::Psql
            | Self::Bgw
            | Self::BareHttp
            | Self::BareHttpKept
            | Self::Patroni => false,
        }
    }

    /// As part of a file's name.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Ours => "ours",
            Self::Psql => "psql",
            Self::Bgw => "bgw",
            Self::BareHttp => "bare-http",
            Self::Http => "http",
            Self::BareHttpKept => "bare-http-kept",
            Self::HttpKept => "http-kept",
            Self::Patroni => "patroni",
        }
    }

    /// The bare server that is asked in the same way.
    pub(crate) const fn bare(self) -> Self {
        match self {
            Self::Bare | Self::Ours | Self::Psql | Self::Bgw => Self::Bare,
            Self::BareHttp | Self::Http | Self::Patroni => Self::BareHttp,
            Self::BareHttpKept | Self::HttpKept => Self::BareHttpKept,
        }
    }
}
