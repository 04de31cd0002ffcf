//! The address of the one server: a Unix socket or a TCP port; opens nothing.

use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use super::error::TargetError;
use super::host_address::HostAddress;
use super::integer;
use super::keyword::Keyword;
use super::values::{Value, Values};

/// The directory of the socket if no host is given, as in Debian's libpq (`DEFAULT_PGSOCKET_DIR`).
pub const DEFAULT_DIRECTORY: &str = "/var/run/postgresql";

/// The port if none is given, also the end of the socket's name (`DEF_PGPORT`).
pub const DEFAULT_PORT: u16 = 5432;

/// `sun_path` has 108 bytes (unix(7)), the last of them NUL in libpq (`UNIXSOCK_PATH_BUFLEN`).
const SOCKET_PATH_LIMIT: usize = 107;

/// The socket or port at which the server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// A Unix socket.
    Unix {
        /// The folder of the socket, or `@name` for one in Linux's abstract namespace.
        directory: PathBuf,
        /// The end of the socket's name.
        port: u16,
    },
    /// A TCP port.
    Tcp {
        /// The name or address as it was written: a certificate has to prove it, and a password
        /// file lists it. The text of `hostaddr` if only that is given.
        host: String,
        /// `hostaddr`: the address to connect to, without a lookup of `host`.
        address: Option<HostAddress>,
        /// The port, not zero.
        port: u16,
    },
}

impl Endpoint {
    /// Finds the endpoint as libpq does: with `hostaddr` it is TCP whatever `host` is, a host that begins with `/` or
    /// `@` is a Unix socket, and without a host it is the socket in [`DEFAULT_DIRECTORY`].
    pub(super) fn from_values(values: &Values<'_>) -> Result<Self, TargetError> {
        let host = values.text(Keyword::Host).map(single).transpose()?;
        let address = values.text(Keyword::HostAddr).map(single).transpose()?;
        let port = values
            .text(Keyword::Port)
            .map_or(Ok(DEFAULT_PORT), parse_port)?;
        match (host, address) {
            (host, Some(address)) => Ok(Self::Tcp {
                address: Some(parse_address(&address)?),
                host: host.unwrap_or(address).text,
                port,
            }),
            (Some(host), None) if !host.text.starts_with(['/', '@']) => Ok(Self::Tcp {
                host: host.text,
                address: None,
                port,
            }),
            (host, None) => Self::unix(
                host.map_or_else(|| DEFAULT_DIRECTORY.into(), |host| host.text),
                port,
            ),
        }
    }

    fn unix(directory: String, port: u16) -> Result<Self, TargetError> {
        let path = format!("{directory}/{}", socket_name(port));
        if path.len() > SOCKET_PATH_LIMIT {
            return Err(TargetError::SocketPathTooLong {
                path,
                limit: SOCKET_PATH_LIMIT,
            });
        }
        Ok(Self::Unix {
            directory: directory.into(),
            port,
        })
    }

    /// Returns the port, also of a Unix socket.
    pub fn port(&self) -> u16 {
        match self {
            Self::Unix { port, .. } | Self::Tcp { port, .. } => *port,
        }
    }

    /// Returns the Unix socket's path, `directory/.s.PGSQL.port` (PostgreSQL manual, `unix_socket_directories`), or
    /// `None` for TCP.
    ///
    /// The path of an abstract socket begins with a NUL byte instead of the `@`, as the kernel (unix(7))
    /// and `tokio::net::UnixStream::connect` expect.
    pub fn socket_path(&self) -> Option<PathBuf> {
        let Self::Unix { directory, port } = self else {
            return None;
        };
        let path = directory.join(socket_name(*port));
        Some(match path.as_os_str().as_bytes().strip_prefix(b"@") {
            Some(name) => OsString::from_vec([b"\0", name].concat()).into(),
            None => path,
        })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix { directory, port } => write!(f, "{} port {port}", directory.display()),
            Self::Tcp {
                host,
                address: Some(address),
                port,
            } if *host != address.to_string() => {
                write!(f, "{host} ({address}) port {port}")
            }
            Self::Tcp {
                host,
                address: _,
                port,
            } => write!(f, "{host} port {port}"),
        }
    }
}

/// Returns the name of a Unix socket in its directory.
#[must_use]
pub fn socket_name(port: u16) -> String {
    format!(".s.PGSQL.{port}")
}

fn single(value: Value) -> Result<Value, TargetError> {
    if value.text.contains(',') {
        return Err(TargetError::SeveralHosts { place: value.place });
    }
    Ok(value)
}

fn parse_port(value: Value) -> Result<u16, TargetError> {
    let value = single(value)?;
    let port = integer::read(&value.text).and_then(|port| u16::try_from(port).ok());
    port.filter(|port| *port != 0)
        .ok_or_else(|| value.invalid("a port number from 1 to 65535"))
}

fn parse_address(value: &Value) -> Result<HostAddress, TargetError> {
    HostAddress::read(&value.text)
        .ok_or_else(|| value.invalid("an IP address such as 10.0.0.5 or 2001:db8::5"))
}
