//! The resource agent `pgsqlms`, by which Pacemaker starts, stops, promotes and demotes PostgreSQL.
//!
//! - [`ocf`]: what Pacemaker and the agent say to each other: parameters, actions, notifications, exit statuses.
//! - [`decide`]: what the server is, who may be promoted and why not. Pure.
//! - [`actions`]: what each action does, over two seams and a clock. Pure, but for the log.
//! - [`local`]: the first seam: the local server, by its files, processes and sessions.
//! - [`pacemaker`]: the second seam: the cluster, by Pacemaker's own programs.
//! - [`pgsqlms`]: composes them: the program that Pacemaker calls.

pub mod actions;
pub mod decide;
pub mod local;
pub mod ocf;
pub mod pacemaker;
pub mod pgsqlms;
