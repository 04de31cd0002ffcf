//! What a resource agent for PostgreSQL has to do, whichever it is: this suite calls ours, or where the
//! environment has `PGSQLMS=paf` Debian's PAF (`make test-paf`), and judges both by the same cases. Those in
//! which PAF is wrong name its weakness (research on PAF, section 10), and have to fail there still.
//!
//! PostgreSQL is real; Pacemaker is played: its tools are stand-ins, and its transitions come from
//! [`transition`].
//!
//! - [`program`]: which agent is called.
//! - [`judge`]: who has to pass a case.
//! - [`cluster`]: the nodes and their attributes, with stand-ins for the cluster's tools.
//! - [`call`]: one call of the agent, as Pacemaker's executor makes it.
//! - [`world`]: three servers in such a cluster, and each state that one may be in.
//! - [`transition`]: what Pacemaker has the agent do, in its order, with its notifications.
//! - [`table`]: each action in each state: once, twice, and again after it was killed half way.
//! - [`bad_input`]: parameters that are wrong.
//! - [`evidence`]: what has to be seen before a server counts as stopped or as failed.
//! - [`crashed`]: a crashed primary that is kept stopped.
//! - [`elections`]: who is promoted, by more than positions.
//! - [`pending`]: standbys that have replayed everything and let nobody in.
//! - [`restored`]: servers that were all restored from a backup.
//! - [`explained`]: what an operator is told.
//! - [`transitions`]: a cluster from its first start to its end.
//! - [`weaknesses`]: what PAF is known to do wrong.
//! - [`rows`]: what clients have written, and whether a cluster still has it.

mod bad_input;
mod call;
mod cluster;
mod crashed;
mod elections;
mod evidence;
mod explained;
mod judge;
mod pending;
mod program;
mod restored;
mod rows;
mod table;
mod transition;
mod transitions;
mod weaknesses;
mod world;
