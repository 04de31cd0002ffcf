//! Formats the tables of one section as text: the state of each server in each case, and whether sessions reach
//! a server while none, one and two are up; judges nothing.

use std::fmt::Write as _;

use super::budget::Extent;
use super::condition::Possible;
use super::configuration::{Configuration, Reading};
use super::pool::Pool;
use super::pools::Pools;
use super::table::{ServerOutcome, Table};
use crate::base::terminal::shown;

/// The tables of a section that leads to `PostgreSQL`, for each outcome of the conditions of `.if` that matters for
/// it; `None` if there is no such section.
#[must_use]
pub fn explain(configuration: &Configuration, section: &str) -> Option<String> {
    let mut texts: Vec<(String, String)> = Vec::new();
    for reading in &configuration.readings {
        let Some(text) = of_reading(reading, section) else {
            continue;
        };
        if !texts.iter().any(|(_, known)| *known == text) {
            texts.push((reading.supposed.text(), text));
        }
    }
    match texts.as_slice() {
        [] => None,
        [(_, only)] => Some(only.clone()),
        several => {
            let several = several.iter();
            let several = several.map(|(supposed, text)| {
                let supposed = shown(supposed);
                format!("with {supposed}:\n{text}")
            });
            Some(several.collect::<Vec<_>>().join("\n"))
        }
    }
}

/// The sections with servers of `PostgreSQL` to which a section leads.
#[must_use]
pub fn led_to(configuration: &Configuration, section: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for reading in &configuration.readings {
        for pool in Pools::of(reading).tcp {
            let mut entries = pool.entries.iter();
            let name = &pool.proxy.name;
            if entries.any(|entry| entry.name == section) && !names.contains(name) {
                names.push(name.clone());
            }
        }
    }
    names
}

fn of_reading(reading: &Reading, section: &str) -> Option<String> {
    let pools = Pools::of(reading);
    let mut tcp = pools.tcp.iter();
    if let Some(pool) = tcp.find(|pool| pool.proxy.name == section) {
        return Some(tables(pool));
    }
    let mut names = pools.names().into_iter();
    let (name, role) = names.find(|(name, _)| name == section)?;
    let (name, whom) = (shown(&name), role.word());
    Some(format!(
        "{name} (for {whom})\n\nHAProxy refuses every client of PostgreSQL in `mode http`.\n"
    ))
}

fn tables(pool: &Pool<'_>) -> String {
    let mut text = String::new();
    let name = shown(&pool.proxy.name);
    let whom = pool.role.word();
    // Writing to a String cannot fail.
    writeln!(text, "{name} (for {whom})").ok();
    if pool.extent == Extent::Beyond {
        text.push_str("\nIt takes more steps than are evaluated.\n");
        return text;
    }
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
    if let Some(past) = pool.proxy.settings.past_servers() {
        let past = shown(&past.value);
        writeln!(text, "\nsessions go past every check: {past}").ok();
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

fn reached(pool: &Pool<'_>, up: u64) -> String {
    match (pool.can_be_reached(up), up) {
        (Possible::No, _) => "no session is accepted".to_owned(),
        (Possible::DependsOn(criterion), _) => {
            let criterion = shown(&criterion);
            format!("unknown: the criterion {criterion:?} is not evaluated")
        }
        (Possible::Yes, 0) => "sessions are accepted, but no server is up".to_owned(),
        (Possible::Yes, _) if !pool.has_receivers() => {
            "sessions are accepted, but no server gets them".to_owned()
        }
        (Possible::Yes, 1) => "sessions reach the server".to_owned(),
        (Possible::Yes, _) if !pool.shares_sessions() => "sessions reach one of them".to_owned(),
        (Possible::Yes, _) => "sessions reach both".to_owned(),
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
