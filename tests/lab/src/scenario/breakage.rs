//! The scenarios. Each breaks something, sees what comes of it, and leaves the mending to others.

pub(super) mod agent_swap;
pub(super) mod answers;
pub(super) mod corosync_kill;
pub(super) mod crowd;
pub(super) mod daemon;
pub(super) mod disk_full;
pub(super) mod freeze;
pub(super) mod haproxy_kill;
pub(super) mod network_cut;
pub(super) mod ocf_tester;
pub(super) mod postmaster_kill;
pub(super) mod power_cut;
pub(super) mod quorum_guard;
pub(super) mod reads;
pub(super) mod self_replication;
pub(super) mod standbys_cut;
pub(super) mod switchover;
pub(super) mod units;
