//! Formats the tables of one section as text: the state of each server in each case, and whether sessions reach
//! a server while none, one and two are up; judges nothing.

use std::fmt::Write as _;

use super::configuration::Configuration;
use super::pool::Pool;
use super::pools::pools;
use super::table::{ServerOutcome, Table};
use crate::base::terminal::shown;

/// The tables of a section that leads to `PostgreSQL`; `None` if there is no such section.
#[must_use]
pub fn explain(configuration: &Configuration, section: &str) -> Option<String> {
    let pools = pools(configuration);
    let pool = pools.iter().find(|pool| pool.proxy.name == section)?;
    Some(tables(pool))
}

fn tables(pool: &Pool<'_>) -> String {
    let mut text = String::new();
    let name = shown(&pool.proxy.name);
    let whom = pool.role.word();
    // Writing to a String cannot fail.
    writeln!(text, "{name} (for {whom})").ok();
    for (servers, table) in alike(pool) {
        writeln!(text, "\n{}", shown(&servers.join(", "))).ok();
        for (case, outcome) in table.rows() {
            let why = match outcome {
                ServerOutcome::Unknown(why) => format!(": {why}"),
                ServerOutcome::Up | ServerOutcome::Draining | ServerOutcome::Down => String::new(),
            };
            writeln!(text, "    {:<16} {}{why}", case.word(), outcome.word()).ok();
        }
    }
    writeln!(text, "\nservers up").ok();
    for up in 0..=2 {
        writeln!(text, "    {up:<16} {}", reached(pool, up)).ok();
    }
    text
}

/// Groups the servers with equal tables.
fn alike(pool: &Pool<'_>) -> Vec<(Vec<String>, Table)> {
    let mut tables: Vec<(Vec<String>, Table)> = Vec::new();
    for server in &pool.proxy.servers {
        let backup = if server.is_active() {
            ""
        } else {
            " (backup or disabled)"
        };
        let shown = format!("{}{backup}", server.name);
        let fate = pool.fate(server);
        match tables.iter_mut().find(|(_, table)| *table == fate) {
            Some((servers, _)) => servers.push(shown),
            None => tables.push((vec![shown], fate)),
        }
    }
    tables
}

fn reached(pool: &Pool<'_>, up: u64) -> &'static str {
    match (pool.can_be_reached(up), up) {
        (false, _) => "no session is accepted",
        (true, 0) => "sessions are accepted, but no server is up",
        (true, 1) => "sessions reach the server",
        (true, _) if pool.active() < 2 => "sessions reach one of them, the others are backups",
        (true, _) => "sessions reach both",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::lint::haproxy::SourceFile;

    #[test]
    fn the_tables_say_what_the_check_and_the_rules_do() {
        let text = "listen pg_w\n option httpchk GET /primary\n http-check expect ! rstatus ^5\n tcp-request connection \
                    reject if { nbsrv(pg_w) gt 1 }\n server a h:5432 check port 8008\n server b i:5432 check port 8008\n";
        let source = SourceFile {
            name: "x".to_owned(),
            text: text.to_owned(),
        };
        let read = Configuration::read(&[source]).unwrap();
        assert_eq!(
            explain(&read, "pg_w").unwrap(),
            "\
pg_w (for writers)

a, b
    primary          up
    standby          down
    lagging standby  down
    down             down
    maintenance      down
    no daemon        down
    404              up

servers up
    0                sessions are accepted, but no server is up
    1                sessions reach the server
    2                no session is accepted
"
        );
        assert_eq!(explain(&read, "other"), None);
    }
}
