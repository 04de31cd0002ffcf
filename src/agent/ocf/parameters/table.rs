//! Every parameter, declared once: the names and defaults are PAF's, as Debian ships it. Knows no value.

/// A parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub content: Content,
    /// What it is where it is not set.
    pub default: Default,
    /// What Pacemaker does when it changes.
    pub on_change: OnChange,
    /// It, in a few words.
    pub short: &'static str,
    /// It, in full.
    pub long: &'static str,
}

/// What a parameter holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// The name of a user of the system.
    User,
    /// The path of a directory or a file.
    Path,
    /// The directory of a Unix socket, a host's name or an address.
    Host,
    /// A port.
    Port,
    /// A number of bytes.
    Bytes,
    /// Options of a program.
    Options,
}

/// What a parameter is where it is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Default {
    /// Always the same.
    Is(&'static str),
    /// What another parameter is, `PGDATA`, and perhaps something behind it.
    Pgdata(&'static str),
}

/// What Pacemaker does when a parameter changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnChange {
    /// It tells the agent. What only a start reads holds from the next one on.
    Reload,
    /// It restarts the server, of which this says which one it is: no two resources may share it.
    Restart,
}

impl Content {
    /// The name of its kind in OCF.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::User | Self::Path | Self::Host | Self::Options => "string",
            Self::Port | Self::Bytes => "integer",
        }
    }

    /// What was expected where something else was found.
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

/// Every parameter, in the order in which people are shown them.
pub const PARAMETERS: [Declaration; 9] = [
    Declaration {
        name: "system_user",
        content: Content::User,
        default: Default::Is("postgres"),
        on_change: OnChange::Reload,
        short: "Owner of the server",
        long: "The user whom the server's files belong to and as whom it runs; also the role with \
               which the agent asks it.",
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
        long: "What pg_ctl is told with --pgdata: the data directory, or the directory of \
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
        long: "Where the agent asks the server: the directory of its Unix socket, or a local address. \
               Whoever else answers there, as a neighbour or a load balancer may at an address, is told \
               in the log and not heard; the server is asked where it listens itself.",
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
        on_change: OnChange::Restart,
        short: "Template of recovery.conf, up to PostgreSQL 11",
        long: "The file that is copied to recovery.conf in the data directory before the server \
               starts, up to PostgreSQL 11. From 12 on there must be no such file.",
    },
    Declaration {
        name: "start_opts",
        content: Content::Options,
        default: Default::Is(""),
        on_change: OnChange::Reload,
        short: "More options for the server",
        long: "Options that postgres is started with, such as \"-c config_file=/etc/postgresql/15/main/postgresql.conf\" \
               where postgresql.conf is not in pgdata.",
    },
];
