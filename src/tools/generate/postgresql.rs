//! A server's settings in a cluster without a virtual IP, for a file that its `postgresql.conf` includes;
//! opens no file.

use super::follow::past_haproxy;
use super::haproxy::{Numbers, ReplicationPath};
use super::{Identifier, Nodes, NodesError};
use crate::config::ClusterNode;
use crate::postgres::slot_name::SlotName;

/// The first version that reads a standby's settings here; those before it have `recovery.conf` (release
/// notes of `PostgreSQL` 12).
pub const FIRST: u16 = 12;

/// The newest version that is supported.
pub const LAST: u16 = 18;

/// The inputs of the settings.
#[derive(Clone, Debug)]
pub struct PostgresqlPlan {
    nodes: Nodes,
    node: ClusterNode,
    /// Major version of the server, from [`FIRST`] to [`LAST`].
    pub version: u16,
    /// How it reaches the primary while it is a standby.
    pub replication: ReplicationPath,
    /// The role with which it replicates.
    pub role: Identifier,
    /// The ports of the server and of its host's `HAProxy`.
    pub numbers: Numbers,
    /// Its replication slot on the primary; none if no slots are kept.
    pub slot: Option<SlotName>,
}

impl PostgresqlPlan {
    /// Plans the default settings of the server called `node`; an error if it is not in the cluster.
    pub fn new(nodes: Nodes, node: &str, role: Identifier) -> Result<Self, NodesError> {
        let node = nodes.named(node)?.clone();
        Ok(Self {
            nodes,
            node,
            version: LAST,
            replication: ReplicationPath::Own,
            role,
            numbers: Numbers::DEFAULT,
            slot: None,
        })
    }

    /// The settings, each with the reason for it.
    #[must_use]
    pub fn settings(&self) -> String {
        let name = &self.node.name;
        let mut text = format!(
            "# pgsql-state generate postgresql --node {name}\n\
             # For this server alone: keep it out of the data directory, which a base backup copies to other servers.\n"
        );
        let mut set = |why: &str, setting: &str, value: &str| {
            text.extend(["\n# ", why, "\n", setting, " = ", value, "\n"]);
        };
        set(
            "Clients come through the HAProxy of any host, and standbys from other hosts.",
            "listen_addresses",
            "'*'",
        );
        let why = format!(
            "HAProxy has {} for writers and {} for readers.",
            self.numbers.read_write, self.numbers.read_only
        );
        set(&why, "port", &self.numbers.postgres.to_string());
        let quoted_name = quoted(name);
        set(
            "Distinguishes servers in lists of processes.",
            "cluster_name",
            &quoted_name,
        );
        // A server without other nodes follows none.
        if let Some(conninfo) = self.primary_conninfo() {
            set(self.why(), "primary_conninfo", &quoted(&conninfo));
        }
        if let Some(slot) = &self.slot {
            set(
                "Its slot, which pgsql-state keeper has on every other server.",
                "primary_slot_name",
                &quoted(slot.as_str()),
            );
        }
        set(
            "A standby follows whichever server was promoted.",
            "recovery_target_timeline",
            "'latest'",
        );
        set(
            "A standby that has lost its primary looks for the next one so often; by default every 5 s. Commits that wait \
             for it\n# wait for that.",
            "wal_retrieve_retry_interval",
            "'200ms'",
        );
        set(
            "A standby accepts readers, and the question for its role.",
            "hot_standby",
            "on",
        );
        let (kept, size) = if self.version < 13 {
            ("wal_keep_segments", "64")
        } else {
            ("wal_keep_size", "'1GB'")
        };
        let why = match self.slot {
            None => "The WAL that a disconnected standby can still fetch: there is no slot for it.",
            Some(_) => "The WAL that a standby can still fetch whose slot is gone.",
        };
        set(why, kept, size);
        if self.slot.is_some() && self.version >= 13 {
            set(
                "The WAL that a slot keeps for a standby that is away. The disk needs room for it.",
                "max_slot_wal_keep_size",
                "'16GB'",
            );
        }
        set(
            "Lets pg_rewind bring back a former primary whose WAL has diverged.",
            "wal_log_hints",
            "on",
        );
        set(
            "After a crash Pacemaker decides what to do, and its agent detects the crash.",
            "restart_after_crash",
            "off",
        );
        text
    }

    fn why(&self) -> &'static str {
        match self.replication {
            ReplicationPath::Own | ReplicationPath::Prod => {
                "As a standby it finds the primary through its own HAProxy; the primary's agent identifies the \
                 standby\n# by its application_name, which is the name of its node."
            }
            ReplicationPath::Direct => {
                "As a standby it follows the first of the other servers that accepts writes. It is not in its own \
                 list: libpq\n# tries no further host after pg_hba.conf has rejected it. Pacemaker's agent identifies the \
                 standby by\n# its application_name, which is the name of its node."
            }
        }
    }

    fn primary_conninfo(&self) -> Option<String> {
        let ClusterNode { name, .. } = &self.node;
        let past_haproxy = past_haproxy(&self.nodes, &self.node, self.numbers.postgres)?;
        let by_haproxy = |port| format!("host=127.0.0.1 port={port} application_name={name}");
        let way = match self.replication {
            ReplicationPath::Own => by_haproxy(self.numbers.replication),
            ReplicationPath::Prod => by_haproxy(self.numbers.read_write),
            ReplicationPath::Direct => past_haproxy,
        };
        Some(format!("{way} user={}", self.role.literal()))
    }
}

/// A text in the form of `postgresql.conf`; names and roles contain no backslash and no newline.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(node: &str) -> Result<PostgresqlPlan, NodesError> {
        let nodes = ["srv1=10.20.30.51", "srv2=10.20.30.52", "srv3=10.20.30.53"];
        let nodes = nodes.map(|node| node.parse().unwrap());
        let nodes = Nodes::new(nodes.into()).unwrap();
        PostgresqlPlan::new(nodes, node, "postgres".parse().unwrap())
    }

    fn conninfo(replication: ReplicationPath) -> String {
        let mut plan = plan("srv2").unwrap();
        plan.replication = replication;
        let text = plan.settings();
        let mut lines = text.lines();
        let line = lines.find(|line| line.starts_with("primary_conninfo = "));
        line.unwrap().to_owned()
    }

    #[test]
    fn a_standby_reaches_the_primary_in_the_chosen_way_and_never_itself() {
        let own = "'host=127.0.0.1 port=5435 application_name=srv2 user=''postgres'''";
        assert_eq!(
            conninfo(ReplicationPath::Own),
            format!("primary_conninfo = {own}")
        );
        assert!(conninfo(ReplicationPath::Prod).contains("host=127.0.0.1 port=5432 "));
        let direct = conninfo(ReplicationPath::Direct);
        assert!(direct.contains("host=10.20.30.51,10.20.30.53 port=5434 "));
        assert!(direct.contains("target_session_attrs=read-write"));
    }

    #[test]
    fn kept_wal_is_set_with_the_setting_of_the_version() {
        let mut plan = plan("srv1").unwrap();
        for (version, setting) in [
            (12, "wal_keep_segments = 64"),
            (13, "wal_keep_size = '1GB'"),
        ] {
            plan.version = version;
            assert!(plan.settings().lines().any(|line| line == setting));
        }
    }

    #[test]
    fn the_slot_of_the_server_is_named_and_limited_where_the_version_can() {
        let mut plan = plan("srv1").unwrap();
        let has =
            |plan: &PostgresqlPlan, line: &str| plan.settings().lines().any(|one| one == line);
        assert!(!plan.settings().contains("primary_slot_name"));
        plan.slot = Some("pgsql_state_srv1".parse().unwrap());
        for (version, is_limited) in [(12, false), (13, true)] {
            plan.version = version;
            assert!(has(&plan, "primary_slot_name = 'pgsql_state_srv1'"));
            let limited = has(&plan, "max_slot_wal_keep_size = '16GB'");
            assert_eq!(limited, is_limited, "{version}");
        }
    }

    #[test]
    fn a_server_that_is_not_in_the_cluster_has_no_settings() {
        assert_eq!(plan("srv9").err(), Some(NodesError::Unknown("srv9".into())));
    }
}
