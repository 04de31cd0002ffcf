//! What can be found: each with a name that stays, what is looked at, and why it matters.

macro_rules! findings {
    ($($variant:ident = $word:literal, $checks:literal, $why:literal;)*) => {
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

            /// What is looked at, as a sentence that begins with "whether"; what is code in it stands between
            /// backquotes.
            #[must_use]
            pub fn checks(self) -> &'static str {
                match self {
                    $(Self::$variant => $checks,)*
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
        "`postgres.conninfo` leads to the server of this host",
        "the role of another server is reported as this one's, and writers may be sent here because of it";
    HotStandby = "hot-standby",
        "`hot_standby` is on",
        "a standby refuses connections, so it serves no reader and Pacemaker cannot tell that it works";
    RecoveryTargetTimeline = "recovery-target-timeline",
        "`recovery_target_timeline` is `latest`",
        "a standby does not follow another one that is promoted";
    RestartAfterCrash = "restart-after-crash",
        "`restart_after_crash` is off, where Pacemaker runs the server",
        "after a crash the server comes back by itself while Pacemaker decides about it";
    SlotsUncapped = "slots-uncapped",
        "`max_slot_wal_keep_size` is set where there are replication slots",
        "a standby that stays away fills the disk of the primary, which then stops";
    WalKeep = "wal-keep",
        "`wal_keep_size` (`wal_keep_segments`) is set where there is neither a slot nor an archive",
        "a standby that was away for a few minutes finds its WAL gone and must be made anew";
    PrimaryConninfoMissing = "primary-conninfo-missing",
        "`primary_conninfo` is set",
        "as a standby, also after a failover, this server follows nobody";
    ApplicationName = "application-name",
        "`application_name` in `primary_conninfo`, or `cluster_name` without Pacemaker, is the node's name as Pacemaker or `cluster.nodes` has it",
        "resource agents and synchronous replication know a standby by its node's name";
    PrimaryConninfoOwn = "primary-conninfo-own",
        "no host in `primary_conninfo` is this server's own port on this host",
        "as a standby this server would replicate from itself, or look no further once it has rejected itself";
    HbaError = "hba-error",
        "`pg_hba_file_rules` shows no line with an error",
        "PostgreSQL ignores a whole file with such a line, and does not start with it";
    HbaSelf = "hba-self",
        "no rule that is not behind a rejection permits replication from the socket or from an own address",
        "a standby that is connected to itself for a moment replicates from itself and misses what the primary writes";
    DaemonUnreachable = "daemon-unreachable",
        "the daemon of this host answers at its address in `cluster.nodes`",
        "load balancers that ask at this address consider this server down";
    DaemonDown = "daemon-down",
        "that daemon does not answer `down`",
        "load balancers send no client to this server";
    NodeUnreachable = "node-unreachable",
        "the daemons of the other nodes answer at their addresses",
        "a load balancer on this host considers that server down";
    UnreachableFrom = "unreachable-from",
        "the daemons of the other nodes, which ask one another on `cluster.http_port`, reach this one; each of them is asked what it finds",
        "a load balancer on that host takes this server for down, and that host does not see a second primary here";
    HaproxyFile = "haproxy-file",
        "`lint haproxy` finds nothing in `--haproxy-config` (`/etc/haproxy/haproxy.cfg`), read by the HAProxy that runs",
        "sessions reach the wrong server, or end without need";
    HaproxyUnchecked = "haproxy-unchecked",
        "HAProxy checks each server of the cluster",
        "clients are sent to a server whatever its role, even if it is down";
    HaproxyTwoWriters = "haproxy-two-writers",
        "at most one server of `--writers` is up",
        "writers are spread over two servers, and what one of them takes is lost";
    HaproxyWrongWriter = "haproxy-wrong-writer",
        "the daemon of the server that HAProxy sends writers to answers `production`",
        "writers are sent to a server that does not take writes, or that is no longer the primary";
    HaproxyPrimaryUnused = "haproxy-primary-unused",
        "the server that answers `production` is up in `--writers`",
        "there is a primary, and no writer reaches it";
    FencingOff = "fencing-off",
        "`fencing-enabled`, or `stonith-enabled` before Pacemaker 3.0.2, is not false",
        "a primary that is cut off goes on taking writes beside the new one";
    FencingDevice = "fencing-device",
        "there is a stonith resource, or a watchdog with `fencing-watchdog-timeout` (`stonith-watchdog-timeout`)",
        "Pacemaker has nothing to fence with, so after a failure it promotes no server";
    FencingStopped = "fencing-stopped",
        "no stonith resource has `target-role=Stopped`",
        "Pacemaker does not fence with a device that is stopped";
    QuorumIgnored = "quorum-ignored",
        "`no-quorum-policy` is not `ignore`",
        "a part of the cluster that is cut off promotes a primary of its own";
    Maintenance = "maintenance",
        "neither the cluster nor a node nor the resource is in maintenance",
        "Pacemaker does nothing about a failure while this lasts";
    Unmanaged = "unmanaged",
        "the resource is managed",
        "Pacemaker looks at a resource, and neither starts, stops nor promotes it";
    NotPromotable = "not-promotable",
        "the resource (`pgsqlms`, or `pgsql` with `rep_mode`) is in a promotable clone",
        "Pacemaker promotes no server";
    NotifyOff = "notify-off",
        "the clone has `notify=true`, which a bundle does not need",
        "the agent compares servers in notifications, and without them refuses to work";
    PromotedMax = "promoted-max",
        "the clone has `promoted-max` 1",
        "Pacemaker would have two primaries";
    MonitorMissing = "monitor-missing",
        "the resource has a monitor for each role",
        "Pacemaker does not notice that a server in this role has failed";
    MonitorIntervals = "monitor-intervals",
        "the monitors of the two roles have different intervals",
        "Pacemaker takes two monitors with one interval for the same, and runs one of them";
    OperationTimeout = "operation-timeout",
        "each operation has a timeout",
        "Pacemaker's default of 20 s ends a slow start, stop or demotion, and fences the node";
    OperationTimeoutShort = "operation-timeout-short",
        "that timeout is at least 60 s for start, stop and notify, 30 s for promote, 120 s for demote, 10 s for monitor",
        "an operation that is slow under load counts as failed, and a stop that does fences the node";
    Clock = "clock",
        "the kernel's clock is synchronised, as `timedatectl` reports",
        "logs of different hosts cannot be compared, and certificates and `recovery_target_time` mean another time";
    SelinuxHaproxy = "selinux-haproxy",
        "`haproxy_connect_any` is on where SELinux is enforcing",
        "SELinux keeps HAProxy from the ports of PostgreSQL and of the checks";
}

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostFinding {
    /// Its kind.
    pub id: Id,
    /// What was seen, without a full stop.
    pub what: String,
    /// The command that mends it.
    pub remedy: String,
}
