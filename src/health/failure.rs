//! How an attempt to ask a server can fail, as facts without any text of the server; says nothing of
//! what follows from it.

/// The outcome of a connection or question that brought no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Failure {
    /// No file at the path of the Unix socket.
    NoSocket,
    /// Nobody listens at the address, or the socket file is a dead server's.
    Refused,
    /// The network has no way to the address.
    Unreachable,
    /// The host's name does not resolve.
    NoHost,
    /// The operating system does not let this user open the socket.
    Denied,
    /// Another server answers at the address than the one that is asked for, or one refuses there that is not
    /// known to be it.
    OtherServer,
    /// No answer within the time allowed.
    TimedOut,
    /// SQLSTATE 53300: no connection slot is free for this role.
    Full,
    /// SQLSTATE class 28, or 42501 at connection: the server does not accept this role.
    Auth,
    /// SQLSTATE 3D000: the database does not exist.
    NoDatabase,
    /// SQLSTATE 55000 at connection: the database lets nobody connect (`ALLOW_CONNECTIONS false`), or is what an
    /// interrupted `DROP DATABASE` left.
    DatabaseClosed,
    /// SQLSTATE 58P01 `undefined_file`: a file that the session needs is missing.
    MissingFile,
    /// SQLSTATE 57P03 `cannot_connect_now`: starting, recovering, shutting down, or no hot standby.
    CannotConnectNow(Detail),
    /// SQLSTATE 57P01 `admin_shutdown`: an administrator ended this session, or all of them.
    AdminShutdown,
    /// SQLSTATE 57P02 `crash_shutdown`: another backend crashed, the server recovers.
    CrashShutdown,
    /// The connection ended without a word.
    Lost,
    /// TLS was asked for and could not be had, or the certificate does not prove the server, or a file
    /// (certificate, key) cannot be used.
    Tls,
    /// The password file that somebody named cannot be read.
    Setup,
    /// Another SQLSTATE, of no class that tells of a failing server (53, 58, F0, XX): it works, and does not let
    /// this session do what it asks.
    Rejected,
    /// Anything else: a SQLSTATE of those classes, or bytes that are no PostgreSQL.
    Unexpected,
}

/// Whether a refusal with 57P03 carried the error field `D`. PostgreSQL 14 and later give a detail
/// exactly while a server in recovery lets nobody in (`src/backend/postmaster/postmaster.c`,
/// `CAC_NOTCONSISTENT`), in any language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Detail {
    /// The field was there.
    Given,
    /// The field was missing.
    Missing,
}

impl Failure {
    /// The word of metrics; where it is the reason of an answer, that reason's.
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

    /// Whether a server process was there to refuse, so that asking again at once would cost it
    /// another forked backend.
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
