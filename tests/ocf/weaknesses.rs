//! What PAF is known to do wrong, by the numbers of the list of its weaknesses. Those of a single action on a
//! single server (4, 5, 13) are cells of the [table](crate::table).
//!
//! - [`positions`]: who is promoted, and that nothing is lost by it.
//! - [`scores`]: what a primary says of its standbys.
//! - [`deadlines`]: what never answers.
//! - [`mistakes`]: configurations and parameters with a mistake in them.
//! - [`full_disk`]: a disk without room.
//! - [`manners`]: what an agent leaves, calls and says.

mod deadlines;
mod full_disk;
mod manners;
mod mistakes;
mod positions;
mod scores;
