//! What closes working sessions, and what keeps sessions that have ended.

use std::time::Duration;

use super::finding;
use crate::base::units::show_duration;
use crate::tools::lint::haproxy::pool::Pool;
use crate::tools::lint::haproxy::role::SessionOrigin;
use crate::tools::lint::haproxy::server::{ServerLine, WrittenValue};
use crate::tools::lint::haproxy::settings::ProxySettings;
use crate::tools::lint::{Finding, Rule};
use crate::tools::release::Release;

/// How long pools of applications keep an idle connection (`HikariCP`'s `maxLifetime`).
const POOLED: Duration = Duration::from_secs(30 * 60);

/// A replication session sends a message each half of `wal_sender_timeout`, 60 s by default. A limit below the
/// whole of it leaves no room for a lost message.
const REPLICATION: Duration = Duration::from_secs(60);

/// One failed check that closes all of a standby's sessions.
pub(super) fn readers_killed(pool: &Pool<'_>) -> Option<Finding> {
    if pool.role != SessionOrigin::Readers {
        return None;
    }
    let fall = pool.checked().find_map(at_once)?;
    let what = "With `fall 1` and `on-marked-down shutdown-sessions` one lost or late check closes every session of \
                a standby that works.";
    let remedy = "Write `fall 2`, and `on-marked-down shutdown-sessions` only for writers: readers lose nothing \
                  on a server that is no longer a standby.";
    Some(finding(
        pool,
        Rule::FallOneKillsReaders,
        &fall.place,
        what,
        remedy,
    ))
}

fn at_once(server: &ServerLine) -> Option<&WrittenValue<Option<u32>>> {
    let parameters = &server.parameters;
    let fall = parameters
        .fall
        .as_ref()
        .filter(|fall| fall.value == Some(1))?;
    let ends = parameters.on_marked_down.as_ref()?;
    (ends.value == "shutdown-sessions").then_some(fall)
}

/// `on-marked-down shutdown-sessions` with a release that never closes some of the sessions that it ends.
pub(super) fn ended_and_kept(pool: &Pool<'_>, reader: Release) -> Option<Finding> {
    let filtered = |settings: &ProxySettings| settings.filters_requests();
    let entries = &pool.entries;
    if !reader.keeps_ended_sessions()
        || filtered(&pool.proxy.settings)
        || (!entries.is_empty() && entries.iter().all(|entry| filtered(&entry.settings)))
    {
        return None;
    }
    let mut ends = pool
        .checked()
        .filter_map(|server| server.parameters.on_marked_down.as_ref());
    let ends = ends.find(|ends| ends.value == "shutdown-sessions")?;
    let what = "This release of HAProxy never closes a session that `on-marked-down shutdown-sessions` ends while it \
                connects: its client waits, for example a standby for WAL.";
    let remedy = "Write `filter bwlim-in no-limit default-limit 1g default-period 1s` and, before any `tcp-request \
                  content accept`, `tcp-request content set-bandwidth-limit no-limit`: with a filter on what clients \
                  send, HAProxy closes them.";
    Some(finding(
        pool,
        Rule::EndedSessionsStay,
        &ends.place,
        what,
        remedy,
    ))
}

/// Each timeout that closes idle sessions.
pub(super) fn silent(pool: &Pool<'_>) -> Vec<Finding> {
    let own = &pool.proxy.settings.timeouts;
    let timeouts: Vec<(&str, Option<&WrittenValue<_>>)> = if own.tunnel.is_some() {
        // For an established session this timeout replaces the other two.
        vec![("timeout tunnel", own.tunnel.as_ref())]
    } else {
        let entries = pool.entries.iter();
        let clients =
            entries.map(|entry| ("timeout client", entry.settings.timeouts.client.as_ref()));
        clients
            .chain([("timeout server", own.server.as_ref())])
            .collect()
    };
    let set = timeouts
        .into_iter()
        .filter_map(|(name, setting)| Some((name, setting?)));
    set.filter_map(|(name, setting)| too_short(pool, name, setting))
        .collect()
}

fn too_short(
    pool: &Pool<'_>,
    name: &str,
    setting: &WrittenValue<Option<Duration>>,
) -> Option<Finding> {
    let time = setting
        .value
        .filter(|time| !time.is_zero() && *time < POOLED)?;
    let whose = if time < REPLICATION {
        "idle in a pool, busy with a long statement or replicating"
    } else {
        "idle in a pool or busy with a long statement"
    };
    let time = show_duration(time);
    let what =
        format!("`{name}` closes a session without traffic for {time}, even if it is {whose}.");
    let remedy = format!(
        "Set `{name}` to 1d, and let the kernel detect lost peers: `option clitcpka` and `option \
         srvtcpka`."
    );
    Some(finding(
        pool,
        Rule::SessionTimeout,
        &setting.place,
        what,
        remedy,
    ))
}

#[cfg(test)]
mod tests {
    use crate::tools::lint::Rule;
    use crate::tools::lint::haproxy::rules::tests::{configuration, fires, quiet};
    use crate::tools::lint::haproxy::{Resolved, findings};

    #[test]
    fn one_bad_check_that_ends_all_sessions_of_a_reader() {
        let rule = Rule::FallOneKillsReaders;
        let pool = |default: &str| {
            format!("listen pg_ro\n default-server {default}\n server a h:5432 check\n")
        };
        fires(rule, &pool("fall 1 on-marked-down shutdown-sessions"), &[2]);
        quiet(rule, &pool("fall 2 on-marked-down shutdown-sessions"));
        quiet(rule, &pool("on-marked-down shutdown-sessions"));
        quiet(rule, &pool("fall 1"));
        quiet(
            rule,
            &pool("fall 1 on-marked-down shutdown-sessions").replace("pg_ro", "pg_rw"),
        );
    }

    #[test]
    fn sessions_that_a_release_keeps_when_it_ends_them() {
        const NONE: [usize; 0] = [];
        let ends = "default-server on-marked-down shutdown-sessions";
        let pool = |lines: &str| format!("listen pg_rw\n {lines}\n server a h:5432 check\n");
        let limit = "filter bwlim-in x default-limit 1g default-period 1s";
        let rule = "tcp-request content set-bandwidth-limit x";
        let lines = |text: &str, reader: Option<&str>| {
            let reader = reader.map(|reader| reader.parse().unwrap());
            let found = findings(&configuration(text), &Resolved::Unasked, reader);
            let found = found.iter().filter(|it| it.rule == Rule::EndedSessionsStay);
            found.map(|it| it.place.line).collect::<Vec<_>>()
        };
        let old = |text: &str| lines(text, Some("3.0.11"));
        assert_eq!(old(&pool(ends)), [2]);
        assert_eq!(lines(&pool(ends), Some("2.6.12")), NONE);
        assert_eq!(lines(&pool(ends), Some("3.2.26")), NONE);
        // Without a release the rule does not apply.
        assert_eq!(lines(&pool(ends), None), NONE);
        assert_eq!(old(&pool("")), NONE);
        assert_eq!(old(&pool(&format!("{ends}\n {limit}\n {rule}"))), NONE);
        // A filter that does not apply to every session.
        for rules in [
            String::new(),
            format!("{rule} if TRUE"),
            rule.replace('x', "y"),
            format!("tcp-request content accept if TRUE\n {rule}"),
        ] {
            assert_eq!(
                old(&pool(&format!("{ends}\n {limit}\n {rules}"))),
                [2],
                "{rules}"
            );
        }
        let split = |first: &str, second: &str| {
            format!(
                "frontend f\n {first}\n default_backend pg_rw\nfrontend g\n {second}\n default_backend pg_rw\n\
                 backend pg_rw\n {ends}\n server a h:5432 check\n"
            )
        };
        let filtered = format!("{limit}\n {rule}");
        assert_eq!(old(&split(&filtered, &filtered)), NONE);
        assert_eq!(old(&split(&filtered, "")).len(), 1);
    }

    #[test]
    fn timeouts_that_close_idle_sessions() {
        let rule = Rule::SessionTimeout;
        let pool = |client: &str, server: &str| {
            format!("listen pg_ro\n {client}\n {server}\n server a h:5432 check\n")
        };
        fires(
            rule,
            &pool("timeout client 10m", "timeout server 50000"),
            &[2, 3],
        );
        fires(rule, &pool("timeout client 1d", "timeout server 29m"), &[3]);
        fires(rule, &pool("timeout tunnel 1m", "timeout server 1d"), &[2]);
        quiet(rule, &pool("timeout client 30m", "timeout server 1h"));
        quiet(rule, &pool("timeout client 0", ""));
        quiet(rule, &pool("timeout client 1m", "timeout tunnel 1d"));
        quiet(rule, &pool("timeout connect 5s", "timeout queue 5s"));
        let behind = "frontend f\n timeout client 1m\n default_backend pg\nbackend pg\n timeout client 1s\n \
                      server a h:5432 check\n";
        fires(rule, behind, &[2]);
    }
}
