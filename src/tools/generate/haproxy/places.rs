//! Addresses, sockets and files of a configuration, in characters that are not special in it; knows no line of it.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use thiserror::Error;

/// The address on which clients connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bind {
    /// Every IPv4 address.
    Everywhere,
    /// One address.
    At(IpAddr),
}

/// A text that is not an address to bind.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("\"{0}\" is neither an IP address nor \"*\"")]
pub struct BindError(String);

/// The path of `HAProxy`'s admin socket, in characters that are not special in its configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminSocket(String);

/// A text that is not a path for a socket.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "\"{0}\" is not a valid path for a socket; write an absolute path of letters, digits and \"/._-\", at most 97 characters"
)]
pub struct AdminSocketError(String);

/// The path of a file on `HAProxy`'s host, in characters that are not special in its configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckFile(String);

/// A text that is not a path of such a file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "\"{0}\" is not a valid path in HAProxy's configuration; write an absolute path of letters, digits and \"/._-\""
)]
pub struct CheckFileError(String);

impl FromStr for CheckFile {
    type Err = CheckFileError;

    fn from_str(text: &str) -> Result<Self, CheckFileError> {
        if is_plain(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(CheckFileError(text.to_owned()))
        }
    }
}

impl fmt::Display for CheckFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_plain(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    path.starts_with('/') && !path.ends_with('/') && path.chars().all(plain)
}

impl fmt::Display for Bind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everywhere => f.write_str("*"),
            Self::At(address) => address.fmt(f),
        }
    }
}

impl FromStr for Bind {
    type Err = BindError;

    fn from_str(text: &str) -> Result<Self, BindError> {
        if text == "*" {
            return Ok(Self::Everywhere);
        }
        let address = text.parse().map(Self::At);
        address.map_err(|_| BindError(text.to_owned()))
    }
}

impl AdminSocket {
    /// The path in Debian's package.
    pub const DEFAULT: &str = "/run/haproxy/admin.sock";

    /// Longest path: `HAProxy` first binds a temporary one that is ten characters longer, and the kernel
    /// accepts 107 (unix(7)).
    const LONGEST: usize = 97;
}

impl FromStr for AdminSocket {
    type Err = AdminSocketError;

    fn from_str(text: &str) -> Result<Self, AdminSocketError> {
        if is_plain(text) && text.len() <= Self::LONGEST {
            Ok(Self(text.to_owned()))
        } else {
            Err(AdminSocketError(text.to_owned()))
        }
    }
}

impl fmt::Display for AdminSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
