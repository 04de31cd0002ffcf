//! The README tells what the program can say and what it can be told, as the manual pages do; what it
//! tells of the command line is held in `src/cli/man/tests`.

use pgsql_state::agent::ocf::parameters::Default;
use pgsql_state::agent::ocf::parameters::PARAMETERS;
use pgsql_state::config::KEYS;
use pgsql_state::config::Usual;
use pgsql_state::health::DownReason;
use pgsql_state::health::LagReason;
use pgsql_state::tools::doctor::Id;
use pgsql_state::tools::lint::Rule;

const README: &str = include_str!("../README.md");

/// What stands between two texts.
fn between<'a>(begin: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = README.split_once(begin)?;
    rest.split_once(end).map(|(part, _)| part)
}

#[test]
fn every_reason_is_explained() {
    let down = DownReason::ALL.iter();
    let down = down.map(|reason| (reason.word(), reason.meaning()));
    let lag = LagReason::ALL.iter();
    let lag = lag.map(|reason| (reason.word(), reason.meaning()));
    let missing: Vec<String> = down
        .chain(lag)
        .map(|(word, meaning)| format!("\n| `{word}` | {meaning} | "))
        .filter(|row| !README.contains(row))
        .collect();
    assert!(missing.is_empty(), "README.md does not tell of {missing:?}");
}

#[test]
fn every_finding_is_explained() {
    let rows = Rule::ALL.map(|rule| format!("\n| `{}` | ", rule.id()));
    let missing: Vec<&String> = rows.iter().filter(|row| !README.contains(*row)).collect();
    assert!(missing.is_empty(), "README.md does not tell of {missing:?}");
}

#[test]
fn every_finding_of_a_host_is_in_the_table_with_why_it_matters() {
    let rows: Vec<&str> = README
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    let missing: Vec<&str> = Id::ALL
        .iter()
        .filter(|id| {
            let (begin, end) = (
                format!("| `{}` | ", id.word()),
                format!(" | {} |", id.why()),
            );
            !rows
                .iter()
                .any(|row| row.starts_with(&begin) && row.ends_with(&end))
        })
        .map(|id| id.word())
        .collect();
    assert!(missing.is_empty(), "README.md does not tell of {missing:?}");
}

#[test]
fn every_key_is_explained_and_no_other() {
    let rows = KEYS.iter().map(|key| {
        let usual = match key.usual {
            Usual::Value(usual) => format!("`{usual}`"),
            Usual::Words(usual) => usual.to_owned(),
        };
        format!("\n| `{key}` | {usual} | {} |", key.meaning)
    });
    let told = between("\n| key | default | meaning |\n|---|---|---|", "\n\n");
    assert_eq!(told, Some(rows.collect::<String>().as_str()));
}

#[test]
fn every_parameter_of_the_agent_is_explained_and_no_other() {
    let rows = PARAMETERS.iter().map(|declared| {
        let usual = match declared.default {
            Default::Is("") => "empty".into(),
            Default::Is(value) => format!("`{value}`"),
            Default::Pgdata("") => "what `pgdata` is".into(),
            Default::Pgdata(behind) => format!("`PGDATA{behind}`"),
        };
        format!("\n| `{}` | {usual} | {} |", declared.name, declared.short)
    });
    let told = between(
        "\n| parameter | default | what it is |\n|---|---|---|",
        "\n\n",
    );
    assert_eq!(told, Some(rows.collect::<String>().as_str()));
}
