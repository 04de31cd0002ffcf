//! The names of the keys that this version reads, their defaults, and the sentence of the manual about each;
//! knows nothing of how a value is read.

use std::fmt;

use KeyDefault::{Described, Value};

/// A key in its table, and what the manual says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The table, as in `[postgres]`.
    pub table: &'static str,
    /// The key in it.
    pub name: &'static str,
    /// The default.
    pub default: KeyDefault,
    /// What the key decides; code stands between backquotes.
    pub meaning: &'static str,
}

/// The default of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyDefault {
    /// A value, as it would be written in the file.
    Value(&'static str),
    /// A default that no value expresses, in words; code stands between backquotes.
    Described(&'static str),
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.table, self.name)
    }
}

macro_rules! keys {
    ($($constant:ident = $table:literal, $name:literal, $default:expr, $meaning:literal;)*) => {
        $(pub(super) const $constant: Key = Key {
            table: $table,
            name: $name,
            default: $default,
            meaning: $meaning,
        };)*

        /// Every key, in the order of the manual, table by table.
        pub const KEYS: &[Key] = &[$($constant),*];
    };
}

keys! {
    CONNINFO = "postgres", "conninfo", Described("as for `psql`"),
        "connection string or URL; a service, `PG*` variables and the password file supply what is missing";
    TIMEOUT = "postgres", "timeout", Value("\"1s\""), "time limit for a whole question, at most `\"10s\"`";

    STATE = "listen", "state", Value("[\"[::]:5431\"]"), "addresses of the state port, where systemd passes no socket";
    HTTP = "listen", "http", Value("[]"), "addresses for HTTP, where systemd passes no socket";
    AGENT = "listen", "agent_check", Value("[]"), "addresses for agent-checks, where systemd passes no socket";

    PRODUCTION = "answer", "production", Value("\"production\""), "the word for a primary";
    STANDBY = "answer", "standby", Value("\"standby\""), "the word for a standby";
    MAX_AGE = "answer", "max_age", Value("\"0s\""),
        "greatest age of the question that an answer rests on; 0: asked after the check arrived";
    WHEN_FULL = "answer", "when_full", Value("\"keep\""),
        "no connection slot free: keep the role, or `\"down\"`";
    WHEN_READ_ONLY = "answer", "when_read_only", Value("\"keep\""),
        "a primary with `default_transaction_read_only = on`: keep the role, or `\"down\"`";

    MAX_LAG = "standby", "max_lag", Described("off"), "greatest amount of WAL, in bytes, that is known and not replayed";
    MAX_DELAY = "standby", "max_delay", Described("off"),
        "longest time that WAL may wait for its replay";
    REQUIRE_STREAMING = "standby", "require_streaming", Value("false"), "a standby must stream";
    ENTER_LAG = "standby", "enter_lag", Described("as `max_lag`"),
        "narrower limit that a lagging standby has to meet to be `standby` again";
    ENTER_DELAY = "standby", "enter_delay", Described("as `max_delay`"), "the same limit for the delay";
    HOLD = "standby", "hold", Value("\"0s\""),
        "how long it has to meet these limits first, at most `\"1h\"`";

    DIALECT = "http", "dialect", Value("\"patroni\""),
        "whose paths are answered; `\"xinetd\"` and `\"cnpg\"` add theirs";
    STRICT = "http", "strict", Value("true"), "how literally paths and limits are taken";
    DOCUMENTS = "http", "documents", Value("\"all\""),
        "who gets `/state` and `/metrics`: `\"all\"` clients, or `\"trusted\"`, those of `admission.trusted`";
    CERTIFICATE_FILE = "http", "certificate_file", Described("none: no TLS"),
        "the certificate for TLS, followed by its intermediate certificates";
    HTTP_KEY_FILE = "http", "key_file", Described("`certificate_file`"), "its private key";
    CLIENT_CA_FILE = "http", "client_ca_file", Described("none"),
        "the certificate authorities for clients' certificates";
    CLIENT_CERTIFICATE = "http", "client_certificate", Described("`\"required\"` with `client_ca_file`"),
        "`\"optional\"`: a client without a certificate is answered too";
    MIN_TLS = "http", "min_tls", Value("\"1.2\""), "the oldest version of TLS that is accepted, or `\"1.3\"`";

    PATRONI_NAMES = "metrics", "patroni_names", Value("false"),
        "whether `/metrics` has Patroni's names too";

    VIEW = "agent_check", "view", Value("\"ro\""),
        "the view of a load balancer that does not send `rw`, `ro` or `ro-sync`";

    DENY = "admission", "deny", Value("[]"), "addresses and networks that are refused";
    ALLOW = "admission", "allow", Value("[]"), "addresses and networks that may ask; empty: all";
    TRUSTED = "admission", "trusted", Value("[]"),
        "addresses and networks without limits: the load balancers";
    PER_CLIENT = "admission", "per_client", Value("\"50/s\""),
        "connections per second of each other client, at each port";
    BURST = "admission", "burst", Value("100"), "how many of these may arrive at once";
    TOTAL = "admission", "total", Value("\"2000/s\""),
        "connections per second of all other clients together, at each port";
    MAX_CONNECTIONS = "admission", "max_connections", Value("1024"),
        "open connections at each port; with `trusted`, a quarter is reserved for these";
    MAX_PER_CLIENT = "admission", "max_connections_per_client", Value("128"),
        "open connections of each other client, at each port";
    REFUSE = "admission", "refuse", Value("\"close\""),
        "how refused connections end: `\"close\"`, `\"reset\"`, or `\"drop\"`: closed after half a second without a response";
    PROXY_PROTOCOL = "admission", "proxy_protocol", Value("[]"),
        "peers that send a PROXY header, and have to; `{ PORT = [...] }` for one port";
    TOKEN_FILE = "admission", "token_file", Described("none"),
        "a file with a secret that each client has to send first; over HTTP in `Authorization: Bearer`. Of two, each on a \
         line of its own, either is right";

    NODES = "cluster", "nodes", Value("[]"),
        "the hosts, `{ name = \"srv1\", address = \"10.20.30.51\" }`; `\"@haproxy\"` in a list stands for them, \
         and their daemons ask one another";
    HTTP_PORT = "cluster", "http_port", Value("8008"), "the port on which the daemons of `cluster.nodes` ask one another";
    KEY_FILE = "cluster", "key_file", Described("none"),
        "a file with a key that the daemons of all nodes share, by which they prove themselves to one another";
    CA_FILE = "cluster", "ca_file", Described("none: no TLS"),
        "the certificate authorities for the nodes' certificates; with it the daemons ask one another over TLS";

    MAINTENANCE_FILE = "guard", "maintenance_file", Value("\"/run/pgsql-state/maintenance\""),
        "while this file exists, the server is in maintenance";
    QUORUM = "guard", "quorum", Value("\"off\""),
        "`\"pacemaker\"`: a primary is `production` only while Pacemaker reports that its node has quorum";
    QUORUM_FILE = "guard", "quorum_file", Value("\"/run/pgsql-state/pacemaker/quorum\""),
        "the file in which `pgsql-state quorum` writes Pacemaker's answer";
    TWO_PRIMARIES = "guard", "two_primaries", Value("\"report\""),
        "`\"yield\"`: a primary is `down` while another one has a newer timeline; needs `cluster.key_file` or `cluster.ca_file`";

    RESOURCE = "keeper", "resource", Described("the only `pgsqlms`"),
        "the primitive that `pgsql-state keeper` watches";
    HUNG_AFTER = "keeper", "hung_after", Value("\"10s\""),
        "how long the postmaster has to answer no connection to its Unix socket until Pacemaker is told; `\"off\"`: never";
    GIVE_BACK_AFTER = "keeper", "give_back_after", Value("\"15s\""),
        "how long a server whose primary ended is kept off its node, unless another one is promoted earlier";

    MODE = "slots", "mode", Value("\"off\""),
        "`\"nodes\"`: `pgsql-state keeper` has a replication slot for each other node on every node; needs `cluster.key_file` or `cluster.ca_file`";
    PREFIX = "slots", "prefix", Value("\"pgsql_state_\""),
        "how the names of these slots begin; an inactive physical slot with this beginning that is no node's is dropped";
    ALSO = "slots", "also", Value("[]"),
        "physical slots that are kept on every node for others, such as `\"barman\"`";
    KEEP_ABSENT = "slots", "keep_absent", Value("\"30min\""),
        "how long the slot of a node is kept that is not heard, from `\"1min\"` on";
    CAP = "slots", "cap", Described("PostgreSQL's `max_slot_wal_keep_size`"),
        "most WAL that an inactive slot may hold; needed where `max_slot_wal_keep_size` is -1";
    SLOTS_ROLE = "slots", "role", Value("\"hacluster\""),
        "the role with `REPLICATION` as which the keeper logs in to the server of `postgres.conninfo`";
    DAEMON_USER = "slots", "daemon_user", Value("\"pgsql-state\""),
        "the user as which the daemon runs; who else than it and root listens on its port is not asked";

    GRACE = "service", "grace", Value("\"5s\""),
        "how long a stop waits for answers in progress, at most `\"60s\"`";
}

/// Returns the tables of [`KEYS`], each once.
pub(super) fn tables() -> Vec<&'static str> {
    let mut tables: Vec<_> = KEYS.iter().map(|key| key.table).collect();
    tables.dedup();
    tables
}

/// Returns the names of a table's keys in [`KEYS`].
pub(super) fn names(table: &str) -> Vec<&'static str> {
    let keys = KEYS.iter().filter(|key| key.table == table);
    keys.map(|key| key.name).collect()
}
