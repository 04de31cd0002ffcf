//! Checks that accept a server in the wrong state, by their tables, and names that contradict the check.

use super::answers::blind;
use super::finding;
use crate::tools::lint::haproxy::check::CheckKind;
use crate::tools::lint::haproxy::pool::Pool;
use crate::tools::lint::haproxy::role::{SessionOrigin, of_name};
use crate::tools::lint::haproxy::server::ServerLine;
use crate::tools::lint::haproxy::table::Case;
use crate::tools::lint::{Finding, Rule};

/// A server that its check considers up although it is not what the section is for.
pub(super) fn wrong(pool: &Pool<'_>) -> Option<Finding> {
    if blind(pool).is_some() {
        return None;
    }
    let mut servers = pool.judged();
    let (server, cases) = servers.find_map(|server| {
        let cases = wrongly_up(pool, server);
        (!cases.is_empty()).then_some((server, cases))
    })?;
    let expected = pool.check_of(server).and_then(|check| check.expectation());
    let agent = pool.agent(server);
    let place = expected.map(|expect| &expect.place).or(agent);
    let place = place.unwrap_or(&pool.proxy.place);
    let words: Vec<&str> = cases.iter().map(|case| case.word()).collect();
    let who = agent.map_or(
        "check considers",
        |_| "check and the agent together consider",
    );
    let words = words.join(", ");
    let what = format!("The {who} a server up in these cases too: {words}.");
    let remedy = format!(
        "Expect exactly the wanted answer, `tcp-check expect rstring ^production` or `http-check expect \
         status 200`, without a negation or a list; `lint haproxy --explain {}` prints the result of the check in \
         each case.",
        pool.proxy.name
    );
    Some(finding(pool, Rule::AcceptsWrongAnswer, place, what, remedy))
}

fn wrongly_up<'a>(pool: &Pool<'a>, server: &'a ServerLine) -> Vec<Case> {
    let told_by_agent = pool.agent(server).is_some() && pool.has_check(server);
    let looks = pool
        .check_of(server)
        .is_some_and(|check| match check.check {
            CheckKind::Http => true,
            CheckKind::Tcp => check.expects() || told_by_agent,
            // A connection says nothing, so that the agent alone decides, and an agent that is gone changes nothing.
            CheckKind::Connect | CheckKind::Postgres(_) => told_by_agent,
            CheckKind::External | CheckKind::Foreign => false,
        });
    if !looks {
        return Vec::new();
    }
    let table = pool.fate(server);
    let wrong = table.rows().filter(|(case, _)| match case {
        Case::Primary => false,
        Case::Standby | Case::Lagging => pool.role == SessionOrigin::Writers,
        Case::Down | Case::Maintenance | Case::NoDaemon | Case::NotFound => true,
    });
    let up = wrong.filter(|(case, _)| table.is_up(*case));
    up.map(|(case, _)| case).collect()
}

/// Servers of one section of which some are up only as the primary, and others only as a standby. A backup may be for the
/// other role.
pub(super) fn mixed(pool: &Pool<'_>) -> Option<Finding> {
    if wrong(pool).is_some() {
        return None;
    }
    let servers = pool.judged().filter(|server| server.is_active());
    let roles: Vec<_> = servers
        .map(|server| (server, pool.fate(server).role()))
        .filter(|(_, role)| *role != SessionOrigin::Unknown)
        .collect();
    let (_, first) = roles.first()?;
    let usual = pool.role.or(|| *first);
    let (server, role) = roles.iter().find(|(_, role)| *role != usual)?;
    if roles.iter().all(|(_, role)| *role != usual) {
        return None;
    }
    let (only, others) = match role {
        SessionOrigin::Writers => ("the primary", "a standby"),
        SessionOrigin::Readers | SessionOrigin::Unknown => ("a standby", "the primary"),
    };
    let name = server.name.escape_debug();
    let what = format!(
        "{name} is up only as {only}, by its check and the agent, and other servers only as {others}, so the same \
         clients reach both roles."
    );
    let remedy = format!(
        "Give all servers of the section the same check and the same view in `agent-send`; `lint haproxy --explain {}` \
         prints the state of each server in each case.",
        pool.proxy.name
    );
    let place = pool.agent(server).unwrap_or(&server.place);
    Some(finding(pool, Rule::AcceptsWrongAnswer, place, what, remedy))
}

/// A name for one role, and a check, or a check and an agent, that accept only the other.
pub(super) fn named_otherwise(pool: &Pool<'_>) -> Option<Finding> {
    let by_check = pool.check_role();
    let (checked, who) = match by_check {
        SessionOrigin::Unknown => (pool.fate_role(), "its check and the agent together accept"),
        SessionOrigin::Writers | SessionOrigin::Readers => (by_check, "its check accepts"),
    };
    let entries = pool.entries.iter().map(|entry| of_name(&entry.name));
    let mut told = [pool.name_role()].into_iter().chain(entries);
    let named = told.find(|role| *role != SessionOrigin::Unknown)?;
    let (for_whom, lets_in, right) = match (named, checked) {
        (SessionOrigin::Writers, SessionOrigin::Readers) => (
            "writers",
            "standbys",
            "the primary: `/primary` over HTTP, `^production` on the state port, `rw` in `agent-send`",
        ),
        (SessionOrigin::Readers, SessionOrigin::Writers) => (
            "readers",
            "the primary",
            "standbys: `/replica` over HTTP (`/` is `/primary`), `^standby` on the state port, `ro` in `agent-send`",
        ),
        (SessionOrigin::Writers | SessionOrigin::Readers | SessionOrigin::Unknown, _) => {
            return None;
        }
    };
    let what = format!("By its name the section is for {for_whom}, but {who} only {lets_in}.");
    let remedy = format!("Check for {right}; or, if it is for the others, rename the section.");
    Some(finding(
        pool,
        Rule::NameAgainstCheck,
        &pool.proxy.place,
        what,
        remedy,
    ))
}

#[cfg(test)]
mod tests {
    use crate::tools::lint::Rule;
    use crate::tools::lint::haproxy::rules::tests::{fires, quiet};

    fn http(name: &str, lines: &str) -> String {
        format!(
            "listen {name}\n option httpchk {lines}\n server a h:5432 check port 8008\n server b i:5432 check port 8008\n"
        )
    }

    fn tcp(name: &str, expect: &str) -> String {
        format!(
            "listen {name}\n option tcp-check\n tcp-check connect port 5431\n tcp-check expect {expect}\n \
             server a h:5432 check\n server b i:5432 check\n"
        )
    }

    #[test]
    fn answers_that_are_not_the_role() {
        let rule = Rule::AcceptsWrongAnswer;
        fires(
            rule,
            &http("pg_x", "GET /primary\n http-check expect ! rstatus ^5"),
            &[3],
        );
        fires(
            rule,
            &http("pg_x", "GET /replica\n http-check expect ! status 200"),
            &[3],
        );
        fires(
            rule,
            &http("pg_ro", "GET /replica\n http-check expect ! status 503"),
            &[3],
        );
        fires(
            rule,
            &tcp("pg_x", "! rstring ^(standby|lagging|down)"),
            &[4],
        );
        fires(rule, &tcp("pg_rw", "rstring ^(production|lagging)"), &[4]);
        fires(rule, &tcp("pg_ro", "rstring ^(standby|down)"), &[4]);
        quiet(
            rule,
            &http("pg_x", "GET /primary\n http-check expect status 200"),
        );
        quiet(rule, &http("pg_x", "GET /primary"));
        quiet(rule, &http("pg_ro", "GET /read-only"));
        quiet(
            rule,
            &tcp("pg_rw", "rstring ^(production|down.shutting-down)"),
        );
        quiet(rule, &tcp("pg_ro", "rstring ^(standby|lagging)"));
        quiet(rule, "listen pg\n server a h:5432 check\n");
        let agent = |check: &str| {
            format!(
                "listen pg_rw\n {check}\n default-server check agent-check agent-port 5430 agent-send \"rw\\n\"\n \
                 server a h:5432\n server b i:5432\n"
            )
        };
        fires(rule, &agent(""), &[3]);
        fires(rule, &agent("option pgsql-check user u"), &[3]);
        quiet(
            rule,
            &agent(
                "option tcp-check\n tcp-check connect port 5431\n tcp-check expect rstring ^production",
            ),
        );
        let one_tracks = "listen pg_rw\n option httpchk GET /primary\n server a h:5432 check port 8008\n server b \
                          i:5432 track pg_ro/b\n";
        fires(
            rule,
            &format!(
                "{one_tracks}{}",
                http("pg_ro", "GET /replica\n http-check expect status 200")
            ),
            &[7],
        );
    }

    #[test]
    fn checks_that_take_either_role_are_blind() {
        let rule = Rule::RoleBlind;
        fires(
            rule,
            &http("pg_x", "GET /primray\n http-check expect ! status 503"),
            &[1],
        );
        fires(
            rule,
            &http("pg_x", "GET /primary\n http-check expect status 200,503"),
            &[1],
        );
        fires(
            rule,
            &http("pg_x", "GET /primary\n http-check expect rstatus 200|503"),
            &[1],
        );
        fires(
            rule,
            &tcp("pg_write", "rstring ^(production|standby)"),
            &[1],
        );
        quiet(rule, &tcp("pg_read", "rstring ^(production|standby)"));
        quiet(
            rule,
            &tcp("pg_write", "rstring ^(production|standby)").replace(
                "check\n",
                "check agent-check agent-port 5430 agent-send \"rw\\n\"\n",
            ),
        );
    }

    /// Two servers whose check takes either role, with these views of the agent.
    fn viewed(name: &str, first: &str, second: &str) -> String {
        let server =
            |view: &str| format!("check agent-check agent-port 5430 agent-send \"{view}\\n\"");
        format!(
            "listen {name}\n option tcp-check\n tcp-check connect port 5431\n tcp-check expect rstring \
             ^(production|standby|lagging)\n server a h:5432 {}\n server b i:5432 {}\n",
            server(first),
            server(second)
        )
    }

    #[test]
    fn names_that_contradict_the_view_of_the_agent() {
        let rule = Rule::NameAgainstCheck;
        fires(rule, &viewed("pg_write", "ro", "ro"), &[1]);
        fires(rule, &viewed("pg_read", "rw", "rw"), &[1]);
        quiet(rule, &viewed("pg_write", "rw", "rw"));
        quiet(rule, &viewed("pg_read", "ro", "ro-sync"));
        quiet(rule, &viewed("pg", "ro", "ro"));
    }

    #[test]
    fn servers_of_one_section_that_are_up_in_different_roles() {
        let rule = Rule::AcceptsWrongAnswer;
        fires(rule, &viewed("pg_read", "ro", "rw"), &[6]);
        fires(rule, &viewed("pg_read", "rw", "ro"), &[5]);
        fires(rule, &viewed("pool", "rw", "ro"), &[6]);
        quiet(rule, &viewed("pg_read", "ro", "ro"));
        let last = viewed("pg_read", "ro", "rw").replacen("i:5432 check", "i:5432 backup check", 1);
        quiet(rule, &last);
    }

    #[test]
    fn names_that_contradict_the_check() {
        let rule = Rule::NameAgainstCheck;
        for name in [
            "pg_replicas",
            "pg_read",
            "pg_lecture",
            "pg_lesen",
            "pg_lectura",
            "pg_leitura",
            "pg_odczyt",
            "pg_chtenie",
            "pg_sklaven",
            "pg_esclavos",
            "pg_escravos",
        ] {
            fires(rule, &http(name, "\n http-check expect status 200"), &[1]);
            quiet(rule, &http(name, "GET /replica"));
        }
        for name in [
            "pg_write",
            "pg_ecriture",
            "pg_schreiben",
            "pg_escritura",
            "pg_scrittura",
            "pg_zapis",
            "pg_principal",
        ] {
            fires(rule, &http(name, "GET /replica"), &[1]);
            quiet(rule, &http(name, "GET /primary"));
        }
        let front = "frontend pg_ro\n default_backend pg\n".to_owned();
        fires(
            rule,
            &(front + &http("pg", "GET /primary").replace("listen", "backend")),
            &[3],
        );
        quiet(rule, &http("pg_read", "GET /read-only"));
        let tracks = "listen pg_rw\n server a h:5432 track x/a\n server b i:5432 track x/b\n";
        let chain = "backend x\n server a h:1 track y/a\n server b i:1 track y/b\n";
        let tracked = http("y", "GET /replica");
        fires(rule, &format!("{tracks}{chain}{tracked}"), &[1]);
        quiet(
            rule,
            &format!("{tracks}{chain}{}", http("y", "GET /primary")),
        );
        fires(rule, &tcp("pg_ro", "string MASTER"), &[1]);
    }
}
