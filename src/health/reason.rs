//! The closed set of reasons after `down` and `lagging`, with what the manual says of each. A reason has the same
//! spelling on the wire, in the log and in JSON.

macro_rules! words {
    ($(#[$about:meta])* $name:ident, $third:ident is $third_about:literal
        { $($variant:ident => $word:literal, $meaning:literal, $more:literal;)* }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(#[doc = $meaning] $variant,)*
        }

        impl $name {
            /// Every variant, in the order of the manual.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The reason as clients read it.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// What the reason means, as the manual says it; code stands between backquotes.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => $meaning,)*
                }
            }

            #[doc = $third_about]
            #[must_use]
            pub fn $third(self) -> &'static str {
                match self {
                    $(Self::$variant => $more,)*
                }
            }
        }
    };
}

words! {
    /// Why an instance is neither a usable primary nor a standby.
    DownReason, look_at is "What an administrator should look at; code stands between backquotes." {
        Starting => "starting", "PostgreSQL starts", "its log, if this lasts";
        Recovering => "recovering",
            "it recovers from a crash; or it is a standby that is not consistent yet, or that waits for a snapshot of the running transactions (up to PostgreSQL 13 this is `starting`)",
            "its log; the archive, if this lasts";
        ShuttingDown => "shutting-down",
            "it is shutting down and refuses new connections",
            "whoever stops it";
        NotAccepting => "not-accepting",
            "it refuses connections, and the daemon has seen too little to say why",
            "its log";
        NotHot => "not-hot", "it is a standby with `hot_standby = off`", "that setting";
        NoSocket => "no-socket",
            "there is no Unix socket where `postgres.conninfo` says",
            "whether PostgreSQL is running; `unix_socket_directories`, port";
        Refused => "refused",
            "no process listens on the port, or the socket was left by a server that is gone",
            "whether PostgreSQL is running; `listen_addresses`";
        Unreachable => "unreachable",
            "there is no route to the server",
            "`postgres.conninfo`, routes, the unit's sandbox";
        NoHost => "no-host", "the server's name does not resolve", "`postgres.conninfo`, DNS";
        Denied => "denied",
            "the operating system does not permit the daemon to open the socket",
            "`unix_socket_permissions`, the unit's sandbox";
        OtherServer => "other-server",
            "another server answers there than the one that runs in its data directory on this host",
            "`postgres.conninfo`: its address may be a load balancer's";
        Timeout => "timeout",
            "there was no answer within `postgres.timeout`",
            "whether the server is frozen or swapped out, or its disk stuck";
        Hung => "hung",
            "existing sessions are answered, new ones are not",
            "the postmaster process: stopped, or stuck";
        Full => "full",
            "no connection slot is free",
            "`max_connections`, a pool that leaks; the `CONNECTION LIMIT` of the daemon's role or of the database; see `answer.when_full`";
        Auth => "auth",
            "PostgreSQL rejects the daemon's role, password or address",
            "`pg_hba.conf`, the role, the password file; `require_auth`, `requirepeer` and `channel_binding` of `postgres.conninfo`";
        NoDatabase => "no-database",
            "the database of `postgres.conninfo` does not exist",
            "that name";
        DatabaseClosed => "database-closed",
            "the database of `postgres.conninfo` accepts no connections (`ALLOW_CONNECTIONS false`), or its `DROP DATABASE` was interrupted",
            "`ALTER DATABASE … ALLOW_CONNECTIONS true`, or another database in `postgres.conninfo`";
        MissingFile => "missing-file",
            "a file that a session needs is missing: a library of `session_preload_libraries`, or a file of the data directory",
            "PostgreSQL's log; `session_preload_libraries`, also of the role and the database";
        Tls => "tls",
            "TLS failed, or the certificate does not prove the server",
            "`sslmode`, `sslrootcert`, the server's certificate";
        Lost => "lost", "the server closed the connection without a message", "its log";
        Maintenance => "maintenance",
            "an administrator has taken the server out of service",
            "`pgsql-state maintenance off` ends it";
        NoQuorum => "no-quorum",
            "it is a primary, and Pacemaker reports that its node has no quorum, or does not answer",
            "`crm_mon`; the network between the nodes";
        TwoPrimaries => "two-primaries",
            "it is a primary, and another node has a primary of the same system with a newer timeline",
            "which of the two is to stay; see `guard.two_primaries`";
        ReadOnly => "read-only",
            "it is a primary whose `default_transaction_read_only` is on",
            "that setting, of the server, the database or the role; see `answer.when_read_only`";
        Internal => "internal",
            "an unforeseen error, or a named password file that cannot be read",
            "the daemon's log";
    }
}

words! {
    /// Why a hot standby does not meet the conditions of `[standby]`.
    LagReason, condition is "The conditions of `[standby]` under which the reason is given." {
        NotStreaming => "not-streaming",
            "no WAL receiver streams, so its lag has no upper bound",
            "any";
        NoGrant => "no-grant",
            "the role may not read the WAL receiver's figures: `GRANT pg_monitor` to the daemon's role",
            "any";
        Paused => "paused", "replay is paused", "`max_lag` or `max_delay`";
        Behind => "behind", "more WAL waits for replay than `max_lag` allows", "`max_lag`";
        Delayed => "delayed",
            "WAL waits longer for its replay than `max_delay` allows",
            "`max_delay`";
        Settling => "settling",
            "it lagged, and has met the conditions again for less than `hold`",
            "any, with `hold`";
        Maintenance => "maintenance",
            "an administrator has taken the standby out of service; it keeps its sessions",
            "none";
    }
}
