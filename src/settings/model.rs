//! Valid settings and their defaults; knows nothing of TOML or files.
//!
//! One group for each table of the file, all comparable, so that a reload can tell what changed:
//! `old.listen != new.listen`, say, needs a restart.

use std::net::{Ipv6Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use crate::answer::http::Manners;
use crate::role::{Policy, View, Words};

/// Everything an operator decides. `T` is what the injected parser makes of `postgres.conninfo`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings<T> {
    /// `[postgres]`.
    pub postgres: Postgres<T>,
    /// `[listen]`.
    pub listen: Listen,
    /// `[answer]` but for `when_full`.
    pub answer: Answer,
    /// `[standby]` and `answer.when_full`.
    pub policy: Policy,
    /// `[http]`.
    pub http: Manners,
    /// `agent.view`.
    pub view: View,
    /// `[admission]`.
    pub admission: Admission,
    /// `[guard]`.
    pub guard: Guard,
    /// `[service]`.
    pub service: Service,
}

impl<T> Settings<T> {
    /// The settings of an empty file, for a server that is already known.
    #[must_use]
    pub fn with_defaults(target: T) -> Self {
        Self {
            postgres: Postgres {
                target,
                timeout: DEFAULT_TIMEOUT,
            },
            listen: Listen::default(),
            answer: Answer::default(),
            policy: Policy::default(),
            http: Manners::default(),
            view: View::default(),
            admission: Admission::default(),
            guard: Guard::default(),
            service: Service::default(),
        }
    }
}

/// The server that is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Postgres<T> {
    /// `conninfo`, parsed.
    pub target: T,
    /// `timeout`: for the whole question; more than zero, at most [`LONGEST_TIMEOUT`].
    pub timeout: Duration,
}

/// Addresses to bind where systemd passed no socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    /// `state`: no two of all addresses cover the same port.
    pub state: Vec<SocketAddr>,
    /// `http`.
    pub http: Vec<SocketAddr>,
    /// `agent`.
    pub agent: Vec<SocketAddr>,
}

/// How answers are spelt, and how old they may be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// `production` and `standby`.
    pub words: Words,
    /// `max_age`: at most [`LONGEST`]; zero means that every answer rests on a question asked after
    /// the check arrived.
    pub max_age: Duration,
}

/// Who may ask, and how many at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Admission {
    /// `max_connections`.
    pub max_connections: Connections,
}

/// A number of connections, 1 to 65536.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Connections(NonZeroUsize);

/// What keeps a server from telling a role that it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// `maintenance_file`: an absolute path.
    pub maintenance_file: PathBuf,
}

/// How the service itself behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// `grace`: how long a stop waits for answers in flight; at most [`LONGEST`].
    pub grace: Duration,
}

/// Default of `postgres.timeout`.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(1);

/// The port that load balancers ask for the state.
pub const DEFAULT_STATE_PORT: u16 = 5431;

/// No wait of this program is longer: load balancers give up long before, and systemd ends a
/// service that takes more than 90 s to stop (systemd-system.conf(5), `DefaultTimeoutStopSec=`).
pub const LONGEST: Duration = Duration::from_secs(60);

/// The watchdog of the shipped unit looks three times in 30 s whether the asking goes on; a question
/// that may last longer than a look would read as a daemon that hangs.
pub const LONGEST_TIMEOUT: Duration = Duration::from_secs(10);

impl Connections {
    /// None where the number is zero or more than [`Self::MOST`].
    #[must_use]
    pub fn new(number: u32) -> Option<Self> {
        let number = NonZeroUsize::new(usize::try_from(number).ok()?)?;
        (number.get() <= Self::MOST).then_some(Self(number))
    }

    /// More than this many descriptors are a mistake, not a load balancer.
    pub const MOST: usize = 65536;

    const DEFAULT: NonZeroUsize = match NonZeroUsize::new(1024) {
        Some(number) => number,
        None => NonZeroUsize::MIN,
    };

    /// The plain number.
    #[must_use]
    pub fn get(self) -> usize {
        self.0.get()
    }
}

impl Default for Connections {
    fn default() -> Self {
        Self(Self::DEFAULT)
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

impl Default for Guard {
    fn default() -> Self {
        Self {
            maintenance_file: "/run/pgsql-state/maintenance".into(),
        }
    }
}

impl Default for Service {
    fn default() -> Self {
        Self {
            grace: Duration::from_secs(5),
        }
    }
}
