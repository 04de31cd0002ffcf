//! How an attempt to ask a server can fail, as facts without any text of the server; judges nothing from them.

/// Why a connection or a question brought no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Failure {
    /// No file at the path of the Unix socket.
    NoSocket,
    /// No process listens at the address, or the socket file was left by a server that has ended.
    Refused,
    /// The network has no route to the address.
    Unreachable,
    /// The host's name does not resolve.
    NoHost,
    /// The operating system does not let this user open the socket.
    Denied,
    /// A server other than the expected one answers at the address, or the server that refuses there is not
    /// known to be the expected one.
    OtherServer,
    /// No answer within the time allowed.
    TimedOut,
    /// SQLSTATE 53300: no connection slot is free for this role.
    Full,
    /// SQLSTATE class 28, or 42501 at connection: the server does not accept this role.
    Auth,
    /// SQLSTATE 3D000: the database does not exist.
    NoDatabase,
    /// SQLSTATE 55000 at connection: the database accepts no connections (`ALLOW_CONNECTIONS false`), or its
    /// `DROP DATABASE` was interrupted.
    DatabaseClosed,
    /// SQLSTATE 58P01 `undefined_file`: a file that the session needs is missing.
    MissingFile,
    /// SQLSTATE 57P03 `cannot_connect_now`: starting, recovering, shutting down, or no hot standby.
    CannotConnectNow(Detail),
    /// SQLSTATE 57P01 `admin_shutdown`: an administrator ended this session, or all of them.
    AdminShutdown,
    /// SQLSTATE 57P02 `crash_shutdown`: another backend crashed, the server recovers.
    CrashShutdown,
    /// The server closed the connection without a message.
    Lost,
    /// TLS is required and failed, or the certificate does not prove the server, or a file
    /// (certificate, key) cannot be used.
    Tls,
    /// The password file that the configuration names cannot be read.
    Setup,
    /// Another SQLSTATE, outside the classes of a failing server (53, 58, F0, XX): the server works, and refuses
    /// what this session asks.
    Rejected,
    /// Anything else: a SQLSTATE of those classes, or bytes that are not PostgreSQL's protocol.
    Unexpected,
}

/// Whether a refusal with 57P03 carried the error field `D`. PostgreSQL 14 and later give a detail
/// exactly while a server in recovery accepts no connections (`src/backend/postmaster/postmaster.c`,
/// `CAC_NOTCONSISTENT`), in any language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Detail {
    /// The field was there.
    Given,
    /// The field was missing.
    Missing,
}

impl Failure {
    /// The label of this failure in metrics. It is spelled as the reason that the failure leads to, if there is one.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::NoSocket => "no-socket",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::NoHost => "no-host",
            Self::Denied => "denied",
            Self::OtherServer => "other-server",
            Self::TimedOut => "timeout",
            Self::Full => "full",
            Self::Auth => "auth",
            Self::NoDatabase => "no-database",
            Self::DatabaseClosed => "database-closed",
            Self::MissingFile => "missing-file",
            Self::CannotConnectNow(_) => "not-accepting",
            Self::AdminShutdown => "shutting-down",
            Self::CrashShutdown => "recovering",
            Self::Lost => "lost",
            Self::Tls => "tls",
            Self::Setup | Self::Rejected | Self::Unexpected => "internal",
        }
    }

    /// Whether the attempt may have cost the server a forked backend, so that asking again at once would cost
    /// another.
    #[must_use]
    pub fn cost_a_backend(self) -> bool {
        match self {
            Self::NoSocket
            | Self::Refused
            | Self::Unreachable
            | Self::NoHost
            | Self::Denied
            | Self::Setup => false,
            Self::OtherServer
            | Self::TimedOut
            | Self::Full
            | Self::Auth
            | Self::NoDatabase
            | Self::DatabaseClosed
            | Self::MissingFile
            | Self::CannotConnectNow(_)
            | Self::AdminShutdown
            | Self::CrashShutdown
            | Self::Lost
            | Self::Tls
            | Self::Rejected
            | Self::Unexpected => true,
        }
    }
}
