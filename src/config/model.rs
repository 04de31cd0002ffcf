//! Valid settings.
//!
//! There is one group for each table of the file. All can be compared, so that a reload finds out what changed:
//! `old.listen != new.listen`, for example, needs a restart.
//!
//! - [`defaults`]: their defaults.

mod defaults;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use crate::admit::{AccessList, ClusterKeys, Quotas, Rules, Token};
use crate::config::{HttpOptions, MetricNames, SlotSettings};

use crate::base::https::{self, CertificateDemand, MinTls};
use crate::health::{Policy, QuorumGuard, RoleWords, TwoPrimaries, View};

/// All settings. `T` is the result of the injected parser of `postgres.conninfo`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings<T> {
    /// `[postgres]`.
    pub postgres: Postgres<T>,
    /// `[listen]`.
    pub listen: Listen,
    /// `[answer]` but for `when_full` and `when_read_only`.
    pub answer: Answer,
    /// `[standby]`, `answer.when_full` and `answer.when_read_only`.
    pub policy: Policy,
    /// `http.dialect`, `http.strict` and `http.documents`.
    pub http: HttpOptions,
    /// The rest of `[http]`; `None` if HTTP is served without TLS.
    pub https: Option<Https>,
    /// `metrics.patroni_names`.
    pub metrics: MetricNames,
    /// `agent_check.view`.
    pub view: View,
    /// `[admission]`.
    pub admission: Admission,
    /// `[cluster]`.
    pub cluster: ClusterSettings,
    /// `[guard]`.
    pub guard: Guard,
    /// `[keeper]`.
    pub keeper: KeeperSettings,
    /// `[slots]`.
    pub slots: SlotSettings,
    /// `[service]`.
    pub service: ServiceSettings,
}

/// The server that is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Postgres<T> {
    /// `conninfo`, parsed.
    pub target: T,
    /// `timeout`: for the whole question; more than zero, at most [`LONGEST_TIMEOUT`].
    pub timeout: Duration,
}

/// Addresses to bind if systemd passes no socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    /// `state`; no two addresses of the three lists overlap.
    pub state: Vec<SocketAddr>,
    /// `http`.
    pub http: Vec<SocketAddr>,
    /// `agent_check`.
    pub agent: Vec<SocketAddr>,
}

impl Listen {
    /// The same with HTTP at the port that the other nodes ask, if it has no address. Usually systemd passes that socket.
    #[must_use]
    pub fn with_peers(&self, cluster: &ClusterSettings) -> Self {
        let mut listen = self.clone();
        if listen.http.is_empty() && !cluster.nodes.is_empty() {
            let everywhere = Ipv6Addr::UNSPECIFIED;
            listen.http.push((everywhere, cluster.http_port).into());
        }
        listen
    }
}

/// The words of answers, and how old an answer may be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// `production` and `standby`.
    pub words: RoleWords,
    /// `max_age`: at most [`LONGEST`]; zero means that every answer rests on a question asked after
    /// the check arrived.
    pub max_age: Duration,
}

/// TLS on the HTTP port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Https {
    /// `certificate_file`.
    pub certificate_file: PathBuf,
    /// `key_file`; `None` if the key is in the same file as the certificate.
    pub key_file: Option<PathBuf>,
    /// `client_ca_file` and `client_certificate`; `None` if clients need no certificate.
    pub clients: Option<ClientCertificates>,
    /// `min_tls`.
    pub min_tls: MinTls,
    /// The content of the files; read with the configuration.
    pub read: Option<ReadHttps>,
}

/// Which certificates clients have to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificates {
    /// `client_ca_file`.
    pub ca_file: PathBuf,
    /// `client_certificate`.
    pub demand: CertificateDemand,
}

/// The content of the files of [`Https`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadHttps {
    /// The server side, for clients.
    pub server: https::TlsServer,
    /// The client side, for requests of this host to its own daemon.
    pub own: https::TlsClient,
    /// The nodes of `[cluster]` as which the certificate identifies this host to the others.
    pub identifies: Vec<ClusterNode>,
}

/// Which clients may ask, how often, and how many at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// `deny`, `allow` and `trusted`.
    pub rules: Rules,
    /// `total`, `per_client` and `burst`.
    pub quotas: Quotas,
    /// `max_connections`.
    pub max_connections: Connections,
    /// `max_connections_per_client`.
    pub max_per_client: Connections,
    /// `refuse`.
    pub refuse: Refuse,
    /// `proxy_protocol`.
    pub header_peers: HeaderPeers,
    /// `token_file`.
    pub token_file: Option<PathBuf>,
    /// The content of `token_file`; read with the configuration.
    pub token: Option<Token>,
}

/// How a refused connection ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Refuse {
    /// It is closed with FIN, or reset by the kernel if the client's bytes are unread.
    #[default]
    Close,
    /// It is reset.
    Reset,
    /// It gets no response for half a second, then it is reset.
    Drop,
}

/// The peers that must send a PROXY header before anything else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderPeers {
    /// The peers on every socket whose port `by_port` does not name.
    pub everywhere: AccessList,
    /// The peers on sockets with this port.
    pub by_port: BTreeMap<u16, AccessList>,
}

impl HeaderPeers {
    /// Returns the peers on sockets with this port.
    #[must_use]
    pub fn at(&self, port: u16) -> &AccessList {
        self.by_port.get(&port).unwrap_or(&self.everywhere)
    }
}

/// The hosts of the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterSettings {
    /// `nodes`: no two have the same name or address.
    pub nodes: Vec<ClusterNode>,
    /// `http_port`: the port on which their daemons answer HTTP; never zero.
    pub http_port: u16,
    /// `key_file`.
    pub key_file: Option<PathBuf>,
    /// The content of `key_file`; read with the configuration.
    pub keys: Option<ClusterKeys>,
    /// `ca_file`.
    pub ca_file: Option<PathBuf>,
    /// TLS for the daemons' requests to one another, by `ca_file`; read with the configuration.
    pub tls: Option<https::TlsClient>,
}

/// A host with a PostgreSQL and a HAProxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterNode {
    /// The name that HAProxy and Pacemaker have for it.
    pub name: String,
    /// The address at which it is reached.
    pub address: IpAddr,
}

/// A number of connections, 1 to 65536.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Connections(NonZeroUsize);

/// What may turn `production` into `down`, and maintenance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// `maintenance_file`: an absolute path.
    pub maintenance_file: PathBuf,
    /// `quorum`.
    pub quorum: QuorumGuard,
    /// `quorum_file`.
    pub quorum_file: PathBuf,
    /// `two_primaries`: yielding requires nodes in [`ClusterSettings`] that authenticate themselves.
    pub two_primaries: TwoPrimaries,
}

/// What `pgsql-state keeper` watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeeperSettings {
    /// `resource`; `None` if it is the only one of its type.
    pub resource: Option<String>,
    /// `hung_after`; `None` if a server that hangs is not reported.
    pub hung_after: Option<Duration>,
    /// `give_back_after`.
    pub give_back_after: Duration,
}

/// How the service itself behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceSettings {
    /// `grace`: how long a stop waits for answers in progress; at most [`LONGEST`].
    pub grace: Duration,
}

/// Default of `postgres.timeout`.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(1);

/// The state port.
pub const DEFAULT_STATE_PORT: u16 = 5431;

/// The HTTP port, that of Patroni's REST API.
pub const DEFAULT_HTTP_PORT: u16 = 8008;

/// The longest wait that can be configured: load balancers give up long before, and systemd kills a
/// service that takes more than 90 s to stop (systemd-system.conf(5), `DefaultTimeoutStopSec=`).
pub const LONGEST: Duration = Duration::from_secs(60);

/// The longest `postgres.timeout`. The daemon checks three times in the 30 s of the shipped unit's watchdog that
/// questions go on; a question that may last longer than such an interval would look like a daemon that hangs.
pub const LONGEST_TIMEOUT: Duration = Duration::from_secs(10);

impl Default for Connections {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Connections {
    /// Returns `None` if the number is zero or more than [`Self::MOST`].
    #[must_use]
    pub fn new(number: u32) -> Option<Self> {
        let number = NonZeroUsize::new(usize::try_from(number).ok()?)?;
        (number.get() <= Self::MOST).then_some(Self(number))
    }

    /// The largest number: more connections are a mistake.
    pub const MOST: usize = 65536;

    const DEFAULT: Self = Self::known(1024);

    /// Somewhat more than a burst, so that clients that close their connections do not meet this limit first.
    const DEFAULT_PER_CLIENT: Self = Self::known(128);

    const fn known(number: usize) -> Self {
        Self(match NonZeroUsize::new(number) {
            Some(number) => number,
            None => NonZeroUsize::MIN,
        })
    }

    /// Returns the number.
    #[must_use]
    pub fn get(self) -> usize {
        self.0.get()
    }
}
