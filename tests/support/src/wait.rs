//! Waiting for a condition, never for luck: the only place that sleeps.

use std::fmt::Display;
use std::thread;
use std::time::{Duration, Instant};

use crate::trouble::Trouble;

/// Pause between two looks: short beside anything the daemon promises in milliseconds.
const PAUSE: Duration = Duration::from_millis(5);

/// Waits until `condition` holds, at most for `deadline`; the error says `what` was waited for.
pub fn until(
    deadline: Duration,
    what: &str,
    mut condition: impl FnMut() -> bool,
) -> Result<(), Trouble> {
    until_ok(deadline, what, || {
        condition().then_some(()).ok_or("it did not happen")
    })
}

/// Waits until `attempt` succeeds and returns its value; the error says `what` was waited for and
/// why the last attempt failed. An attempt is made at least once.
pub fn until_ok<T, E: Display>(
    deadline: Duration,
    what: &str,
    attempt: impl FnMut() -> Result<T, E>,
) -> Result<T, Trouble> {
    until_ok_every(PAUSE, deadline, what, attempt)
}

/// [`until_ok`] with a pause of one's own, where looking costs something.
pub fn until_ok_every<T, E: Display>(
    pause: Duration,
    deadline: Duration,
    what: &str,
    mut attempt: impl FnMut() -> Result<T, E>,
) -> Result<T, Trouble> {
    let start = Instant::now();
    loop {
        match attempt() {
            Ok(value) => return Ok(value),
            Err(seen) if start.elapsed() >= deadline => {
                return Err(Trouble::Waited {
                    what: what.into(),
                    waited: start.elapsed(),
                    seen: seen.to_string(),
                });
            }
            Err(_) => sleep(pause),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the harness has no event loop that a sleep could hold up"
)]
pub(crate) fn sleep(pause: Duration) {
    thread::sleep(pause);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_is_the_first_success() {
        let mut tries = 0;
        let value = until_ok(Duration::from_secs(10), "the third try", || {
            tries += 1;
            (tries == 3).then_some("done").ok_or("too early")
        });
        assert_eq!(value.unwrap(), "done");
        assert_eq!(tries, 3);
    }

    #[test]
    fn a_vain_wait_says_what_for_and_what_was_seen() {
        let said = until_ok(Duration::ZERO, "srv2 to stream", || {
            Err::<(), _>("it is in catchup")
        })
        .unwrap_err()
        .to_string();
        assert!(said.starts_with("waited "), "{said}");
        assert!(
            said.ends_with(" for srv2 to stream, but it is in catchup"),
            "{said}"
        );
    }
}
