//! The table of `make lab-status`: what each host is, and what the others think of it.

use std::collections::BTreeMap;

use crate::cluster::{Cluster, Role, servers_up};
use crate::error::Error;
use crate::host::Host;
use crate::lab::Lab;

/// One line for each host.
pub(crate) fn table(lab: &Lab) -> Result<String, Error> {
    let mut lines = vec![line([
        "host",
        "is",
        "Pacemaker",
        "port 5431",
        "its HAProxy sends 5432 to",
        "5433 to",
    ])];
    let cluster = Cluster::new(lab);
    let roles = roles(cluster);
    for host in Host::ALL {
        let state = if !lab.has_power(host)? {
            "off"
        } else if lab.host(host).is_booted().is_ok() {
            "booted"
        } else {
            "booting"
        };
        let (role, answer) = if host.is_server() {
            let role = roles.get(&host).map_or("-".to_owned(), Role::to_string);
            (
                role,
                cluster.answer(host).unwrap_or_else(|_| "no answer".into()),
            )
        } else {
            (String::new(), String::new())
        };
        let (prod, stdby) = match cluster.haproxy(host) {
            Ok(rows) => (
                servers_up(&rows, "prod").join(" "),
                servers_up(&rows, "stdby").join(" "),
            ),
            Err(_) => ("no HAProxy".into(), String::new()),
        };
        lines.push(line([host.name(), state, &role, &answer, &prod, &stdby]));
    }
    Ok(lines.concat())
}

/// As the first server that answers knows them.
fn roles(cluster: Cluster<'_>) -> BTreeMap<Host, Role> {
    let asked = Host::SERVERS
        .into_iter()
        .map(|server| cluster.roles(server));
    asked
        .flatten()
        .find(|roles| !roles.is_empty())
        .unwrap_or_default()
}

fn line(cells: [&str; 6]) -> String {
    let [host, state, role, answer, prod, stdby] = cells;
    let line = format!("{host:7} {state:8} {role:10} {answer:20} {prod:25} {stdby}");
    format!("{}\n", line.trim_end())
}
