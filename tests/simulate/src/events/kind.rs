//! Everything that can happen, and what it is called in a script. Knows no consequence.

/// What happens. What is said of a time is the event's seconds, after which it is mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The postmaster is killed.
    Crash,
    /// A backend crashes: the server recovers under its postmaster.
    BackendCrash,
    /// All processes of a server are stopped by a signal, for a time.
    Freeze,
    /// A host loses its power, for a time.
    PowerLoss,
    /// All hosts do.
    PowerLossOfAll,
    /// A host is cut off from all others, for a time.
    Cut,
    /// A host does not hear another one, `more`, for a time.
    CutOneWay,
    /// A disk fails, for a time.
    DiskFails,
    /// A server waits for its disk and cannot be killed, for a time.
    DiskHangs,
    /// A disk is slow by `more` milliseconds, for a time.
    DiskSlow,
    /// Clients take all connections of a server, for a time.
    Full,
    /// Replay is paused, for a time.
    PauseReplay,
    /// Replay is paused, and in the end of a time somebody removes the first segment of WAL that was received and not
    /// replayed.
    RemoveSegment,
    /// Replay takes `more` milliseconds longer, for a time.
    SlowReplay,
    /// A transaction of more than 64 subtransactions is open on the primary, for a time.
    Overflow,
    /// Clients write `more` kilobytes at once.
    Bulk,
    /// A running action of the agent is killed.
    KillAction,
    /// The coordinator's controller dies.
    KillController,
    /// The cluster's programs on a host are slow by `more` milliseconds, for a time.
    SlowPrograms,
    /// The device that fences a host is slow, for a time.
    FencingSlow,
    /// It fails, for a time.
    FencingFails,
    /// It leaves the host off, for a time, and what it fences meanwhile is lost for good: one host of more than two.
    FencedForGood,
    /// `pg_hba.conf` keeps the agent and the daemon out, for a time.
    Hba,
    /// Names of users are not found, for a time.
    NoUsers,
    /// The clocks of a host go faster or slower by `more`, up to a tenth, for a time.
    ClockDrifts,
    /// The clock on the wall of a host is set `more` - 2000 seconds forward, for a time.
    ClockJumps,
    /// The data directory has another name, for a time.
    Rename,
    /// `synchronous_standby_names` on all servers.
    SetRule,
    /// The operator keeps the primary from a node, for a time.
    BanPromoted,
    /// The operator keeps the server from a node, for a time.
    Ban,
    /// The operator wants the primary on a node, for a time.
    Move,
    /// The operator puts a node on standby, for a time.
    NodeStandby,
    /// Maintenance mode, for a time.
    Maintenance,
    /// The resource is not managed, for a time.
    Unmanage,
    /// All servers are stopped by Pacemaker, for a time.
    Disable,
    /// What is known of a node is forgotten.
    Refresh,
    /// Of all nodes.
    RefreshAll,
    /// Failures are forgotten.
    Cleanup,
    /// A parameter is set to something good.
    GoodParameter,
    /// To something that is wrong, for a time.
    BadParameter,
    /// Pacemaker and Corosync are stopped on a host, for a time.
    StopCluster,
    /// `pg_promote()`, which the pages forbid.
    PromoteByHand,
    /// `pg_ctl stop`, which the pages forbid.
    StopByHand,
    /// `pg_ctl start`, which the pages forbid.
    StartByHand,
    /// A server that does not run is made anew, from the primary.
    MakeAnew,
    /// All servers are stopped and restored from one of them, with another system identifier.
    RestoreAll,
    /// Every server is stopped and started again, one after the other, as for a minor upgrade.
    RollingRestart,
    /// A server is made anew from a base backup of the primary, which takes so many seconds.
    Rebuild,
    /// From now on `pgsql-state keeper` runs on every host.
    Keepers,
    /// That of a host is killed, for a time; `more` tells behind which of its commands.
    KeeperDies,
    /// It takes `more` milliseconds longer for each step, for a time.
    KeeperLate,
    /// A second one runs on the host, for a time.
    KeeperDoubled,
}

/// Each with its name, and how often it is chosen.
pub const KINDS: &[(Kind, &str, u32)] = &[
    (Kind::Crash, "crash", 10),
    (Kind::BackendCrash, "backend-crash", 3),
    (Kind::Freeze, "freeze", 6),
    (Kind::PowerLoss, "power-loss", 10),
    (Kind::PowerLossOfAll, "power-loss-of-all", 2),
    (Kind::Cut, "cut", 8),
    (Kind::CutOneWay, "cut-one-way", 2),
    (Kind::DiskFails, "disk-fails", 2),
    (Kind::DiskHangs, "disk-hangs", 2),
    (Kind::DiskSlow, "disk-slow", 4),
    (Kind::Full, "full", 5),
    (Kind::PauseReplay, "pause-replay", 4),
    (Kind::SlowReplay, "slow-replay", 4),
    (Kind::Overflow, "overflow", 3),
    (Kind::Bulk, "bulk", 8),
    (Kind::KillAction, "kill-action", 6),
    (Kind::KillController, "kill-controller", 3),
    (Kind::SlowPrograms, "slow-programs", 3),
    (Kind::FencingSlow, "fencing-slow", 2),
    (Kind::FencingFails, "fencing-fails", 2),
    (Kind::Hba, "hba", 2),
    (Kind::NoUsers, "no-users", 1),
    (Kind::ClockDrifts, "clock-drifts", 3),
    (Kind::ClockJumps, "clock-jumps", 2),
    (Kind::Rename, "rename", 1),
    (Kind::SetRule, "set-rule", 3),
    (Kind::BanPromoted, "ban-promoted", 5),
    (Kind::Ban, "ban", 3),
    (Kind::Move, "move", 10),
    (Kind::NodeStandby, "node-standby", 5),
    (Kind::Maintenance, "maintenance", 2),
    (Kind::Unmanage, "unmanage", 2),
    (Kind::Disable, "disable", 2),
    (Kind::Refresh, "refresh", 3),
    (Kind::RefreshAll, "refresh-all", 1),
    (Kind::Cleanup, "cleanup", 6),
    (Kind::GoodParameter, "good-parameter", 2),
    (Kind::BadParameter, "bad-parameter", 2),
    (Kind::StopCluster, "stop-cluster", 3),
    (Kind::PromoteByHand, "promote-by-hand", 1),
    (Kind::StopByHand, "stop-by-hand", 2),
    (Kind::StartByHand, "start-by-hand", 1),
    (Kind::MakeAnew, "make-anew", 2),
    (Kind::RestoreAll, "restore-all", 1),
    (Kind::RollingRestart, "rolling-restart", 3),
    (Kind::Rebuild, "rebuild", 3),
];

/// Those that came later, each with its name, and how many of a hundred histories have one. They are drawn apart, so that
/// the rest of a history is what its seed stood for before.
pub const LATER_KINDS: &[(Kind, &str, u32)] = &[
    (Kind::FencedForGood, "fenced-for-good", 30),
    (Kind::RemoveSegment, "remove-segment", 20),
    (Kind::Keepers, "keepers", 60),
    (Kind::KeeperDies, "keeper-dies", 40),
    (Kind::KeeperLate, "keeper-late", 20),
    (Kind::KeeperDoubled, "keeper-doubled", 10),
];

impl Kind {
    /// Whether it is about keepers, without which everything goes well, only later.
    #[must_use]
    pub fn is_of_keepers(self) -> bool {
        matches!(
            self,
            Self::Keepers | Self::KeeperDies | Self::KeeperLate | Self::KeeperDoubled
        )
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        let mut all = KINDS.iter().chain(LATER_KINDS);
        let found = all.find(|(kind, _, _)| *kind == self);
        found.map_or("", |(_, name, _)| name)
    }

    /// By its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let mut all = KINDS.iter().chain(LATER_KINDS);
        let found = all.find(|(_, one, _)| *one == name);
        found.map(|(kind, _, _)| *kind)
    }
}
