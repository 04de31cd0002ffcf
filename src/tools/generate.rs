//! Generates configuration for other programs from a short description of the cluster; opens no file and starts
//! no program.
//!
//! - [`nodes`](mod@nodes): the nodes of the cluster, with names and addresses that every program accepts.
//! - [`haproxy`]: the load balancer on each host.
//! - [`pg_hba`]: the rules for clients and peers, which also reject a server's replication from itself.
//! - [`pg_hba_file`]: puts these rules into a whole file, or takes them out of it.
//! - [`postgresql`]: a server's settings.
//! - `follow`: how a standby finds the primary without `HAProxy`.
//! - [`role_sql`]: the role with which a server is asked.
//! - [`systemd`]: the daemon's units on each host.
//! - [`keepalived`]: LVS, or a virtual IP.
//! - [`pacemaker`]: the resource that starts and promotes servers, as commands of `pcs` or `crm`.
//! - [`corosync`]: how soon a lost host is noticed.
//! - [`consul`], [`kubernetes`]: services and their checks.
//! - [`identifier`], [`label`], [`path`]: names and paths that need no escaping in the generated files.
//! - `comment`: comments with the reasons.

mod comment;
pub mod consul;
pub mod corosync;
mod follow;
pub mod haproxy;
pub mod identifier;
pub mod keepalived;
pub mod kubernetes;
pub mod label;
pub mod nodes;
pub mod pacemaker;
pub mod path;
pub mod pg_hba;
pub mod pg_hba_file;
pub mod postgresql;
pub mod role_sql;
pub mod systemd;

pub use identifier::{Identifier, IdentifierError};
pub use label::{Label, LabelError};
pub use nodes::{Nodes, NodesError};
pub use path::{WholePath, WholePathError};
