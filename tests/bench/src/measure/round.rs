//! One contender at one width once: load, and what it cost.

use std::thread;
use std::time::{Duration, Instant};

use super::watch::Watch;
use crate::client::{Load, Tally, Until};
use crate::contender::Running;
use crate::error::Error;
use crate::host::account::Account;
use crate::host::{Host, cores};
use crate::postgres::Counts;

/// Load that is not counted, so that the shared session is open and caches are warm.
const WARM_UP: Duration = Duration::from_millis(300);

/// How long abandoned checks may take to end before the next contender's turn.
const SETTLING: Duration = Duration::from_secs(60);

/// A contender is at rest when it used less than a fiftieth of its core for this long.
const QUIET: Duration = Duration::from_millis(100);

/// The raw figures of one stretch of load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Round {
    /// Right answers, the late ones included.
    pub(crate) answers: u32,
    /// Checks that failed or took over two seconds.
    pub(crate) lost: u32,
    /// Right answers a second until the time was up.
    pub(crate) rate: f64,
    /// How long costs were counted: the load and the wait for its last answers.
    pub(crate) counted: Duration,
    /// Half of the answers came within this time; `None` without an answer.
    pub(crate) p50: Option<Duration>,
    /// 99 of 100 answers came within this time.
    pub(crate) p99: Option<Duration>,
    /// CPU time of the contender with its PostgreSQL, ended children included.
    pub(crate) cpu: Duration,
    /// CPU time that others used on the servers' core.
    pub(crate) others: Duration,
    /// CPU time used on the client's core, by whomever.
    pub(crate) client: Duration,
    /// Memory of the processes that are there for the checks, in kB.
    pub(crate) memory: u32,
    /// Right answers during which PostgreSQL counted: those of the warm-up too.
    pub(crate) counted_answers: u32,
    /// Statements and sessions in PostgreSQL; `None` for a contender without one.
    pub(crate) postgres: Option<Counts>,
    /// The most backends seen at once.
    pub(crate) most_backends: u32,
}

impl Round {
    /// Puts `width` clients on `running` for `length`, after a warm-up and with a rest behind it.
    pub(crate) fn measure(
        host: &Host,
        running: &Running,
        width: u32,
        length: Duration,
    ) -> Result<Self, Error> {
        let account = running.enclosure.account();
        // Counting ends the sessions, so it stands before the warm-up, whose answers count for it too.
        let counts_before = counts(host, running)?;
        let warm_up = load(host, running, width, Until::Elapsed(WARM_UP))?;
        settle(host, account)?;

        let before = Used::now(host, running)?;
        let (tally, seen) = thread::scope(|scope| {
            let watch = Watch::begin(scope, account, length);
            let tally = load(host, running, width, Until::Elapsed(length));
            let seen = watch.end();
            Ok::<_, Error>((tally?, seen?))
        })?;
        let used = Used::now(host, running)?.since(before);
        let counts_after = counts(host, running)?;
        settle(host, account)?;

        Ok(Self {
            answers: tally.answers(),
            lost: tally.losses(),
            rate: tally.rate(),
            counted: used.clock,
            p50: tally.percentile(50),
            p99: tally.percentile(99),
            cpu: used.contender,
            others: used.servers_core.saturating_sub(used.contender),
            client: used.client_core,
            memory: seen.memory,
            counted_answers: warm_up.answers().saturating_add(tally.answers()),
            postgres: counts_after
                .zip(counts_before)
                .map(|(after, before)| Counts {
                    statements: after.statements.saturating_sub(before.statements),
                    sessions: after.sessions.saturating_sub(before.sessions),
                }),
            most_backends: seen.most_backends,
        })
    }
}

/// Clocks that only go forward.
#[derive(Clone, Copy)]
struct Used {
    clock: Duration,
    contender: Duration,
    servers_core: Duration,
    client_core: Duration,
}

impl Used {
    fn now(host: &Host, running: &Running) -> Result<Self, Error> {
        Ok(Self {
            clock: host.started.elapsed(),
            contender: running.enclosure.account().cpu()?,
            servers_core: cores::busy(host.cores.servers)?,
            client_core: cores::busy(host.cores.client)?,
        })
    }

    fn since(self, before: Self) -> Self {
        Self {
            clock: self.clock.saturating_sub(before.clock),
            contender: self.contender.saturating_sub(before.contender),
            servers_core: self.servers_core.saturating_sub(before.servers_core),
            client_core: self.client_core.saturating_sub(before.client_core),
        }
    }
}

fn load(host: &Host, running: &Running, width: u32, until: Until) -> Result<Tally, Error> {
    Load::new(&running.endpoint, width, &host.interrupt)?.run(until)
}

fn counts(host: &Host, running: &Running) -> Result<Option<Counts>, Error> {
    running
        .postgres
        .as_ref()
        .map(|postgres| postgres.counts(host))
        .transpose()
}

/// Waits until the contender has done with checks that were given up, so that they cost nobody else.
fn settle(host: &Host, account: &Account) -> Result<(), Error> {
    let mut since = Instant::now();
    let mut used = account.cpu()?;
    host.interrupt.wait_for(SETTLING, || {
        if since.elapsed() < QUIET {
            return Ok(None);
        }
        let now = account.cpu()?;
        let quiet = now.saturating_sub(used) < QUIET / 50;
        (since, used) = (Instant::now(), now);
        Ok(quiet.then_some(()))
    })?;
    Ok(())
}
