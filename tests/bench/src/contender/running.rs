//! A started contender, the same for all: where it answers, what it runs in, which PostgreSQL it asks.

use std::time::Duration;

use super::Name;
use crate::client::Endpoint;
use crate::error::Error;
use crate::host::{Enclosure, Host};
use crate::postgres::Postgres;

/// Long enough for Patroni to make its cluster and to become its leader.
const STARTING: Duration = Duration::from_secs(60);

/// Ends with its processes when dropped.
pub(crate) struct Running {
    /// Which contender it is.
    pub(crate) name: Name,
    /// Where it answers.
    pub(crate) endpoint: Endpoint,
    /// Its processes.
    pub(crate) enclosure: Enclosure,
    /// The PostgreSQL it asks, if it asks one.
    pub(crate) postgres: Option<Postgres>,
}

impl Running {
    /// Starts a PostgreSQL with these libraries and settings, then what asks it, and waits for the
    /// first right answer.
    pub(super) fn asking_postgres(
        host: &Host,
        name: Name,
        settings: &[String],
        start: impl FnOnce(&mut Enclosure, &Postgres) -> Result<Endpoint, Error>,
    ) -> Result<Self, Error> {
        let mut enclosure = Enclosure::new(host, name.tag());
        let postgres = Postgres::start(host, name.tag(), &mut enclosure, settings)?;
        let endpoint = start(&mut enclosure, &postgres)?;
        let postgres = Some(postgres);
        Self {
            name,
            endpoint,
            enclosure,
            postgres,
        }
        .ready(host)
    }

    /// Waits for the first right answer.
    pub(super) fn ready(mut self, host: &Host) -> Result<Self, Error> {
        let Self {
            name,
            endpoint,
            enclosure,
            ..
        } = &mut self;
        let answered = host.interrupt.wait_for(STARTING, || {
            if enclosure.has_lost_a_process() {
                return Err(Error::Ended {
                    name: name.label().into(),
                    log: enclosure.log_end(),
                });
            }
            // Until it listens, being refused is what is to be expected.
            Ok(matches!(endpoint.ask(), Ok(true)).then_some(()))
        })?;
        match answered {
            Some(()) => Ok(self),
            None => Err(Error::NotReady {
                name: self.name.label().into(),
                seconds: STARTING.as_secs(),
                log: self.enclosure.log_end(),
            }),
        }
    }
}
