//! The closed set of words that say why not: the same on the wire, in the log and in JSON.

macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident => $word:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$doc])* $variant,)*
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
        }
    };
}

words! {
    /// Why an instance is neither a usable primary nor a standby.
    DownReason {
        /// The server starts.
        Starting => "starting",
        /// The server recovers: from a crash, or a standby that is not yet consistent.
        Recovering => "recovering",
        /// The server is being stopped.
        ShuttingDown => "shutting-down",
        /// The server lets nobody in (57P03), and nothing seen so far tells why.
        NotAccepting => "not-accepting",
        /// A standby with `hot_standby = off`.
        NotHot => "not-hot",
        /// No Unix socket at the configured path.
        NoSocket => "no-socket",
        /// Nobody listens at the configured port.
        Refused => "refused",
        /// The network has no way to the server.
        Unreachable => "unreachable",
        /// The server's host name does not resolve.
        NoHost => "no-host",
        /// The operating system does not let the daemon open the socket.
        Denied => "denied",
        /// The server did not answer within `postgres.timeout`.
        Timeout => "timeout",
        /// An old session is answered, new connections are not.
        Hung => "hung",
        /// No connection slot is free.
        Full => "full",
        /// The server does not accept the daemon's role, password or address.
        Auth => "auth",
        /// The database of `postgres.conninfo` does not exist.
        NoDatabase => "no-database",
        /// TLS failed, or the certificate does not prove the server.
        Tls => "tls",
        /// The server ended the connection without a word.
        Lost => "lost",
        /// An administrator has it stand aside.
        Maintenance => "maintenance",
        /// It is a primary, and its node has no quorum or does not know of any.
        NoQuorum => "no-quorum",
        /// It is a primary, and another server of its system is one with a newer timeline.
        TwoPrimaries => "two-primaries",
        /// Something unforeseen, or a named password file that cannot be read; the log says what.
        Internal => "internal",
    }
}

words! {
    /// Why a hot standby does not meet the conditions of `[standby]`.
    LagReason {
        /// No WAL receiver streams, so nothing bounds how far behind it is.
        NotStreaming => "not-streaming",
        /// The receiver's figures need the role `pg_monitor`.
        NoGrant => "no-grant",
        /// Replay is paused.
        Paused => "paused",
        /// More than `max_lag` behind.
        Behind => "behind",
        /// More than `max_delay` behind.
        Delayed => "delayed",
        /// It lagged, and has met the conditions again for less than `hold`.
        Settling => "settling",
        /// An administrator has it stand aside.
        Maintenance => "maintenance",
    }
}
