//! A whole cluster around the resource agent's own code, simulated: one seed determines everything, and nothing
//! takes real time.
//!
//! - [`pacemaker`]: the Pacemaker and Corosync of all nodes.
//! - [`world`]: everything else that is there: hosts, the network, what is about to happen.
//! - [`disk`]: what lies on a host's disk.
//! - [`postgres`]: the servers.
//! - [`keeper`]: `pgsql-state keeper`.
//! - [`clients`]: who reads and writes, through HAProxy.
//! - [`seams`]: the server, the cluster and the clock as the agent's code wants them.
//! - [`coroutine`]: an action of the agent, which stops wherever it waits.
//! - [`events`]: what goes wrong, and what operators do.
//! - [`invariants`]: what must never be.
//! - [`run`]: one history.
//! - [`shrink`]: the least of a history that still goes wrong.
//! - [`story`]: a history, for a person.
//! - [`played`]: how many histories have been played at a commit.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "a simulation that goes wrong has to stop"
)]

mod clients;
mod coroutine;
mod disk;
pub mod events;
pub mod invariants;
mod keeper;
pub mod pacemaker;
pub mod played;
mod postgres;
pub mod run;
mod seams;
pub mod shrink;
mod story;
mod world;
