//! What Pacemaker is told of the servers, as commands of `pcs` or of `crmsh`; knows no cluster and no program.
//!
//! - [`plan`]: what the resource is to be.
//! - [`names`]: what the resource and its agent are called.
//! - `resource`: its operations, parameters and attributes, whichever tool makes it.
//! - `advice`: what no command here does, and somebody must.
//! - `pcs`, `crm`: the commands of each tool.

mod advice;
mod crm;
pub mod names;
mod pcs;
pub mod plan;
mod resource;

pub use names::{Agent, AgentError, ResourceName, ResourceNameError};
pub use plan::{PacemakerError, PacemakerPlan, PacemakerSeries, Tool};

/// The commands, with what has to be known before they are run.
#[must_use]
pub fn text(plan: &PacemakerPlan) -> String {
    match plan.tool {
        Tool::Pcs => pcs::text(plan),
        Tool::Crm => crm::text(plan),
    }
}
