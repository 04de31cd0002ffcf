//! The status of an HTTP request in each case, by the daemon's own reading of requests; knows no expectation.

use std::time::Duration;

use hyper::Uri;

use super::case::Case;
use crate::answer::http::{Facts, plan_of};
use crate::config::HttpOptions;
use crate::health::{
    ConnectionSlots, DownReason, Lsn, Receiver, Replay, Replication, RoleWords, Standby, State,
    SyncState,
};

/// Where the WAL of the primary and of its standby ends.
const END: Lsn = Lsn(1 << 30);

/// What commits may wait for. A path for one of them is met by a standby of that kind.
const SYNC: [SyncState; 3] = [SyncState::Sync, SyncState::Quorum, SyncState::Async];

/// The status of the response. Another program answers 404 to everything.
pub(super) fn status(method: &str, target: &str, case: Case) -> u16 {
    let Some((verdict, ordered)) = case.verdict() else {
        return 404;
    };
    let Ok(uri) = target.parse::<Uri>() else {
        return 400;
    };
    let plan = match plan_of(method, &uri, HttpOptions::default()) {
        Ok(plan) => plan,
        Err(reply) => return reply.status,
    };
    let state = state(case);
    let words = RoleWords::default();
    let statuses = SYNC.map(|sync| {
        plan.status(&Facts {
            verdict,
            state: &state,
            delay: None,
            transactions: None,
            ordered,
            quorum: None,
            rival: None,
            sync: Some(sync),
            contacts: &[],
            details: None,
            age: Duration::ZERO,
            uptime: Duration::ZERO,
            words: &words,
        })
    });
    let [first, ..] = statuses;
    statuses.into_iter().fold(first, u16::min)
}

fn state(case: Case) -> State {
    match case {
        Case::Primary | Case::Maintenance => State::Primary(ConnectionSlots::Free),
        Case::Standby | Case::Lagging => {
            let replication = Replication {
                receiver: Receiver::Streaming {
                    primary_end: Some(END),
                },
                received: Some(END),
                replayed: Some(END),
                replay: Replay::Running,
                last_commit_age: None,
            };
            let replication = Some(replication);
            State::Standby(ConnectionSlots::Free, Standby { replication })
        }
        Case::Down | Case::NoDaemon | Case::NotFound => State::Down(DownReason::NoSocket),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cases in which a request is answered with 200.
    fn met(method: &str, target: &str) -> Vec<Case> {
        let all = Case::ALL.into_iter();
        all.filter(|case| status(method, target, *case) == 200)
            .collect()
    }

    #[test]
    fn paths_and_methods_are_those_of_the_daemon() {
        use Case::{Down, Lagging, Maintenance, Primary, Standby};
        for (target, cases) in [
            ("/", &[Primary][..]),
            ("/primary", &[Primary]),
            ("/replica?lag=1MB", &[Standby]),
            ("/sync", &[Standby]),
            ("/quorum", &[Standby]),
            ("/async", &[Standby]),
            ("/read-only-sync", &[Primary, Standby]),
            ("/readiness", &[Primary, Standby]),
            ("/health", &[Primary, Standby, Lagging]),
            ("http://x/health", &[Primary, Standby, Lagging]),
            ("/health#/primary", &[Primary, Standby, Lagging]),
            ("/liveness", &[Primary, Standby, Lagging, Down, Maintenance]),
            ("/standby-leader", &[]),
            ("replica", &[]),
            ("/PRIMARY", &[]),
            ("/primary/", &[]),
            ("/primary/../health", &[]),
            ("//primary", &[]),
            ("/replica?lag=much", &[]),
            ("*", &[]),
        ] {
            assert_eq!(met("GET", target), cases, "{target}");
            assert_eq!(met("OPTIONS", target), cases, "{target}");
        }
        assert!(met("POST", "/primary").is_empty());
        assert!(met("get", "/primary").is_empty());
        assert_eq!(status("GET", "/nowhere", Primary), 404);
        assert_eq!(status("POST", "/primary", Primary), 405);
        assert_eq!(status("GET", "/primary", Case::NotFound), 404);
    }
}
