//! Turns the configuration file into valid settings, or reports every wrong value in it at once, each with its place and
//! what would be right. Opens no socket, knows no PostgreSQL, and reads a file only in [`load`](mod@load).
//!
//! - [`model`]: the settings as the rest of the program sees them, with their defaults.
//! - [`mod@load`]: reads the file and the secrets that it names.
//! - [`parse`](mod@parse): turns a text into settings or problems.
//! - `document`: the cursor that notes which keys were read, so that the others can be refused.
//! - `keys`: the names that this version reads, with what the manual says of each.
//! - `tables`, `https`, `standby`, `admission`, `cluster`, `guard`, `keeper`, `slots`: read the tables of the file.
//! - `http`, `metrics`: the settings of HTTP and of the metrics.
//! - `unknown`: reports the names that are no setting.
//! - [`node`]: a node as written in the file or on a command line.
//! - `values`, `role_words`: a TOML value as a typed one, and the two words for the roles.
//! - `connection_cost`: the memory and descriptors that connections take.
//! - [`problem`]: what is wrong, where, and what would be right.
//! - `modes`: the commands that let the daemon read a file, and nobody else.
//! - `text`, `excerpt`, `secrets`: the line that a message shows, its carets, and what is hidden from it.

mod admission;
mod cluster;
mod connection_cost;
mod document;
mod excerpt;
mod guard;
mod http;
mod https;
mod keeper;
mod keys;
pub mod load;
mod metrics;
pub mod model;
mod modes;
pub mod node;
pub mod parse;
pub mod problem;
mod role_words;
mod secrets;
mod slot_settings;
mod slots;
mod standby;
mod tables;
mod text;
mod unknown;
mod values;

pub use connection_cost::{ConnectionCost, Encryption};
pub use http::{Dialect, Documents, HttpOptions, Strictness};
pub use keys::{KEYS, Key, KeyDefault};
pub use load::{DEFAULT_PATH, LoadError, Loaded, load, token};
pub use metrics::MetricNames;
pub use model::{
    Admission, Answer, ClientCertificates, ClusterNode, ClusterSettings, Connections, Guard,
    HeaderPeers, Https, KeeperSettings, Listen, Postgres, ReadHttps, Refuse, ServiceSettings,
    Settings,
};
pub use modes::{for_group, for_group_of_root, for_owner};
pub use node::ClusterNodeError;
pub use parse::{Parsed, parse};
pub use problem::{Problem, ProblemReport, ProblemSeverity, TextPlace};
pub use slot_settings::{SlotMode, SlotSettings};

#[cfg(test)]
mod tests;
