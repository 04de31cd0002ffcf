//! Where the server may be reached, and a session with it, with nothing but the parameters and what its postmaster
//! wrote of itself to go by: libpq's variables play no part. Puts no question.

use std::io;
use std::path::{Path, PathBuf};

use crate::agent::parameters::Parameters;
use crate::postgres::postmaster::Postmaster;
use crate::postgres::{self, PidFile, Refusal, Session};
use crate::recipes::Deadline;
use crate::role::Failure;
use crate::system_clock::OnSystemClock;
use crate::target::{Surroundings, Target};

/// What the agent calls itself, in the server's views and log.
const APPLICATION_NAME: &str = "pgsqlms";

/// Where a server may be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    /// A directory, a name or an address.
    host: String,
    port: u16,
}

/// As whom a server is asked.
#[derive(Clone, Debug)]
pub(super) struct Login {
    /// The role.
    pub(super) role: String,
    /// Where its password file is, if that is known.
    pub(super) home: Option<PathBuf>,
}

/// A session with the server of a postmaster. Where the parameters lead to nobody, or to another server, what
/// the postmaster wrote of itself is tried: a mistake in a parameter is no reason to end a healthy server.
pub(super) async fn session(
    parameters: &Parameters,
    login: &Login,
    file: &PidFile,
    deadline: Deadline,
) -> Result<Session, Refusal> {
    let named = Place {
        host: parameters.pghost.clone(),
        port: parameters.pgport,
    };
    let first = match enter(&named, login, file, deadline).await {
        Ok(session) => return Ok(session),
        Err(refusal) if telling(refusal.failure) == Telling::Server => return Err(refusal),
        Err(refusal) => refusal,
    };
    let mut refused = first.clone();
    for place in told(file).into_iter().filter(|place| *place != named) {
        match enter(&place, login, file, deadline).await {
            Ok(session) => {
                let Place { host, port } = place;
                tracing::warn!(
                    "pghost is {:?} and pgport is {}, which does not lead to the server ({first}); its \
                     postmaster.pid says {host:?} and {port}",
                    named.host,
                    named.port
                );
                return Ok(session);
            }
            Err(refusal) if telling(refusal.failure) > telling(refused.failure) => {
                refused = refusal;
            }
            Err(_) => {}
        }
    }
    Err(refused)
}

/// Connects to a place, if it is this postmaster who listens there.
async fn enter(
    place: &Place,
    login: &Login,
    file: &PidFile,
    deadline: Deadline,
) -> Result<Session, Refusal> {
    let target = target(place, login)
        .map_err(|cause| Refusal::of(Failure::Setup, &io::Error::other(cause)))?;
    let entered = postgres::enter(&target, deadline.left()).await;
    let listener = match &entered {
        Ok(session) => session.postmaster().map(Postmaster::pid),
        Err(refusal) => refusal.listener,
    };
    match listener {
        Some(pid) if pid != file.pid => {
            let other = io::Error::other(format!("another server listens there (process {pid})"));
            Err(Refusal::of(Failure::Refused, &other))
        }
        Some(_) | None => entered,
    }
}

/// What a refusal tells of a server; the greatest of several counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Telling {
    /// Nothing: the way to it is broken.
    Nothing,
    /// That it is not at this place.
    Place,
    /// Something of the server itself: no other place would be better.
    Server,
}

fn telling(failure: Failure) -> Telling {
    match failure {
        Failure::Unreachable | Failure::NoHost | Failure::Denied | Failure::Setup => {
            Telling::Nothing
        }
        Failure::NoSocket | Failure::Refused => Telling::Place,
        Failure::TimedOut
        | Failure::Full
        | Failure::Auth
        | Failure::NoDatabase
        | Failure::DatabaseClosed
        | Failure::MissingFile
        | Failure::CannotConnectNow(_)
        | Failure::AdminShutdown
        | Failure::CrashShutdown
        | Failure::Lost
        | Failure::Tls
        | Failure::Rejected
        | Failure::Unexpected => Telling::Server,
    }
}

/// Where a postmaster says that it listens.
fn told(file: &PidFile) -> Vec<Place> {
    let Some(port) = file.port else {
        return Vec::new();
    };
    let directory = file.socket_directory.as_deref().and_then(Path::to_str);
    let address = file.listen_address.as_deref().map(|address| match address {
        "*" | "0.0.0.0" => "127.0.0.1",
        "::" => "::1",
        address => address,
    });
    let hosts = [directory, address].into_iter().flatten();
    let place = |host: &str| Place {
        host: host.into(),
        port,
    };
    hosts.map(place).collect()
}

/// How a place is connected to.
fn target(place: &Place, login: &Login) -> Result<Target, String> {
    let quoted = |value: &str| value.replace('\\', r"\\").replace('\'', r"\'");
    let conninfo = format!(
        "host='{}' port={} user='{}' dbname=postgres application_name={APPLICATION_NAME}",
        quoted(&place.host),
        place.port,
        quoted(&login.role)
    );
    let surroundings = Surroundings {
        variable: &|_| None,
        user: None,
        home: login.home.clone(),
    };
    Target::resolve(&conninfo, &surroundings).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Endpoint;

    #[test]
    fn a_directory_is_a_socket_and_anything_else_an_address() {
        let endpoint = |host: &str| {
            let place = Place {
                host: host.into(),
                port: 5433,
            };
            let login = Login {
                role: "it's me".into(),
                home: None,
            };
            target(&place, &login).unwrap().endpoint
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
        let file =
            |lines: &str| PidFile::parse(&format!("7\n/data\n1\n{lines}1 1\nready\n")).unwrap();
        let hosts = |lines: &str| -> Vec<String> {
            let places = told(&file(lines));
            places.into_iter().map(|place| place.host).collect()
        };
        assert_eq!(hosts("5433\n/run\n*\n"), ["/run", "127.0.0.1"]);
        assert_eq!(hosts("5433\n\n10.0.0.1\n"), ["10.0.0.1"]);
        assert_eq!(hosts("\n\n\n"), Vec::<String>::new());
    }
}
