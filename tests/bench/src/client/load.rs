//! So many clients at once in a closed loop, in one thread over one epoll; knows nothing of what the
//! answers cost.

use std::io;
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event};
use rustix::fd::OwnedFd;
use rustix::io::Errno;

use super::endpoint::{End, Endpoint, PATIENCE};
use super::exchange::{Exchange, Step};
use super::tally::Tally;
use crate::error::Error;
use crate::interrupt::Interrupt;

/// How often slow checks are given up; also how long a client rests that was refused, lest a dead
/// server be counted a million times.
const TICK: Duration = Duration::from_millis(50);
const TICK_TIMEOUT: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 50_000_000,
};

/// When a stretch of load ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Until {
    /// After this time.
    Elapsed(Duration),
    /// After so many checks, answered or lost: without answers it would never end.
    Checks(u32),
}

/// A stretch of load on one contender.
pub(crate) struct Load<'a> {
    endpoint: &'a Endpoint,
    interrupt: &'a Interrupt,
    epoll: OwnedFd,
    clients: Vec<Client>,
    tally: Tally,
    phase: Phase,
}

enum Client {
    Resting(Vec<u8>),
    Busy(Exchange),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// A client that was answered asks again.
    Asking,
    /// The time is up; who still waits is answered or lost. Not to wait for them would hide that a
    /// contender answers some at once and others never.
    Draining,
}

impl<'a> Load<'a> {
    /// `width` clients for `endpoint`.
    pub(crate) fn new(
        endpoint: &'a Endpoint,
        width: u32,
        interrupt: &'a Interrupt,
    ) -> Result<Self, Error> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)
            .map_err(|error| Error::io("make the client's epoll", error))?;
        let clients = (0..width)
            .map(|_| Client::Resting(Vec::with_capacity(64)))
            .collect();
        let tally = Tally::default();
        Ok(Self {
            endpoint,
            interrupt,
            epoll,
            clients,
            tally,
            phase: Phase::Asking,
        })
    }

    /// Asks without a pause until the end, then waits for the answers that are still to come.
    pub(crate) fn run(mut self, until: Until) -> Result<Tally, Error> {
        let began = Instant::now();
        let mut last_tick = began;
        let mut events = Vec::with_capacity(self.clients.len());
        self.wake_resting()?;
        loop {
            if self.phase == Phase::Asking && self.is_over(until, began) {
                self.tally.time_is_up(began.elapsed());
                self.phase = Phase::Draining;
            }
            if self.phase == Phase::Draining && !self.clients.iter().any(Client::is_busy) {
                self.tally.sort();
                return Ok(self.tally);
            }
            events.clear();
            match epoll::wait(
                &self.epoll,
                spare_capacity(&mut events),
                Some(&TICK_TIMEOUT),
            ) {
                Ok(_) | Err(Errno::INTR) => (),
                Err(error) => return Err(Error::io("wait for answers", error)),
            }
            for event in &events {
                self.handle(event)?;
            }
            if last_tick.elapsed() >= TICK {
                last_tick = Instant::now();
                self.interrupt.check()?;
                self.give_up_slow()?;
                self.wake_resting()?;
            }
        }
    }

    fn is_over(&self, until: Until, began: Instant) -> bool {
        match until {
            Until::Elapsed(duration) => began.elapsed() >= duration,
            Until::Checks(checks) => {
                self.tally.answers().saturating_add(self.tally.losses()) >= checks
            }
        }
    }

    fn handle(&mut self, event: &Event) -> Result<(), Error> {
        let slot = event.data.u64();
        let index = usize::try_from(slot).unwrap_or(usize::MAX);
        let Some(Client::Busy(exchange)) = self.clients.get_mut(index) else {
            return Ok(());
        };
        match exchange.proceed(event.flags, self.endpoint, &self.epoll, slot) {
            Step::Pending => Ok(()),
            Step::Answered => {
                self.tally.answered(exchange.began.elapsed());
                match (self.endpoint.end, self.phase) {
                    (End::Close, _) | (End::EmptyLine, Phase::Draining) => self.begin(slot),
                    (End::EmptyLine, Phase::Asking) => {
                        if exchange.again(self.endpoint).is_err() {
                            self.tally.lost();
                            self.close(slot);
                        }
                        Ok(())
                    }
                }
            }
            Step::Failed => {
                self.tally.lost();
                self.close(slot);
                Ok(())
            }
        }
    }

    fn give_up_slow(&mut self) -> Result<(), Error> {
        for slot in self.slots_of(|client| client.waits_longer_than(PATIENCE)) {
            self.tally.lost();
            self.begin(slot)?;
        }
        Ok(())
    }

    fn wake_resting(&mut self) -> Result<(), Error> {
        for slot in self.slots_of(|client| !client.is_busy()) {
            self.begin(slot)?;
        }
        Ok(())
    }

    fn slots_of(&self, wanted: impl Fn(&Client) -> bool) -> Vec<u64> {
        let slots = (0..)
            .zip(&self.clients)
            .filter(|(_, client)| wanted(client));
        slots.map(|(slot, _)| slot).collect()
    }

    /// Closes what the client had and, while there is time, connects anew; a refusal counts as lost
    /// and lets it rest.
    fn begin(&mut self, slot: u64) -> Result<(), Error> {
        let buffer = self.close(slot);
        if self.phase == Phase::Draining {
            return Ok(());
        }
        match Exchange::begin(self.endpoint, &self.epoll, slot, buffer) {
            Ok(exchange) => self.replace(slot, Client::Busy(exchange)),
            Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => {
                return Err(Error::OutOfPorts);
            }
            Err(_) => {
                self.tally.lost();
                None
            }
        };
        Ok(())
    }

    /// Closes what the client had, and hands out its buffer.
    fn close(&mut self, slot: u64) -> Vec<u8> {
        match self.replace(slot, Client::Resting(Vec::new())) {
            Some(Client::Resting(buffer)) => buffer,
            Some(Client::Busy(exchange)) => exchange.close(),
            None => Vec::new(),
        }
    }

    fn replace(&mut self, slot: u64, by: Client) -> Option<Client> {
        let client = self.clients.get_mut(usize::try_from(slot).ok()?)?;
        Some(std::mem::replace(client, by))
    }
}

impl Client {
    const fn is_busy(&self) -> bool {
        match self {
            Self::Busy(_) => true,
            Self::Resting(_) => false,
        }
    }

    fn waits_longer_than(&self, limit: Duration) -> bool {
        match self {
            Self::Busy(exchange) => exchange.began.elapsed() > limit,
            Self::Resting(_) => false,
        }
    }
}

#[cfg(test)]
mod tests;
