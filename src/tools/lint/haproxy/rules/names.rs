//! Whether the servers' names resolve.

use super::finding;
use crate::tools::lint::haproxy::Resolved;
use crate::tools::lint::haproxy::address::Host;
use crate::tools::lint::haproxy::pool::Pool;
use crate::tools::lint::haproxy::server::ServerLine;
use crate::tools::lint::{Finding, Rule};

/// The names that `HAProxy` resolves with the system's resolver. With `resolvers` it asks other name servers.
pub(in crate::tools::lint::haproxy) fn of(pool: &Pool<'_>) -> Vec<String> {
    let servers = pool.proxy.servers.iter();
    servers.flat_map(of_server).map(str::to_owned).collect()
}

fn of_server(server: &ServerLine) -> impl Iterator<Item = &str> {
    let parameters = &server.parameters;
    let own = Some(&server.address.host).filter(|_| parameters.resolvers.is_none());
    let asked = [&parameters.addr, &parameters.agent_addr];
    let asked = asked.into_iter().flatten().map(|host| &host.value);
    own.into_iter().chain(asked).filter_map(|host| match host {
        Host::Name(name) => Some(name.as_str()),
        Host::Number | Host::Other => None,
    })
}

/// Each server with a name that does not resolve.
pub(super) fn unresolved(pool: &Pool<'_>, resolved: &Resolved) -> Vec<Finding> {
    let Resolved::AllBut(missing) = resolved else {
        return Vec::new();
    };
    let servers = pool.proxy.servers.iter();
    let named = servers.flat_map(|server| of_server(server).map(move |name| (server, name)));
    let lost = named.filter(|(_, name)| missing.contains(*name));
    lost.map(|(server, name)| {
        let may_be_absent = server.parameters.init_addr.as_ref();
        let may_be_absent = may_be_absent.is_some_and(|how| how.value.contains("none"));
        let then = if may_be_absent {
            "the server stays out of use"
        } else {
            "HAProxy does not start"
        };
        let what =
            format!("{name} does not resolve on this host; on a host where it does not, {then}.");
        let remedy =
            "Write the server's address, or add the name to /etc/hosts on each host with HAProxy.";
        finding(pool, Rule::UnresolvedName, &server.place, what, remedy)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use crate::tools::lint::Rule;
    use crate::tools::lint::haproxy::rules::tests::{configuration, fires, quiet};
    use crate::tools::lint::haproxy::{Resolved, findings, names};

    #[test]
    fn names_that_lead_nowhere() {
        // In these tests no name with a dot resolves.
        let rule = Rule::UnresolvedName;
        let pool = |server: &str| format!("listen pg_ro\n server a {server}\n");
        fires(rule, &pool("no.where:5432 check"), &[2]);
        fires(rule, &pool("h:5432 check addr no.where"), &[2]);
        fires(rule, &pool("no.where:5432 init-addr last,libc,none"), &[2]);
        quiet(rule, &pool("h:5432 check"));
        quiet(rule, &pool("10.0.0.1:5432 check"));
        quiet(rule, &pool("no.where:5432 resolvers dns"));
        quiet(rule, &pool("no.where:80").replace("pg_ro", "web"));
    }

    #[test]
    fn names_that_were_not_resolved_are_no_findings() {
        let read = configuration("listen pg_ro\n server a no.where:5432\n");
        assert_eq!(findings(&read, &Resolved::Unasked, None), []);
        assert_eq!(names(&read).into_iter().collect::<Vec<_>>(), ["no.where"]);
    }
}
