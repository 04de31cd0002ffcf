//! Asking the server over its socket, with nothing but the parameters and what its postmaster wrote of itself
//! to go by: libpq's variables play no part. Judges nothing.

use std::fmt::Display;
use std::future::Future;
use std::io;
use std::path::Path;

use tokio::runtime::Builder;
use tokio::time;

use crate::agent::parameters::Parameters;
use crate::agent::scores::{Sender, SenderState};
use crate::agent::state::Answer;
use crate::postgres::postmaster::Postmaster;
use crate::postgres::{PidFile, Progress, Question, Refusal, Replica, Session, connect};
use crate::recipes::{Deadline, ServerError};
use crate::role::{Failure, Lsn, Role, SyncState};
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

/// Does what has to be waited for, until the deadline; none if it was not done then.
pub(super) fn until<T>(deadline: Deadline, work: impl Future<Output = T>) -> io::Result<Option<T>> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let outcome = runtime.block_on(async { time::timeout(deadline.left(), work).await });
    // A name that is being looked up would be waited for.
    runtime.shutdown_background();
    Ok(outcome.ok())
}

/// Asks a server for its role.
pub(super) fn role(parameters: &Parameters, file: &PidFile, deadline: Deadline) -> Answer {
    let asked = until(deadline, async {
        let mut session = session(parameters, file, deadline).await?;
        session.ask(Question::Replication).await
    });
    match asked {
        Ok(Some(Ok(Role::Primary))) => Answer::Primary,
        Ok(Some(Ok(Role::Standby(standby)))) => Answer::Standby(standby),
        Ok(Some(Err(refusal))) => {
            tracing::debug!("the server was asked for its role: {refusal}");
            Answer::Refused(refusal.failure)
        }
        Ok(None) => Answer::Refused(Failure::TimedOut),
        Err(_) => Answer::Refused(Failure::Setup),
    }
}

/// Asks a server how far it is.
pub(super) fn progress(
    parameters: &Parameters,
    file: &PidFile,
    deadline: Deadline,
) -> Result<Progress, ServerError> {
    let asked = until(deadline, async {
        let mut session = session(parameters, file, deadline).await?;
        session.progress().await
    });
    answered("how far it is", asked)
}

/// Asks a primary for the end of what it has flushed, and who replicates from it.
pub(super) fn senders(
    parameters: &Parameters,
    file: &PidFile,
    deadline: Deadline,
) -> Result<(Lsn, Vec<Sender>), ServerError> {
    let asked = until(deadline, async {
        let mut session = session(parameters, file, deadline).await?;
        session.replicas().await
    });
    let (flushed, replicas) = answered("who replicates from it", asked)?;
    Ok((flushed, replicas.into_iter().filter_map(sender).collect()))
}

/// What a question has come to.
pub(super) fn answered<T, E: Display>(
    question: &'static str,
    asked: io::Result<Option<Result<T, E>>>,
) -> Result<T, ServerError> {
    let cause = match asked {
        Ok(Some(Ok(answer))) => return Ok(answer),
        Ok(Some(Err(refusal))) => refusal.to_string(),
        Ok(None) => "it said nothing in time".into(),
        Err(error) => error.to_string(),
    };
    Err(ServerError::Question { question, cause })
}

/// A row that tells of a state; one that does not is of a receiver that has just gone.
fn sender(replica: Replica) -> Option<Sender> {
    Some(Sender {
        state: SenderState::parse(replica.state.as_deref()?)?,
        application_name: replica.application_name,
        written: replica.written,
        sync: replica.sync_state.as_deref().and_then(SyncState::parse),
    })
}

/// A session with the server of a postmaster. Where the parameters lead to nobody, or to another server, what
/// the postmaster wrote of itself is tried: a mistake in a parameter is no reason to end a healthy server.
pub(super) async fn session(
    parameters: &Parameters,
    file: &PidFile,
    deadline: Deadline,
) -> Result<Session, Refusal> {
    let named = Place {
        host: parameters.pghost.clone(),
        port: parameters.pgport,
    };
    let refused = match enter(&named, parameters, file, deadline).await {
        Ok(session) => return Ok(session),
        Err(refusal) if leads_nowhere(refusal.failure) => refusal,
        Err(refusal) => return Err(refusal),
    };
    for place in told(file).into_iter().filter(|place| *place != named) {
        if let Ok(session) = enter(&place, parameters, file, deadline).await {
            let Place { host, port } = place;
            tracing::warn!(
                "pghost is {:?} and pgport is {}, which does not lead to the server ({refused}); its \
                 postmaster.pid says {host:?} and {port}",
                named.host,
                named.port
            );
            return Ok(session);
        }
    }
    Err(refused)
}

/// Connects to a place, if it is this postmaster who listens there.
async fn enter(
    place: &Place,
    parameters: &Parameters,
    file: &PidFile,
    deadline: Deadline,
) -> Result<Session, Refusal> {
    let target = target(place, &parameters.system_user)
        .map_err(|cause| Refusal::of(Failure::Setup, &io::Error::other(cause)))?;
    let (session, _room) = connect(&target, deadline.left()).await?;
    match session.postmaster().map(Postmaster::pid) {
        Some(pid) if pid != file.pid => {
            let other = io::Error::other(format!("another server listens there (process {pid})"));
            Err(Refusal::of(Failure::Refused, &other))
        }
        Some(_) | None => Ok(session),
    }
}

/// Whether another place may be the right one.
fn leads_nowhere(failure: Failure) -> bool {
    match failure {
        Failure::NoSocket
        | Failure::Refused
        | Failure::Unreachable
        | Failure::NoHost
        | Failure::Denied
        | Failure::Setup => true,
        Failure::TimedOut
        | Failure::Full
        | Failure::Auth
        | Failure::NoDatabase
        | Failure::CannotConnectNow(_)
        | Failure::AdminShutdown
        | Failure::CrashShutdown
        | Failure::Lost
        | Failure::Tls
        | Failure::Unexpected => false,
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
fn target(place: &Place, user: &str) -> Result<Target, String> {
    let quoted = |value: &str| value.replace('\\', r"\\").replace('\'', r"\'");
    let conninfo = format!(
        "host='{}' port={} user='{}' dbname=postgres application_name={APPLICATION_NAME}",
        quoted(&place.host),
        place.port,
        quoted(user)
    );
    let surroundings = Surroundings {
        variable: &|_| None,
        user: None,
        home: uzers::get_user_by_name(user).map(|user| {
            use uzers::os::unix::UserExt;
            user.home_dir().to_owned()
        }),
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
            target(&place, "it's me").unwrap().endpoint
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
