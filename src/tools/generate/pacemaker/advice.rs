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
        "Before running this, set up every server and stop it cleanly, the standbys first, and let nothing else \
         start it: systemctl disable postgresql.service. There is no virtual IP: HAProxy finds the primary.",
    );
    tell(
        "Standbys reach the primary through the HAProxy of their host, which must therefore start before Pacemaker \
         and stop after it: a primary that is demoted at a shutdown still has to send its last WAL. On each node, \
         write into",
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
            "If the daemons have guard.quorum = \"pacemaker\", enable {QUORUM} on each node and add it to both \
             lines."
        ),
        QuorumGuard::Pacemaker => {
            units.push(QUORUM);
            format!(
                "For guard.quorum, enable {QUORUM} on each node: without its note the daemon of a primary answers \
                 `down`. It stops after Pacemaker too, so that the primary is reported until it is demoted."
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
            "Fencing is not configured here, because it depends on the hardware that cuts a host off from power or \
             network; without a fencing device {meanwhile}. For {}: choose an agent ({list}; {describe}), create a \
             device for each node ({create}) that does not run on the node that it fences, and test each of them \
             ({trial}) before anything relies on it.",
            names.join(", ")
        ),
    );
    if names.len() == 2 {
        text.push_str(&comment(
            "",
            "Two nodes: with two_node: 1 in corosync.conf each node has quorum by itself, and only fencing decides; \
             a third vote (corosync-qdevice) is better.",
        ));
    }
    text
}
