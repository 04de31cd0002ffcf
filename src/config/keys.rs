//! The names of the keys that this version reads, what holds where the file has none of them, and the
//! sentence of the manual about each; knows nothing of how a value is read.

use std::fmt;

use Usual::{Value, Words};

/// A key in its table, and what the manual says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The table, as in `[postgres]`.
    pub table: &'static str,
    /// The key in it.
    pub name: &'static str,
    /// What holds where the file does not have it.
    pub usual: Usual,
    /// What it decides; what is code in it stands between backquotes.
    pub meaning: &'static str,
}

/// What holds where a key is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usual {
    /// This value, as it would be written in the file.
    Value(&'static str),
    /// What no value says; what is code in it stands between backquotes.
    Words(&'static str),
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.table, self.name)
    }
}

macro_rules! keys {
    ($($constant:ident = $table:literal, $name:literal, $usual:expr, $meaning:literal;)*) => {
        $(pub(super) const $constant: Key = Key {
            table: $table,
            name: $name,
            usual: $usual,
            meaning: $meaning,
        };)*

        /// Every key, in the order of the manual, table by table.
        pub const KEYS: &[Key] = &[$($constant),*];
    };
}

keys! {
    CONNINFO = "postgres", "conninfo", Words("as for `psql`"),
        "connection string or URL; a service, `PG*` variables and the password file fill what is missing";
    TIMEOUT = "postgres", "timeout", Value("\"1s\""), "for the whole question, at most `\"10s\"`";

    STATE = "listen", "state", Value("[\"[::]:5431\"]"), "addresses, where systemd passes no socket";
    HTTP = "listen", "http", Value("[]"), "the same for HTTP";
    AGENT = "listen", "agent", Value("[]"), "the same for agent-checks";

    PRODUCTION = "answer", "production", Value("\"production\""), "the word for a primary";
    STANDBY = "answer", "standby", Value("\"standby\""), "the word for a standby";
    MAX_AGE = "answer", "max_age", Value("\"0s\""),
        "oldest question an answer may rest on; 0: asked after the check came";
    WHEN_FULL = "answer", "when_full", Value("\"keep\""),
        "no connection slot free: keep the role, or `\"down\"`";
    WHEN_READ_ONLY = "answer", "when_read_only", Value("\"keep\""),
        "a primary with `default_transaction_read_only = on`: keep the role, or `\"down\"`";

    MAX_LAG = "standby", "max_lag", Words("off"), "most WAL, in bytes, known but not replayed";
    MAX_DELAY = "standby", "max_delay", Words("off"),
        "longest time that known WAL may wait for its replay";
    REQUIRE_STREAMING = "standby", "require_streaming", Value("false"), "a standby must stream";
    ENTER_LAG = "standby", "enter_lag", Words("as `max_lag`"),
        "narrower limit for a standby that lags and would be one again";
    ENTER_DELAY = "standby", "enter_delay", Words("as `max_delay`"), "the same for the time";
    HOLD = "standby", "hold", Value("\"0s\""),
        "how long it must be within them first, at most `\"1h\"`";

    DIALECT = "http", "dialect", Value("\"patroni\""),
        "whose paths are answered; `\"xinetd\"` and `\"cnpg\"` add theirs";
    STRICT = "http", "strict", Value("true"), "how literally paths and limits are taken";
    DOCUMENTS = "http", "documents", Value("\"all\""),
        "who gets `/state` and `/metrics`: `\"all\"` who may ask, or `\"trusted\"`, those of `admission.trusted`";
    CERTIFICATE_FILE = "http", "certificate_file", Words("none: no TLS"),
        "the certificate for TLS, and those between it and its authority";
    HTTP_KEY_FILE = "http", "key_file", Words("`certificate_file`"), "its private key";
    CLIENT_CA_FILE = "http", "client_ca_file", Words("none"),
        "the authorities that vouch for clients' certificates";
    CLIENT_CERTIFICATE = "http", "client_certificate", Words("`\"required\"` with `client_ca_file`"),
        "`\"optional\"`: a client without one is answered too";
    MIN_TLS = "http", "min_tls", Value("\"1.2\""), "the oldest version of TLS, or `\"1.3\"`";

    PATRONI_NAMES = "metrics", "patroni_names", Value("false"),
        "whether `/metrics` tells the server by Patroni's names too";

    VIEW = "agent", "view", Value("\"ro\""),
        "what a load balancer wants that does not say `rw`, `ro` or `ro-sync`";

    DENY = "admission", "deny", Value("[]"), "addresses and networks that are never answered";
    ALLOW = "admission", "allow", Value("[]"), "those that may ask; empty: everyone";
    TRUSTED = "admission", "trusted", Value("[]"),
        "those that are never limited: the load balancers";
    PER_CLIENT = "admission", "per_client", Value("\"50/s\""),
        "connections a second of each other client";
    BURST = "admission", "burst", Value("100"), "how many of them may come at once";
    TOTAL = "admission", "total", Value("\"2000/s\""),
        "connections a second of all other clients together";
    MAX_CONNECTIONS = "admission", "max_connections", Value("1024"),
        "connections at once; with `trusted`, a quarter is kept for them";
    MAX_PER_CLIENT = "admission", "max_connections_per_client", Value("128"),
        "how many of them one other client may have";
    REFUSE = "admission", "refuse", Value("\"close\""),
        "how the refused are ended: `\"close\"`, `\"reset\"`, or `\"drop\"`: after half a second of silence";
    PROXY_PROTOCOL = "admission", "proxy_protocol", Value("[]"),
        "peers that send a PROXY header, and must; `{ PORT = [...] }` for one port";
    TOKEN_FILE = "admission", "token_file", Words("none"),
        "a file with a secret that each client must send first; over HTTP in `Authorization: Bearer`";

    NODES = "cluster", "nodes", Value("[]"),
        "the hosts, `{ name = \"srv1\", address = \"10.20.30.51\" }`; lists know them as `\"@haproxy\"`, \
         and their daemons ask one another";
    HTTP_PORT = "cluster", "http_port", Value("8008"), "where they ask";
    KEY_FILE = "cluster", "key_file", Words("none"),
        "a file with a key that the daemons of all nodes share, by which they prove themselves to one another";
    CA_FILE = "cluster", "ca_file", Words("none: no TLS"),
        "the authorities that vouch for the nodes' certificates; with it they ask one another over TLS";

    MAINTENANCE_FILE = "guard", "maintenance_file", Value("\"/run/pgsql-state/maintenance\""),
        "while it exists, the server stands aside";
    QUORUM = "guard", "quorum", Value("\"off\""),
        "`\"pacemaker\"`: a primary is told only while Pacemaker says that its node has quorum";
    QUORUM_FILE = "guard", "quorum_file", Value("\"/run/pgsql-state/pacemaker/quorum\""),
        "where `pgsql-state quorum` notes it";
    TWO_PRIMARIES = "guard", "two_primaries", Value("\"report\""),
        "`\"yield\"`: a primary is not told beside another one with a newer timeline; needs `cluster.key_file` or `cluster.ca_file`";

    GRACE = "service", "grace", Value("\"5s\""),
        "how long a stop waits for answers under way, at most `\"60s\"`";
}

/// The tables of [`KEYS`], each once.
pub(super) fn tables() -> Vec<&'static str> {
    let mut tables: Vec<_> = KEYS.iter().map(|key| key.table).collect();
    tables.dedup();
    tables
}

/// The keys of [`KEYS`] in a table.
pub(super) fn names(table: &str) -> Vec<&'static str> {
    let keys = KEYS.iter().filter(|key| key.table == table);
    keys.map(|key| key.name).collect()
}
