//! Composes the status line of `systemctl status`: role, lag, and whether the last reload failed; does not know
//! how the line reaches systemd.

use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::time;

use crate::base::units;
use crate::daemon::observe::{Observation, ObservationRequest, Observer};
use crate::daemon::systemd::notify;
use crate::health::Verdict;

/// Least time between two status lines: there can be thousands of observations a second.
const INTERVAL: Duration = Duration::from_secs(1);

/// Longest time without a check; after it the server is asked in order to refresh the status line.
const REFRESH_INTERVAL: Duration = Duration::from_secs(60);

/// Sends the status line to systemd whenever it changes; returns only when the observer ends.
pub(super) async fn report(mut observer: Observer, mut note: watch::Receiver<Option<String>>) {
    let mut sent = String::new();
    loop {
        // Without checks nothing else asks the server, and the line would show an old state.
        let seen = observer.ask(refresh_request()).await;
        let line = describe(&seen, note.borrow_and_update().as_deref());
        if line != sent {
            notify::status(&line);
            sent = line;
        }
        time::sleep(INTERVAL).await;
        tokio::select! {
            open = observer.changed() => if !open { return },
            Ok(()) = note.changed() => {}
            () = time::sleep(REFRESH_INTERVAL) => {}
        }
    }
}

/// A request for an observation that is at most [`REFRESH_INTERVAL`] old.
fn refresh_request() -> ObservationRequest {
    ObservationRequest {
        arrived: Instant::now(),
        max_age: REFRESH_INTERVAL,
        timeout: REFRESH_INTERVAL,
    }
}

fn describe(seen: &Observation, note: Option<&str>) -> String {
    let state = match seen.verdict {
        Verdict::Production => "production".to_owned(),
        Verdict::Standby => "standby".to_owned(),
        Verdict::Lagging(reason) => format!("lagging {}", reason.word()),
        Verdict::Down(reason) => format!("down {}", reason.word()),
    };
    let lag = seen.lag().map(|lag| format!(", {} behind", lag.roughly()));
    let delay = seen.delay.map(|delay| {
        let whole = Duration::from_secs(delay.as_secs());
        format!(", for {}", units::show_duration(whole))
    });
    let note = note.map(|note| format!(" ({note})"));
    [Some(state), lag, delay, note]
        .into_iter()
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::{
        ConnectionSlots, Depth, DownReason, LagReason, Lsn, Receiver, Replay, Replication, Standby,
        State,
    };

    #[test]
    fn the_line_begins_with_the_role_and_ends_with_a_note() {
        let down = Observation::down(Instant::now(), DownReason::NoSocket);
        assert_eq!(describe(&down, None), "down no-socket");
        assert_eq!(
            describe(&down, Some("bad configuration")),
            "down no-socket (bad configuration)"
        );
    }

    #[test]
    fn the_line_of_a_standby_shows_lag_and_delay() {
        let replication = Some(Replication {
            receiver: Receiver::Streaming {
                primary_end: Some(Lsn(17 << 20)),
            },
            received: Some(Lsn(17 << 20)),
            replayed: Some(Lsn(1 << 20)),
            replay: Replay::Running,
            last_commit_age: None,
        });
        let seen = Observation {
            asked_at: Instant::now(),
            state: State::Standby(ConnectionSlots::Free, Standby { replication }),
            delay: Some(Duration::from_millis(3700)),
            transactions: None,
            ordered: None,
            quorum: None,
            rival: None,
            sync: None,
            contacts: Vec::new(),
            depth: Depth::Figures,
            details: None,
            verdict: Verdict::Lagging(LagReason::Behind),
        };
        assert_eq!(describe(&seen, None), "lagging behind, 16MB behind, for 3s");
    }
}
