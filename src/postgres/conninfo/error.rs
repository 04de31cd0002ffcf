//! Why a connection string does not describe one server: sentences for the operator, which never
//! contain a password or a part of one.

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

use super::keyword::Keyword;
use super::service::ServiceFlaw;

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// In the connection string.
    Conninfo(Keyword),
    /// In a service file.
    Service(Keyword, PathBuf),
    /// In an environment variable.
    Variable(&'static str),
}

/// Why a connection string and the environment do not describe one server.
///
/// Values are shown where they help, except behind a password: an unquoted space or a raw `@` in a
/// password makes the rest of it look like a setting or a host.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TargetError {
    /// Keyword without a value.
    #[error(
        "the setting at character {position} of the connection string has no \"=\"; write \
         keyword=value, with quotes around a value that contains spaces: keyword='a value'"
    )]
    MissingEquals {
        /// Counted from 1.
        position: usize,
    },
    /// A quote that does not end.
    #[error(
        "the quote at character {position} of the connection string does not end; close it with ' \
         and write a ' inside a value as \\'"
    )]
    UnterminatedQuote {
        /// Counted from 1.
        position: usize,
    },
    /// Not a keyword of libpq.
    #[error(
        "{} in the connection string is no keyword of libpq{}",
        shown.as_ref().map_or_else(|| "a setting".into(), |name| format!("\"{name}\"")),
        nearest.map_or_else(String::new, |n| format!("; did you mean \"{}\"?", n.name()))
    )]
    UnknownKeyword {
        /// What was written, unless it may be a part of a password.
        shown: Option<String>,
        /// The keyword most like it.
        nearest: Option<Keyword>,
    },
    /// A NUL byte, which no PostgreSQL message can carry.
    #[error("the connection string contains a NUL character; remove it")]
    Nul,
    /// A connection URI that cannot be taken apart.
    #[error(transparent)]
    Uri(#[from] UriError),
    /// A value that is none of those possible.
    #[error("{written} is \"{value}\"; it must be {expected}")]
    Invalid {
        /// Where it stands.
        written: Written,
        /// What stands there.
        value: String,
        /// What would be right.
        expected: String,
    },
    /// A setting that cannot be honoured.
    #[error("{written} cannot be used: {why}")]
    Refused {
        /// Where it stands.
        written: Written,
        /// Why not, and what to do instead.
        why: &'static str,
    },
    /// A comma in `host`, `hostaddr` or `port`.
    #[error(
        "{written} lists several servers; the daemon speaks for exactly one, so name that one and \
         run a daemon beside each of the others"
    )]
    SeveralHosts {
        /// Where they stand.
        written: Written,
    },
    /// A Unix socket's path that no socket address can hold.
    #[error(
        "the socket path {path} is longer than the {limit} bytes a Unix socket can have; use a \
         shorter folder"
    )]
    SocketPathTooLong {
        /// The whole path.
        path: String,
        /// How many bytes fit.
        limit: usize,
    },
    /// A service that no file has.
    #[error(
        "there is no service \"{name}\" in {}; write a section [{name}] into one of them, and let the user this runs as \
         read it",
        looked_in.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
    )]
    NoService {
        /// Its name.
        name: String,
        /// The files that were looked for.
        looked_in: Vec<PathBuf>,
    },
    /// A service file that was named and is not there.
    #[error(
        "there is no service file {} within reach; create it, or name another one in PGSERVICEFILE",
        path.display()
    )]
    NoServiceFile {
        /// Its path.
        path: PathBuf,
    },
    /// A service file that cannot be read.
    #[error(
        "cannot read the service file {}: {why}; make it readable for the user this runs as",
        path.display()
    )]
    UnreadableServiceFile {
        /// Its path.
        path: PathBuf,
        /// What the operating system says.
        why: String,
    },
    /// A line of a service file that cannot be used.
    #[error("line {line} of the service file {} {flaw}", path.display())]
    ServiceFile {
        /// The path of the file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        flaw: ServiceFlaw,
    },
    /// No user name anywhere.
    #[error(
        "the operating system has no name for the user this runs as, so the role is unknown; write \
         user=... into the connection string"
    )]
    NoUser,
    /// `hostaddr` alone gives no name that a certificate could prove.
    #[error(
        "sslmode=verify-full needs the server's name, and only hostaddr is given; add host=... with \
         the name in the server's certificate"
    )]
    NoNameToVerify,
    /// `sslrootcert=system` with a mode that does not check the name.
    #[error(
        "sslrootcert=system trusts every certificate that a public authority gave to anyone, which \
         proves nothing without the name; use it with sslmode=verify-full"
    )]
    WeakWithSystemRoots,
    /// A client certificate without a key.
    #[error(
        "sslcert is given without sslkey, and there is no home directory with a default; add \
         sslkey=... with the certificate's private key"
    )]
    NoClientKey,
}

/// Why a connection URI cannot be taken apart. Shows none of it, because what is wrong may be a
/// password with characters that needed percent-encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum UriError {
    /// `[` without `]`.
    #[error("the connection URI has a \"[\" without \"]\"; write an IPv6 address as [2001:db8::1]")]
    OpenBracket,
    /// `[]`.
    #[error("the connection URI has nothing between \"[\" and \"]\"; write the IPv6 address there")]
    EmptyBrackets,
    /// `[::1]x`.
    #[error("the connection URI has something other than a port or path after \"]\"; remove it")]
    AfterBracket,
    /// `user:p@ss@host`. libpq takes the part behind the first `@` for the host.
    #[error(
        "the connection URI has an unexpected \"@\"; write \"@\" as %40 and \"/\" as %2F in a user \
         name, password or database name"
    )]
    StrayAt,
    /// `host:name`.
    #[error(
        "the connection URI has a port that is no number; write \"/\" as %2F and \":\" as %3A in a \
         user name or password"
    )]
    Port,
    /// `?keyword`.
    #[error("the connection URI has a parameter without \"=\"; write ?keyword=value&keyword=value")]
    MissingEquals,
    /// `?keyword=a=b`.
    #[error("the connection URI has a parameter with two \"=\"; write \"=\" in a value as %3D")]
    ExtraEquals,
    /// `%zz`.
    #[error(
        "the connection URI has a \"%\" that two hexadecimal digits do not follow; write \"%\" as %25"
    )]
    BadPercent,
    /// `%00`.
    #[error("the connection URI contains %00, which no value can; remove it")]
    PercentNul,
    /// Bytes that are no text.
    #[error(
        "the connection URI has percent-encoded bytes that are no UTF-8; encode the text as UTF-8"
    )]
    NotUtf8,
    /// A space inside a value.
    #[error("the connection URI contains a space; write it as %20")]
    Space,
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conninfo(keyword) => write!(f, "{} in the connection string", keyword.name()),
            Self::Service(keyword, file) => {
                write!(
                    f,
                    "{} in the service file {}",
                    keyword.name(),
                    file.display()
                )
            }
            Self::Variable(name) => write!(f, "the environment variable {name}"),
        }
    }
}
