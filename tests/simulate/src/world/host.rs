//! A host. Knows nothing of what happens to it.

use pgsql_state::agent::ocf::node::Node;

use super::clock::Clock;
use crate::clients::daemon::Daemon;
use crate::clients::haproxy::Proxy;
use crate::disk::Disk;
use crate::keeper::Keepers;
use crate::postgres::server::Server;

/// Whether it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Power {
    On,
    Off,
    Boots,
    /// Nobody switches it on again.
    Lost,
}

/// A host, and what is on it.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) name: Node,
    pub(crate) power: Power,
    pub(crate) disk: Disk,
    pub(crate) server: Server,
    pub(crate) proxy: Proxy,
    pub(crate) daemon: Daemon,
    pub(crate) clock: Clock,
    /// Whether names of users are found.
    pub(crate) knows_users: bool,
    /// What its programs of the cluster take longer.
    pub(crate) slow_programs: std::time::Duration,
    /// Its keepers.
    pub(crate) keepers: Keepers,
    /// Its fencing device.
    pub(crate) fence: Fence,
}

/// What the device that fences a host does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fence {
    Works,
    Slow,
    Fails,
    /// It switches the host off and not on again.
    ForGood,
}
