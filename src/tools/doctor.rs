//! Finds faults of a host and its cluster, judged from facts that the caller has gathered. Pure: opens no file
//! and no socket, and starts no program.
//!
//! - [`finding`]: the kinds of findings, and why each matters.
//! - [`report`]: the findings, and what was not examined.
//! - [`settings`]: PostgreSQL's settings.
//! - [`slots`]: its replication slots.
//! - [`pg_hba`]: its client authentication rules, as PostgreSQL reads them.
//! - [`daemons`]: the answers of the cluster's daemons.
//! - [`reach`]: whether the other nodes' daemons reach this one.
//! - [`haproxy`]: HAProxy's view of the cluster, compared with the daemons' answers.
//! - [`pacemaker`]: the resource that runs PostgreSQL, and fencing.
//! - [`host`]: the clock and `SELinux`.

pub mod daemons;
pub mod finding;
pub mod haproxy;
pub mod host;
pub mod pacemaker;
pub mod pg_hba;
pub mod reach;
pub mod report;
pub mod settings;
pub mod slots;

pub use finding::{HostFinding, Id};
pub use report::Report;

#[cfg(test)]
mod tests;
