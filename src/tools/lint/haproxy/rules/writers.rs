//! Which servers get writers after a start, and while two servers claim to be the primary.

use super::finding;
use crate::tools::lint::haproxy::condition::Possible;
use crate::tools::lint::haproxy::pool::Pool;
use crate::tools::lint::haproxy::role::SessionOrigin;
use crate::tools::lint::haproxy::settings::StateFile;
use crate::tools::lint::{Finding, Rule};

/// Servers that count as up until their first check.
pub(super) fn up_before_check(pool: &Pool<'_>) -> Option<Finding> {
    let servers: usize = pool.proxy.servers.iter().map(|server| server.count).sum();
    let keeps_state =
        pool.state_file == StateFile::Read && pool.proxy.settings.state_file == StateFile::Read;
    // Before the first checks `nbsrv` counts the servers that begin up, and the backups only if there is no other.
    let count = pool.counted(pool.up(|server| pool.begins_up(server)));
    if pool.role != SessionOrigin::Writers
        || servers < 2
        || keeps_state
        || count == 0
        || pool.can_be_reached(count) != Possible::Yes
    {
        return None;
    }
    let begins_up = pool.judged().find(|server| pool.begins_up(server))?;
    let what = "HAProxy considers a server up until its first check, so after a start or a reload writers \
                reach standbys.";
    let name = &pool.proxy.name;
    let remedy = if count > 1 {
        format!(
            "From HAProxy 3.1 on write `init-state fully-down` on each server's line; in earlier versions reject \
             writers in the section that they connect to while several servers are up: `tcp-request connection \
             reject if {{ nbsrv({name}) gt 1 }}`."
        )
    } else {
        "From HAProxy 3.1 on write `init-state fully-down` on each server's line; in earlier versions write no server \
         as `backup`, because a guard does not count backups while another server is up."
            .to_owned()
    };
    Some(finding(
        pool,
        Rule::UpBeforeCheck,
        &begins_up.place,
        what,
        remedy,
    ))
}

/// Each server that has `init-state` and `track`, on its own line or from `default-server`.
pub(super) fn state_and_track(pool: &Pool<'_>) -> Vec<Finding> {
    let servers = pool.proxy.servers.iter();
    let both = servers.filter(|server| {
        server.parameters.init_state.is_some() && server.parameters.track.is_some()
    });
    let found = both.map(|server| {
        let state = server.parameters.init_state.as_ref();
        let inherited = state.is_some_and(|state| state.place != server.place);
        let from = if inherited {
            " from `default-server`"
        } else {
            ""
        };
        let what = format!(
            "The server has `track`, and `init-state`{from}, with which HAProxy refuses to start."
        );
        let remedy = "Write `init-state` on the lines of the servers that have a check, and not on \
                      `default-server`.";
        finding(pool, Rule::InitStateWithTrack, &server.place, what, remedy)
    });
    found.collect()
}

/// Sessions that stay with a former primary.
pub(super) fn sessions_kept(pool: &Pool<'_>) -> Option<Finding> {
    let count: usize = pool.judged().map(|server| server.count).sum();
    if pool.role != SessionOrigin::Writers || count < 2 {
        return None;
    }
    let kept = pool.judged().find(|server| {
        let down = server.parameters.on_marked_down.as_ref();
        down.is_none_or(|down| down.value != "shutdown-sessions")
    })?;
    let what = "Sessions stay with a former primary, so what writers send there is refused, or lost while the \
                server still accepts it.";
    let remedy =
        "Write `on-marked-down shutdown-sessions` on `default-server` or on each server's line.";
    Some(finding(
        pool,
        Rule::NoShutdownSessions,
        &kept.place,
        what,
        remedy,
    ))
}

/// Two servers that would both get writers.
pub(super) fn unguarded(pool: &Pool<'_>) -> Option<Finding> {
    if pool.role != SessionOrigin::Writers
        || pool.judged().next().is_none()
        || pool.reaches_two() != Possible::Yes
    {
        return None;
    }
    let what = "While two servers claim to be the primary, both get writers, and what is written to one of them \
                is lost.";
    let name = &pool.proxy.name;
    let remedy = format!(
        "In the section that clients connect to, write `tcp-request connection reject if {{ nbsrv({name}) gt 1 }}`."
    );
    Some(finding(
        pool,
        Rule::NoTwoPrimariesGuard,
        &pool.proxy.place,
        what,
        remedy,
    ))
}

#[cfg(test)]
mod tests {
    use crate::tools::lint::Rule;
    use crate::tools::lint::haproxy::rules::tests::{fires, quiet};

    fn pool(lines: &str, each: &str) -> String {
        format!(
            "listen pg_rw\n {lines}\n server a h:5432 check {each}\n server b h:5432 check {each}\n"
        )
    }

    #[test]
    fn servers_that_are_up_before_their_first_check() {
        let rule = Rule::UpBeforeCheck;
        fires(rule, &pool("", ""), &[3]);
        fires(rule, &pool("", "init-state up"), &[3]);
        fires(rule, &pool("load-server-state-from-file global", ""), &[3]);
        quiet(rule, &pool("", "init-state fully-down"));
        quiet(rule, &pool("default-server init-state down", ""));
        quiet(
            rule,
            &pool("tcp-request connection reject if { nbsrv(pg_rw) gt 1 }", ""),
        );
        let state = "global\n server-state-file /x\n";
        quiet(
            rule,
            &(state.to_owned() + &pool("load-server-state-from-file global", "")),
        );
        quiet(rule, &pool("", "").replace("pg_rw", "pg_ro"));
        quiet(rule, "listen pg_rw\n server a h:5432 check\n");
        // What a guard counts before the first checks is one server, whatever its role.
        let guard = "tcp-request connection reject if { nbsrv(pg_rw) gt 1 }";
        let mixed = |first: &str, second: &str| {
            format!(
                "listen pg_rw\n {guard}\n server a h:5432 check {first}\n server b h:5432 check {second}\n"
            )
        };
        fires(rule, &mixed("", "backup"), &[3]);
        fires(rule, &mixed("init-state fully-down", ""), &[4]);
        fires(rule, &mixed("disabled", ""), &[4]);
        quiet(rule, &mixed("init-state down", "backup init-state down"));
        let tracks = "listen pg_rw\n server a h:5432 track x/a\n server b h:5432 track x/b\n";
        let tracked = "backend x\n option httpchk GET /primary\n server a h:1 check port 8008 init-state down\n \
                       server b h:1 check port 8008 init-state down\n";
        quiet(rule, &format!("{tracks}{tracked}"));
        fires(
            rule,
            &format!("{tracks}{}", tracked.replace("init-state down", "")),
            &[2],
        );
    }

    #[test]
    fn sessions_that_stay_with_a_former_primary() {
        let rule = Rule::NoShutdownSessions;
        let ends = "on-marked-down shutdown-sessions";
        fires(rule, &pool("", ""), &[3]);
        fires(rule, &pool("", "on-marked-down none"), &[3]);
        fires(
            rule,
            &pool(&format!("default-server {ends}"), "")
                .replace("5432 check", "5432 check on-marked-down none"),
            &[3],
        );
        quiet(rule, &pool("", ends));
        quiet(rule, &pool(&format!("default-server {ends}"), ""));
        quiet(rule, &pool("", "").replace("pg_rw", "pg_ro"));
        quiet(rule, "listen pg_rw\n server a h:5432 check\n");
    }

    #[test]
    fn servers_that_begin_in_a_state_and_track() {
        let rule = Rule::InitStateWithTrack;
        fires(
            rule,
            "listen pg\n server a h:5432 track x/y init-state down\n",
            &[2],
        );
        fires(
            rule,
            "listen pg\n default-server init-state down\n server a h:5432 check\n server b h:5432 track pg/a\n",
            &[4],
        );
        quiet(
            rule,
            "listen pg\n server a h:5432 check init-state down\n server b h:5432 track pg/a\n",
        );
    }

    #[test]
    fn servers_that_would_both_get_writers() {
        let rule = Rule::NoTwoPrimariesGuard;
        fires(rule, &pool("", ""), &[1]);
        fires(rule, &pool("balance first", "maxconn 100"), &[1]);
        // The sessions of the less preferred server stay when the other one comes back.
        fires(rule, &pool("balance first", ""), &[1]);
        fires(rule, &pool("", "backup"), &[1]);
        let guard = "tcp-request connection reject if { nbsrv(pg_rw) gt 1 }";
        let backup =
            |up: &str| pool(guard, "").replacen("check", up, 1) + " server c i:5432 check backup\n";
        fires(rule, &backup("check"), &[1]);
        fires(rule, &pool("option allbackups", "backup"), &[1]);
        fires(
            rule,
            &pool("balance first\n use-server b if { src 10.0.0.0/8 }", ""),
            &[1],
        );
        fires(rule, &pool("balance first\n stick on src", ""), &[1]);
        quiet(
            rule,
            &pool("tcp-request connection reject if { nbsrv(pg_rw) gt 1 }", ""),
        );
        quiet(rule, &pool("", "").replace("pg_rw", "pg_ro"));
        // A guard that is not read in every case is none, unless the other case has one too.
        let guard = "tcp-request connection reject if { nbsrv(pg_rw) gt 1 }";
        fires(
            rule,
            &pool(&format!(".if defined(X)\n {guard}\n .endif"), ""),
            &[1],
        );
        quiet(rule, &pool(&format!(".if 1\n {guard}\n .endif"), ""));
        quiet(
            rule,
            &pool(
                &format!(".if defined(X)\n {guard}\n .else\n {guard}\n .endif"),
                "",
            ),
        );
        quiet(
            rule,
            &pool(
                &format!(".if defined(X)\n {guard}\n .endif\n .if !defined(X)\n {guard}\n .endif"),
                "",
            ),
        );
    }
}
