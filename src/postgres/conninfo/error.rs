//! Why a connection string does not describe one server: messages for the operator, which never
//! contain a password or a part of one.

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

use super::keyword::Keyword;

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingPlace {
    /// In the connection string.
    Conninfo(Keyword),
    /// In a service file.
    Service(Keyword, PathBuf),
    /// In an environment variable.
    Variable(&'static str),
}

/// Why a connection string and the environment do not describe one server.
///
/// Values are shown where they help, except after a password: an unquoted space or a raw `@` in a
/// password makes the rest of it look like a setting or a host.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TargetError {
    /// A keyword has no value.
    #[error(
        "the setting at character {position} of the connection string has no \"=\"; write \
         keyword=value, with quotes around a value that contains spaces: keyword='a value'"
    )]
    MissingEquals {
        /// The position in characters, from 1.
        position: usize,
    },
    /// A quote does not end.
    #[error(
        "the quote at character {position} of the connection string does not end; close it with ' \
         and write a ' inside a value as \\'"
    )]
    UnterminatedQuote {
        /// The position in characters, from 1.
        position: usize,
    },
    /// A name is not a keyword of libpq.
    #[error(
        "{} in the connection string is not a keyword of libpq{}",
        shown.as_ref().map_or_else(|| "a setting".into(), |name| format!("\"{name}\"")),
        nearest.map_or_else(String::new, |n| format!("; perhaps you meant \"{}\"", n.name()))
    )]
    UnknownKeyword {
        /// What was written, unless it may be a part of a password.
        shown: Option<String>,
        /// The keyword most like it.
        nearest: Option<Keyword>,
    },
    /// The text contains a NUL byte, which no PostgreSQL message can carry.
    #[error("the connection string contains a NUL character; remove it")]
    Nul,
    /// A connection URI cannot be parsed.
    #[error(transparent)]
    Uri(#[from] UriError),
    /// A value is not one of the possible ones.
    #[error("{place} is \"{value}\"; it must be {expected}")]
    Invalid {
        /// Where the value is written.
        place: SettingPlace,
        /// The value.
        value: String,
        /// What would be right.
        expected: String,
    },
    /// A setting cannot be honoured.
    #[error("{place} cannot be used: {why}")]
    Refused {
        /// Where the setting is written.
        place: SettingPlace,
        /// Why it cannot be honoured, and what to do instead.
        why: &'static str,
    },
    /// `host`, `hostaddr` or `port` contains a comma.
    #[error(
        "{place} lists several servers; the daemon reports about exactly one, so name that one and run a daemon \
         beside each of the others"
    )]
    SeveralHosts {
        /// Where the servers are written.
        place: SettingPlace,
    },
    /// A Unix socket's path does not fit into a socket address.
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
    /// No service file has the service.
    #[error(
        "there is no service \"{name}\" in {}; write a section [{name}] into one of them, and let the user this runs as \
         read it",
        looked_in.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
    )]
    NoService {
        /// Its name.
        name: String,
        /// The files that were searched or do not exist.
        looked_in: Vec<PathBuf>,
    },
    /// A named service file does not exist.
    #[error(
        "the service file {} does not exist or cannot be reached; create it, or name another one in PGSERVICEFILE",
        path.display()
    )]
    NoServiceFile {
        /// Its path.
        path: PathBuf,
    },
    /// A service file cannot be read.
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
    /// A line of a service file cannot be used.
    #[error("line {line} of the service file {} {flaw}", path.display())]
    ServiceFile {
        /// The path of the file.
        path: PathBuf,
        /// The number of the line, from 1.
        line: usize,
        /// What is wrong with the line.
        flaw: ServiceFlaw,
    },
    /// No user name is given, and the operating system has none.
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
    /// A client certificate has no key.
    #[error(
        "sslcert is given without sslkey, and there is no home directory with a default; add \
         sslkey=... with the certificate's private key"
    )]
    NoClientKey,
}

/// Why a connection URI cannot be parsed. Shows no part of it, because the wrong part may be a
/// password with characters that need percent-encoding.
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
    /// `user:p@ss@host`. libpq takes the part after the first `@` for the host.
    #[error(
        "the connection URI has an unexpected \"@\"; write \"@\" as %40 and \"/\" as %2F in a user \
         name, password or database name"
    )]
    StrayAt,
    /// `host:name`.
    #[error(
        "the connection URI has a port that is not a number; write \"/\" as %2F and \":\" as %3A in a \
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
    /// The decoded bytes are not UTF-8.
    #[error(
        "the connection URI has percent-encoded bytes that are not UTF-8; encode the text as UTF-8"
    )]
    NotUtf8,
    /// A space inside a value.
    #[error("the connection URI contains a space; write it as %20")]
    Space,
}

impl fmt::Display for SettingPlace {
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

/// Why a line of a service file cannot be used. Shows no part of the line, which may be a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceFlaw {
    /// The line is longer than libpq accepts.
    TooLong,
    /// The line has no `=`.
    MissingEquals,
    /// The name is not a keyword of libpq; this keyword is most like it.
    UnknownKeyword(Option<Keyword>),
    /// The line names another service.
    Nested,
    /// The line is `ldap://…`, for which libpq queries a directory.
    Ldap,
    /// The line is not UTF-8.
    NotUtf8,
    /// The line contains a NUL byte.
    Nul,
}
