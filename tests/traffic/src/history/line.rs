//! A line of a client's file, as JSON. What is asked is noted before it is sent, so that a client that dies leaves
//! nothing out.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Asked, Told};
use crate::micros;

/// A line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Line {
    /// The first one.
    Begin {
        /// The client.
        client: String,
        /// The monotonic clock.
        #[serde(rename = "at_us", with = "micros")]
        at: Duration,
        /// The time of day then, since 1970.
        #[serde(rename = "wall_us", with = "micros")]
        wall: Duration,
    },
    /// Something is asked.
    Ask {
        /// Which operation of the client.
        number: u64,
        /// On which of its connections.
        connection: u64,
        /// When.
        #[serde(rename = "at_us", with = "micros")]
        at: Duration,
        /// What.
        asked: Asked,
    },
    /// What came of it.
    Tell {
        /// Of which operation.
        number: u64,
        /// When.
        #[serde(rename = "at_us", with = "micros")]
        at: Duration,
        /// What.
        told: Told,
    },
}
