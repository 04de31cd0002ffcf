//! The load balancers' side: connects, reads to the end, closes, and counts; knows nothing of who
//! answers.
//!
//! - [`endpoint`]: where to ask and what the right answer is.
//! - [`exchange`]: one connection from connect to close.
//! - [`load`]: so many clients at once, each asking again as soon as it was answered.
//! - [`tally`]: what was counted.

pub(crate) mod endpoint;
mod exchange;
pub(crate) mod load;
pub(crate) mod tally;

pub(crate) use endpoint::{End, Endpoint, PATIENCE};
pub(crate) use load::{Load, Until};
pub(crate) use tally::Tally;
