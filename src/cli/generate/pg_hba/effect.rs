//! Judges from facts about a server and its file whether the rules have their effect; asks no server.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

use crate::base::shell::quoted;
use crate::base::terminal::shown;
use crate::postgres::ReplicationAnswer;
use crate::tools::doctor::pg_hba::{HbaLine, SelfConnection};
use crate::tools::generate::pg_hba_file;

/// The facts to judge.
pub(super) struct EffectFacts {
    /// The file that the server reads.
    pub(super) file: PathBuf,
    /// The content of the file.
    pub(super) text: Vec<u8>,
    /// The rules that the server has parsed from it.
    pub(super) lines: Vec<HbaLine>,
    /// Whether the server has loaded the current file.
    pub(super) age: Age,
    /// The results of attempts to replicate from itself.
    pub(super) attempts: Vec<Attempt>,
}

/// Whether a file was changed since the server loaded it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    Read,
    Changed,
}

/// An attempt of a server to replicate from itself.
pub(super) struct Attempt {
    pub(super) way: SelfConnection,
    pub(super) role: String,
    pub(super) met: ReplicationAnswer,
}

/// The result for one fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum EffectFinding {
    /// The fact is correct, or does not matter.
    Fine(String),
    /// The fact is wrong.
    Wrong(String),
}

impl fmt::Display for EffectFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fine(text) => f.write_str(text),
            Self::Wrong(text) => write!(f, "WRONG: {text}"),
        }
    }
}

/// Judges all facts, in order.
pub(super) fn judge(facts: &EffectFacts, rules: &str) -> Vec<EffectFinding> {
    let mut said = vec![block(facts, rules)];
    said.extend(errors(facts));
    if facts.age == Age::Changed {
        let file = facts.file.display();
        said.push(EffectFinding::Wrong(format!(
            "PostgreSQL has not loaded the last change of {file}, and the attempts below show the rules before it: \
            SELECT pg_reload_conf(), then --verify again"
        )));
    }
    said.extend(facts.attempts.iter().map(attempt));
    // That nothing listens at an address is the same for each role.
    let mut told = BTreeSet::new();
    said.retain(|said| told.insert(said.to_string()));
    said
}

/// Judges whether the file contains the rules as they would be generated now, and whether the server reads them first.
fn block(facts: &EffectFacts, rules: &str) -> EffectFinding {
    let file = facts.file.display().to_string();
    match pg_hba_file::install(&facts.text, rules) {
        Ok(text) if text == facts.text => {}
        Ok(_) => return EffectFinding::Wrong(otherwise(facts, rules, &file)),
        Err(error) => return EffectFinding::Wrong(format!("{file}: {error}")),
    }
    let own = pg_hba_file::rules_of_block(&facts.text);
    let first = facts.lines.iter().take(own.len());
    let first: Vec<u64> = first.map(|line| line.number).collect();
    if first == own {
        let count = own.len();
        EffectFinding::Fine(format!(
            "{file}: PostgreSQL reads these {count} rules first"
        ))
    } else {
        EffectFinding::Wrong(format!("{file}: PostgreSQL reads other rules before these"))
    }
}

/// How the file is not what would be generated now. Rules that were installed with other options are no mistake, so they are
/// not to be replaced before somebody has looked at them.
fn otherwise(facts: &EffectFacts, rules: &str, file: &str) -> String {
    match pg_hba_file::difference(&facts.text, rules) {
        Some(differs) => format!(
            "line {} of {file} is \"{}\", and would now be \"{}\": name the options with which the rules were installed, \
             such as --replication-role, --method, --role and --member",
            differs.line,
            shown(&differs.has),
            differs.wanted
        ),
        None => format!(
            "{file} does not have these rules, or has others before them; install these in front: --install {}",
            quoted(file)
        ),
    }
}

fn errors(facts: &EffectFacts) -> impl Iterator<Item = EffectFinding> {
    facts.lines.iter().filter_map(|line| {
        let error = line.rule.as_ref().err()?;
        Some(EffectFinding::Wrong(format!(
            "{line}: {error}; PostgreSQL loads no rule of a file with such a line"
        )))
    })
}

fn attempt(attempt: &Attempt) -> EffectFinding {
    let Attempt { way, role, met } = attempt;
    let doing = format!("{way}: replication from itself as \"{role}\"");
    match met {
        ReplicationAnswer::Rejected => EffectFinding::Fine(format!("{doing} is rejected")),
        ReplicationAnswer::Absent => {
            EffectFinding::Fine(format!("{way}: PostgreSQL does not listen there"))
        }
        ReplicationAnswer::Admitted => EffectFinding::Wrong(format!(
            "{doing} is not rejected: another rule lets the role in, or asks it to authenticate"
        )),
        ReplicationAnswer::Unknown(why) => {
            EffectFinding::Wrong(format!("{doing} gave no result: {why}"))
        }
    }
}

#[cfg(test)]
mod tests;
