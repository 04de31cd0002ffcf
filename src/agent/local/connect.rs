//! Opens a session with the server, wherever it listens, and with no other one. Asks for its identity and nothing else.

use std::io;

use tokio::time;

use super::files;
use super::server_address::{AddressOwner, AgentLogin, ServerAddress, told};
use crate::agent::ocf::parameters::Parameters;
use crate::base::Deadline;
use crate::base::system_clock::OnSystemClock;
use crate::health::{Failure, PostmasterStatus};
use crate::postgres::postmaster::Postmaster;
use crate::postgres::{self, LocalPostmaster, PidFile, Refusal, Session};

/// Opens a session with the server of a postmaster. If the parameters lead to no server, or to another one, the
/// addresses that the postmaster reported are tried: a wrong parameter is no reason to stop a healthy server.
pub(super) async fn session(
    parameters: &Parameters,
    login: &AgentLogin,
    file: &PidFile,
    deadline: Deadline,
) -> Result<Session, Refusal> {
    let named = ServerAddress {
        host: parameters.pghost.clone(),
        port: parameters.pgport,
    };
    let told = told(file);
    let own = told.iter().find(|(place, _)| *place == named);
    let listener = own.map_or(AddressOwner::Unknown, |(_, listener)| *listener);
    // An attempt that hangs at an address of unknown ownership leaves time for the server itself.
    let first = match listener {
        AddressOwner::Unknown if !named.is_socket() => deadline.within(deadline.left() / 2),
        AddressOwner::Unknown | AddressOwner::Postmaster => deadline,
    };
    let way = WantedServer {
        parameters,
        login,
        file,
    };
    let first = match way.enter(&named, listener, first).await {
        Ok(session) => return Ok(session),
        Err(refusal) if telling(refusal.failure) == Telling::Server => return Err(refusal),
        Err(refusal) => refusal,
    };
    let astray = format!(
        "pghost is {:?} and pgport is {}, which does not lead to the server ({first})",
        named.host, named.port
    );
    let mut refused = first;
    for (place, listener) in told.iter().filter(|(place, _)| *place != named) {
        match way.enter(place, *listener, deadline).await {
            Ok(session) => {
                tracing::warn!(
                    "{astray}; it listens at {:?} and {}",
                    place.host,
                    place.port
                );
                return Ok(session);
            }
            Err(refusal) if telling(refusal.failure) > telling(refused.failure) => {
                refused = refusal;
            }
            Err(_) => {}
        }
    }
    // A server that still starts does not listen yet.
    let is_up = matches!(
        file.status,
        Some(PostmasterStatus::Ready | PostmasterStatus::Standby)
    );
    if refused.failure == Failure::OtherServer && is_up {
        tracing::warn!("{astray}, and no other address leads to it");
    }
    Err(refused)
}

/// The server that is wanted, and the role with which it is asked.
struct WantedServer<'a> {
    parameters: &'a Parameters,
    login: &'a AgentLogin,
    file: &'a PidFile,
}

impl WantedServer<'_> {
    /// Connects to an address, if this postmaster listens there. A refusal by any other process says nothing of it.
    async fn enter(
        &self,
        place: &ServerAddress,
        listener: AddressOwner,
        deadline: Deadline,
    ) -> Result<Session, Refusal> {
        let target = place
            .target(self.login)
            .map_err(|cause| Refusal::of(Failure::Setup, &io::Error::other(cause)))?;
        let entered = postgres::enter(&target, deadline.left()).await;
        if place.is_socket() {
            return self.over_socket(entered, listener);
        }
        let proven = match entered {
            Ok(session) => time::timeout(deadline.left(), self.prove(session))
                .await
                .unwrap_or_else(|_| Err(Refusal::timed_out("the question for its identity"))),
            Err(refusal) => Err(refusal),
        };
        match listener {
            AddressOwner::Postmaster => proven,
            AddressOwner::Unknown => proven.map_err(|refusal| match telling(refusal.failure) {
                Telling::Nothing | Telling::Place => refusal,
                Telling::Server => {
                    other(format!("a server of unknown identity refuses: {refusal}"))
                }
            }),
        }
    }

    /// Verifies the peer of a socket: the kernel reports which process listens at the other end.
    fn over_socket(
        &self,
        entered: Result<Session, Refusal>,
        listener: AddressOwner,
    ) -> Result<Session, Refusal> {
        let peer = match &entered {
            Ok(session) => session.postmaster().map(Postmaster::pid),
            Err(refusal) => refusal.listener,
        };
        match (peer, listener) {
            (Some(pid), listener) if pid != self.file.pid => {
                let said = format!("another server listens there (process {pid})");
                Err(match listener {
                    // The postmaster has lost its socket to that process.
                    AddressOwner::Postmaster => {
                        Refusal::of(Failure::Refused, &io::Error::other(said))
                    }
                    AddressOwner::Unknown => other(said),
                })
            }
            (Some(_) | None, AddressOwner::Postmaster | AddressOwner::Unknown) => entered,
        }
    }

    /// Returns the session if it is with a process of this postmaster.
    async fn prove(&self, mut session: Session) -> Result<Session, Refusal> {
        let told = session.identity().await?;
        let control = files::control(&self.parameters.datadir);
        let local = LocalPostmaster {
            pid: self.file.pid,
            started: self.file.started,
            system_identifier: control.ok().map(|control| control.system_identifier),
        };
        match told.compare(&local) {
            Ok(()) => Ok(session),
            Err(difference) => Err(Refusal::of(Failure::OtherServer, &difference)),
        }
    }
}

/// Returns the refusal of an address that leads to another server, or is not known to lead to this one.
fn other(said: String) -> Refusal {
    Refusal::of(Failure::OtherServer, &io::Error::other(said))
}

/// What a refusal says of a server; of several, the greatest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Telling {
    /// Nothing: the connection to it is broken.
    Nothing,
    /// It is not at this address.
    Place,
    /// The server itself has refused: no other address would be better.
    Server,
}

fn telling(failure: Failure) -> Telling {
    match failure {
        Failure::Unreachable
        | Failure::NoHost
        | Failure::Denied
        | Failure::OtherServer
        | Failure::Setup => Telling::Nothing,
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
