//! Where clients and administrators connect, and which files checks need, in characters that a configuration can have; knows no line
//! of it.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use thiserror::Error;

/// Where clients connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bind {
    /// At every IPv4 address.
    Everywhere,
    /// At one.
    At(IpAddr),
}

/// A text is no address to bind.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("\"{0}\" is no IP address and no \"*\"")]
pub struct BindError(String);

/// The path of `HAProxy`'s own socket, in characters that mean nothing to its configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminSocket(String);

/// A text is no path for a socket.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "\"{0}\" is no path for a socket; write a whole path of letters, digits and \"/._-\", of at most 97"
)]
pub struct AdminSocketError(String);

/// The path of a file on `HAProxy`'s host, in characters that mean nothing to its configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckFile(String);

/// A text is no path for such a file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "\"{0}\" is no path that HAProxy's configuration can have; write a whole path of letters, digits and \"/._-\""
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
    /// Where Debian's package has it.
    pub const USUAL: &str = "/run/haproxy/admin.sock";

    /// Longest path: `HAProxy` binds a temporary one first, with ten characters more, and the kernel
    /// takes 107 (unix(7)).
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
