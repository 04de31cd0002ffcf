//! The HTTP port beside a real Patroni's, on the same servers: the same status for every path that needs no
//! configuration store, the same documents and metrics where both tell something. Runs where the
//! environment has `COMPARE=patroni` (`make test-patroni`); Patroni and etcd are Debian's.
//!
//! - [`cluster`]: a primary and a standby that Patroni manages.
//! - [`ask`]: a client that both understand.
//! - [`table`]: what is asked.

mod ask;
mod cluster;
mod table;

use std::net::SocketAddrV4;
use std::time::Duration;

use serde_json::Value;
use support::{Daemon, Trouble, ports, until_ok};

use crate::ask::ask;
use crate::cluster::{Cluster, Member};

/// The built program.
const PROGRAM: &str = env!("CARGO_BIN_EXE_pgsql-state");

/// Longest wait for what has no deadline of its own.
const SECONDS: Duration = Duration::from_secs(20);

/// Fields that move by themselves, or that Patroni fills from its store.
const OTHERWISE: &[&str] = &["dcs_last_seen", "patroni"];

#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the tests says by the environment whether this one is wanted"
)]
fn is_wanted() -> bool {
    std::env::var("COMPARE").is_ok_and(|compare| compare == "patroni")
}

/// A daemon beside a member, as a user who moves over has it.
fn beside(member: &Member, http: &str) -> Result<(Daemon, SocketAddrV4), Trouble> {
    let (state, address) = (ports::free()?, ports::free()?);
    let daemon = Daemon::binding(PROGRAM, state)
        .config(&format!("http = [\"{address}\"]\n"))
        .asking(&member.conninfo())
        .config("timeout = \"5s\"\n")
        .config(http)
        .start()?;
    Ok((daemon, address))
}

#[test]
fn a_real_patroni_says_the_same() -> Result<(), Trouble> {
    if !is_wanted() {
        println!("not run: COMPARE is not patroni");
        return Ok(());
    }
    let cluster = Cluster::start()?;
    for member in [&cluster.primary, &cluster.standby] {
        let lenient = "[http]\nstrict = false\n[metrics]\npatroni_names = true\n";
        let (_lenient, lenient) = beside(member, lenient)?;
        let (_strict, strict) = beside(member, "")?;
        let usual = table::CHECKS.iter().chain(table::TO_GET);
        for method in ["GET", "HEAD", "OPTIONS"] {
            for target in usual.clone().chain(table::AS_PATRONI_TAKES_THEM) {
                same_status(member, lenient, method, target)?;
            }
            for target in table::CHECKS {
                same_status(member, strict, method, target)?;
            }
        }
        for target in table::TO_GET {
            same_status(member, strict, "GET", target)?;
        }
        for target in ["/patroni", "/primary", "/replica", "/health"] {
            same_document(member, strict, target)?;
        }
        same_metrics(member, lenient)?;
    }
    Ok(())
}

fn same_status(
    member: &Member,
    ours: SocketAddrV4,
    method: &str,
    target: &str,
) -> Result<(), Trouble> {
    let what = format!("{method} {target} of {} to be Patroni's", member.name);
    // Patroni's view of the store is a moment old.
    until_ok(SECONDS, &what, || {
        let theirs = ask(member.rest, method, target)?.status;
        let ours = ask(ours, method, target)?.status;
        let same = ours == theirs;
        same.then_some(())
            .ok_or_else(|| format!("it is {ours}, Patroni's {theirs}"))
    })
}

fn document(address: SocketAddrV4, target: &str) -> Result<Value, String> {
    let body = ask(address, "GET", target)?.body;
    serde_json::from_str(&body).map_err(|error| format!("{error}: {body}"))
}

/// What both tell, in the order of the first.
fn shared(document: &Value, other: &Value) -> Vec<(String, Value)> {
    let fields = document.as_object().into_iter().flatten();
    let both = fields.filter(|(name, _)| {
        other.get(name.as_str()).is_some() && !OTHERWISE.contains(&name.as_str())
    });
    both.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn same_document(member: &Member, ours: SocketAddrV4, target: &str) -> Result<(), Trouble> {
    let what = format!("the document of {target} of {}", member.name);
    // Positions move while one is asked after the other.
    until_ok(SECONDS, &what, || {
        let (mut theirs, ours) = (document(member.rest, target)?, document(ours, target)?);
        // Before version 4 it had another word.
        if let Some(role) = theirs.get_mut("role").filter(|role| *role == "master") {
            *role = "primary".into();
        }
        let (left, right) = (shared(&ours, &theirs), shared(&theirs, &ours));
        // Both tell at least these.
        let least = ["state", "role", "server_version", "xlog", "timeline"];
        let enough = least
            .iter()
            .all(|name| left.iter().any(|(field, _)| field == name));
        (enough && left == right)
            .then_some(())
            .ok_or_else(|| format!("it is {left:?}, Patroni's {right:?}"))
    })?;
    // In the same order; the blanks that Python writes say nothing.
    let start = "{\"state\":\"running\",\"postmaster_start_time\":\"";
    for address in [member.rest, ours] {
        let body = ask(address, "GET", target).map_err(Trouble::Unfit)?.body;
        let compact = body.replace("\": ", "\":").replace(", \"", ",\"");
        assert!(compact.starts_with(start), "{body}");
    }
    Ok(())
}

/// A metric's help, type and value.
fn metric(text: &str, name: &str) -> Option<(String, String, f64)> {
    let line = |start: &str| {
        let found = text.lines().find_map(|line| line.strip_prefix(start));
        found.map(str::to_owned)
    };
    let sample = text.lines().find(|line| {
        let end = line.strip_prefix(name);
        end.is_some_and(|end| end.starts_with([' ', '{']))
    })?;
    Some((
        line(&format!("# HELP {name} "))?,
        line(&format!("# TYPE {name} "))?,
        sample.rsplit(' ').next()?.parse().ok()?,
    ))
}

fn same_metrics(member: &Member, ours: SocketAddrV4) -> Result<(), Trouble> {
    let what = format!("the metrics of {}", member.name);
    until_ok(SECONDS, &what, || {
        let text = ask(ours, "GET", "/metrics")?.body;
        let theirs = ask(member.rest, "GET", "/metrics")?.body;
        let names: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("# TYPE patroni_"))
            .filter_map(|line| line.split(' ').next())
            .collect();
        let names = names.iter().map(|name| format!("patroni_{name}"));
        let mut compared = 0;
        for name in names {
            // One that this version of Patroni does not have is none to compare.
            let Some(expected) = metric(&theirs, &name) else {
                continue;
            };
            let told = metric(&text, &name).ok_or_else(|| format!("{name} is not told"))?;
            if told != expected {
                return Err(format!("{name} is {told:?}, Patroni's {expected:?}"));
            }
            compared += 1;
        }
        let enough = compared >= 10;
        enough
            .then_some(())
            .ok_or_else(|| format!("only {compared} are in both"))
    })
}
