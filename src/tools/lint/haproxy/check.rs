//! Parses how a section checks its servers: the kind of check and its steps; judges nothing.
//!
//! - `expect`: what an answer must match.
//! - `sent`: what a check sends.
//! - `steps`: the steps together, and the connections that they open.

mod expect;
mod sent;
mod steps;

use super::sections::Line;
pub(super) use expect::{Expect, Matching};
pub(super) use sent::Sent;
pub(super) use steps::{Exchange, Steps};

/// The kind of check that `option` selects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum CheckKind {
    /// A connection alone.
    #[default]
    Connect,
    /// The steps of `tcp-check`.
    Tcp,
    /// HTTP requests: that of `option httpchk`, and the steps of `http-check`.
    Http,
    /// `PostgreSQL`'s startup message with this user.
    Postgres(String),
    /// An external program.
    External,
    /// The protocol of another kind of server.
    Foreign,
}

/// A line of `tcp-check` or `http-check`.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Connect(Connect),
    Send(Sent),
    Expect(Expect),
    /// A comment, a variable or the like.
    Other,
}

/// Opens a connection, possibly elsewhere than to the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Connect {
    /// The address, as it is written.
    pub(super) addr: Option<String>,
    pub(super) port: ConnectPort,
    pub(super) encryption: ConnectEncryption,
}

/// Whether a connection is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ConnectEncryption {
    #[default]
    None,
    Tls,
    /// `default`: as the server's line says.
    OfServer,
}

/// The port of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ConnectPort {
    /// That of the address, or of the server's line.
    #[default]
    Inherited,
    Written(u16),
    /// It is computed for each check.
    Computed,
}

impl CheckKind {
    /// Parses the words after `option`; `None` if the option does not select a check.
    pub(super) fn read(words: &[&str]) -> Option<Self> {
        match words {
            ["tcp-check", ..] => Some(Self::Tcp),
            ["httpchk", ..] => Some(Self::Http),
            ["pgsql-check", "user", user, ..] => Some(Self::Postgres((*user).to_owned())),
            ["pgsql-check", ..] => Some(Self::Postgres(String::new())),
            ["external-check", ..] => Some(Self::External),
            [
                "mysql-check" | "redis-check" | "ldap-check" | "smtpchk" | "spop-check"
                | "ssl-hello-chk",
                ..,
            ] => Some(Self::Foreign),
            _ => None,
        }
    }
}

impl Step {
    /// Parses a whole `tcp-check` or `http-check` line.
    pub(super) fn read(line: &Line) -> Self {
        let words: Vec<&str> = line.words.iter().map(String::as_str).collect();
        let Some((protocol, rest)) = words.split_first() else {
            return Self::Other;
        };
        match rest {
            ["connect", rest @ ..] => Self::Connect(Connect::read(rest)),
            [send, rest @ ..] if *send == "send" || send.starts_with("send-") => {
                if *protocol == "http-check" && *send != "send" {
                    return Self::Other;
                }
                Self::Send(Sent::read(protocol, send, rest))
            }
            ["expect", rest @ ..] => match Expect::read(rest, &line.place) {
                Some(expect) => Self::Expect(expect),
                None => Self::Other,
            },
            _ => Self::Other,
        }
    }
}

impl Connect {
    fn read(words: &[&str]) -> Self {
        let mut read = Self::default();
        let mut words = words.iter().copied();
        while let Some(word) = words.next() {
            match word {
                "port" => {
                    let number = words.next().map(str::parse);
                    read.port = match number {
                        Some(Ok(number)) => ConnectPort::Written(number),
                        Some(Err(_)) => ConnectPort::Computed,
                        None => ConnectPort::Inherited,
                    };
                }
                "addr" => read.addr = words.next().map(str::to_owned),
                "ssl" => read.encryption = ConnectEncryption::Tls,
                "default" => read.encryption = ConnectEncryption::OfServer,
                "sni" | "alpn" | "proto" | "comment" => drop(words.next()),
                _ => {}
            }
        }
        read
    }
}

#[cfg(test)]
mod tests;
