//! The closed set of words that say why not: the same on the wire, in the log and in JSON; and what the
//! manual says of each.

macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($variant:ident => $word:literal, $meaning:literal;)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(#[doc = $meaning] $variant,)*
        }

        impl $name {
            /// Every variant, in the order of the manual.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word as clients read it.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// What it means, as the manual says it; what is code in it stands between backquotes.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => $meaning,)*
                }
            }
        }
    };
}

words! {
    /// Why an instance is neither a usable primary nor a standby.
    DownReason {
        Starting => "starting", "PostgreSQL starts";
        Recovering => "recovering",
            "it recovers from a crash, or a standby is not consistent yet or waits for a snapshot of the running transactions";
        ShuttingDown => "shutting-down", "it is being stopped: nobody new is let in";
        NotAccepting => "not-accepting",
            "it lets nobody in, and the daemon has seen too little to say why";
        NotHot => "not-hot", "a standby with `hot_standby = off`";
        NoSocket => "no-socket", "no Unix socket where `postgres.conninfo` says";
        Refused => "refused", "nobody listens on the port, or the socket is a dead server's";
        Unreachable => "unreachable", "the network has no way to the server";
        NoHost => "no-host", "the server's name does not resolve";
        Denied => "denied", "the operating system does not let the daemon open the socket";
        OtherServer => "other-server",
            "another server answers there than the one that runs in its data directory on this host";
        Timeout => "timeout", "no answer within `postgres.timeout`";
        Hung => "hung", "old sessions are answered, new ones are not";
        Full => "full", "no connection slot is free";
        Auth => "auth", "PostgreSQL refuses the daemon's role, password or address";
        NoDatabase => "no-database", "the database of `postgres.conninfo` is missing";
        DatabaseClosed => "database-closed",
            "the database of `postgres.conninfo` lets nobody connect (`ALLOW_CONNECTIONS false`), or its `DROP DATABASE` was interrupted";
        MissingFile => "missing-file",
            "a file that a session needs is missing: a library of `session_preload_libraries`, or a file of the data directory";
        Tls => "tls", "TLS failed, or the certificate does not prove the server";
        Lost => "lost", "the server ended the connection without a word";
        Maintenance => "maintenance", "an administrator has the server stand aside";
        NoQuorum => "no-quorum",
            "it is a primary, and Pacemaker says that its node has no quorum, or says nothing";
        TwoPrimaries => "two-primaries",
            "it is a primary, and another node has one of the same system with a newer timeline";
        ReadOnly => "read-only",
            "it is a primary whose `default_transaction_read_only` is on";
        Internal => "internal", "something unforeseen, or a named password file that cannot be read";
    }
}

words! {
    /// Why a hot standby does not meet the conditions of `[standby]`.
    LagReason {
        NotStreaming => "not-streaming",
            "no WAL receiver streams, so nothing bounds how far behind it is";
        NoGrant => "no-grant",
            "the receiver's figures may not be read: `GRANT pg_monitor` to the daemon's role";
        Paused => "paused", "replay is paused";
        Behind => "behind", "more WAL is known than `max_lag` allows to wait for replay";
        Delayed => "delayed", "known WAL waits longer for its replay than `max_delay`";
        Settling => "settling", "it lagged, and has met the conditions again for less than `hold`";
        Maintenance => "maintenance",
            "an administrator has the standby stand aside and keep its sessions";
    }
}
