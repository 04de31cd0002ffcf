//! The names of the keys that this version reads; knows nothing of their values.

use std::fmt;

/// A key in its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) table: &'static str,
    pub(super) name: &'static str,
}

impl Key {
    pub(super) const fn new(table: &'static str, name: &'static str) -> Self {
        Self { table, name }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.table, self.name)
    }
}

pub(super) const CONNINFO: Key = Key::new("postgres", "conninfo");
pub(super) const TIMEOUT: Key = Key::new("postgres", "timeout");
pub(super) const STATE: Key = Key::new("listen", "state");
pub(super) const HTTP: Key = Key::new("listen", "http");
pub(super) const AGENT: Key = Key::new("listen", "agent");
pub(super) const PRODUCTION: Key = Key::new("answer", "production");
pub(super) const STANDBY: Key = Key::new("answer", "standby");
pub(super) const MAX_AGE: Key = Key::new("answer", "max_age");
pub(super) const WHEN_FULL: Key = Key::new("answer", "when_full");
pub(super) const MAX_LAG: Key = Key::new("standby", "max_lag");
pub(super) const MAX_DELAY: Key = Key::new("standby", "max_delay");
pub(super) const REQUIRE_STREAMING: Key = Key::new("standby", "require_streaming");
pub(super) const ENTER_LAG: Key = Key::new("standby", "enter_lag");
pub(super) const ENTER_DELAY: Key = Key::new("standby", "enter_delay");
pub(super) const HOLD: Key = Key::new("standby", "hold");
pub(super) const DIALECT: Key = Key::new("http", "dialect");
pub(super) const STRICT: Key = Key::new("http", "strict");
pub(super) const PATRONI_NAMES: Key = Key::new("metrics", "patroni_names");
pub(super) const VIEW: Key = Key::new("agent", "view");
pub(super) const ALLOW: Key = Key::new("admission", "allow");
pub(super) const DENY: Key = Key::new("admission", "deny");
pub(super) const TRUSTED: Key = Key::new("admission", "trusted");
pub(super) const PER_CLIENT: Key = Key::new("admission", "per_client");
pub(super) const BURST: Key = Key::new("admission", "burst");
pub(super) const TOTAL: Key = Key::new("admission", "total");
pub(super) const MAX_CONNECTIONS: Key = Key::new("admission", "max_connections");
pub(super) const MAX_PER_CLIENT: Key = Key::new("admission", "max_connections_per_client");
pub(super) const REFUSE: Key = Key::new("admission", "refuse");
pub(super) const PROXY_PROTOCOL: Key = Key::new("admission", "proxy_protocol");
pub(super) const TOKEN_FILE: Key = Key::new("admission", "token_file");
pub(super) const NODES: Key = Key::new("cluster", "nodes");
pub(super) const HTTP_PORT: Key = Key::new("cluster", "http_port");
pub(super) const MAINTENANCE_FILE: Key = Key::new("guard", "maintenance_file");
pub(super) const QUORUM: Key = Key::new("guard", "quorum");
pub(super) const TWO_PRIMARIES: Key = Key::new("guard", "two_primaries");
pub(super) const GRACE: Key = Key::new("service", "grace");

/// What hints offer; a key that is read but not here could be set without ever being suggested.
pub(super) const OFFERED: [Key; 36] = [
    CONNINFO,
    TIMEOUT,
    STATE,
    HTTP,
    AGENT,
    PRODUCTION,
    STANDBY,
    MAX_AGE,
    WHEN_FULL,
    MAX_LAG,
    MAX_DELAY,
    REQUIRE_STREAMING,
    ENTER_LAG,
    ENTER_DELAY,
    HOLD,
    DIALECT,
    STRICT,
    PATRONI_NAMES,
    VIEW,
    ALLOW,
    DENY,
    TRUSTED,
    PER_CLIENT,
    BURST,
    TOTAL,
    MAX_CONNECTIONS,
    MAX_PER_CLIENT,
    REFUSE,
    PROXY_PROTOCOL,
    TOKEN_FILE,
    NODES,
    HTTP_PORT,
    MAINTENANCE_FILE,
    QUORUM,
    TWO_PRIMARIES,
    GRACE,
];

/// The tables of [`OFFERED`], each once.
pub(super) fn tables() -> Vec<&'static str> {
    let mut tables: Vec<_> = OFFERED.iter().map(|key| key.table).collect();
    tables.dedup();
    tables
}

/// The keys of [`OFFERED`] in a table.
pub(super) fn names(table: &str) -> Vec<&'static str> {
    let keys = OFFERED.iter().filter(|key| key.table == table);
    keys.map(|key| key.name).collect()
}
