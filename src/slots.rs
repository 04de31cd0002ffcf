//! Replication slots on every node of a cluster: for each other node one, so that the WAL that it lacks is still there
//! whichever server is the primary. A slot holds WAL no longer than the policy says.
//!
//! - [`names`]: which slot is whose; pure.
//! - [`facts`]: what is known of a server, its slots and the other nodes; pure.
//! - [`plan`]: turns facts into steps; pure.
//! - [`memory`]: when each node was heard last; pure.
//! - [`cluster`]: turns the reports of other nodes into facts; pure.
//! - [`keep`](mod@keep): asks for facts, and carries the plan out.

pub mod cluster;
pub mod facts;
pub mod keep;
pub mod memory;
pub mod names;
pub mod plan;
