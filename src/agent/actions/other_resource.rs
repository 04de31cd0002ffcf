//! A server that runs here for another resource, which was configured with the same directory by mistake: only that
//! resource may touch it. Knows no other step of an action.

use super::cluster::Cluster;
use super::outcome::ActionOutcome;
use super::server::Server;
use super::{Context, Seams};
use crate::agent::decide::decision;
use crate::agent::ocf::actions::Action;
use crate::agent::ocf::code::Code;

/// Returns the resource that the running server was started for, if that is another one and the cluster still has
/// it with this directory. If a resource was only renamed, its server belongs to whichever resource has the directory.
pub fn owner<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
) -> Option<String> {
    let resource = seams.server.started_for()?;
    if resource == context.attributes.resource() {
        return None;
    }
    match seams
        .cluster
        .directory_of(&resource, seams.part_for_the_cluster())
    {
        Ok(directory) => seams.server.runs_in(&directory?).then_some(resource),
        Err(error) => {
            tracing::warn!(
                "the server was started for the resource {resource}, and it is not known whether that resource still \
                 exists: {error}"
            );
            None
        }
    }
}

/// Returns the result of an action that has found another resource's server and left it alone.
#[must_use]
pub fn outcome(action: Action, context: &Context, owner: &str) -> ActionOutcome {
    let code = decision::of_another(action);
    match code {
        Code::Success | Code::NotRunning => {
            tracing::warn!("the server that runs in pgdata is left alone: it belongs to {owner}");
            ActionOutcome::plainly(code)
        }
        Code::Generic
        | Code::Args
        | Code::Unimplemented
        | Code::Permission
        | Code::Installed
        | Code::Configured
        | Code::RunningPromoted
        | Code::FailedPromoted => ActionOutcome::because(
            code,
            format!(
                "parameter pgdata of {} leads to the directory of {owner}, whose server runs there; a \
                 directory of its own was expected",
                context.attributes.resource()
            ),
        ),
    }
}
