//! Judges `primary_conninfo`: whether a server follows another one as a standby, under its own name, and never
//! itself.

use std::net::IpAddr;

use super::{HostFinding, Id, Manager, Report, SettingsFacts, Takes};
use crate::postgres::conninfo::{self, Keyword};

/// Of what a service may have.
const OF_A_SERVICE: &str = "primary_conninfo names a service, whose file PostgreSQL's user reads";

/// Judges `primary_conninfo`.
pub(super) fn judge(facts: &SettingsFacts, report: &mut Report) {
    const THEME: &str = "primary_conninfo";
    let Some(conninfo) = facts.settings.text("primary_conninfo") else {
        report.not_looked_at(
            THEME,
            "it is for superusers and members of pg_read_all_settings",
        );
        return;
    };
    let name = facts.node.as_deref();
    if conninfo.trim().is_empty() {
        let name = name.unwrap_or("NODE");
        let settings = format!("{} application_name={name}", facts.everybody_else());
        report.find(HostFinding {
            id: Id::PrimaryConninfoMissing,
            what: "primary_conninfo is empty".into(),
            remedy: facts.set("primary_conninfo", &format!("'{settings}'")),
        });
        return;
    }
    let given = match conninfo::given(conninfo) {
        Ok(given) => given,
        Err(error) => return report.not_looked_at(THEME, &error.to_string()),
    };
    let text = |keyword| given.get(&keyword).map(String::as_str);
    let has_service = text(Keyword::Service).is_some();
    let written = text(Keyword::ApplicationName);
    let called = written.or_else(|| cluster_name(facts));
    match name {
        Some(_) if has_service && written.is_none() => {
            report.not_looked_at("application_name", OF_A_SERVICE);
        }
        None => report.not_looked_at(
            "application_name",
            "cluster.nodes has no node with an address of this host",
        ),
        Some(name) if called != Some(name) => report.find(HostFinding {
            id: Id::ApplicationName,
            what: match called {
                Some(other) => format!("a standby on node {name} has the name {other}"),
                None => format!("primary_conninfo has no application_name={name}"),
            },
            remedy: facts.add_to_conninfo(&format!("application_name={name}")),
        }),
        Some(_) => {}
    }
    let has_place = |keyword| text(keyword).is_some();
    if has_service && !(has_place(Keyword::Host) || has_place(Keyword::HostAddr)) {
        return report.not_looked_at("the servers in primary_conninfo", OF_A_SERVICE);
    }
    let own = own_place(
        facts,
        text(Keyword::Host),
        text(Keyword::HostAddr),
        text(Keyword::Port),
    );
    if let Some(place) = own {
        report.find(HostFinding {
            id: Id::PrimaryConninfoOwn,
            what: format!("primary_conninfo leads to {place}, which is this server itself"),
            remedy: facts.add_to_conninfo(&facts.everybody_else()),
        });
    }
}

/// The name of a standby whose `primary_conninfo` has no `application_name`, from `PostgreSQL` 12. Pacemaker's
/// agents do not use it.
fn cluster_name(facts: &SettingsFacts) -> Option<&str> {
    let name = facts.settings.text("cluster_name");
    name.filter(|name| !name.is_empty() && facts.manager != Manager::Pacemaker)
}

/// The first place of a list of hosts, parsed as libpq does, at which this server itself listens: on its own
/// port. A load balancer on the same host has another port.
fn own_place(
    facts: &SettingsFacts,
    host: Option<&str>,
    address: Option<&str>,
    port: Option<&str>,
) -> Option<String> {
    let own_port = facts.settings.text("port")?;
    let hosts: Vec<&str> = address.or(host).unwrap_or_default().split(',').collect();
    let ports: Vec<&str> = port.unwrap_or_default().split(',').collect();
    let port_of = |index: usize| match ports.as_slice() {
        [one] => *one,
        several => several.get(index).copied().unwrap_or_default(),
    };
    let places = hosts.iter().enumerate().map(|(index, host)| {
        let port = port_of(index).trim();
        (host.trim(), if port.is_empty() { "5432" } else { port })
    });
    let mut own = places.filter(|(host, port)| *port == own_port && is_own(facts, host));
    let (host, port) = own.next()?;
    let host = if host.is_empty() {
        "the Unix socket"
    } else {
        host
    };
    Some(format!("{host} port {port}"))
}

/// Whether a host is this server's host. An empty host means the local Unix socket.
fn is_own(facts: &SettingsFacts, host: &str) -> bool {
    if let Ok(address) = host.parse::<IpAddr>() {
        return address.is_loopback() || facts.own.contains(&address);
    }
    let named = facts
        .node
        .as_deref()
        .is_some_and(|name| name.eq_ignore_ascii_case(host));
    host.is_empty() || host.starts_with(['/', '@']) || host == "localhost" || named
}

impl SettingsFacts {
    /// A command that appends to `primary_conninfo`; the last occurrence of a keyword counts. It does not print the
    /// present value, which may contain a password.
    fn add_to_conninfo(&self, settings: &str) -> String {
        let psql = &self.psql;
        let conninfo = self.settings.text("primary_conninfo").unwrap_or_default();
        // The parameters of a URI begin with a question mark.
        let more = match (conninfo::is_uri(conninfo), conninfo.contains('?')) {
            (false, _) => format!(" {settings}"),
            (true, false) => format!("?{}", settings.replace(' ', "&")),
            (true, true) => format!("&{}", settings.replace(' ', "&")),
        };
        let sql = format!(
            "SELECT format('ALTER SYSTEM SET primary_conninfo = %L', \
             current_setting('primary_conninfo') || '{more}') \\gexec"
        );
        let after = match self.settings.0.get("primary_conninfo").map(|it| it.takes) {
            Some(Takes::Restart) => "; then restart PostgreSQL".to_owned(),
            Some(Takes::Reload) | None => format!("; {psql} -c \"SELECT pg_reload_conf()\""),
        };
        format!("echo \"{sql}\" | {psql}{after}")
    }

    /// Connection parameters that lead to the primary on any other node, and never to this server.
    fn everybody_else(&self) -> String {
        let hosts: Vec<String> = self.others.iter().map(ToString::to_string).collect();
        let hosts = if hosts.is_empty() {
            "OTHER_HOSTS".into()
        } else {
            hosts.join(",")
        };
        // The text becomes a part of a command, and the server's user can make the view say anything.
        let port = match self.settings.text("port").map(str::parse::<u16>) {
            Some(Ok(port)) => port.to_string(),
            Some(Err(_)) | None => "PORT".into(),
        };
        format!("host={hosts} port={port} target_session_attrs=read-write")
    }
}
