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
//! - [`identifier`]: the name of a role or a database, in each language's quotes.

mod follow;
pub mod haproxy;
pub mod hba_file;
pub mod identifier;
pub mod nodes;
pub mod pg_hba;
pub mod postgresql;
pub mod role_sql;

pub use identifier::{Identifier, IdentifierError};
pub use nodes::{Nodes, NodesError};
