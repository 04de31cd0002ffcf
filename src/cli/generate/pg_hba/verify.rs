//! `generate pg-hba --verify`: asks the server how it has parsed its file, and lets it try to replicate from itself.
//! Changes nothing, and does not reload PostgreSQL's configuration.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::Deserialize;
use thiserror::Error;

use super::effect::{Age, Attempt, EffectFacts, EffectFinding, judge};
use crate::base::regular_file;
use crate::cli::exit::{Exit, complete, print};
use crate::cli::own_addresses::own_addresses;
use crate::postgres::conninfo::{Endpoint, SslMode, Target, Tls};
use crate::postgres::{Inspection, Refusal, Session, connect, replicate};
use crate::tools::doctor::pg_hba::{self, SelfConnection};
use crate::tools::doctor::settings::ServerSettings;
use crate::tools::generate::Identifier;

/// Longest time for a question or an attempt: the server may have to look up names in `pg_hba.conf`.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The server and the rules to verify.
pub(super) struct HbaSubject<'a> {
    pub(super) target: Target,
    /// The rules as they would be generated now.
    pub(super) rules: &'a str,
    /// The address at which other nodes reach the server.
    pub(super) address: IpAddr,
    /// The role of its peers, tried in addition to all roles that may replicate.
    pub(super) role: Option<&'a Identifier>,
    /// The file in which the rules were installed, if one is given.
    pub(super) file: Option<&'a Path>,
}

/// The facts cannot be gathered.
#[derive(Debug, Error)]
enum VerifyError {
    #[error(
        "cannot connect to {0}; run this as PostgreSQL's operating system user (runuser -u postgres -- ..., with a --member for each node), or use --server"
    )]
    Connect(String, #[source] Refusal),
    #[error(
        "cannot read PostgreSQL's view of pg_hba.conf, which requires a superuser; run this as PostgreSQL's operating \
        system user, or use --server with a superuser"
    )]
    Ask(#[source] Refusal),
    #[error("cannot understand PostgreSQL's answer about {0}")]
    Form(&'static str),
    #[error("cannot read {0}, which contains PostgreSQL's rules")]
    File(PathBuf, #[source] std::io::Error),
    #[error("PostgreSQL reads {server}, not {given}")]
    OtherFile { server: PathBuf, given: PathBuf },
}

/// Prints the results; fails if one is wrong.
pub(super) fn verify(subject: &HbaSubject<'_>) -> Result<(), Exit> {
    let facts = complete(look(subject))?;
    let facts = facts.map_err(|error| Exit::Failure.because(&error))?;
    let said = judge(&facts, subject.rules);
    let lines = said.iter();
    let text = lines.fold(String::new(), |text, said| text + &said.to_string() + "\n");
    print(&text)?;
    let fine = said
        .iter()
        .all(|said| matches!(said, EffectFinding::Fine(_)));
    fine.then_some(()).ok_or(Exit::Failure)
}

async fn look(subject: &HbaSubject<'_>) -> Result<EffectFacts, VerifyError> {
    let target = &subject.target;
    let connected = connect(target, TIMEOUT).await;
    let (mut session, _) =
        connected.map_err(|refusal| VerifyError::Connect(target.to_string(), refusal))?;
    let rows = ask(&mut session, Inspection::HbaRules).await?;
    let settings = ServerSettings::read(&ask(&mut session, Inspection::Settings).await?);
    let file = settings.text("hba_file").map(PathBuf::from);
    let file = file.ok_or(VerifyError::Form("the path of pg_hba.conf"))?;
    if let Some(given) = subject.file.filter(|given| !is_same(given, &file)) {
        let given = given.to_owned();
        return Err(VerifyError::OtherFile {
            server: file,
            given,
        });
    }
    let lines: Option<Vec<_>> = rows.iter().map(|row| pg_hba::read(row)).collect();
    let read = |error| VerifyError::File(file.clone(), error);
    let text = regular_file::read(&file, super::MOST).map_err(read)?;
    let mut lines: Vec<pg_hba::HbaLine> = lines.ok_or(VerifyError::Form("its rules"))?;
    let is_of_file =
        |line: &pg_hba::HbaLine| line.file.as_deref().is_none_or(|it| Path::new(it) == file);
    pg_hba::quotes::mark(&mut lines, &String::from_utf8_lossy(&text), is_of_file);
    let changed = fs::metadata(&file).and_then(|file| file.modified());
    Ok(EffectFacts {
        text,
        lines,
        age: if loaded(&mut session).await? < changed.map_err(read)? {
            Age::Changed
        } else {
            Age::Read
        },
        attempts: attempts(subject, &mut session, &settings).await?,
        file,
    })
}

async fn ask(session: &mut Session, about: Inspection) -> Result<Vec<String>, VerifyError> {
    session.inspect(about).await.map_err(VerifyError::Ask)
}

/// The columns of [`Inspection::Server`] that are used here.
#[derive(Deserialize)]
struct LoadedRow {
    /// When it read its files last, in seconds since the epoch.
    loaded: f64,
}

/// The time at which PostgreSQL last loaded its configuration files.
async fn loaded(session: &mut Session) -> Result<SystemTime, VerifyError> {
    let rows = ask(session, Inspection::Server).await?;
    let row = rows.first();
    let row = row.and_then(|row| serde_json::from_str::<LoadedRow>(row).ok());
    let since = row.and_then(|row| Duration::try_from_secs_f64(row.loaded).ok());
    since
        .and_then(|since| SystemTime::UNIX_EPOCH.checked_add(since))
        .ok_or(VerifyError::Form("the time at which it loaded its files"))
}

/// Whether two paths lead to the same file, through symbolic links.
fn is_same(one: &Path, other: &Path) -> bool {
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        (Err(_), _) | (_, Err(_)) => one == other,
    }
}

/// Tries each role on each address and socket, one after the other.
async fn attempts(
    subject: &HbaSubject<'_>,
    session: &mut Session,
    settings: &ServerSettings,
) -> Result<Vec<Attempt>, VerifyError> {
    let port = settings.text("port").and_then(|port| port.parse().ok());
    let port = port.ok_or(VerifyError::Form("its port"))?;
    let mut roles = ask(session, Inspection::Replicators).await?;
    let named = subject.role.map(ToString::to_string);
    roles.extend(named.filter(|role| !roles.contains(role)));
    // The rules apply before any certificate is checked, so TLS need not be verified.
    let tls = Tls {
        mode: SslMode::Prefer,
        ..subject.target.tls.clone()
    };
    let mut attempts = Vec::new();
    for (way, endpoint) in ways(subject.address, settings, port) {
        for role in &roles {
            let met = replicate(&endpoint, &tls, role, TIMEOUT).await;
            attempts.push(Attempt {
                way,
                role: role.clone(),
                met,
            });
        }
    }
    Ok(attempts)
}

fn ways(address: IpAddr, settings: &ServerSettings, port: u16) -> Vec<(SelfConnection, Endpoint)> {
    let directories = settings.text("unix_socket_directories").unwrap_or_default();
    let directories = directories.split(',').map(str::trim);
    let sockets = directories.filter(|directory| !directory.is_empty());
    let sockets = sockets.map(|directory| {
        let directory = directory.into();
        (SelfConnection::Socket, Endpoint::Unix { directory, port })
    });
    let mut own = vec![
        address,
        Ipv4Addr::LOCALHOST.into(),
        Ipv6Addr::LOCALHOST.into(),
    ];
    own.extend(own_addresses());
    let mut seen = Vec::new();
    own.retain(|address| {
        let new = !seen.contains(address);
        seen.push(*address);
        new
    });
    let addresses = own.into_iter().map(|address| {
        let endpoint = Endpoint::Tcp {
            host: address.to_string(),
            address: Some(address.into()),
            port,
        };
        (SelfConnection::Address(address), endpoint)
    });
    sockets.chain(addresses).collect()
}
