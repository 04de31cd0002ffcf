//! Writes the known facts under the names of Patroni's `GET /metrics` (`patroni/api.py`, `do_GET_metrics`, of
//! 3.3 and 4.1), for dashboards that use these: with Patroni's help texts and types, and zero for an unknown
//! value, as Patroni does. The scraper has to add Patroni's labels `scope` and `name`.

use std::fmt::Write;
use std::time::UNIX_EPOCH;

use super::exposition::MetricsFormat;
use crate::answer::http::{Facts, ProcessState, from_archive, process_state, streams};
use crate::health::{Details, Lsn, Replay, State, Verdict};

struct Metric {
    name: &'static str,
    kind: MetricKind,
    help: &'static str,
    value: f64,
}

#[derive(Clone, Copy)]
enum MetricKind {
    Gauge,
    /// A counter without the suffix that `OpenMetrics` requires.
    Counter,
}

/// The text, without an end mark.
pub(super) fn text(facts: &Facts<'_>, form: MetricsFormat) -> String {
    let mut text = String::new();
    for metric in metrics(facts) {
        let Metric {
            name,
            kind,
            help,
            value,
        } = metric;
        let kind = match (kind, form) {
            (MetricKind::Gauge, _) => "gauge",
            (MetricKind::Counter, MetricsFormat::Text) => "counter",
            (MetricKind::Counter, MetricsFormat::OpenMetrics) => "unknown",
        };
        let help = format!("# HELP patroni_{name} {help}");
        // Writing to a String cannot fail.
        writeln!(
            text,
            "{help}\n# TYPE patroni_{name} {kind}\npatroni_{name} {value}"
        )
        .ok();
    }
    text
}

fn metrics(facts: &Facts<'_>) -> Vec<Metric> {
    let gauge = |name, value, help| Metric {
        name,
        kind: MetricKind::Gauge,
        help,
        value,
    };
    let counter = |name, value, help| Metric {
        kind: MetricKind::Counter,
        ..gauge(name, value, help)
    };
    let is = |so: bool| if so { 1.0 } else { 0.0 };
    let details = facts.details;
    let replication = match facts.state {
        State::Standby(_, standby) => standby.replication,
        State::Primary(_) | State::Down(_) => None,
    };
    let at = |lsn: Option<Lsn>| lsn.map_or(0.0, |lsn| number(lsn.0));
    let replayed = replication.and_then(|figures| figures.replayed);
    let received = replication
        .and_then(|figures| figures.received)
        .or(replayed);
    let paused = replication.is_some_and(|figures| figures.replay == Replay::Paused);
    let leads = is(facts.verdict == Verdict::Production);
    let follows = matches!(facts.verdict, Verdict::Standby | Verdict::Lagging(_));
    let time =
        |of: fn(&Details) -> Option<&str>| details.and_then(of).and_then(epoch).unwrap_or_default();
    let of_leader = "Value is 1 if this node is the leader, 0 otherwise.";
    vec![
        gauge(
            "postgres_running",
            is(process_state(facts) == ProcessState::Running),
            "Value is 1 if Postgres is running, 0 otherwise.",
        ),
        gauge(
            "postmaster_start_time",
            time(|details| Some(details.started.as_str())),
            "Epoch seconds since Postgres started.",
        ),
        // The name in Patroni before version 4.
        gauge("master", leads, of_leader),
        gauge("primary", leads, of_leader),
        counter(
            "xlog_location",
            at(details.and_then(|details| details.flushed)),
            "Current location of the Postgres transaction log, 0 if this node is not the leader.",
        ),
        gauge(
            "replica",
            is(follows),
            "Value is 1 if this node is a replica, 0 otherwise.",
        ),
        counter(
            "xlog_received_location",
            at(received),
            "Current location of the received Postgres transaction log, 0 if this node is not a replica.",
        ),
        counter(
            "xlog_replayed_location",
            at(replayed),
            "Current location of the replayed Postgres transaction log, 0 if this node is not a replica.",
        ),
        gauge(
            "xlog_replayed_timestamp",
            time(|details| details.replayed_commit.as_deref()),
            "Current timestamp of the replayed Postgres transaction log, 0 if null.",
        ),
        gauge(
            "xlog_paused",
            is(paused),
            "Value is 1 if the Postgres xlog is paused, 0 otherwise.",
        ),
        gauge(
            "postgres_streaming",
            is(streams(facts)),
            "Value is 1 if Postgres is streaming, 0 otherwise.",
        ),
        gauge(
            "postgres_in_archive_recovery",
            is(from_archive(facts)),
            "Value is 1 if Postgres is replicating from archive, 0 otherwise.",
        ),
        gauge(
            "postgres_server_version",
            details.map_or(0.0, |details| number(details.server_version.unsigned_abs())),
            "Version of Postgres (if running), 0 otherwise.",
        ),
        counter(
            "postgres_timeline",
            details
                .and_then(|details| details.timeline)
                .map_or(0.0, |timeline| number(timeline.unsigned_abs())),
            "Postgres timeline of this node (if running), 0 otherwise.",
        ),
        gauge(
            "postgres_state",
            state_number(process_state(facts)),
            "Numeric representation of Postgres state.",
        ),
    ]
}

/// The number that Patroni gives to a state of the server's process.
const fn state_number(state: ProcessState) -> f64 {
    match state {
        ProcessState::Running => 5.0,
        ProcessState::Starting => 6.0,
        ProcessState::Stopping => 11.0,
        ProcessState::Stopped => 12.0,
        ProcessState::Unknown => -1.0,
    }
}

/// Converts to the only type of number that Prometheus has; positions up to 8 PB are exact.
#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "there is no other conversion, and the loss is meant"
)]
fn number(whole: u64) -> f64 {
    whole as f64
}

/// Converts a time in the format of documents, `2026-11-22 08:00:00.123456+00:00`, to seconds since 1970.
fn epoch(time: &str) -> Option<f64> {
    let (local, zone) = time.split_at_checked(time.len().checked_sub("+00:00".len())?)?;
    let local = humantime::parse_rfc3339_weak(local).ok()?;
    let local = local.duration_since(UNIX_EPOCH).ok()?.as_secs_f64();
    let (sign, zone) = zone.split_at_checked(1)?;
    let (hours, minutes) = zone.split_once(':')?;
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    let ahead = f64::from(hours) * 3600.0 + f64::from(minutes) * 60.0;
    match sign {
        "+" => Some(local - ahead),
        "-" => Some(local + ahead),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_the_same_moment_in_every_zone() {
        for time in [
            "2026-11-22 08:00:00.500000+00:00",
            "2026-11-22 09:00:00.5+01:00",
            "2026-11-22 04:30:00.500000-03:30",
        ] {
            assert_eq!(epoch(time), Some(1_795_334_400.5), "{time}");
        }
        assert_eq!(epoch("1970-01-01 00:00:00+00:00"), Some(0.0));
        for wrong in [
            "",
            "+00:00",
            "2026-11-22 08:00:00",
            "yesterday, eight+00:00",
        ] {
            assert_eq!(epoch(wrong), None, "{wrong}");
        }
    }
}
