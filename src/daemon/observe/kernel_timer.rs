//! A timer for pauses of less than a millisecond, the resolution of the runtime's timers; does not know
//! what the pause is for.

use std::io;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::io::read;
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use tokio::io::unix::AsyncFd;

/// A timer of the kernel (`timerfd_create(2)`).
#[derive(Debug)]
pub(super) struct KernelTimer(AsyncFd<OwnedFd>);

impl KernelTimer {
    pub(super) fn new() -> io::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        #[expect(
            deprecated,
            reason = "the successor is unsafe, for types whose descriptor may change; std's owned \
                      descriptor is one for life, and unsafe code is forbidden here"
        )]
        AsyncFd::new(timer).map(Self)
    }

    /// Waits until `moment`; returns at once if it has passed.
    pub(super) async fn until(&self, moment: Instant) -> io::Result<()> {
        let left = moment.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        timerfd_settime(&self.0, TimerfdTimerFlags::empty(), &once_after(left))?;
        loop {
            let mut ready = self.0.readable().await?;
            let mut expirations = [0; 8];
            match ready.try_io(|timer| Ok(read(timer, &mut expirations)?)) {
                Ok(outcome) => return outcome.map(drop),
                // The readiness is left over from an earlier pause.
                Err(_would_block) => {}
            }
        }
    }
}

fn once_after(delay: Duration) -> Itimerspec {
    let never = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    Itimerspec {
        it_interval: never,
        it_value: Timespec {
            tv_sec: delay.as_secs().try_into().unwrap_or(i64::MAX),
            tv_nsec: delay.subsec_nanos().into(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_pause_is_not_rounded_up_to_a_millisecond() {
        let timer = KernelTimer::new().unwrap();
        let pause = Duration::from_micros(300);
        let mut shortest = Duration::MAX;
        for _ in 0..50 {
            let begun = Instant::now();
            timer.until(begun + pause).await.unwrap();
            let lasted = begun.elapsed();
            assert!(lasted >= pause, "{lasted:?}");
            shortest = shortest.min(lasted);
        }
        assert!(shortest < Duration::from_millis(1), "{shortest:?}");
    }

    #[tokio::test]
    async fn a_moment_that_has_passed_is_not_waited_for() {
        let timer = KernelTimer::new().unwrap();
        timer.until(Instant::now()).await.unwrap();
    }
}
