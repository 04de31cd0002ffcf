//! Generates Pacemaker's configuration as commands of `pcs` or of `crmsh`; starts no program.
//!
//! - [`plan`]: the inputs of the commands.
//! - [`names`]: the names of the resource and of its agent.
//! - `resource`: the operations, parameters and attributes, which are the same for both tools.
//! - `advice`: the steps that no command here does.
//! - `pcs`, `crm`: the commands of each tool.

mod advice;
mod crm;
pub mod names;
mod pcs;
pub mod plan;
mod resource;

pub use names::{Agent, AgentError, ResourceName, ResourceNameError};
pub use plan::{PacemakerError, PacemakerPlan, PacemakerSeries, Tool};

/// The commands, with what an administrator has to know before running them.
#[must_use]
pub fn text(plan: &PacemakerPlan) -> String {
    match plan.tool {
        Tool::Pcs => pcs::text(plan),
        Tool::Crm => crm::text(plan),
    }
}
