//! The words in which facts and commands are told to people. Decides nothing.

use super::cib::ResourceView;
use super::facts::{
    AgentSeen, InstanceRole, MarkRule, NodeMark, OtherNode, PartitionQuorum, Presence, Trouble,
};
use super::hang::Entry;
use super::plan::{Abstention, PacemakerCommand};
use crate::agent::decide::scores::Attributes;
use crate::agent::ocf::node::Node;
use crate::postgres::server_socket::SocketProblem;

/// What a dry run has seen.
#[derive(Debug)]
pub struct Seen<'a> {
    /// This node.
    pub node: &'a Node,
    /// The resource, and what Pacemaker knows of it.
    pub view: &'a ResourceView,
    /// The process ID of the postmaster, or a sentence that says why none is watched.
    pub postmaster: Result<Option<i32>, String>,
    /// Whether the agent acts.
    pub agent: AgentSeen,
    /// Whether the postmaster answers, or why that is not seen; `None` if none is watched.
    pub entry: Option<Result<Entry, SocketProblem>>,
    /// What would be done at the end of the server.
    pub on_death: Result<Vec<PacemakerCommand>, Abstention>,
    /// What would be done if it hung.
    pub on_hang: Result<Vec<PacemakerCommand>, Abstention>,
    /// What would be done about the mark.
    pub on_turn: Option<PacemakerCommand>,
}

/// Returns a command as it would be typed.
#[must_use]
pub fn command(command: PacemakerCommand, node: &Node, attributes: &Attributes) -> String {
    let (mark, value) = (attributes.died(), Attributes::DIED);
    match command {
        PacemakerCommand::Mark => {
            format!("attrd_updater --name {mark} --node {node} --update={value}")
        }
        PacemakerCommand::Unmark => format!("attrd_updater --name {mark} --node {node} --delete"),
        PacemakerCommand::ReportFailure => {
            let resource = attributes.resource();
            format!("crm_resource --fail --resource {resource} --node {node}")
        }
    }
}

/// Returns what has happened to the server, as the beginning of a sentence.
#[must_use]
pub fn trouble(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Died => "the postmaster has ended",
        Trouble::Hung => "the server lets nobody in",
    }
}

/// Returns why it is not seen whether the server answers.
#[must_use]
pub fn unseen(problem: &SocketProblem) -> String {
    format!("a server that hangs is not noticed: {problem}")
}

/// Returns what a dry run prints.
#[must_use]
pub fn report(seen: &Seen<'_>) -> String {
    let attributes = &seen.view.attributes;
    let facts = &seen.view.facts;
    let mut lines = vec![
        format!("node        {}", seen.node),
        format!(
            "resource    {}, {}",
            attributes.resource(),
            role(facts.role)
        ),
        format!("directory   {}", seen.view.parameters.datadir.display()),
        format!(
            "postmaster  {}",
            match &seen.postmaster {
                Ok(Some(pid)) => format!("process {pid}"),
                Ok(None) => "none runs".into(),
                Err(why) => why.clone(),
            }
        ),
    ];
    let socket = seen.entry.as_ref();
    lines.extend(socket.map(|seen| format!("socket      {}", entry(seen))));
    lines.push(format!("agent       {}", agent(seen.agent)));
    lines.push(format!(
        "managed     {}",
        facts
            .unattended
            .map_or("yes".into(), |why| format!("no: {why}"))
    ));
    lines.push(format!("quorum      {}", quorum(facts.quorum)));
    lines.push(format!("rule        {}", rule(facts.rule, attributes)));
    if facts.mark == NodeMark::Set {
        lines.push(format!("mark        {} is set", attributes.died()));
    }
    for (name, other) in &facts.others {
        lines.push(format!("other node  {name}: {}", of_other(other)));
    }
    let commands = |commands: &[PacemakerCommand]| {
        let commands = commands.iter();
        let told = commands.map(|one| format!("  {}", command(*one, seen.node, attributes)));
        told.collect::<Vec<_>>()
    };
    for (when, planned) in [
        ("When the postmaster ends:", &seen.on_death),
        ("When the server lets nobody in:", &seen.on_hang),
    ] {
        lines.push(when.into());
        match planned {
            Ok(planned) => lines.extend(commands(planned)),
            Err(why) => lines.push(format!("  nothing: {why}")),
        }
    }
    if let Some(unmark) = seen.on_turn {
        lines.push("Now:".into());
        lines.extend(commands(&[unmark]));
    }
    lines.join("\n") + "\n"
}

fn role(role: InstanceRole) -> &'static str {
    match role {
        InstanceRole::Promoted => "promoted here",
        InstanceRole::Unpromoted => "unpromoted here",
        InstanceRole::Stopped => "not run here",
        InstanceRole::Changing => "changing here",
        InstanceRole::Unknown => "here in an unknown role",
    }
}

fn of_other(other: &OtherNode) -> String {
    let presence = match other.presence {
        Presence::Online => "online",
        Presence::Offline => "offline",
    };
    let role = match other.role {
        InstanceRole::Promoted => "promoted",
        InstanceRole::Unpromoted => "unpromoted",
        InstanceRole::Stopped => "not run",
        InstanceRole::Changing => "changing",
        InstanceRole::Unknown => "unknown role",
    };
    let score = other
        .score
        .map_or("no score".into(), |score| format!("score {score}"));
    format!("{presence}, {role}, {score}")
}

fn entry(entry: &Result<Entry, SocketProblem>) -> String {
    match entry {
        Ok(Entry::Open) => "the postmaster answers".into(),
        Ok(Entry::Shut) => "the postmaster does not answer".into(),
        Err(problem) => unseen(problem),
    }
}

fn agent(agent: AgentSeen) -> &'static str {
    match agent {
        AgentSeen::Acting => "an action is under way",
        AgentSeen::Idle => "no action is under way",
        AgentSeen::Unknown => "it cannot be determined whether an action is under way",
    }
}

fn quorum(quorum: PartitionQuorum) -> &'static str {
    match quorum {
        PartitionQuorum::Held => "yes",
        PartitionQuorum::Lost => "no",
    }
}

fn rule(rule: MarkRule, attributes: &Attributes) -> String {
    let mark = attributes.died();
    match rule {
        MarkRule::Present => format!("a location rule keeps the resource off a node with {mark}"),
        MarkRule::Absent => {
            format!("no location rule on {mark}: a server that ends is recovered in place")
        }
    }
}

#[cfg(test)]
mod tests;
