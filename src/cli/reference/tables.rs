//! Writes each table from its declaration, as Markdown.

use crate::admit::Reason;
use crate::agent::ocf::parameters::{Default, OnChange, PARAMETERS};
use crate::answer::metrics::METRICS;
use crate::cli::exit::Exit;
use crate::config::{KEYS, KeyDefault};
use crate::health::{DownReason, LagReason};
use crate::tools::doctor::Id;
use crate::tools::lint::Rule;

/// A table with a heading and rows with the same number of cells.
pub(super) fn table<const COLUMNS: usize>(
    heading: [&str; COLUMNS],
    rows: impl IntoIterator<Item = [String; COLUMNS]>,
) -> String {
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        format!("| {} |\n", cells.join(" | ").replace("  ", " "))
    };
    let mut table = line(&heading.map(str::to_owned));
    table.extend(["|", &"---|".repeat(COLUMNS), "\n"]);
    table.extend(rows.into_iter().map(|cells| line(&cells)));
    table
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

pub(super) fn down() -> String {
    let rows = DownReason::ALL.iter().map(|reason| {
        [
            code(reason.word()),
            reason.meaning().to_owned(),
            reason.look_at().to_owned(),
        ]
    });
    table(["`down`", "what it means", "what to look at"], rows)
}

pub(super) fn lagging() -> String {
    let rows = LagReason::ALL.iter().map(|reason| {
        [
            code(reason.word()),
            reason.meaning().to_owned(),
            reason.condition().to_owned(),
        ]
    });
    table(["`lagging`", "what it means", "condition"], rows)
}

/// A heading and a table for each table of the configuration file.
pub(super) fn keys() -> String {
    let of_one = KEYS.chunk_by(|one, next| one.table == next.table);
    let parts = of_one.map(|keys| {
        let rows = keys.iter().map(|key| {
            let default = match key.default {
                KeyDefault::Value(default) => code(default),
                KeyDefault::Described(default) => default.to_owned(),
            };
            [code(&key.to_string()), default, key.meaning.to_owned()]
        });
        let of = keys.first().map(|key| key.table).unwrap_or_default();
        let table = table(["key", "default", "meaning"], rows);
        format!("### `[{of}]`\n\n{table}")
    });
    parts.collect::<Vec<_>>().join("\n")
}

pub(super) fn agent_parameters() -> String {
    let rows = PARAMETERS.iter().map(|declared| {
        let default = match declared.default {
            Default::Is("") => "empty".into(),
            Default::Is(value) => code(value),
            Default::Pgdata("") => "what `pgdata` is".into(),
            Default::Pgdata(behind) => format!("`PGDATA{behind}`"),
        };
        let on_change = match declared.on_change {
            OnChange::Reload => "takes effect without a restart",
            OnChange::Restart => "restarts the server",
        };
        [
            code(declared.name),
            default,
            declared.long.to_owned(),
            on_change.to_owned(),
        ]
    });
    table(["parameter", "default", "what it is", "a change"], rows)
}

pub(super) fn metrics() -> String {
    let rows = METRICS.iter().map(|metric| {
        let name = code(&metric.family());
        [name, metric.labels.to_owned(), metric.help.to_owned()]
    });
    table(["metric", "labels", "what it is"], rows)
}

pub(super) fn doctor() -> String {
    let rows = Id::ALL
        .iter()
        .map(|id| [code(id.word()), id.checks().to_owned(), id.why().to_owned()]);
    table(["finding", "checks whether", "why it matters"], rows)
}

pub(super) fn lint() -> String {
    let rows = Rule::ALL.map(|rule| {
        [
            code(rule.id()),
            rule.severity().word().to_owned(),
            rule.meaning().to_owned(),
            rule.remedy().to_owned(),
        ]
    });
    table(["id", "severity", "what is wrong", "remedy"], rows)
}

pub(super) fn exit_statuses() -> String {
    let rows = Exit::MANUAL.map(|(status, meaning)| {
        let status = code(&status.number().to_string());
        [status, meaning.to_owned()]
    });
    table(["exit status", "what it means"], rows)
}

pub(super) fn refusals() -> String {
    let refused = Reason::ALL.into_iter().filter(|reason| reason.is_refusal());
    let rows = refused.map(|reason| [code(reason.word()), reason.meaning().to_owned()]);
    table(["reason", "what it means"], rows)
}

pub(super) fn suites() -> String {
    let suites = support::suites::suites().unwrap();
    let rows = suites.into_iter().map(|suite| {
        [
            suite.name.clone(),
            suite.debian.to_string(),
            suite.stands.name().to_owned(),
            suite.postgresql.to_string(),
            suite.haproxy.clone(),
            suite.pacemaker.clone(),
            suite.systemd.to_string(),
        ]
    });
    table(
        [
            "suite",
            "Debian",
            "stands",
            "PostgreSQL",
            "HAProxy",
            "Pacemaker",
            "systemd",
        ],
        rows,
    )
}
