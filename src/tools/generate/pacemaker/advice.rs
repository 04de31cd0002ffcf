//! The steps that no command here does: fencing, what starts before Pacemaker, and what must not start at all.

use super::plan::{PacemakerPlan, Tool};
use crate::health::QuorumGuard;
use crate::tools::generate::comment::comment;

/// The drop-in that makes Pacemaker wait for units and stop before them.
const DROP_IN: &str = "/etc/systemd/system/resource-agents-deps.target.d/pgsql-state.conf:";

/// The unit that writes Pacemaker's quorum to the note for the daemon.
const QUORUM: &str = "pgsql-state-quorum.service";

/// The comments above the commands.
pub(super) fn before(plan: &PacemakerPlan) -> String {
    let mut text = String::new();
    let mut tell = |told: &str| text.push_str(&comment("", told));
    tell(
        "Before: every server is set up and cleanly stopped, the standbys first, and nothing else starts it: \
         systemctl disable postgresql.service. There is no virtual IP and so no constraint: HAProxy finds the \
         primary.",
    );
    tell(
        "Standbys reach the primary through the HAProxy of their host, so that one starts before Pacemaker and \
         stops after it: a primary that is demoted at a shutdown has still to send its last WAL. On each node, in",
    );
    text.push_str(&wait(plan));
    text.push_str("#\n");
    text.push_str(&fencing(plan));
    text
}

fn wait(plan: &PacemakerPlan) -> String {
    let mut units = vec!["haproxy.service", "pgsql-state.socket"];
    let why = match plan.quorum {
        QuorumGuard::Off => format!(
            "Where the daemons have guard.quorum = \"pacemaker\", {QUORUM} is to be enabled on each node, and named in \
             both lines too."
        ),
        QuorumGuard::Pacemaker => {
            units.push(QUORUM);
            format!(
                "For guard.quorum, {QUORUM} is to be enabled on each node: without its note a primary is down. It stops \
                 after Pacemaker too, so that a primary is told until it is demoted."
            )
        }
    };
    let units = units.join(" ");
    format!(
        "#   {DROP_IN}\n#     [Unit]\n#     Wants={units}\n#     After={units}\n{}",
        comment("", &why)
    )
}

fn fencing(plan: &PacemakerPlan) -> String {
    let names: Vec<&str> = plan.nodes.iter().map(|node| node.name.as_str()).collect();
    let (list, describe) = match plan.tool {
        Tool::Pcs => ("pcs stonith list", "pcs stonith describe AGENT"),
        Tool::Crm => ("crm ra list stonith", "crm ra info stonith:AGENT"),
    };
    let (create, trial) = match plan.tool {
        Tool::Pcs => ("pcs stonith create", "pcs stonith fence NODE"),
        Tool::Crm => ("crm configure primitive", "crm node fence NODE"),
    };
    let meanwhile = match plan.tool {
        Tool::Pcs => "Pacemaker starts no server",
        Tool::Crm => "crm commits nothing",
    };
    let mut text = comment(
        "",
        &format!(
            "Fencing is not here: what cuts a host off from power or network is nothing that could be guessed, \
             and until there is such a device {meanwhile}. For {}: choose an agent ({list}; \
             {describe}), make a device of it for each node ({create}), kept off the node that it cuts off, and \
             see each of them work ({trial}) before anything relies on it.",
            names.join(", ")
        ),
    );
    if names.len() == 2 {
        text.push_str(&comment(
            "",
            "Two nodes: with two_node: 1 in corosync.conf each of them has quorum alone, and fencing alone decides; a \
             third vote (corosync-qdevice) is better.",
        ));
    }
    text
}
