//! Gathers the facts of both sides. Changes nothing and decides nothing.
//!
//! - `local`: those of this node.

mod local;

use std::collections::BTreeSet;
use std::time::Duration;

use super::facts::{
    CommonCheckpoint, LastPage, LocalServer, NoPrimary, RejoinFacts, ServerManager,
};
use super::plan::relation;
use super::primary::{self, ReachedPrimary};
use super::relation::Relation;
use super::sources::{self, Connector, SourceServers};
use crate::agent::actions::{Server, ServerError};
use crate::agent::decide::state::{ServerState, judge};
use crate::agent::local::Instance;
use crate::agent::ocf::node::Node;
use crate::base::Deadline;
use crate::base::system_clock::OnSystemClock;
use crate::postgres::service_file;

/// Longest time for what this node is asked.
const TO_LOOK: Duration = Duration::from_secs(300);

/// Longest wait for the server of this node to say what it is.
const TO_SAY: Duration = Duration::from_secs(10);

/// This node, as far as it was named.
#[derive(Debug)]
pub struct ThisNode {
    /// Its server.
    pub instance: Instance,
    /// Who starts and stops it.
    pub manager: ServerManager,
    /// Its name, if the cluster or an option gives one.
    pub name: Option<Node>,
    /// The nodes of the cluster, if they are known.
    pub nodes: BTreeSet<Node>,
    /// The connection string of the primary, if one was given.
    pub primary: Option<String>,
}

/// Everything that was gathered.
#[derive(Debug)]
pub struct RejoinGathered {
    /// The facts.
    pub facts: RejoinFacts,
    /// How to reach the primary, if one was found.
    pub primary: Option<ReachedPrimary>,
    /// The name that this node has on its primary.
    pub application_name: Option<String>,
}

/// Gathers everything.
pub fn gather(node: &mut ThisNode) -> Result<RejoinGathered, ServerError> {
    let server = local_server(&mut node.instance);
    let upstream = upstream(node)?;
    let application_name = application_name(node, &upstream);
    let primary = match &upstream {
        Ok(upstream) => primary::find_now(upstream),
        Err(why) => Err(NoPrimary::NoAddress(format!(
            "primary_conninfo does not say where the primary is: {why}"
        ))),
    };
    let (local, kept) = local::local(node, server)?;
    let mut facts = RejoinFacts {
        local,
        primary: primary
            .as_ref()
            .map(|found| found.facts.clone())
            .map_err(Clone::clone),
        last_page: LastPage::Unknown,
        common_checkpoint: CommonCheckpoint::NotNeeded,
    };
    if let (Some(Relation::Behind), Ok(found)) = (relation(&facts), &primary) {
        facts.last_page = last_page(node, &facts, found)?;
    }
    facts.common_checkpoint = match kept.and_then(|kept| kept.redo?.parse().ok()) {
        Some(redo) => CommonCheckpoint::Found { redo },
        None => common_checkpoint(node, &facts)?,
    };
    Ok(RejoinGathered {
        facts,
        primary: primary.ok(),
        application_name,
    })
}

/// Compares the page on which the WAL of this node ends with that of the primary.
fn last_page(
    node: &mut ThisNode,
    facts: &RejoinFacts,
    found: &ReachedPrimary,
) -> Result<LastPage, ServerError> {
    let (Ok(control), Some(end)) = (&facts.local.control, facts.local.end) else {
        return Ok(LastPage::Unknown);
    };
    let page = node.instance.as_owner(|owner| {
        let deadline = Deadline::after(TO_LOOK);
        Ok(owner.last_page(control, end, deadline))
    })?;
    Ok(page.map_or(LastPage::Unknown, |(begin, bytes)| {
        primary::compare(found, control.geometry, begin, &bytes)
    }))
}

/// Looks for the last checkpoint before the point at which the two have parted.
fn common_checkpoint(
    node: &mut ThisNode,
    facts: &RejoinFacts,
) -> Result<CommonCheckpoint, ServerError> {
    let (Some(Relation::Parted { fork }), Ok(control)) = (relation(facts), &facts.local.control)
    else {
        return Ok(CommonCheckpoint::NotNeeded);
    };
    node.instance.as_owner(|owner| {
        let deadline = Deadline::after(TO_LOOK);
        let history = &facts.local.history;
        Ok(
            match owner.checkpoint_before(control, history, fork, deadline) {
                Ok(redo) => CommonCheckpoint::Found { redo },
                Err(why) => CommonCheckpoint::Missing(why),
            },
        )
    })
}

pub(super) fn local_server(instance: &mut Instance) -> LocalServer {
    let state = judge(&instance.evidence(Deadline::after(TO_SAY)));
    match state {
        ServerState::Primary(_) => LocalServer::Primary,
        ServerState::Standby(_) | ServerState::Pending | ServerState::Closed => {
            LocalServer::Standby
        }
        ServerState::Stopped(_)
        | ServerState::Crashed(_)
        | ServerState::Unreadable
        | ServerState::Missing => {
            let in_use = instance.as_owner(|owner| Ok(owner.is_in_use()));
            match in_use {
                Ok(false) => LocalServer::Stopped,
                Ok(true) => {
                    LocalServer::Unclear("processes of a server that has ended are left".into())
                }
                Err(error) => LocalServer::Unclear(error.to_string()),
            }
        }
        ServerState::Starting
        | ServerState::Stopping
        | ServerState::Silent
        | ServerState::Refusing(_)
        | ServerState::Elsewhere => LocalServer::Unclear(state.sentence()),
    }
}

/// Reads where the primary may be, from the option or the configuration.
fn upstream(node: &mut ThisNode) -> Result<Result<SourceServers, String>, ServerError> {
    let given = node.primary.clone();
    node.instance.as_owner(|owner| {
        let connector = Connector {
            user: owner.name(),
            home: owner.home(),
        };
        let configured = owner
            .setting("primary_conninfo")
            .map_err(|error| error.to_string());
        let own = configured.and_then(|text| sources::read(&text, &connector, &service_file::read));
        Ok(match given {
            None => own,
            Some(given) => {
                sources::read(&given, &connector, &service_file::read).map(|upstream| {
                    SourceServers {
                        // The standby's own name stands in its own configuration.
                        application_name: own.ok().and_then(|own| own.application_name),
                        ..upstream
                    }
                })
            }
        })
    })
}

/// Returns the name that the WAL receiver will have, as PostgreSQL chooses it.
fn application_name(
    node: &mut ThisNode,
    upstream: &Result<SourceServers, String>,
) -> Option<String> {
    let named = upstream
        .as_ref()
        .ok()
        .and_then(|one| one.application_name.clone());
    named.or_else(|| {
        let configured = node
            .instance
            .as_owner(|owner| owner.setting("cluster_name"));
        let configured = configured.ok().filter(|name| !name.is_empty());
        Some(configured.unwrap_or_else(|| "walreceiver".into()))
    })
}
