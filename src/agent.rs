//! The resource agent `pgsqlms`, by which Pacemaker starts, stops, promotes and demotes PostgreSQL.
//!
//! - [`ocf`]: the interface between Pacemaker and the agent: parameters, actions, notifications, exit statuses.
//! - [`decide`]: what the server is, which node may be promoted, and why another may not. Pure.
//! - [`actions`]: what each action does, over two seams and a clock. Pure, but for the log.
//! - [`local`]: the first seam: the local server, through its files, processes and sessions.
//! - [`pacemaker`]: the second seam: the cluster, through Pacemaker's own programs.
//! - [`pgsqlms`]: the program that Pacemaker calls; it composes the others.

pub mod actions;
pub mod decide;
pub mod local;
pub mod ocf;
pub mod pacemaker;
pub mod pgsqlms;
