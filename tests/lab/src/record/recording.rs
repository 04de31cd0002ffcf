//! One recording, as its file has it: a line of JSON for each thing that happened, in the order of their
//! beginnings; pure.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::calls::Call;
use super::journal::{Change, Decision};
use crate::host::Host;

/// What was recorded of a scenario.
#[derive(Clone, Debug)]
pub(super) struct Recording {
    /// The scenario.
    pub(super) scenario: &'static str,
    /// When it began, since 1970.
    pub(super) began: Duration,
    /// What there was then.
    pub(super) before: State,
    /// What was done, since 1970.
    pub(super) did: Vec<(Duration, String)>,
    /// The calls of the agent.
    pub(super) calls: Vec<Call>,
    /// What Pacemaker decided.
    pub(super) decisions: Vec<Decision>,
    /// Which attributes of nodes changed.
    pub(super) changes: Vec<Change>,
    /// What there is in the end.
    pub(super) after: State,
}

/// What Pacemaker knows of the instances.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct State {
    /// The role of each.
    pub(super) roles: BTreeMap<&'static str, String>,
    /// The promotion score of each, where it has one.
    pub(super) scores: BTreeMap<&'static str, String>,
    /// Who coordinates.
    pub(super) dc: String,
}

/// A line of the file.
#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Line<'a> {
    Begin {
        scenario: &'a str,
        state: &'a State,
        /// Variables that every call of the recording has, with that value.
        meta: BTreeMap<&'a str, &'a str>,
    },
    Did {
        ms: u64,
        what: &'a str,
    },
    Call {
        ms: u64,
        on: &'static str,
        action: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        took: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u8>,
        meta: BTreeMap<&'a str, &'a str>,
    },
    Decided {
        ms: u64,
        on: &'static str,
        said: &'a str,
    },
    /// An attribute of a node has another value, or none.
    Set {
        ms: u64,
        node: &'static str,
        name: &'a str,
        value: Option<&'a str>,
    },
    End {
        state: &'a State,
    },
}

impl Recording {
    /// The text of its file.
    pub(super) fn lines(&self) -> String {
        let always = self.always();
        let since = |at: &Duration| millis(at.saturating_sub(self.began));
        let mut timed: Vec<(Duration, Line<'_>)> = Vec::new();
        timed.extend(self.did.iter().map(|(at, what)| {
            let ms = since(at);
            (*at, Line::Did { ms, what })
        }));
        timed.extend(self.decisions.iter().map(|decision| {
            let line = Line::Decided {
                ms: since(&decision.at),
                on: decision.on.name(),
                said: &decision.said,
            };
            (decision.at, line)
        }));
        timed.extend(self.changes.iter().map(|change| {
            let line = Line::Set {
                ms: since(&change.at),
                node: change.node.name(),
                name: &change.name,
                value: change.value.as_deref(),
            };
            (change.at, line)
        }));
        timed.extend(self.calls.iter().map(|call| {
            let own = call.meta.iter();
            let own = own.filter(|(name, _)| !always.contains_key(name.as_str()));
            let line = Line::Call {
                ms: since(&call.at),
                on: call.on.name(),
                action: &call.action,
                took: call.end.map(|end| millis(end.took)),
                status: call.end.map(|end| end.status),
                meta: own
                    .map(|(name, value)| (name.as_str(), value.as_str()))
                    .collect(),
            };
            (call.at, line)
        }));
        timed.sort_by_key(|(at, _)| *at);
        let begin = Line::Begin {
            scenario: self.scenario,
            state: &self.before,
            meta: always,
        };
        let end = Line::End { state: &self.after };
        let lines = timed.into_iter().map(|(_, line)| line);
        let all = std::iter::once(begin).chain(lines).chain([end]);
        all.filter_map(|line| serde_json::to_string(&line).ok())
            .map(|line| line + "\n")
            .collect()
    }

    /// The variables that are the same in all calls.
    fn always(&self) -> BTreeMap<&str, &str> {
        let Some(first) = self.calls.first() else {
            return BTreeMap::new();
        };
        let same = |(name, value): &(&String, &String)| {
            let mut calls = self.calls.iter();
            calls.all(|call| call.meta.get(*name) == Some(*value))
        };
        let meta = first.meta.iter().filter(same);
        meta.map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }
}

impl State {
    /// Adds a host's role and score.
    pub(super) fn add(&mut self, host: Host, role: Option<String>, score: Option<String>) {
        self.roles.extend(role.map(|role| (host.name(), role)));
        self.scores.extend(score.map(|score| (host.name(), score)));
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::calls::End;

    fn call(at: u64, timeout: &str, end: Option<End>) -> Call {
        let meta = [("clone_max", "3"), ("timeout", timeout)];
        Call {
            at: Duration::from_millis(at),
            on: Host::Srv1,
            action: "stop".into(),
            meta: meta.map(|(name, value)| (name.into(), value.into())).into(),
            end,
        }
    }

    #[test]
    fn what_all_calls_are_told_stands_at_the_beginning() {
        let mut before = State::default();
        before.add(Host::Srv1, Some("primary".into()), Some("1001".into()));
        let end = Some(End {
            took: Duration::from_millis(5),
            status: 0,
        });
        let recording = Recording {
            scenario: "stop",
            began: Duration::from_millis(100),
            before,
            did: vec![(Duration::from_millis(110), "said stop".into())],
            calls: vec![call(120, "60000", end), call(105, "5000", None)],
            decisions: vec![Decision {
                at: Duration::from_millis(115),
                on: Host::Srv2,
                said: "Stop".into(),
            }],
            changes: vec![Change {
                at: Duration::from_millis(117),
                node: Host::Srv1,
                name: "master-pgsqld".into(),
                value: None,
            }],
            after: State::default(),
        };
        let text = recording.lines();
        let lines: Vec<&str> = text.lines().collect();
        let wanted = [
            r#"{"begin":{"scenario":"stop","state":{"roles":{"srv1":"primary"},"scores":{"srv1":"1001"},"dc":""},"meta":{"clone_max":"3"}}}"#,
            r#"{"call":{"ms":5,"on":"srv1","action":"stop","meta":{"timeout":"5000"}}}"#,
            r#"{"did":{"ms":10,"what":"said stop"}}"#,
            r#"{"decided":{"ms":15,"on":"srv2","said":"Stop"}}"#,
            r#"{"set":{"ms":17,"node":"srv1","name":"master-pgsqld","value":null}}"#,
            r#"{"call":{"ms":20,"on":"srv1","action":"stop","took":5,"status":0,"meta":{"timeout":"60000"}}}"#,
            r#"{"end":{"state":{"roles":{},"scores":{},"dc":""}}}"#,
        ];
        assert_eq!(lines, wanted);
    }
}
