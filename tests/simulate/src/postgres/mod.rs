//! The servers, as far as the agent, clients and one another see them. Knows nothing of who handles them.
//!
//! - [`lineage`]: what was ever written, and who has it.
//! - [`sync`]: which standbys commits wait for.
//! - [`server`]: one server.
//! - [`life`]: how one starts, stops, dies and is promoted.
//! - [`commit`]: how rows are written and acknowledged.
//! - [`replication`]: how they get to standbys.
//! - [`checkpoint`]: what is done with old WAL.
//! - [`answers`]: what one says when it is asked.

pub(crate) mod answers;
pub(crate) mod checkpoint;
pub(crate) mod commit;
pub(crate) mod life;
pub(crate) mod lineage;
pub(crate) mod replication;
pub(crate) mod server;
pub(crate) mod sync;
