//! Gives the commands of the plan to Pacemaker, one after the other. Decides nothing.

use super::plan::PacemakerCommand;
use crate::agent::actions::ClusterError;
use crate::agent::decide::scores::Attributes;
use crate::agent::ocf::node::Node;
use crate::agent::pacemaker::Pacemaker;
use crate::base::Deadline;

/// Gives one command.
pub(super) fn execute(
    command: PacemakerCommand,
    pacemaker: &Pacemaker,
    node: &Node,
    attributes: &Attributes,
    deadline: Deadline,
) -> Result<(), ClusterError> {
    match command {
        PacemakerCommand::Mark => {
            let value = Some(Attributes::DIED);
            pacemaker.set_visible(node, &attributes.died(), value, deadline)
        }
        PacemakerCommand::Unmark => pacemaker.set_visible(node, &attributes.died(), None, deadline),
        PacemakerCommand::ReportFailure => {
            pacemaker.report_failure(attributes.resource(), node, deadline)
        }
    }
}
