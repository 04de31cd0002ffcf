//! The first answer of a daemon that its first client starts, as systemd does it for a socket unit.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::contender::Ours;
use crate::error::Error;
use crate::host::{Enclosure, Host, ports};
use crate::postgres::Postgres;

/// How often it is measured; odd, so that the median is one of the figures.
const TIMES: usize = 11;

/// How long the helper may take until it listens.
const LISTENING: Duration = Duration::from_secs(10);

/// From connect to the end of the first answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Activation {
    /// The middle one.
    pub(crate) median: Duration,
    /// The worst.
    pub(crate) slowest: Duration,
}

impl Activation {
    /// Starts the daemon by a connection, again and again.
    pub(crate) fn measure(host: &Host, ours: &Ours, postgres: &Postgres) -> Result<Self, Error> {
        let mut waits = (1..=TIMES)
            .map(|number| first_answer(host, ours, postgres, number))
            .collect::<Result<Vec<_>, _>>()?;
        waits.sort_unstable();
        Ok(Self {
            median: waits.get(TIMES / 2).copied().unwrap_or_default(),
            slowest: waits.last().copied().unwrap_or_default(),
        })
    }
}

fn first_answer(
    host: &Host,
    ours: &Ours,
    postgres: &Postgres,
    number: usize,
) -> Result<Duration, Error> {
    let address = ports::free()?;
    let daemon = ours.command(host, postgres, None)?;
    let mut activate = Command::new("systemd-socket-activate");
    activate
        .args(["--fdname=state", "--listen", &address.to_string()])
        .arg(daemon.get_program())
        .args(daemon.get_args());
    let mut enclosure = Enclosure::new(host, &format!("activation-{number}"));
    enclosure.spawn(&activate)?;
    let not_ready = |limit: Duration| Error::NotReady {
        name: "pgsql-state behind systemd-socket-activate".into(),
        seconds: limit.as_secs(),
        log: enclosure.log_end(),
    };
    host.interrupt
        .wait_for(
            LISTENING,
            || Ok(ports::is_listening(address)?.then_some(())),
        )?
        .ok_or_else(|| not_ready(LISTENING))?;
    let began = Instant::now();
    match Ours::endpoint(address).ask() {
        Ok(true) => Ok(began.elapsed()),
        Ok(false) | Err(_) => Err(not_ready(crate::client::PATIENCE)),
    }
}
