//! Facts about the server: its settings and the rules of its `pg_hba.conf`.

use serde_json::Value;

use super::PATIENCE;
use super::place::Place;
use crate::daemon::Configured;
use crate::doctor::settings::{self, Facts, Manager, Settings};
use crate::doctor::{Finding, Id, Report, hba};
use crate::postgres::{Inspection, Session, connect};
use crate::role::Failure;
use crate::target::Endpoint;

const THEME: &str = "PostgreSQL";

pub(super) async fn examine(
    configured: &Configured,
    place: &Place,
    manager: Manager,
    report: &mut Report,
) {
    let target = &configured.postgres.target;
    let mut session = match connect(target, PATIENCE).await {
        Ok((session, _)) => session,
        Err(refusal) if refusal.failure == Failure::OtherServer => {
            return report.find(Finding {
                id: Id::OtherServer,
                what: format!("postgres.conninfo leads to {target}, and {refusal}"),
                remedy: "say in postgres.conninfo where PostgreSQL itself listens, best its Unix socket, and no load \
                         balancer"
                    .into(),
            });
        }
        Err(refusal) => {
            let why = format!(
                "cannot connect to {target}: {refusal}; run this as PostgreSQL's operating system user, or say \
                 --server"
            );
            return report.not_looked_at(THEME, &why);
        }
    };
    let Some(facts) = facts(&mut session, configured, place, manager, report).await else {
        return;
    };
    settings::judge(&facts, report);
    rules(&mut session, &facts, place, report).await;
}

async fn facts(
    session: &mut Session,
    configured: &Configured,
    place: &Place,
    manager: Manager,
    report: &mut Report,
) -> Option<Facts> {
    let server = ask(session, Inspection::Server, THEME, report).await?;
    let rows = ask(session, Inspection::Settings, THEME, report).await?;
    let server: Option<Value> = server
        .first()
        .and_then(|row| serde_json::from_str(row).ok());
    let number = |name: &str| server.as_ref()?.get(name)?.as_i64();
    let (Some(version), Some(slots)) = (number("version"), number("slots")) else {
        report.not_looked_at(THEME, "what it tells of itself is not understood");
        return None;
    };
    let others = configured.cluster.nodes.iter().map(|node| node.address);
    Some(Facts {
        version,
        slots,
        settings: Settings::read(&rows),
        node: place.name.clone(),
        own: place.own.clone(),
        others: others
            .filter(|address| Some(*address) != place.address)
            .collect(),
        manager,
        psql: psql(configured),
    })
}

async fn rules(session: &mut Session, facts: &Facts, place: &Place, report: &mut Report) {
    const THEME: &str = "pg_hba.conf";
    let Some(rows) = ask(session, Inspection::HbaRules, THEME, report).await else {
        return;
    };
    let lines: Option<Vec<_>> = rows.iter().map(|row| hba::read(row)).collect();
    let Some(lines) = lines else {
        return report.not_looked_at(THEME, "pg_hba_file_rules is not understood");
    };
    let facts = hba::Facts {
        lines: &lines,
        file: facts.settings.text("hba_file").unwrap_or("FILE"),
        own: &place.own,
        node: facts.node.as_deref(),
        psql: &facts.psql,
    };
    hba::judge(facts, report);
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

/// How `psql` reaches the same server.
fn psql(configured: &Configured) -> String {
    let target = &configured.postgres.target;
    let host = match &target.endpoint {
        Endpoint::Unix { directory, .. } => directory.display().to_string(),
        Endpoint::Tcp { host, .. } => host.clone(),
    };
    format!(
        "psql -h {host} -p {} -d {}",
        target.endpoint.port(),
        target.database
    )
}
