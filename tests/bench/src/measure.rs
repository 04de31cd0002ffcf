//! What is measured and in which order; knows nothing of how contenders are started or figures shown.
//!
//! - [`turns`]: every contender in turn at every width, round after round.
//! - [`round`]: one contender at one width once.
//! - [`watch`]: what is looked at while the load runs.
//! - [`endurance`]: memory over very many answers.
//! - [`activation`]: the first answer of a daemon that its first client starts.

pub(crate) mod activation;
pub(crate) mod endurance;
pub(crate) mod round;
pub(crate) mod turns;
mod watch;

pub(crate) use activation::Activation;
pub(crate) use endurance::Endurance;
pub(crate) use round::Round;
pub(crate) use turns::{Plan, Turns};
