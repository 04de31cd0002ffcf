//! Verifies the connection string of a standby: the server that it follows, and the name that it uses there, with what
//! the service adds that the string names: a WAL receiver uses libpq. Knows no server.

use super::outcome::{CheckResult, wrong};
use crate::agent::ocf::node::Node;
use crate::postgres::conninfo::{self, Environment, Keyword};

/// Verifies that a standby would have its node's name on its primary, and would find a primary.
pub(super) fn check(
    conninfo: &str,
    environment: &Environment<'_>,
    local: &Node,
    cluster_name: impl FnOnce() -> CheckResult<String>,
) -> CheckResult {
    let given = conninfo::given_with_service(conninfo, environment)
        .map_err(|error| wrong(format!("cannot parse setting primary_conninfo: {error}")))?;
    let get = |keyword| given.get(&keyword).filter(|value| !value.is_empty());
    let name = match get(Keyword::ApplicationName) {
        Some(name) => name.clone(),
        // The name that a WAL receiver uses then (`libpqrcv_connect`, given the name by `WalReceiverMain`).
        None if !conninfo.is_empty() => cluster_name()?,
        None => String::new(),
    };
    if name != local.name() {
        return Err(wrong(format!(
            "application_name is {name:?} in setting primary_conninfo; this node's name {:?} was expected",
            local.name()
        )));
    }
    let hosts = get(Keyword::Host).or_else(|| get(Keyword::HostAddr));
    if hosts.is_some_and(|hosts| hosts.contains(',')) {
        let wanted = get(Keyword::TargetSessionAttrs).map_or("any", String::as_str);
        if !matches!(wanted, "read-write" | "primary") {
            tracing::warn!(
                "setting primary_conninfo names several hosts, and target_session_attrs is {wanted}: the standby may \
                 follow another standby, or itself; read-write was expected"
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::postgres::conninfo::ServiceFile;

    const SERVICES: &str = "[own]\napplication_name=srv2\nhost=srv1\n[other]\napplication_name=srv1\n[bare]\nhost=srv1\n";

    fn judged(conninfo: &str, cluster_name: &str) -> Option<String> {
        let local = "srv2".parse().unwrap();
        let environment = Environment {
            variable: &|_| None,
            service_file: &|path| {
                if path.starts_with("/home/pg") {
                    ServiceFile::Text(SERVICES.into())
                } else {
                    ServiceFile::Missing
                }
            },
            user: None,
            home: Some("/home/pg".into()),
        };
        let judged = check(conninfo, &environment, &local, || Ok(cluster_name.into()));
        judged.err().map(|problem| problem.sentence)
    }

    #[test]
    fn a_standby_has_its_nodes_name() {
        for good in [
            "host=srv1 application_name=srv2",
            "host=srv1 application_name='srv2'",
            "application_name = srv2 host=srv1,srv3 target_session_attrs=read-write",
            "postgresql://srv1/?application_name=srv2",
            "postgresql://repl@10.0.0.2:5432,10.0.0.3:5432/?target_session_attrs=read-write&application_name=srv2",
        ] {
            assert_eq!(judged(good, ""), None, "{good}");
        }
        let other = judged("host=srv1 application_name=srv", "srv2").unwrap();
        assert!(
            other.contains("\"srv\"") && other.contains("\"srv2\""),
            "{other}"
        );
        assert!(judged("", "srv2").is_some());
        assert!(judged("host", "srv2").is_some());
    }

    #[test]
    fn a_service_names_a_standby_as_it_does_for_its_receiver() {
        assert_eq!(judged("service=own", "srv1"), None);
        assert_eq!(judged("service=bare", "srv2"), None);
        assert_eq!(judged("service=other application_name=srv2", ""), None);
        let other = judged("service=other", "srv2").unwrap();
        assert!(other.contains("application_name is \"srv1\""), "{other}");
        let none = judged("service=none application_name=srv2", "srv2").unwrap();
        assert!(none.contains("there is no service \"none\""), "{none}");
    }

    #[test]
    fn a_cluster_name_is_a_name() {
        assert_eq!(judged("host=srv1", "srv2"), None);
        assert!(judged("host=srv1", "srv1").is_some());
    }
}
