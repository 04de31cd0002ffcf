//! What can be found: each with a name that stays, and why it matters.

macro_rules! findings {
    ($($variant:ident = $word:literal, $why:literal;)*) => {
        /// A kind of finding.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Id {
            $(#[doc = concat!("`", $word, "`: ", $why)] $variant,)*
        }

        impl Id {
            /// Every kind, in the order in which themes are looked at.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its name, for people, programs and the manual.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// Why it matters, in a sentence.
            #[must_use]
            pub fn why(self) -> &'static str {
                match self {
                    $(Self::$variant => $why,)*
                }
            }
        }
    };
}

findings! {
    OtherServer = "other-server",
        "the role of a server somewhere else is told as this one's, and writers may be sent here for it";
    HotStandby = "hot-standby",
        "a standby lets nobody in, so it serves no reader and Pacemaker cannot tell that it works";
    RecoveryTargetTimeline = "recovery-target-timeline",
        "a standby does not follow another one that is promoted";
    RestartAfterCrash = "restart-after-crash",
        "after a crash the server comes back by itself while Pacemaker decides about it";
    SlotsUncapped = "slots-uncapped",
        "a standby that stays away fills the disk of the primary, which then stops";
    WalKeep = "wal-keep",
        "a standby that was away for a few minutes finds its WAL gone and must be made anew";
    PrimaryConninfoMissing = "primary-conninfo-missing",
        "as a standby, also after a failover, this server follows nobody";
    ApplicationName = "application-name",
        "resource agents and synchronous replication know a standby by its node's name";
    PrimaryConninfoOwn = "primary-conninfo-own",
        "as a standby this server would replicate from itself, or look no further once it has rejected itself";
    HbaError = "hba-error",
        "PostgreSQL takes nothing of a file with such a line, and does not start with it";
    HbaSelf = "hba-self",
        "a standby that is led to itself for a moment replicates from itself and misses what the primary writes";
    DaemonUnreachable = "daemon-unreachable",
        "load balancers that ask at this address take this server for down";
    DaemonDown = "daemon-down",
        "load balancers send nobody to this server";
    NodeUnreachable = "node-unreachable",
        "a load balancer on this host takes that server for down";
    UnreachableFrom = "unreachable-from",
        "a load balancer on that host takes this server for down, and that host does not see a second primary here";
    HaproxyFile = "haproxy-file",
        "sessions reach the wrong server, or end without need";
    HaproxyUnchecked = "haproxy-unchecked",
        "clients are sent to a server whatever its role, and though it be down";
    HaproxyTwoWriters = "haproxy-two-writers",
        "writers are spread over two servers, and what one of them takes is lost";
    HaproxyWrongWriter = "haproxy-wrong-writer",
        "writers are sent to a server that does not take writes, or that is no longer the primary";
    HaproxyPrimaryUnused = "haproxy-primary-unused",
        "there is a primary, and no writer reaches it";
    FencingOff = "fencing-off",
        "a primary that is cut off goes on taking writes beside the new one";
    FencingDevice = "fencing-device",
        "Pacemaker has nothing to fence with, so after a failure it promotes nobody";
    FencingStopped = "fencing-stopped",
        "Pacemaker does not fence with a device that is stopped";
    QuorumIgnored = "quorum-ignored",
        "a part of the cluster that is cut off promotes a primary of its own";
    Maintenance = "maintenance",
        "Pacemaker does nothing about a failure while this lasts";
    Unmanaged = "unmanaged",
        "Pacemaker looks at a resource, and neither starts, stops nor promotes it";
    NotPromotable = "not-promotable",
        "Pacemaker promotes no server";
    NotifyOff = "notify-off",
        "the agent compares servers in notifications, and without them refuses to work";
    PromotedMax = "promoted-max",
        "Pacemaker would have two primaries";
    MonitorMissing = "monitor-missing",
        "Pacemaker does not notice that a server in this role has failed";
    MonitorIntervals = "monitor-intervals",
        "Pacemaker takes two monitors with one interval for the same, and runs one of them";
    OperationTimeout = "operation-timeout",
        "Pacemaker's default of 20 s ends a slow start, stop or demotion, and fences the node";
    OperationTimeoutShort = "operation-timeout-short",
        "an operation that is slow under load counts as failed, and a stop that does fences the node";
    Clock = "clock",
        "logs of different hosts cannot be compared, and certificates and `recovery_target_time` mean another time";
    SelinuxHaproxy = "selinux-haproxy",
        "SELinux keeps HAProxy from the ports of PostgreSQL and of the checks";
}

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its kind.
    pub id: Id,
    /// What was seen, without a full stop.
    pub what: String,
    /// The command that mends it.
    pub remedy: String,
}
