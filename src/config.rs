//! The configuration file as valid settings, or every mistake in it at once, each with its place and
//! what would be right; knows no socket and no PostgreSQL, and reads a file only in [`load`](mod@load).
//!
//! - [`model`]: the settings as the rest of the program sees them, with their defaults.
//! - [`mod@load`]: the file on the disk.
//! - [`parse`](mod@parse): a text becomes settings or problems.
//! - `syntax`: what of the text is TOML, and what is not.
//! - `document`: the cursor that notes what was read, so that what was not can be refused.
//! - `keys`: the names that this version reads, with what the manual says of each.
//! - `tables`, `https`, `standby`, `admission`, `cluster`, `guard`: how each is read.
//! - `http`, `metrics`: what is chosen of HTTP and of the metrics.
//! - `unknown`: the names that nobody knows.
//! - [`node`]: a node as people write it.
//! - `values`, `words`: a TOML value as a typed one, and the two words for the roles.
//! - `room`: what connections take of the host.
//! - [`problem`]: what is wrong, where, and what would be right.
//! - `text`, `excerpt`, `secrets`: the line that a message shows, its carets, and what it hides.

mod admission;
mod cluster;
mod document;
mod excerpt;
mod guard;
mod http;
mod https;
mod keys;
pub mod load;
mod metrics;
pub mod model;
pub mod node;
pub mod parse;
pub mod problem;
mod room;
mod secrets;
mod standby;
mod syntax;
mod tables;
mod text;
mod unknown;
mod values;
mod words;

pub use http::{Dialect, Documents, HttpOptions, Strictness};
pub use keys::{KEYS, Key, Usual};
pub use load::{DEFAULT_PATH, LoadError, Loaded, SettingsSource, load};
pub use metrics::MetricNames;
pub use model::{
    Admission, Answer, ClientCertificates, ClusterNode, ClusterSettings, Connections, Guard,
    HeaderPeers, Https, Listen, Postgres, ReadHttps, Refuse, ServiceSettings, Settings,
};
pub use node::ClusterNodeError;
pub use parse::{Parsed, parse};
pub use problem::{Problem, ProblemReport, ProblemSeverity, TextPlace};
pub use room::{ConnectionCost, Encryption};

#[cfg(test)]
mod tests;
