//! The declaration of every parameter. The names and defaults are those of PAF as Debian ships it. Knows no value.

/// The declaration of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// The parameter's name.
    pub name: &'static str,
    /// The kind of value that it holds.
    pub content: Content,
    /// Its value if it is not set.
    pub default: Default,
    /// What Pacemaker does when its value changes.
    pub on_change: OnChange,
    /// Short description.
    pub short: &'static str,
    /// Full description.
    pub long: &'static str,
}

/// The kind of value that a parameter holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// The name of an operating-system user.
    User,
    /// The path of a directory or a file.
    Path,
    /// The directory of a Unix socket, a host name or an address.
    Host,
    /// A TCP port.
    Port,
    /// A number of bytes.
    Bytes,
    /// Options of a program.
    Options,
}

/// The value of a parameter that is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Default {
    /// A constant.
    Is(&'static str),
    /// The value of the parameter `pgdata`, followed by this suffix.
    Pgdata(&'static str),
}

/// What Pacemaker does when a parameter changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnChange {
    /// It calls the agent's reload. A value that only a start reads applies from the next start on.
    Reload,
    /// It restarts the server. The parameter identifies the server: no two resources may have the same value.
    Restart,
}

impl Content {
    /// Returns the name of the content's type in OCF.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::User | Self::Path | Self::Host | Self::Options => "string",
            Self::Port | Self::Bytes => "integer",
        }
    }

    /// Returns a description of the valid values, for an error message.
    #[must_use]
    pub fn expected(self) -> &'static str {
        match self {
            Self::User => "the name of a user, without blanks, colons and slashes",
            Self::Path => "an absolute path",
            Self::Host => "the absolute path of a socket's directory, a host's name or an address",
            Self::Port => "a port from 1 to 65535",
            Self::Bytes => "a whole number of bytes, not negative",
            Self::Options => "options in one line",
        }
    }
}

/// Every parameter, in the order in which it is presented.
pub const PARAMETERS: [Declaration; 9] = [
    Declaration {
        name: "system_user",
        content: Content::User,
        default: Default::Is("postgres"),
        on_change: OnChange::Reload,
        short: "Owner of the server",
        long: "The user who owns the server's files and runs the server; also the role with \
               which the agent connects to it.",
    },
    Declaration {
        name: "bindir",
        content: Content::Path,
        default: Default::Is("/usr/bin"),
        on_change: OnChange::Reload,
        short: "Directory of the server's programs",
        long: "The directory of postgres and pg_ctl, of the data directory's major version.",
    },
    Declaration {
        name: "pgdata",
        content: Content::Path,
        default: Default::Is("/var/lib/pgsql/data"),
        on_change: OnChange::Restart,
        short: "Data directory, or directory of the configuration",
        long: "The argument of pg_ctl --pgdata: the data directory, or the directory of \
               postgresql.conf if that is another one, as on Debian.",
    },
    Declaration {
        name: "datadir",
        content: Content::Path,
        default: Default::Pgdata(""),
        on_change: OnChange::Restart,
        short: "Data directory",
        long: "The data directory, if pgdata is that of the configuration: what data_directory is \
               set to in postgresql.conf.",
    },
    Declaration {
        name: "pghost",
        content: Content::Host,
        default: Default::Is("/var/run/postgresql"),
        on_change: OnChange::Reload,
        short: "Directory of the server's socket, or its address",
        long: "Where the agent connects to the server: the directory of its Unix socket, or a local address. \
               If another server answers there, as a neighbour or a load balancer may at an address, the agent logs \
               that, ignores the answer, and connects where the server itself listens.",
    },
    Declaration {
        name: "pgport",
        content: Content::Port,
        default: Default::Is("5432"),
        on_change: OnChange::Reload,
        short: "Port of the server",
        long: "The port of the server, which is also part of the name of its Unix socket.",
    },
    Declaration {
        name: "maxlag",
        content: Content::Bytes,
        default: Default::Is("0"),
        on_change: OnChange::Reload,
        short: "How far behind a standby may be that is promoted",
        long: "How many bytes of WAL a standby may lack of what the primary has written. One that \
               lacks more is not promoted, neither by its score nor in an election. 0 means that it \
               may lack any number.",
    },
    Declaration {
        name: "recovery_template",
        content: Content::Path,
        default: Default::Pgdata("/recovery.conf.pcmk"),
        on_change: OnChange::Reload,
        short: "Has no effect",
        long: "Has no effect, and is there for resources that PAF ran: PostgreSQL has had no recovery.conf \
               since version 12. What a standby needs belongs into postgresql.conf.",
    },
    Declaration {
        name: "start_opts",
        content: Content::Options,
        default: Default::Is(""),
        on_change: OnChange::Reload,
        short: "More options for the server",
        long: "Options that postgres is started with, such as \"-c config_file=/etc/postgresql/17/main/postgresql.conf\" \
               where postgresql.conf is not in pgdata.",
    },
];
