//! The settings of `[slots]`, with their defaults. Reads no text.

use std::time::Duration;

use crate::slots::names::{SlotName, SlotPrefix};
use crate::slots::plan::SlotPolicy;

/// The replication slots of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotSettings {
    /// `mode`.
    pub mode: SlotMode,
    /// `prefix`, `keep_absent` and `cap`.
    pub policy: SlotPolicy,
    /// `also`: no two are equal, and none begins with the prefix.
    pub also: Vec<SlotName>,
    /// `role`: as which the keeper logs in.
    pub role: String,
    /// `daemon_user`: who, beside root, is believed at the daemon's port.
    pub daemon_user: String,
}

/// Which slots are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SlotMode {
    /// None.
    #[default]
    Off,
    /// One for each other node.
    Nodes,
}

impl Default for SlotSettings {
    fn default() -> Self {
        Self {
            mode: SlotMode::Off,
            policy: SlotPolicy {
                prefix: SlotPrefix::default(),
                keep_absent: Duration::from_secs(30 * 60),
                cap: None,
            },
            also: Vec::new(),
            role: "hacluster".into(),
            daemon_user: "pgsql-state".into(),
        }
    }
}
