//! Finds the primary and asks it. Judges nothing.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Deserialize;
use tokio::runtime::Builder;

use super::error::RejoinError;
use super::facts::{ClientFacts, FullPageWrites, LastPage, NoPrimary, PrimaryFacts, Tablespace};
use super::sources::{SourceServer, SourceServers};
use crate::agent::ocf::node::Node;
use crate::base::units::Bytes;
use crate::health::{Failure, Lsn};
use crate::postgres::control::HintBits;
use crate::postgres::timeline::Timeline;
use crate::postgres::wal::{Geometry, Segment};
use crate::postgres::{self, Inspection, Refusal, Replica, Session, SourceAnswer, SourceReport};

/// How long one server may take to answer.
const TO_ANSWER: Duration = Duration::from_secs(10);

/// The primary, and how to reach it.
#[derive(Clone, Debug)]
pub struct ReachedPrimary {
    /// What it tells.
    pub facts: PrimaryFacts,
    /// How to reach it.
    pub server: SourceServer,
}

/// Asks one server after the other until one is a primary.
async fn find(upstream: &SourceServers) -> Result<ReachedPrimary, NoPrimary> {
    let mut why = NoPrimary::NoAddress("primary_conninfo names no server".into());
    for server in &upstream.servers {
        match receiver(server).await {
            Ok(SourceAnswer::Primary(report)) => {
                let client = client(server).await.map_err(|refusal| refusal.to_string());
                return Ok(ReachedPrimary {
                    facts: facts(server, report, client),
                    server: server.clone(),
                });
            }
            Ok(SourceAnswer::Standby) => {
                why = NoPrimary::InRecovery(server.target.endpoint.to_string());
            }
            Err(refusal) => why = of_refusal(server, &refusal),
        }
    }
    Err(why)
}

async fn receiver(server: &SourceServer) -> Result<SourceAnswer, Refusal> {
    let mut session = postgres::replicating(&server.target, TO_ANSWER).await?;
    session.source().await
}

async fn session(server: &SourceServer, timeout: Duration) -> Result<Session, Refusal> {
    postgres::enter(&server.target, timeout).await
}

/// Has the primary write a checkpoint, so that its control file has its timeline.
pub(super) fn checkpoint(server: &SourceServer) -> Result<(), RejoinError> {
    const TO_WRITE: Duration = Duration::from_secs(1800);
    let asked = waited(async { session(server, TO_WRITE).await?.checkpoint().await });
    asked?.map_err(|refusal| RejoinError::Primary(refusal.to_string()))
}

/// Returns whether the primary has a row for a standby.
pub(super) fn has_row(server: &SourceServer, name: &str) -> Result<bool, RejoinError> {
    let asked = waited(async { session(server, TO_ANSWER).await?.replicas().await });
    let asked = asked?.map_err(|refusal| RejoinError::Primary(refusal.to_string()));
    let is_its = |row: &Replica| {
        // A connection that has just begun is not a standby yet, and a backup is none.
        row.application_name == name
            && matches!(row.state.as_deref(), Some("streaming" | "catchup"))
    };
    asked.map(|(_, rows)| rows.iter().any(is_its))
}

/// Compares bytes of WAL with those that the primary has at the same position.
pub(super) fn compare(
    found: &ReachedPrimary,
    geometry: Geometry,
    begin: Lsn,
    bytes: &[u8],
) -> LastPage {
    let kept = found
        .facts
        .client
        .as_ref()
        .ok()
        .and_then(|client| client.wal.as_ref());
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let end = Lsn(begin.0.saturating_add(length));
    let mut timelines = found.facts.history.between(begin, end);
    let segment = timelines.find_map(|timeline| {
        let segment = Segment::holding(begin, timeline, geometry);
        kept?.contains(&segment.to_string()).then_some(segment)
    });
    let Some(segment) = segment else {
        return LastPage::Unknown;
    };
    let offset = begin.0 % u64::from(geometry.segment());
    let asked = waited(async {
        let mut session = session(&found.server, TO_ANSWER).await?;
        session.wal(segment, offset, length).await
    });
    let own = bytes.iter().map(|byte| format!("{byte:02x}"));
    match asked {
        Ok(Ok(there)) if there.is_empty() => LastPage::Unknown,
        Ok(Ok(there)) if there == own.collect::<String>() => LastPage::Same,
        Ok(Ok(_)) => LastPage::Different,
        Ok(Err(_)) | Err(_) => LastPage::Unknown,
    }
}

/// Finds the primary, and waits for that.
pub fn find_now(upstream: &SourceServers) -> Result<ReachedPrimary, NoPrimary> {
    let found = waited(find(upstream));
    found.unwrap_or_else(|error| Err(NoPrimary::NoAnswer(error.to_string())))
}

/// Waits for an answer on this thread.
fn waited<F: Future>(work: F) -> Result<F::Output, RejoinError> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| RejoinError::Primary(error.to_string()))?;
    let output = runtime.block_on(work);
    // Without this, dropping the runtime would wait for a name lookup.
    runtime.shutdown_background();
    Ok(output)
}

/// Returns why a server is not followed. One that answers and refuses says why; to one that does not answer nobody connects.
fn of_refusal(server: &SourceServer, refusal: &Refusal) -> NoPrimary {
    let place = server.target.endpoint.to_string();
    match refusal.failure {
        Failure::Auth | Failure::Rejected | Failure::NoDatabase | Failure::Full => {
            NoPrimary::Refuses {
                server: place,
                cause: refusal.to_string(),
            }
        }
        Failure::Unreachable
        | Failure::NoHost
        | Failure::Denied
        | Failure::OtherServer
        | Failure::Setup
        | Failure::NoSocket
        | Failure::Refused
        | Failure::TimedOut
        | Failure::DatabaseClosed
        | Failure::MissingFile
        | Failure::CannotConnectNow(_)
        | Failure::AdminShutdown
        | Failure::CrashShutdown
        | Failure::Lost
        | Failure::Tls
        | Failure::Unexpected => {
            NoPrimary::NoAnswer(format!("no primary answers at {place}: {refusal}"))
        }
    }
}

/// The row of [`Inspection::RewindSource`].
#[derive(Debug, Deserialize)]
struct ToldClient {
    role: String,
    checkpoint_timeline: u32,
    missing_grants: Vec<String>,
    size: u64,
    tablespaces: Vec<ToldTablespace>,
    followers: Vec<String>,
    name: String,
}

#[derive(Debug, Deserialize)]
struct ToldTablespace {
    oid: u32,
    place: String,
}

async fn client(server: &SourceServer) -> Result<ClientFacts, Refusal> {
    let mut session = session(server, TO_ANSWER).await?;
    let rows = session.inspect(Inspection::RewindSource).await?;
    let told = rows.first().and_then(|row| serde_json::from_str(row).ok());
    let told: ToldClient = told.ok_or_else(|| {
        let what = std::io::Error::other("its answer cannot be parsed");
        Refusal::of(Failure::Unexpected, &what)
    })?;
    let may_list = !told
        .missing_grants
        .iter()
        .any(|one| one.starts_with("pg_ls_dir"));
    let wal = if may_list {
        Some(session.inspect(Inspection::WalNames).await?)
    } else {
        None
    };
    let names = told.followers.iter().chain([&told.name]);
    Ok(ClientFacts {
        checkpoint_timeline: Timeline(told.checkpoint_timeline),
        missing_grants: told.missing_grants,
        wal: wal.map(|names| names.into_iter().collect()),
        size: Bytes(told.size),
        tablespaces: told
            .tablespaces
            .into_iter()
            .map(|one| Tablespace {
                oid: one.oid,
                place: one.place.into(),
            })
            .collect(),
        followers: names
            .filter_map(|name| name.parse().ok())
            .collect::<BTreeSet<Node>>(),
        role: told.role,
    })
}

fn facts(
    server: &SourceServer,
    report: SourceReport,
    client: Result<ClientFacts, String>,
) -> PrimaryFacts {
    PrimaryFacts {
        server: server.target.endpoint.to_string(),
        system_identifier: report.system_identifier,
        major: report.major,
        // No segment has more than 1 GB.
        segment: u32::try_from(report.segment.0).unwrap_or_default(),
        end: report.end,
        history: report.history,
        hint_bits: if report.logs_hint_bits {
            HintBits::Logged
        } else {
            HintBits::NotLogged
        },
        full_page_writes: if report.writes_full_pages {
            FullPageWrites::On
        } else {
            FullPageWrites::Off
        },
        client,
    }
}
