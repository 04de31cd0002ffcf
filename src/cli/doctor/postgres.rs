//! Gathers facts about the server: its settings and the rules of its `pg_hba.conf`.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Deserialize;
use tokio::net::lookup_host;
use tokio::time::timeout;

use super::TIMEOUT;
use super::place::HostPlace;
use crate::base::shell::quoted;
use crate::config::{ClusterNode, SlotMode};
use crate::daemon::Configured;
use crate::health::Failure;
use crate::postgres::conninfo::{Endpoint, Target};
use crate::postgres::{Inspection, Session, connect};
use crate::tools::doctor::settings::{self, Manager, ServerSettings, SettingsFacts};
use crate::tools::doctor::slots::{self, CapSet, KeptSlotNames, SlotsSeen};
use crate::tools::doctor::{HostFinding, Id, Report, pg_hba};

const THEME: &str = "PostgreSQL";

pub(super) async fn examine(
    configured: &Configured,
    place: &HostPlace,
    manager: Manager,
    option: &str,
    report: &mut Report,
) {
    let target = &configured.postgres.target;
    let mut session = match connect(target, TIMEOUT).await {
        Ok((session, _)) => session,
        Err(refusal) if refusal.failure == Failure::OtherServer => {
            return report.find(HostFinding {
                id: Id::OtherServer,
                what: format!("postgres.conninfo leads to {target}, and {refusal}"),
                remedy: "set postgres.conninfo to an address of PostgreSQL itself, preferably its Unix socket, not to a \
                load balancer"
                    .into(),
            });
        }
        Err(refusal) => {
            let why = format!(
                "cannot connect to {target}: {refusal}; run this as PostgreSQL's operating system user (runuser -u postgres \
                 -g postgres -G pgsql-state -- pgsql-state doctor{option}), or use --server"
            );
            return report.not_looked_at(THEME, &why);
        }
    };
    let Some(facts) = facts(&mut session, configured, place, manager, report).await else {
        return;
    };
    settings::judge(&facts, report);
    examine_slots(&mut session, configured, &facts, report).await;
    let members = members(&configured.cluster.nodes, option);
    rules(&mut session, &facts, place, &members, report).await;
}

async fn examine_slots(
    session: &mut Session,
    configured: &Configured,
    facts: &SettingsFacts,
    report: &mut Report,
) {
    let (server, slots) = match session.slots().await {
        Ok(seen) => seen,
        Err(refusal) => return report.not_looked_at("replication slots", &refusal.to_string()),
    };
    let settings = &configured.slots;
    let kept = match settings.mode {
        SlotMode::Off => None,
        SlotMode::Nodes => {
            let others = configured.cluster.nodes.iter();
            let others = others.filter(|node| Some(&node.name) != facts.node.as_ref());
            let prefix = &settings.policy.prefix;
            let wanted = others.filter_map(|node| prefix.slot_of(&node.name).ok());
            Some(KeptSlotNames {
                wanted: wanted.chain(settings.also.iter().cloned()).collect(),
                prefix: prefix.as_str().to_owned(),
                cap: match settings.policy.cap {
                    Some(_) => CapSet::Yes,
                    None => CapSet::No,
                },
            })
        }
    };
    let seen = SlotsSeen {
        server: &server,
        slots: &slots,
        kept,
        psql: &facts.psql,
    };
    slots::judge(&seen, report);
}

/// The options that name the cluster's members, so that who may not read the configuration can run the command too.
fn members(nodes: &[ClusterNode], option: &str) -> String {
    if nodes.is_empty() {
        return option.to_owned();
    }
    let nodes = nodes.iter().map(|node| {
        let member = format!("{}={}", node.name, node.address);
        format!(" --member {}", quoted(&member))
    });
    nodes.collect()
}

/// The columns of [`Inspection::Server`] that are used here.
#[derive(Deserialize)]
struct ServerRow {
    /// `server_version_num`.
    version: i64,
    /// How many replication slots it has.
    slots: i64,
}

/// A file that rules come from.
#[derive(Deserialize)]
struct FileRow {
    file: String,
    text: String,
}

async fn facts(
    session: &mut Session,
    configured: &Configured,
    place: &HostPlace,
    manager: Manager,
    report: &mut Report,
) -> Option<SettingsFacts> {
    let server = ask(session, Inspection::Server, THEME, report).await?;
    let rows = ask(session, Inspection::Settings, THEME, report).await?;
    let server = server.first();
    let server = server.and_then(|row| serde_json::from_str(row).ok());
    let Some(ServerRow { version, slots }) = server else {
        report.not_looked_at(THEME, "its answer is not understood");
        return None;
    };
    let others = configured.cluster.nodes.iter().map(|node| node.address);
    Some(SettingsFacts {
        version,
        slots,
        settings: ServerSettings::read(&rows),
        node: place.name.clone(),
        own: place.own.clone(),
        others: others
            .filter(|address| Some(*address) != place.address)
            .collect(),
        manager,
        psql: psql(&configured.postgres.target),
    })
}

async fn rules(
    session: &mut Session,
    facts: &SettingsFacts,
    place: &HostPlace,
    members: &str,
    report: &mut Report,
) {
    const THEME: &str = "pg_hba.conf";
    let Some(rows) = ask(session, Inspection::HbaRules, THEME, report).await else {
        return;
    };
    let lines: Option<Vec<_>> = rows.iter().map(|row| pg_hba::read(row)).collect();
    let Some(mut lines) = lines else {
        return report.not_looked_at(THEME, "pg_hba_file_rules is not understood");
    };
    let file = facts.settings.text("hba_file").unwrap_or("FILE");
    quotes(session, file, &mut lines, report).await;
    let hosts = resolved(pg_hba::hosts(&lines)).await;
    let facts = pg_hba::HbaFacts {
        lines: &lines,
        file,
        own: &place.own,
        node: facts.node.as_deref(),
        hosts: &hosts,
        psql: &facts.psql,
        members,
    };
    pg_hba::judge(facts, report);
}

/// Adds the quotes of the files, which the view `pg_hba_file_rules` does not show.
async fn quotes(
    session: &mut Session,
    main: &str,
    lines: &mut [pg_hba::HbaLine],
    report: &mut Report,
) {
    const THEME: &str = "the quotes in pg_hba.conf";
    for row in ask(session, Inspection::HbaTexts, THEME, report)
        .await
        .unwrap_or_default()
    {
        // A file that may not be read has no text.
        if let Ok(FileRow { file, text }) = serde_json::from_str(&row) {
            let is_of_file = |line: &pg_hba::HbaLine| line.file.as_deref().unwrap_or(main) == file;
            pg_hba::quotes::mark(lines, &text, is_of_file);
        }
    }
}

/// Resolves the names of hosts, at most `MOST`; a name that does not resolve is left out.
async fn resolved(names: Vec<&str>) -> BTreeMap<String, Vec<IpAddr>> {
    const MOST: usize = 64;
    let mut found = BTreeMap::new();
    for name in names.into_iter().take(MOST) {
        let asked = timeout(TIMEOUT, lookup_host((name, 0))).await;
        if let Ok(Ok(addresses)) = asked {
            let addresses = addresses.map(|address| address.ip()).collect();
            found.insert(name.to_owned(), addresses);
        }
    }
    found
}

async fn ask(
    session: &mut Session,
    about: Inspection,
    theme: &str,
    report: &mut Report,
) -> Option<Vec<String>> {
    match session.inspect(about).await {
        Ok(rows) => Some(rows),
        Err(refusal) => {
            report.not_looked_at(theme, &refusal.to_string());
            None
        }
    }
}

/// The `psql` command that connects to the same server.
fn psql(target: &Target) -> String {
    let host = match &target.endpoint {
        Endpoint::Unix { directory, .. } => directory.display().to_string(),
        Endpoint::Tcp { host, .. } => host.clone(),
    };
    format!(
        "psql -h {} -p {} -U {} -d {}",
        quoted(&host),
        target.endpoint.port(),
        quoted(&target.user),
        quoted(&target.database)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::invocation::server;

    #[test]
    fn folder_and_database_are_quoted_for_the_shell() {
        let target = server("host='/srv/my run' port=5434 user='my adm' dbname='a;b'").unwrap();
        let expected = "psql -h '/srv/my run' -p 5434 -U 'my adm' -d 'a;b'";
        assert_eq!(psql(&target), expected);
        let target = server("host=/run/postgresql port=5434 user=adm dbname=postgres").unwrap();
        let expected = "psql -h /run/postgresql -p 5434 -U adm -d postgres";
        assert_eq!(psql(&target), expected);
    }
}
