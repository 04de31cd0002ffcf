//! The replies on the HTTP port: for which request and which server, and with which status.

mod dialects;
mod documents;
mod paths;
mod requests;
mod synchronous;

use super::*;
use crate::answer::metrics::{Exposition, Metrics, MetricsFormat};
use crate::config::{Dialect, Documents, HttpOptions, MetricNames, Strictness};
use crate::health::role_words::{PRIMARY_WORDS, STANDBY_WORDS};
use crate::health::{
    Archive, Depth, DownReason, LagReason, Lsn, Receiver, Replay, Replication, Standby,
    TimelineStanding, maintain,
};

/// Lag of the streaming standby in the tables, in bytes.
const LAG: u64 = 5000;

const END: u64 = 1 << 30;

fn standby(receiver: Receiver) -> State {
    let replication = Some(Replication {
        receiver,
        received: Some(Lsn(END)),
        replayed: Some(Lsn(END - LAG)),
        replay: Replay::Running,
        last_commit_age: None,
    });
    State::Standby(ConnectionSlots::Free, Standby { replication })
}

fn streaming() -> State {
    standby(Receiver::Streaming {
        primary_end: Some(Lsn(END)),
    })
}

fn details() -> Details {
    Details {
        server_version: 150_014,
        started: "2026-11-22 07:39:26.352526+00:00".into(),
        system_identifier: "7480000000000000001".into(),
        timeline: Some(3),
        flushed: None,
        replayed_commit: Some("2026-11-22 08:00:00+00:00".into()),
        archive: Archive::Configured,
        receiver_name: Some("srv2".into()),
        senders: None,
        slots: None,
    }
}

/// The columns of the tables: a primary, a standby, one that lags, one without a receiver, and no server.
fn columns() -> [(Verdict, State); 5] {
    [
        (Verdict::Production, State::Primary(ConnectionSlots::Free)),
        (Verdict::Standby, streaming()),
        (Verdict::Lagging(LagReason::Behind), streaming()),
        (Verdict::Standby, standby(Receiver::Gone)),
        (
            Verdict::Down(DownReason::NoSocket),
            State::Down(DownReason::NoSocket),
        ),
    ]
}

fn with_facts<T>(
    verdict: Verdict,
    state: &State,
    details: &Details,
    take: impl FnOnce(&Facts<'_>) -> T,
) -> T {
    take(&Facts {
        verdict,
        state,
        delay: Some(Duration::from_millis(1500)),
        transactions: None,
        ordered: None,
        quorum: None,
        rival: None,
        sync: None,
        contacts: &[],
        details: Some(details),
        age: Duration::from_millis(1),
        uptime: Duration::from_secs(60),
        words: &RoleWords::default(),
    })
}

const TEXT_FORMAT: Exposition = Exposition {
    form: MetricsFormat::Text,
    names: MetricNames::Own,
};

fn reply(plan: &RequestPlan, facts: &Facts<'_>) -> Reply {
    plan.reply(facts, &Metrics::new(Vec::new()), TEXT_FORMAT)
}

fn ask(request: &str, options: HttpOptions, verdict: Verdict, state: &State) -> Reply {
    let (method, target) = request.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    match plan(method, path, query, options) {
        Ok(plan) => with_facts(verdict, state, &details(), |facts| reply(&plan, facts)),
        Err(reply) => reply,
    }
}

/// Checks each line of a table: a request with GET, HEAD and OPTIONS, and the status for each column.
fn hold(options: HttpOptions, table: &str) {
    for line in table.lines().filter(|line| !line.is_empty()) {
        let (target, statuses) = line.split_once(" | ").unwrap();
        let expected: Vec<u16> = statuses
            .split_whitespace()
            .map(|status| status.parse().unwrap())
            .collect();
        assert_eq!(expected.len(), columns().len(), "{line}");
        for ((verdict, state), expected) in columns().iter().zip(expected) {
            for method in ["GET", "HEAD", "OPTIONS"] {
                let request = format!("{method} {}", target.trim());
                let reply = ask(&request, options, *verdict, state);
                assert_eq!(reply.status, expected, "{request} of {verdict:?}");
            }
        }
    }
}

const STRICT: HttpOptions = HttpOptions {
    dialect: Dialect::Patroni,
    strictness: Strictness::Strict,
    documents: Documents::ForAll,
};
