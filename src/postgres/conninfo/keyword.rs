//! The keywords of libpq, the environment variable of each, and how each is treated here; knows no
//! values.

use Treatment::{NoEffect, OneOf, Only, Read};

/// How a keyword is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Treatment {
    /// It becomes part of the target.
    Read,
    /// It is accepted and has no effect: it is about something that the daemon bounds, fixes or lacks.
    NoEffect,
    /// Only the listed values, and an empty one, are accepted; any other value cannot be honoured, for
    /// the reason given.
    Only(&'static [&'static str], &'static str),
    /// Libpq's values in libpq's spelling: those that are accepted, and those that are refused, for the
    /// reason given. An empty value is refused.
    OneOf(
        &'static [&'static str],
        &'static [&'static str],
        &'static str,
    ),
}

/// Whether a keyword's value may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Secrecy {
    /// It may be shown in messages and logs.
    Open,
    /// It is never shown, nor is anything that follows it in a connection string.
    Secret,
}

macro_rules! keywords {
    ($($variant:ident = $name:literal, $variable:expr, $treatment:expr;)*) => {
        /// A keyword of libpq (PostgreSQL manual, "Parameter Key Words").
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Keyword {
            $(#[doc = concat!("`", $name, "`")] $variant,)*
        }

        impl Keyword {
            /// Every keyword, in the order of the manual.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The keyword as it is written in a connection string.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The variable that gives the value if the connection string does not (PostgreSQL manual, "Environment
            /// Variables").
            pub fn variable(self) -> Option<&'static str> {
                match self {
                    $(Self::$variant => $variable,)*
                }
            }

            pub(super) fn treatment(self) -> Treatment {
                match self {
                    $(Self::$variant => $treatment,)*
                }
            }
        }
    };
}

const OWN_JUDGEMENT: &str =
    "the daemon determines itself whether the server is a primary or a standby";
const NO_REPLICATION: &str =
    "the daemon asks ordinary questions, which a replication connection does not answer";
/// The spellings that a server reads as `false` (`parse_bool`): each unambiguous prefix.
const NOT_REPLICATING: &[&str] = &[
    "false", "fals", "fal", "fa", "f", "off", "of", "no", "n", "0",
];
const NO_GSSAPI: &str = "GSSAPI encryption is not available; use sslmode or a Unix socket";
const NO_KEY_LOG: &str = "the keys of a session are never written to a file";
const PROTOCOL_3_0: &str = "the daemon speaks version 3.0 of the protocol";
const OTHER_LOGIN: &str =
    "the daemon logs in by password, client certificate, peer or trust; use one of those";

keywords! {
    Host = "host", Some("PGHOST"), Read;
    HostAddr = "hostaddr", Some("PGHOSTADDR"), Read;
    Port = "port", Some("PGPORT"), Read;
    DbName = "dbname", Some("PGDATABASE"), Read;
    User = "user", Some("PGUSER"), Read;
    Password = "password", Some("PGPASSWORD"), Read;
    PassFile = "passfile", Some("PGPASSFILE"), Read;
    RequireAuth = "require_auth", Some("PGREQUIREAUTH"), Read;
    ChannelBinding = "channel_binding", Some("PGCHANNELBINDING"), Read;
    // `postgres.timeout` bounds the whole question.
    ConnectTimeout = "connect_timeout", Some("PGCONNECT_TIMEOUT"), NoEffect;
    // A login always asks for UTF-8.
    ClientEncoding = "client_encoding", Some("PGCLIENTENCODING"), NoEffect;
    Options = "options", Some("PGOPTIONS"), Read;
    ApplicationName = "application_name", Some("PGAPPNAME"), Read;
    FallbackApplicationName = "fallback_application_name", None, Read;
    // Every question has a deadline, which finds a dead connection before a keepalive would.
    Keepalives = "keepalives", None, NoEffect;
    KeepalivesIdle = "keepalives_idle", None, NoEffect;
    KeepalivesInterval = "keepalives_interval", None, NoEffect;
    KeepalivesCount = "keepalives_count", None, NoEffect;
    TcpUserTimeout = "tcp_user_timeout", None, NoEffect;
    Replication = "replication", None, Only(NOT_REPLICATING, NO_REPLICATION);
    GssEncMode = "gssencmode", Some("PGGSSENCMODE"), OneOf(&["disable", "prefer"], &["require"], NO_GSSAPI);
    SslMode = "sslmode", Some("PGSSLMODE"), Read;
    SslNegotiation = "sslnegotiation", Some("PGSSLNEGOTIATION"), Read;
    // TLS compression is obsolete; libpq ignores it too with any current OpenSSL.
    SslCompression = "sslcompression", Some("PGSSLCOMPRESSION"), NoEffect;
    SslCert = "sslcert", Some("PGSSLCERT"), Read;
    SslKey = "sslkey", Some("PGSSLKEY"), Read;
    SslKeyLogFile = "sslkeylogfile", None, Only(&[], NO_KEY_LOG);
    SslPassword = "sslpassword", None, Read;
    SslCertMode = "sslcertmode", Some("PGSSLCERTMODE"), Read;
    SslRootCert = "sslrootcert", Some("PGSSLROOTCERT"), Read;
    SslCrl = "sslcrl", Some("PGSSLCRL"), Read;
    SslCrlDir = "sslcrldir", Some("PGSSLCRLDIR"), Read;
    SslSni = "sslsni", Some("PGSSLSNI"), Read;
    RequirePeer = "requirepeer", Some("PGREQUIREPEER"), Read;
    SslMinProtocolVersion = "ssl_min_protocol_version", Some("PGSSLMINPROTOCOLVERSION"), Read;
    SslMaxProtocolVersion = "ssl_max_protocol_version", Some("PGSSLMAXPROTOCOLVERSION"), Read;
    MinProtocolVersion =
        "min_protocol_version", Some("PGMINPROTOCOLVERSION"), Only(&["3.0"], PROTOCOL_3_0);
    MaxProtocolVersion = "max_protocol_version", Some("PGMAXPROTOCOLVERSION"), NoEffect;
    // These have no effect without GSSAPI.
    KrbSrvName = "krbsrvname", Some("PGKRBSRVNAME"), NoEffect;
    GssLib = "gsslib", Some("PGGSSLIB"), NoEffect;
    GssDelegation = "gssdelegation", Some("PGGSSDELEGATION"), NoEffect;
    ScramClientKey = "scram_client_key", None, Only(&[], OTHER_LOGIN);
    ScramServerKey = "scram_server_key", None, Only(&[], OTHER_LOGIN);
    Service = "service", Some("PGSERVICE"), Read;
    ServiceFile = "servicefile", Some("PGSERVICEFILE"), Read;
    TargetSessionAttrs =
        "target_session_attrs", Some("PGTARGETSESSIONATTRS"), OneOf(
        &["any"],
        &["read-write", "read-only", "primary", "standby", "prefer-standby"],
        OWN_JUDGEMENT,
    );
    // This chooses among several hosts, and there is only one.
    LoadBalanceHosts = "load_balance_hosts", Some("PGLOADBALANCEHOSTS"), NoEffect;
    OauthIssuer = "oauth_issuer", None, Only(&[], OTHER_LOGIN);
    OauthClientId = "oauth_client_id", None, Only(&[], OTHER_LOGIN);
    OauthClientSecret = "oauth_client_secret", None, Only(&[], OTHER_LOGIN);
    OauthScope = "oauth_scope", None, Only(&[], OTHER_LOGIN);
    OauthCaFile = "oauth_ca_file", Some("PGOAUTHCAFILE"), NoEffect;
}

impl Keyword {
    /// Returns the variables that affect the target, in the order of the manual.
    pub fn variables() -> impl Iterator<Item = &'static str> {
        let read = Self::ALL
            .iter()
            .filter(|keyword| keyword.treatment() == Read);
        read.filter_map(|keyword| keyword.variable())
    }

    /// Returns the keyword of this name, in lower case as libpq demands.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|k| k.name() == name)
    }

    /// Returns the keyword that is probably meant by `name`.
    pub(super) fn nearest(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        Self::ALL
            .iter()
            .copied()
            .map(|keyword| (strsim::osa_distance(keyword.name(), &name), keyword))
            .min()
            .filter(|(distance, keyword)| *distance * 3 <= keyword.name().len())
            .map(|(_, keyword)| keyword)
    }

    pub(super) fn secrecy(self) -> Secrecy {
        if matches!(
            self,
            Self::Password
                | Self::SslPassword
                | Self::ScramClientKey
                | Self::ScramServerKey
                | Self::OauthClientSecret
        ) {
            Secrecy::Secret
        } else {
            Secrecy::Open
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_keyword_is_matched_with_the_nearest_one() {
        for (written, meant) in [
            ("prot", Some("port")),
            ("HOST", Some("host")),
            ("databse", None),
            ("db_name", Some("dbname")),
            ("pasword", Some("password")),
            ("ssl_mode", Some("sslmode")),
            ("zzzz", None),
            ("", None),
        ] {
            let nearest = Keyword::nearest(written).map(Keyword::name);
            assert_eq!(nearest, meant, "{written}");
        }
    }

    #[test]
    fn every_keyword_is_found_by_its_name_alone() {
        for keyword in Keyword::ALL {
            assert_eq!(Keyword::named(keyword.name()), Some(*keyword));
        }
        assert_eq!(Keyword::named("PORT"), None);
    }
}
