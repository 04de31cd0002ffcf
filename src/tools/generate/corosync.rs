//! Corosync's configuration, the same file on each node: how soon a lost host is noticed, and what is tolerated for it;
//! knows no file.
//!
//! - `plan`: the nodes, their links, and whether they fit together.
//! - `timers`: the three profiles.
//! - `text`: the file.

mod plan;
mod text;
mod timers;

pub use plan::{ClusterName, ClusterNameError, CorosyncPlan, LinksError};
pub use text::text;
pub use timers::{TotemProfile, TotemTimers};
