//! The defaults of the settings.

use std::net::{Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::time::Duration;

use super::{
    Admission, ClusterSettings, Connections, DEFAULT_HTTP_PORT, DEFAULT_STATE_PORT, Guard,
    HeaderPeers, KeeperSettings, Listen, Refuse, ServiceSettings,
};
#[cfg(test)]
use super::{Answer, DEFAULT_TIMEOUT, Postgres, Settings};
use crate::admit::{Quotas, Rules};
#[cfg(test)]
use crate::config::{HttpOptions, MetricNames, SlotSettings};
#[cfg(test)]
use crate::health::{Policy, View};
use crate::health::{QuorumGuard, TwoPrimaries};

#[cfg(test)]
impl<T> Settings<T> {
    /// Returns the settings of an empty file for a server that is already known.
    pub(in crate::config) fn with_defaults(target: T) -> Self {
        Self {
            postgres: Postgres {
                target,
                timeout: DEFAULT_TIMEOUT,
            },
            listen: Listen::default(),
            answer: Answer::default(),
            policy: Policy::default(),
            http: HttpOptions::default(),
            https: None,
            metrics: MetricNames::default(),
            view: View::default(),
            admission: Admission::default(),
            cluster: ClusterSettings::default(),
            guard: Guard::default(),
            keeper: KeeperSettings::default(),
            slots: SlotSettings::default(),
            service: ServiceSettings::default(),
        }
    }
}

impl Default for Admission {
    fn default() -> Self {
        let number = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        Self {
            rules: Rules::default(),
            quotas: Quotas {
                total: number(2000),
                per_client: number(50),
                burst: number(100),
            },
            max_connections: Connections::DEFAULT,
            max_per_client: Connections::DEFAULT_PER_CLIENT,
            refuse: Refuse::default(),
            header_peers: HeaderPeers::default(),
            token_file: None,
            token: None,
        }
    }
}

impl Default for Listen {
    fn default() -> Self {
        Self {
            state: vec![SocketAddr::from((
                Ipv6Addr::UNSPECIFIED,
                DEFAULT_STATE_PORT,
            ))],
            http: Vec::new(),
            agent: Vec::new(),
        }
    }
}

impl Default for ClusterSettings {
    fn default() -> Self {
        Self {
            nodes: Vec::new(),
            http_port: DEFAULT_HTTP_PORT,
            key_file: None,
            keys: None,
            ca_file: None,
            tls: None,
        }
    }
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            maintenance_file: "/run/pgsql-state/maintenance".into(),
            quorum: QuorumGuard::default(),
            quorum_file: "/run/pgsql-state/pacemaker/quorum".into(),
            two_primaries: TwoPrimaries::default(),
        }
    }
}

impl Default for KeeperSettings {
    fn default() -> Self {
        Self {
            resource: None,
            hung_after: Some(Duration::from_secs(10)),
            give_back_after: Duration::from_secs(15),
        }
    }
}

impl Default for ServiceSettings {
    fn default() -> Self {
        Self {
            grace: Duration::from_secs(5),
        }
    }
}
