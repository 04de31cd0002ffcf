//! What is wrong with a host, judged from facts that others have gathered. Pure: knows neither whom to ask
//! nor how.
//!
//! - [`finding`]: what can be found, and why it matters.
//! - [`report`]: what came of it, and what was not looked at.
//! - [`settings`]: PostgreSQL's settings.
//! - [`hba`]: its rules of client authentication, as it reads them.
//! - [`daemons`]: what daemons answer.
//! - [`reach`]: what other nodes' daemons find of this one.
//! - [`haproxy`]: HAProxy's view, beside that.
//! - [`pacemaker`]: the resource that runs PostgreSQL, and fencing.
//! - [`host`]: clock, `SELinux`.

pub mod daemons;
pub mod finding;
pub mod haproxy;
pub mod hba;
pub mod host;
pub mod pacemaker;
pub mod reach;
pub mod report;
pub mod settings;

pub use finding::{HostFinding, Id};
pub use report::Report;

#[cfg(test)]
mod tests;
