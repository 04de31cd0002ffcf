//! Determines where to connect to the server, from nothing but the parameters and what its postmaster and the kernel
//! report: libpq's variables play no part. Opens no connection.

use std::path::{Path, PathBuf};

use super::processes;
use crate::postgres::PidFile;
use crate::postgres::conninfo::{Environment, ServiceFile, Target};

/// The agent's `application_name` in the server's views and log.
const APPLICATION_NAME: &str = "pgsqlms";

/// An address to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ServerAddress {
    /// The directory of a Unix socket, a host name or an IP address.
    pub(super) host: String,
    pub(super) port: u16,
}

/// Who listens at an address, as known before connecting to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AddressOwner {
    /// The postmaster: for a socket it says so itself, for an IP address the kernel does.
    Postmaster,
    /// Any process.
    Unknown,
}

/// The role with which the agent connects, and the home directory of its user.
#[derive(Clone, Debug)]
pub(super) struct AgentLogin {
    /// The role.
    pub(super) role: String,
    /// The directory of its password file, if that is known.
    pub(super) home: Option<PathBuf>,
}

/// Returns where a postmaster listens: at the socket that it reports, and at the addresses that the kernel reports, or
/// else at the one that it reports.
pub(super) fn told(file: &PidFile) -> Vec<(ServerAddress, AddressOwner)> {
    let Some(port) = file.port else {
        return Vec::new();
    };
    let place = |host: &str, port| ServerAddress {
        host: host.into(),
        port,
    };
    let directory = file.socket_directory.as_deref().and_then(Path::to_str);
    let mut places: Vec<_> = directory
        .into_iter()
        .map(|directory| (place(directory, port), AddressOwner::Postmaster))
        .collect();
    let known = processes::listening(file.pid);
    places.extend(known.iter().map(|address| {
        let place = place(&address.ip().to_string(), address.port());
        (place, AddressOwner::Postmaster)
    }));
    if known.is_empty() {
        let address = file.listen_address.as_deref().map(|address| match address {
            "*" | "0.0.0.0" => "127.0.0.1",
            "::" => "::1",
            address => address,
        });
        places.extend(address.map(|address| (place(address, port), AddressOwner::Unknown)));
    }
    places
}

impl ServerAddress {
    /// Returns whether it is the directory of a socket, written as in the parameter.
    pub(super) fn is_socket(&self) -> bool {
        self.host.starts_with(['/', '@'])
    }

    /// Returns how to connect to it.
    pub(super) fn target(&self, login: &AgentLogin) -> Result<Target, String> {
        let quoted = |value: &str| value.replace('\\', r"\\").replace('\'', r"\'");
        let conninfo = format!(
            "host='{}' port={} user='{}' dbname=postgres application_name={APPLICATION_NAME}",
            quoted(&self.host),
            self.port,
            quoted(&login.role)
        );
        let environment = Environment {
            variable: &|_| None,
            service_file: &|_| ServiceFile::Missing,
            user: None,
            home: login.home.clone(),
        };
        Target::resolve(&conninfo, &environment).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::postgres::conninfo::Endpoint;

    #[test]
    fn a_directory_is_a_socket_and_anything_else_an_address() {
        let endpoint = |host: &str| {
            let place = ServerAddress {
                host: host.into(),
                port: 5433,
            };
            let login = AgentLogin {
                role: "it's me".into(),
                home: None,
            };
            place.target(&login).unwrap().endpoint
        };
        assert_eq!(
            endpoint("/it's here"),
            Endpoint::Unix {
                directory: "/it's here".into(),
                port: 5433
            }
        );
        assert!(matches!(
            endpoint("127.0.0.1"),
            Endpoint::Tcp { port: 5433, .. }
        ));
    }

    #[test]
    fn a_postmaster_tells_where_it_listens() {
        let file = |lines: &str| {
            PidFile::parse(&format!("2147483647\n/data\n1\n{lines}1 1\nready\n")).unwrap()
        };
        let hosts = |lines: &str| -> Vec<String> {
            let places = told(&file(lines));
            places.into_iter().map(|(place, _)| place.host).collect()
        };
        assert_eq!(hosts("5433\n/run\n*\n"), ["/run", "127.0.0.1"]);
        assert_eq!(hosts("5433\n\n10.0.0.1\n"), ["10.0.0.1"]);
        assert_eq!(hosts("\n\n\n"), Vec::<String>::new());
    }
}
