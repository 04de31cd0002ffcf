//! Asks whether a primary answers where a standby gets its WAL from, or on another node. Knows nothing of what depends
//! on the answer.

mod targets;

use super::conversation::{Conversation, NoAnswer};
use super::instance::AsServerUser;
use super::{files, problem, processes, queries};
use crate::agent::actions::ServerError;
use crate::agent::actions::server::{NodeAnswer, Whom};
use crate::agent::ocf::node::Node;
use crate::base::Deadline;
use crate::base::system_clock::OnSystemClock;
use crate::postgres::conninfo::Target;
use crate::postgres::{self, Inspection, Session, Upstream, service_file};
use targets::UpstreamReport;

/// The question, for a sentence.
const QUESTION: &str = "where it gets its WAL from";

/// Asks the server that the WAL receiver is connected to or, if there is none, the servers that it would connect to. Of
/// several, only the primary counts.
pub(super) fn ask(
    inside: &mut AsServerUser<'_>,
    whom: Whom,
    deadline: Deadline,
) -> Result<bool, ServerError> {
    let told = match (told(inside, deadline), whom) {
        (Ok(told), _) => told,
        (Err(error @ ServerError::Question { .. }), Whom::Configured) => {
            from_files(inside, &error, deadline)?
        }
        (Err(error), _) => return Err(error),
    };
    let AsServerUser {
        parameters,
        conversation,
        ..
    } = inside;
    let login = conversation.login(parameters);
    let targets = told.targets(whom, &login, &service_file::read);
    let targets = targets.map_err(unanswered)?;
    let own = files::control(&parameters.datadir)?.system_identifier;
    let count = targets.len();
    for (target, still) in targets.iter().zip((1..=count).rev()) {
        // One that says nothing leaves the others their part of the time. It may as well be a load balancer that leads
        // nowhere, or a frozen standby: the last primary's node is asked by itself.
        let share = deadline.left() / u32::try_from(still).unwrap_or(u32::MAX);
        if let Ok(true) = is_primary(target, own, deadline.within(share)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Asks the server at this port of another node, as the standby would that had its WAL from there.
pub(super) fn ask_node(
    inside: &mut AsServerUser<'_>,
    node: &Node,
    deadline: Deadline,
) -> Result<NodeAnswer, ServerError> {
    let told = match told(inside, deadline) {
        Ok(told) => told,
        Err(error) => from_files(inside, &error, deadline)?,
    };
    let login = inside.conversation.login(inside.parameters);
    let (host, port) = (node.name(), inside.parameters.pgport);
    let target = told.target_on(host, port, &login, &service_file::read);
    let target = target.map_err(unanswered)?;
    let own = files::control(&inside.parameters.datadir)?.system_identifier;
    // Part of the time is left to see whether a server is there at all.
    let to_answer = deadline.within(deadline.left() * 3 / 4);
    Ok(match is_primary(&target, own, to_answer) {
        Ok(true) => NodeAnswer::Primary,
        Ok(false) => NodeAnswer::NoPrimary,
        // Whatever the server there refuses this standby, it runs.
        Err(_) => {
            let accepting = postgres::accepts_connections(&target.endpoint);
            match Conversation::beside(deadline, async { Ok(accepting.await) }) {
                Ok(true) => NodeAnswer::Undetermined,
                Ok(false) | Err(_) => NodeAnswer::NoPrimary,
            }
        }
    })
}

/// Returns whether a server answers that it is a primary of this database cluster.
fn is_primary(target: &Target, own: u64, deadline: Deadline) -> Result<bool, NoAnswer> {
    let upstream = Conversation::beside(deadline, async {
        let mut session = postgres::replicating(target, deadline.left()).await?;
        session.upstream().await
    });
    let upstream = upstream.inspect_err(|cause| tracing::debug!("{}: {cause}", target.endpoint))?;
    Ok(match upstream {
        Upstream::Primary { system_identifier } => system_identifier == own,
        Upstream::Standby => false,
    })
}

/// Reads where the standby is to get its WAL from. One without a free connection slot can still be promoted.
fn from_files(
    inside: &AsServerUser<'_>,
    unanswered: &ServerError,
    deadline: Deadline,
) -> Result<UpstreamReport, ServerError> {
    tracing::warn!("{unanswered}; reading its configuration files instead");
    let (parameters, account) = (inside.parameters, inside.account);
    let configured = problem::configured(parameters, account, "primary_conninfo", deadline)?;
    Ok(UpstreamReport {
        configured: Some(configured),
        ..UpstreamReport::default()
    })
}

/// Asks the standby itself for its upstream.
fn told(inside: &mut AsServerUser<'_>, deadline: Deadline) -> Result<UpstreamReport, ServerError> {
    let postmaster = processes::postmaster(&inside.parameters.datadir);
    let postmaster = postmaster.ok_or_else(|| unanswered("it does not run".into()))?;
    let asked = inside.conversation.ask(
        inside.parameters,
        &postmaster.file,
        deadline.within(deadline.left() / 2),
        &async |session: &mut Session| session.inspect(Inspection::Upstream).await,
    );
    let rows = asked.map_err(|cause| queries::unanswered(QUESTION, &cause))?;
    let told = rows.first().and_then(|row| serde_json::from_str(row).ok());
    told.ok_or_else(|| unanswered("its answer cannot be parsed".into()))
}

fn unanswered(cause: String) -> ServerError {
    ServerError::Question {
        question: QUESTION,
        cause,
    }
}
