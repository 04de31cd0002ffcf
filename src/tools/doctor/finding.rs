//! The kinds of findings: each with a name that does not change, what is examined, and why it matters.

macro_rules! findings {
    ($($variant:ident = $word:literal, $checks:literal, $why:literal;)*) => {
        /// A kind of finding.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Id {
            $(#[doc = concat!("`", $word, "`: ", $why)] $variant,)*
        }

        impl Id {
            /// Every kind, in the order in which the report lists them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name of the kind, for people, programs and the manual.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// What is examined: the rest of a sentence that begins with "whether". Code in it stands between
            /// backquotes.
            #[must_use]
            pub fn checks(self) -> &'static str {
                match self {
                    $(Self::$variant => $checks,)*
                }
            }

            /// Why it matters, as one sentence.
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
    RecoveryTarget = "recovery-target",
        "no setting ends a standby's replay early (`recovery_target`, `recovery_target_time` and the like) or promotes it (`promote_trigger_file`)",
        "after a promotion the server lacks what its primary has acknowledged, or it becomes a second primary by itself";
    RestartAfterCrash = "restart-after-crash",
        "`restart_after_crash` is off if Pacemaker manages the server",
        "after a crash the server restarts on its own while Pacemaker decides what to do";
    SlotsUncapped = "slots-uncapped",
        "`max_slot_wal_keep_size` is set if there are replication slots",
        "the WAL that is kept for a disconnected standby fills the disk of the primary, which then stops";
    SlotsNoCap = "slots-no-cap",
        "`slots.cap` or `max_slot_wal_keep_size` is set if `slots.mode` is `nodes`",
        "the keeper makes no slot, because the WAL that it holds could fill the disk";
    SlotMissing = "slot-missing",
        "the server has each slot that `[slots]` wants",
        "after a promotion of this server the standby of that slot lacks WAL, and has to be copied";
    SlotLost = "slot-lost",
        "no slot has the `wal_status` `lost`",
        "WAL that its standby needs is gone, and the standby has to be copied or fed from an archive";
    SlotUnreserved = "slot-unreserved",
        "each physical slot has a `restart_lsn`",
        "a slot that no standby has used yet keeps no WAL for it";
    SlotXmin = "slot-xmin",
        "no physical slot that is not in use has an `xmin`",
        "`VACUUM` removes no dead row that is younger, and tables grow";
    SlotInactive = "slot-inactive",
        "each slot of a primary is in use",
        "the WAL that it holds grows until it reaches a limit or the disk is full";
    SlotOrphaned = "slot-orphaned",
        "each slot with `slots.prefix` is another node's",
        "the keeper drops it when no session uses it, whoever made it";
    SlotForeign = "slot-foreign",
        "a standby has no idle slot beside those of `[slots]`",
        "nobody moves it on, so it holds WAL until a limit is reached or the disk is full";
    WalKeep = "wal-keep",
        "`wal_keep_size` (`wal_keep_segments`) is set if there is neither a slot nor an archive",
        "a standby that was disconnected for a few minutes misses WAL that is already removed, and must be rebuilt";
    PrimaryConninfoMissing = "primary-conninfo-missing",
        "`primary_conninfo` is set",
        "as a standby, also after a failover, this server follows no primary";
    ApplicationName = "application-name",
        "`application_name` in `primary_conninfo`, or `cluster_name` without Pacemaker, is the node's name in Pacemaker or `cluster.nodes`",
        "resource agents and synchronous replication identify a standby by its node's name";
    PrimaryConninfoOwn = "primary-conninfo-own",
        "no host in `primary_conninfo` is this server's own port on this host",
        "as a standby this server would replicate from itself, or try no other host after it has rejected its own connection";
    HbaError = "hba-error",
        "`pg_hba_file_rules` shows no line with an error",
        "PostgreSQL does not load a file with such a line on a reload, and does not start with it";
    HbaSelf = "hba-self",
        "no rule permits replication from the socket or from an address of this host, unless a rule before it rejects that",
        "a standby that connects to itself, even briefly, replicates from itself and misses what the primary writes";
    DaemonUnreachable = "daemon-unreachable",
        "the daemon of this host answers at its address in `cluster.nodes`",
        "load balancers that check this address consider this server down";
    DaemonDown = "daemon-down",
        "the daemon of this host does not answer `down`",
        "load balancers send no clients to this server";
    NodeUnreachable = "node-unreachable",
        "the daemons of the other nodes answer at their addresses",
        "a load balancer on this host considers that server down";
    UnreachableFrom = "unreachable-from",
        "the daemons of the other nodes, which ask one another on `cluster.http_port`, report that they reach this one",
        "a load balancer on that host considers this server down, and that host does not see a second primary here";
    HaproxyFile = "haproxy-file",
        "`lint haproxy` finds nothing in `--haproxy-config` (`/etc/haproxy/haproxy.cfg`) for the HAProxy release that runs",
        "sessions reach the wrong server, or are closed unnecessarily";
    HaproxyUnchecked = "haproxy-unchecked",
        "HAProxy checks each server of the cluster",
        "clients are sent to a server whatever its role, even if it is down";
    HaproxyTwoWriters = "haproxy-two-writers",
        "at most one server of `--writers` is up",
        "writers are spread over two servers, and what is written to one of them is lost";
    HaproxyWrongWriter = "haproxy-wrong-writer",
        "the daemon of the server that HAProxy sends writers to answers `production`",
        "writers are sent to a server that does not accept writes, or that is no longer the primary";
    HaproxyPrimaryUnused = "haproxy-primary-unused",
        "the server that answers `production` is up in `--writers`",
        "there is a primary, and no writer reaches it";
    FencingOff = "fencing-off",
        "`fencing-enabled`, or `stonith-enabled` before Pacemaker 3.0.2, is not false",
        "a primary that is cut off continues to accept writes beside the new one";
    FencingDevice = "fencing-device",
        "there is a stonith resource, or a watchdog with `fencing-watchdog-timeout` (`stonith-watchdog-timeout`)",
        "Pacemaker has nothing to fence with, so after a failure it promotes no server";
    FencingStopped = "fencing-stopped",
        "no stonith resource has `target-role=Stopped`",
        "Pacemaker does not fence with a stopped device";
    QuorumIgnored = "quorum-ignored",
        "`no-quorum-policy` is not `ignore`",
        "a part of the cluster that is cut off promotes a primary of its own";
    Maintenance = "maintenance",
        "neither the cluster nor a node nor the resource is in maintenance",
        "Pacemaker does not react to a failure in maintenance";
    Unmanaged = "unmanaged",
        "the resource is managed",
        "Pacemaker monitors an unmanaged resource, but does not start, stop or promote it";
    NotPromotable = "not-promotable",
        "the resource (`pgsqlms`, or `pgsql` with `rep_mode`) is in a promotable clone",
        "Pacemaker promotes no server";
    NotifyOff = "notify-off",
        "the clone has `notify=true`, which a bundle does not need",
        "the agent compares servers in notifications, and refuses to work without them";
    PromotedMax = "promoted-max",
        "the clone has `promoted-max` 1",
        "Pacemaker would have two primaries";
    MonitorMissing = "monitor-missing",
        "the resource has a monitor for each role",
        "Pacemaker does not notice that a server in this role has failed";
    MonitorIntervals = "monitor-intervals",
        "the monitors of the two roles have different intervals",
        "Pacemaker treats two monitors with the same interval as one, and runs only one of them";
    OperationTimeout = "operation-timeout",
        "each operation has a timeout",
        "Pacemaker's default of 20 s ends a slow start, stop or demotion as failed, and a failed stop fences the node";
    OperationTimeoutShort = "operation-timeout-short",
        "the timeout is at least 60 s for start, stop and notify, 30 s for promote, 120 s for demote, 10 s for monitor",
        "an operation that is slow under load fails, and a failed stop fences the node";
    DaemonInHaclient = "daemon-in-haclient",
        "neither `pgsql-state.service` nor a drop-in of it makes the daemon a member of `haclient`",
        "members of that group can command Pacemaker, and through it root on every node, and the daemon answers untrusted clients";
    Clock = "clock",
        "the kernel's clock is synchronised, as `timedatectl` reports",
        "logs of different hosts cannot be compared, and certificates and `recovery_target_time` are judged by the wrong time";
    SelinuxHaproxy = "selinux-haproxy",
        "`haproxy_connect_any` is on where SELinux is enforcing",
        "SELinux denies HAProxy connections to the ports of PostgreSQL and of the checks";
}

/// A fault that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostFinding {
    /// The kind of the finding.
    pub id: Id,
    /// What was found, without a full stop.
    pub what: String,
    /// The command that fixes it.
    pub remedy: String,
}
