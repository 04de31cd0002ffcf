//! Ready pieces of other programs' configuration, from one short description of the cluster; knows no
//! file and no program.
//!
//! - [`nodes`](mod@nodes): the servers, fit to be written down anywhere.
//! - [`haproxy`]: the load balancer on each host.
//! - [`pg_hba`]: who may connect to a server, and that none replicates from itself.
//! - [`hba_file`]: these rules put into a whole file, or taken out of it.
//! - [`postgresql`]: a server's settings.
//! - `follow`: how a standby finds the primary.
//! - [`role_sql`]: the role with which a server is asked.
//! - [`systemd`]: the daemon's units on each host.
//! - [`keepalived`]: LVS, or a virtual IP where there can be one.
//! - [`pacemaker`]: the resource that starts and promotes servers, as commands of `pcs` or `crm`.
//! - [`corosync`]: how soon a lost host is noticed.
//! - [`consul`], [`kubernetes`]: services and their checks.
//! - [`identifier`], [`label`], [`path`]: names and paths that need no quotes, or each language's.
//! - `comment`: the reasons.

mod comment;
pub mod consul;
pub mod corosync;
mod follow;
pub mod haproxy;
pub mod hba_file;
pub mod identifier;
pub mod keepalived;
pub mod kubernetes;
pub mod label;
pub mod nodes;
pub mod pacemaker;
pub mod path;
pub mod pg_hba;
pub mod postgresql;
pub mod role_sql;
pub mod systemd;

pub use identifier::{Identifier, IdentifierError};
pub use label::{Label, LabelError};
pub use nodes::{Nodes, NodesError};
pub use path::{WholePath, WholePathError};
