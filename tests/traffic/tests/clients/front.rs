//! HAProxy in front of servers, what the clients are to do, and waits for what they do.

use std::net::SocketAddrV4;
use std::time::Duration;

use pgsql_state_traffic::{Plan, Record, Report, Traffic, verify};
use support::postgres::Setup;
use support::{Haproxy, Postgres, Trouble, ports, until_ok};

/// Enough on a machine that does everything at once.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Gaps from here up are listed.
pub(crate) const THRESHOLD: Duration = Duration::from_millis(200);

/// HAProxy with a port for writers and one for readers.
pub(crate) struct Front {
    _haproxy: Haproxy,
    pub(crate) writers: SocketAddrV4,
    pub(crate) readers: SocketAddrV4,
}

impl Front {
    /// Leads writers and readers to these servers, in turn; no server is checked.
    pub(crate) fn leading(
        writers_to: &[&Postgres],
        readers_to: &[&Postgres],
    ) -> Result<Self, Trouble> {
        let (writers, readers) = (ports::free()?, ports::free()?);
        let sections = block("prod", writers, writers_to) + &block("stdby", readers, readers_to);
        Ok(Self {
            _haproxy: Haproxy::start_with(&sections)?,
            writers,
            readers,
        })
    }

    /// The clients' plan: a writer through the writers' port, and further options.
    pub(crate) fn plan(&self, options: &[&str]) -> Plan {
        plan(self.writers, options)
    }
}

fn block(name: &str, bind: SocketAddrV4, servers: &[&Postgres]) -> String {
    let lines = servers.iter().map(|server| {
        let place = server.tcp().unwrap();
        format!("    server {} {place}\n", server.name())
    });
    let lines: String = lines.collect();
    // Without a retry: HAProxy would wait a second before it.
    format!("listen {name}\n    bind {bind}\n    balance roundrobin\n    retries 0\n{lines}")
}

/// A server at an address of its own, with a name by which clients know it.
pub(crate) fn at_an_address<'a>(setup: Setup<'a>, name: &str) -> Result<Setup<'a>, Trouble> {
    Ok(setup.name(name).tcp(ports::free()?))
}

/// A writer that connects here, and further options; servers name themselves by `cluster_name`.
pub(crate) fn plan(writers: SocketAddrV4, options: &[&str]) -> Plan {
    let writers = writers.to_string();
    let usual = [
        "--write",
        &writers,
        "--host-sql",
        "current_setting('cluster_name')",
    ];
    Plan::of_options(usual.iter().chain(options)).unwrap()
}

/// Waits for rows, at least so many.
pub(crate) fn wait_for_rows(wanted: usize, count: impl Fn() -> usize) -> Result<(), Trouble> {
    until_ok(PATIENCE, &format!("{wanted} acknowledged rows"), || {
        let count = count();
        (count >= wanted)
            .then_some(())
            .ok_or_else(|| format!("there are {count}"))
    })
}

/// Waits until what was noted so far is as wanted.
pub(crate) fn wait_for_notes(
    traffic: &Traffic,
    what: &str,
    wanted: impl Fn(&Record) -> bool,
) -> Result<(), Trouble> {
    until_ok(PATIENCE, what, || {
        let record = traffic.record();
        wanted(&record).then_some(()).ok_or_else(|| {
            let last = record.writes.last();
            format!("the last row is {last:?}")
        })
    })
}

/// Stops the clients, looks for their rows where the plan's first writer connects, and reports.
pub(crate) fn report(traffic: Traffic, plan: &Plan) -> Report {
    look(&traffic.finish().unwrap(), plan)
}

/// Looks for the rows of a record where the plan's first writer connects, and reports.
pub(crate) fn look(record: &Record, plan: &Plan) -> Report {
    verify(record, &plan.write[0], &plan.access, THRESHOLD).unwrap()
}
