//! Tests each mistake in rules, and rules without mistakes.

use super::*;
use crate::tools::doctor::pg_hba::HbaRule;

const RULES: &str = "# BEGIN pgsql-state\nlocal replication all reject\n# END pgsql-state\n";

fn line(number: u64) -> HbaLine {
    HbaLine {
        file: None,
        number,
        rule: Ok(HbaRule {
            kind: "local".into(),
            databases: vec!["replication".into()],
            roles: vec!["all".into()],
            address: None,
            netmask: None,
            method: "reject".into(),
        }),
    }
}

fn facts() -> EffectFacts {
    EffectFacts {
        file: "/x/pg_hba.conf".into(),
        text: format!("{RULES}local all all peer\n").into(),
        lines: vec![line(2), line(4)],
        age: Age::Read,
        attempts: Vec::new(),
    }
}

/// The mistakes after a change of correct facts.
fn wrong(change: impl FnOnce(&mut EffectFacts)) -> Vec<String> {
    let mut facts = facts();
    change(&mut facts);
    let said = judge(&facts, RULES).into_iter();
    said.filter_map(|said| match said {
        EffectFinding::Fine(_) => None,
        EffectFinding::Wrong(text) => Some(text),
    })
    .collect()
}

fn met(met: ReplicationAnswer) -> Attempt {
    Attempt {
        way: SelfConnection::Socket,
        role: "repl".into(),
        met,
    }
}

#[test]
fn rules_in_front_that_reject_are_fine() {
    let fine = wrong(|facts| {
        facts.attempts = vec![
            met(ReplicationAnswer::Rejected),
            met(ReplicationAnswer::Absent),
        ];
    });
    assert_eq!(fine, Vec::<String>::new());
}

#[test]
fn what_holds_for_each_role_is_said_once() {
    let mut facts = facts();
    facts.attempts = vec![
        met(ReplicationAnswer::Absent),
        met(ReplicationAnswer::Absent),
    ];
    let said = judge(&facts, RULES);
    let absent = EffectFinding::Fine("the Unix socket: PostgreSQL does not listen there".into());
    assert_eq!(said.iter().filter(|said| **said == absent).count(), 1);
}

#[test]
fn each_mistake_is_reported() {
    type Change = fn(&mut EffectFacts);
    let cases: [(Change, &str); 8] = [
        (
            |facts| facts.text = b"local all all peer\n".into(),
            "does not have these rules",
        ),
        (
            |facts| facts.text = RULES.replace("all", "x").into(),
            "line 2 of /x/pg_hba.conf is \"local replication x reject\", and would now be \"local replication all \
             reject\": name the options with which the rules were installed, such as --replication-role",
        ),
        (
            |facts| facts.text.extend(b"hots x\n"),
            "line 5: \"hots\" is not the type of a rule",
        ),
        (
            |facts| facts.lines.insert(0, line(1)),
            "other rules before these",
        ),
        (
            |facts| facts.lines[1].rule = Err("no".into()),
            "line 4 of pg_hba.conf: no;",
        ),
        (|facts| facts.age = Age::Changed, "SELECT pg_reload_conf()"),
        (
            |facts| facts.attempts.push(met(ReplicationAnswer::Admitted)),
            "the Unix socket: replication from itself as \"repl\" is not rejected",
        ),
        (
            |facts| {
                facts
                    .attempts
                    .push(met(ReplicationAnswer::Unknown("late".into())));
            },
            "gave no result: late",
        ),
    ];
    for (change, says) in cases {
        let said = wrong(change);
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].contains(says), "{said:?}");
    }
}
