//! Which core is the servers' and which the client's, and how busy each is.

use std::fs;
use std::time::Duration;

use rustix::param::clock_ticks_per_second;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::error::Error;

const STAT: &str = "/proc/stat";

/// Two different cores.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cores {
    /// Every contender with its PostgreSQL.
    pub(crate) servers: usize,
    /// This process with its client.
    pub(crate) client: usize,
}

impl Cores {
    /// Takes the last usable core for the servers and the first, which also takes most interrupts,
    /// for this process and its threads to come.
    pub(crate) fn split() -> Result<Self, Error> {
        let usable =
            sched_getaffinity(None).map_err(|error| Error::io("read the usable cores", error))?;
        let mut cores = (0..CpuSet::MAX_CPU).filter(|core| usable.is_set(*core));
        let (Some(client), Some(servers)) = (cores.next(), cores.next_back()) else {
            return Err(Error::OneCore);
        };
        stay_on(client)?;
        Ok(Self { servers, client })
    }
}

/// Moves the calling thread, and those that it starts, to a core.
pub(crate) fn stay_on(core: usize) -> Result<(), Error> {
    let mut own = CpuSet::new();
    own.set(core);
    sched_setaffinity(None, &own).map_err(|error| Error::io(format!("move to core {core}"), error))
}

/// How long `core` has been busy since the machine started, whoever used it. Ticks of mostly 10 ms.
pub(crate) fn busy(core: usize) -> Result<Duration, Error> {
    let text = fs::read_to_string(STAT).map_err(Error::file(STAT))?;
    let ticks = busy_ticks(&text, core).ok_or_else(|| Error::Form {
        what: "a core's use",
        text: STAT.into(),
    })?;
    Ok(ticks_to_time(ticks))
}

/// Kernel clock ticks (`USER_HZ`, proc(5)) as time.
pub(crate) fn ticks_to_time(ticks: u64) -> Duration {
    Duration::from_micros(ticks.saturating_mul(1_000_000 / clock_ticks_per_second().max(1)))
}

/// The sum of user, nice, system, irq, softirq and steal of one core (proc(5), `/proc/stat`).
fn busy_ticks(stat: &str, core: usize) -> Option<u64> {
    const IDLE: usize = 3;
    const IOWAIT: usize = 4;
    const GUEST: usize = 8;
    let line = stat
        .lines()
        .find_map(|line| line.strip_prefix(&format!("cpu{core} ")))?;
    line.split_whitespace()
        .enumerate()
        .filter(|(field, _)| *field < GUEST && ![IDLE, IOWAIT].contains(field))
        .map(|(_, ticks)| ticks.parse::<u64>().ok())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn busy_is_everything_but_idle_iowait_and_what_guest_counts_twice() {
        let stat = "cpu  9 9 9 9 9 9 9 9 9 9\ncpu1 1 2 4 1000 2000 8 16 32 4000 8000\ncpu10 5 0\n";
        assert_eq!(busy_ticks(stat, 1), Some(63));
        assert_eq!(busy_ticks(stat, 10), Some(5));
        assert_eq!(busy_ticks(stat, 2), None);
    }
}
