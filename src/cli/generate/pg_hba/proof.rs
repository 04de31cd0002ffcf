//! Whether the rules do what they are for, judged from what a server and its file say; asks nobody.

use std::fmt;
use std::path::PathBuf;

use crate::base::shell::quoted;
use crate::postgres::Welcome;
use crate::tools::doctor::hba::{HbaLine, SelfConnection};
use crate::tools::generate::hba_file;

/// What was seen.
pub(super) struct ProofFacts {
    /// The file that the server reads.
    pub(super) file: PathBuf,
    /// What is in it.
    pub(super) text: Vec<u8>,
    /// What it has as rules.
    pub(super) lines: Vec<HbaLine>,
    /// Whether the server goes by it.
    pub(super) age: Age,
    /// How it meets itself.
    pub(super) attempts: Vec<Attempt>,
}

/// Whether a file was changed since it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    Read,
    Changed,
}

/// An attempt to replicate from oneself.
pub(super) struct Attempt {
    pub(super) way: SelfConnection,
    pub(super) role: String,
    pub(super) met: Welcome,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ProofStep {
    /// It is as it should be, or does not matter.
    Fine(String),
    /// It is not.
    Wrong(String),
}

impl fmt::Display for ProofStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fine(text) => f.write_str(text),
            Self::Wrong(text) => write!(f, "WRONG: {text}"),
        }
    }
}

/// Everything that was looked at, in order.
pub(super) fn judge(facts: &ProofFacts, rules: &str) -> Vec<ProofStep> {
    let mut said = vec![block(facts, rules)];
    said.extend(errors(facts));
    if facts.age == Age::Changed {
        let file = facts.file.display();
        said.push(ProofStep::Wrong(format!(
            "PostgreSQL goes by what {file} was before its last change, and the attempts below show that: \
             SELECT pg_reload_conf(), then --verify again"
        )));
    }
    said.extend(facts.attempts.iter().map(attempt));
    said
}

/// Whether the rules are in the file as they would be made now, and the first that the server reads.
fn block(facts: &ProofFacts, rules: &str) -> ProofStep {
    let file = facts.file.display().to_string();
    match hba_file::install(&facts.text, rules) {
        Ok(text) if text == facts.text => {}
        Ok(_) => {
            return ProofStep::Wrong(format!(
                "{file} has other rules, or others before them; put these in front: --install {}",
                quoted(&file)
            ));
        }
        Err(error) => return ProofStep::Wrong(format!("{file}: {error}")),
    }
    let own = hba_file::rules_of_block(&facts.text);
    let first = facts.lines.iter().take(own.len());
    let first: Vec<u64> = first.map(|line| line.number).collect();
    if first == own {
        let count = own.len();
        ProofStep::Fine(format!(
            "{file}: PostgreSQL reads these {count} rules first"
        ))
    } else {
        ProofStep::Wrong(format!("{file}: PostgreSQL reads other rules before these"))
    }
}

fn errors(facts: &ProofFacts) -> impl Iterator<Item = ProofStep> {
    facts.lines.iter().filter_map(|line| {
        let error = line.rule.as_ref().err()?;
        Some(ProofStep::Wrong(format!(
            "{line}: {error}; PostgreSQL takes nothing of a file with such a line"
        )))
    })
}

fn attempt(attempt: &Attempt) -> ProofStep {
    let Attempt { way, role, met } = attempt;
    let doing = format!("{way}: replication from itself as \"{role}\"");
    match met {
        Welcome::Rejected => ProofStep::Fine(format!("{doing} is rejected")),
        Welcome::Absent => ProofStep::Fine(format!("{way}: PostgreSQL does not listen there")),
        Welcome::Considered => ProofStep::Wrong(format!(
            "{doing} is not rejected: another rule lets the role in, or asks it for a proof"
        )),
        Welcome::Unknown(why) => ProofStep::Wrong(format!("{doing} shows nothing: {why}")),
    }
}

#[cfg(test)]
mod tests;
