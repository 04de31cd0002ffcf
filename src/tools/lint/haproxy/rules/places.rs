//! Checks and sessions that go to the wrong place.

use super::finding;
use crate::health::View;
use crate::tools::lint::haproxy::check::{CheckKind, Step};
use crate::tools::lint::haproxy::configuration::Configuration;
use crate::tools::lint::haproxy::pool::Pool;
use crate::tools::lint::haproxy::proxy::{Mode, Proxy};
use crate::tools::lint::haproxy::role::SessionOrigin;
use crate::tools::lint::haproxy::server::ServerLine;
use crate::tools::lint::{Finding, Rule};

/// Ports on which `PostgreSQL` or a pooler answers, and no program that tells a role.
const POSTGRES: &[std::ops::RangeInclusive<u16>] = &[5432..=5439, 6432..=6439];

fn is_postgres(port: u16) -> bool {
    port != 5431 && POSTGRES.iter().any(|ports| ports.contains(&port))
}

/// Checks for the role that go to `PostgreSQL` itself, or to another server.
pub(super) fn elsewhere(pool: &Pool<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(at_postgres(pool));
    found.extend(at_another(pool));
    found
}

fn at_postgres(pool: &Pool<'_>) -> Option<Finding> {
    let asks_role = |server: &&ServerLine| {
        pool.check_of(server).is_some_and(|check| {
            let sends = check
                .steps()
                .iter()
                .any(|step| matches!(step, Step::Send(_)));
            match check.check {
                CheckKind::Http(_) => true,
                CheckKind::Tcp => check.expects() && !sends,
                CheckKind::Connect
                | CheckKind::Postgres(_)
                | CheckKind::External
                | CheckKind::Foreign => false,
            }
        })
    };
    let mut servers = pool.checked().filter(asks_role);
    let server = servers.find(|server| {
        server.parameters.addr.is_none()
            && server.address.port.is_some_and(is_postgres)
            && pool.check_port(server) == server.address.port
    })?;
    let what = "The check asks for the role on PostgreSQL's own port, which does not answer such a question, so its \
                result does not depend on the role.";
    let remedy = "Use a port on which the role is answered: `tcp-check connect port 5431`, or `check port 8008` for \
                  HTTP.";
    Some(finding(
        pool,
        Rule::CheckElsewhere,
        &server.place,
        what,
        remedy,
    ))
}

fn at_another(pool: &Pool<'_>) -> Option<Finding> {
    let servers = || pool.checked();
    let asked = |server: &ServerLine| {
        let written = server.parameters.addr_written.as_ref()?;
        (written.value != server.host).then(|| written.value.clone())
    };
    let server = servers().find(|server| {
        let Some(address) = asked(server) else {
            return false;
        };
        let others = || servers().filter(|other| other.name != server.name);
        others().any(|other| other.host == address && other.host != server.host)
            || others().any(|other| {
                asked(other).as_ref() == Some(&address)
                    && pool.check_port(other) == pool.check_port(server)
            })
    })?;
    let what = "The check goes to the address of another server, or to one address for several servers, so the \
                state of a server depends on another one.";
    let remedy =
        "Remove `addr` and keep `port`, so that each server is checked at its own address.";
    Some(finding(
        pool,
        Rule::CheckElsewhere,
        &server.place,
        what,
        remedy,
    ))
}

/// One address with two names, which counts as two servers.
pub(super) fn twice(pool: &Pool<'_>) -> Option<Finding> {
    if pool.role == SessionOrigin::Readers {
        return None;
    }
    let known = |server: &&ServerLine| {
        server.is_active() && server.parameters.track.is_none() && server.address.port.is_some()
    };
    let servers = pool.proxy.servers.iter();
    let servers: Vec<&ServerLine> = servers.filter(known).collect();
    let mut later = servers.iter().enumerate();
    let (_, server) = later.find(|(at, server)| {
        let mut before = servers.iter().take(*at);
        before.any(|other| (&other.host, other.address.port) == (&server.host, server.address.port))
    })?;
    let what = "One address has two names, so one primary counts as two servers, and a guard against two \
                primaries rejects every session.";
    let remedy = "Remove one of the lines, or correct its address.";
    Some(finding(
        pool,
        Rule::SameAddressTwice,
        &server.place,
        what,
        remedy,
    ))
}

/// A view that the daemon's agent-check does not have.
pub(super) fn view(pool: &Pool<'_>) -> Vec<Finding> {
    let servers = pool.proxy.servers.iter();
    let unknown = servers.filter_map(|server| {
        let sent = server.parameters.agent_send.as_ref()?;
        server.parameters.agent_check.as_ref()?;
        let word = sent.value.trim();
        let is_ours = server.parameters.asks_our_agent();
        let is_open = word.is_empty() || word.contains(['$', '%']);
        (is_ours && !is_open && View::parse(word).is_none()).then_some((sent, word))
    });
    let found = unknown.map(|(sent, word)| {
        let views = View::ALL.map(View::word).join(", ");
        let word = word.escape_debug();
        let what = format!(
            "The agent has no view \"{word}\" and answers `down #no-such-view`, so the server stays down."
        );
        let remedy = format!("Send one of {views}, with \\n at its end.");
        finding(pool, Rule::UnknownView, &sent.place, what, remedy)
    });
    found.collect()
}

/// Sessions that reach a server regardless of its check.
pub(super) fn persisted(pool: &Pool<'_>) -> Vec<Finding> {
    if pool.role == SessionOrigin::Readers {
        return Vec::new();
    }
    let places = pool.proxy.settings.persists.iter();
    let found = places.map(|place| {
        let what = "A session that is bound to a server reaches it even if it is down, so a writer stays with a \
                    former primary.";
        let remedy = "Remove `force-persist` and `option persist` from a section for writers.";
        finding(pool, Rule::DownServerReached, place, what, remedy)
    });
    found.collect()
}

/// Sections in front of `PostgreSQL` in `mode http`.
pub(in crate::tools::lint::haproxy) fn speak_http(
    configuration: &Configuration,
) -> impl Iterator<Item = &Proxy> {
    let proxies = configuration.proxies.iter();
    proxies.filter(|proxy| {
        let mut servers = proxy.servers.iter();
        let mut ports = servers.by_ref().filter_map(|server| server.address.port);
        let by_port = ports.any(|port| matches!(port, 5432 | 6432));
        let by_check = matches!(proxy.settings.check, CheckKind::Postgres(_));
        proxy.settings.mode == Mode::Http
            && !proxy.settings.disabled
            && !proxy.servers.is_empty()
            && (by_port || by_check)
    })
}

/// The finding for such a section.
pub(in crate::tools::lint::haproxy) fn http(proxy: &Proxy) -> Finding {
    Finding {
        rule: Rule::ModeHttp,
        place: proxy.place.clone(),
        sections: vec![proxy.name.clone()],
        what:
            "PostgreSQL's clients do not speak HTTP, so HAProxy in `mode http` refuses all of them."
                .to_owned(),
        remedy: "Write `mode tcp` in the section, and in each frontend in front of it.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::tools::lint::Rule;
    use crate::tools::lint::haproxy::rules::tests::{fires, quiet};

    #[test]
    fn checks_that_ask_postgres_for_its_role() {
        let rule = Rule::CheckElsewhere;
        let pool = |check: &str, server: &str| {
            format!("listen pg\n {check}\n server a h:5432 check {server}\n")
        };
        fires(rule, &pool("option httpchk GET /primary", ""), &[3]);
        fires(
            rule,
            &pool("option httpchk GET /primary", "port 5432"),
            &[3],
        );
        let tcp = "option tcp-check\n tcp-check expect rstring ^production";
        fires(rule, &pool(tcp, ""), &[4]);
        quiet(rule, &pool(tcp, "port 5431"));
        quiet(
            rule,
            &pool(
                &tcp.replace("-check\n", "-check\n tcp-check connect port 5431\n"),
                "port 5432",
            ),
        );
        quiet(
            rule,
            &pool(&tcp.replace("-check\n", "-check\n tcp-check send x\n"), ""),
        );
        quiet(rule, &pool("option httpchk GET /primary", "port 8008"));
        quiet(rule, &pool("option pgsql-check user u", ""));
        quiet(rule, &pool("", ""));
    }

    #[test]
    fn checks_that_ask_another_server() {
        let rule = Rule::CheckElsewhere;
        let pool = |a: &str, b: &str| {
            format!(
                "listen pg\n option httpchk GET /primary\n server a 10.0.0.1:5432 check port 8008 {a}\n \
                 server b 10.0.0.2:5432 check port 8008 {b}\n"
            )
        };
        fires(rule, &pool("", "addr 10.0.0.1"), &[4]);
        fires(rule, &pool("addr 10.0.0.9", "addr 10.0.0.9"), &[3]);
        quiet(rule, &pool("addr 10.0.0.9 port 1", "addr 10.0.0.9 port 2"));
        quiet(rule, &pool("addr 10.0.0.1", "addr 10.0.0.2"));
        quiet(rule, &pool("addr 10.1.0.1", "addr 10.1.0.2"));
    }

    #[test]
    fn one_address_under_two_names() {
        let rule = Rule::SameAddressTwice;
        fires(
            rule,
            "listen pg_rw\n server a h:5432 check\n server b h:5432 check\n",
            &[3],
        );
        quiet(
            rule,
            "listen pg_rw\n server a h:5432 check\n server b h:5433 check\n",
        );
        quiet(
            rule,
            "listen pg_rw\n server a h:5432 check\n server b h:5432 check backup\n",
        );
        quiet(
            rule,
            "listen pg_ro\n server a h:5432 check\n server b h:5432 check\n",
        );
    }

    #[test]
    fn views_that_the_agent_does_not_have() {
        let rule = Rule::UnknownView;
        let pool = |agent: &str| format!("listen pg\n server a h:5432 check agent-check {agent}\n");
        fires(
            rule,
            &pool("agent-port 5430 agent-send \"writer\\n\""),
            &[2],
        );
        fires(rule, &pool("agent-port 5430 agent-send \"RW\\n\""), &[2]);
        quiet(rule, &pool("agent-port 5430 agent-send \"rw\\n\""));
        quiet(rule, &pool("agent-port 5430 agent-send ro-sync"));
        quiet(rule, &pool("agent-port 5430"));
        quiet(rule, &pool("agent-port 5555 agent-send \"writer\\n\""));
    }

    #[test]
    fn sessions_that_reach_a_server_that_is_down() {
        let rule = Rule::DownServerReached;
        let pool =
            |name: &str, line: &str| format!("listen {name}\n {line}\n server a h:5432 check\n");
        fires(
            rule,
            &pool("pg_rw", "force-persist if { src 10.0.0.0/8 }"),
            &[2],
        );
        fires(rule, &pool("pg_rw", "option persist"), &[2]);
        quiet(rule, &pool("pg_rw", "no option persist"));
        quiet(rule, &pool("pg_ro", "option persist"));
    }

    #[test]
    fn sections_that_speak_http_to_postgres() {
        let rule = Rule::ModeHttp;
        let pool = |mode: &str, check: &str, port: &str| {
            format!("defaults\n mode {mode}\nlisten pg\n {check}\n server a h:{port} check\n")
        };
        fires(
            rule,
            &pool("http", "option pgsql-check user u", "15432"),
            &[3],
        );
        fires(rule, &pool("http", "", "5432"), &[3]);
        quiet(rule, &pool("http", "", "8008"));
        quiet(
            rule,
            &pool("http", "", "8008").replace("listen pg", "listen pgadmin"),
        );
        quiet(rule, &pool("tcp", "option pgsql-check user u", "5432"));
        quiet(rule, &pool("http", "mode tcp", "5432"));
    }
}
