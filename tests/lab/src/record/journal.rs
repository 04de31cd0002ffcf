//! What Pacemaker decided and which attributes changed, from the journals and the log files of all hosts; pure.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::host::Host;
use crate::journal::{Line, lines};

/// Something that Pacemaker decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decision {
    /// When, since 1970.
    pub(super) at: Duration,
    /// Who says so: the coordinator, as a rule.
    pub(super) on: Host,
    /// In Pacemaker's words.
    pub(super) said: String,
}

/// A change of a node's attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// When the first host had it, since 1970.
    pub(super) at: Duration,
    /// The node.
    pub(super) node: Host,
    /// The attribute.
    pub(super) name: String,
    /// Its value; `None` where it was removed.
    pub(super) value: Option<String>,
}

/// How the messages of Pacemaker 2.1 begin that tell what the scheduler plans, what ends a transition before its time,
/// and which host was fenced.
const TELLING: [(&str, &str); 4] = [
    ("pacemaker-schedulerd", "Actions: "),
    ("pacemaker-schedulerd", "Calculated transition "),
    ("pacemaker-controld", "Transition "),
    ("pacemaker-fenced", "Operation '"),
];

/// The decisions, in the order of their times. What several hosts say in the same words is the first one's.
pub(super) fn decisions(journal: &str) -> Vec<Decision> {
    let mut decisions: Vec<Decision> = lines(journal).filter_map(|line| decision(&line)).collect();
    decisions.sort_by_key(|decision| decision.at);
    let mut last: BTreeMap<String, Duration> = BTreeMap::new();
    decisions.retain(|decision| {
        let before = last.insert(decision.said.clone(), decision.at);
        before.is_none_or(|before| decision.at.saturating_sub(before) >= TOGETHER)
    });
    decisions
}

/// Hosts that tell the same within this time tell of one event.
const TOGETHER: Duration = Duration::from_millis(500);

fn decision(line: &Line) -> Option<Decision> {
    let message = line.message()?;
    // "notice: Actions: Demote     pgsqld:0     ( Promoted -> Unpromoted srv1 )"
    let levels = ["notice:", "warning:", "error:", "info:"];
    let message = message.trim_start();
    let message = levels
        .iter()
        .find_map(|level| message.strip_prefix(level))
        .unwrap_or(message)
        .trim_start();
    let telling = TELLING
        .iter()
        .any(|(program, begin)| *program == line.program && message.starts_with(begin));
    telling.then_some(())?;
    Some(Decision {
        at: line.at()?,
        on: line.host.parse().ok()?,
        said: message.split_whitespace().collect::<Vec<_>>().join(" "),
    })
}

/// The changes of attributes that log files tell: lines of `cib_perform_op`, each after its time in milliseconds since
/// 1970 and a tab. Every host tells each change.
pub(super) fn changes(logs: &str) -> Vec<Change> {
    let mut changes: Vec<Change> = logs.lines().filter_map(change).collect();
    changes.sort_by_key(|change| change.at);
    let mut last: BTreeMap<(Host, String), (Option<String>, Duration)> = BTreeMap::new();
    changes.retain(|change| {
        let key = (change.node, change.name.clone());
        let before = last.insert(key, (change.value.clone(), change.at));
        !before.is_some_and(|(value, at)| {
            value == change.value && change.at.saturating_sub(at) < TOGETHER
        })
    });
    changes
}

/// `…nvpair[@id='nodes-1-master-pgsqld']:  @value=1001` where it changes, `<nvpair id="nodes-1-master-pgsqld" … value="1"/>`
/// where it is new, `-- …nvpair[@id='nodes-1-master-pgsqld']` where it is removed. A node's number is that of
/// its host, and `status` stands for `nodes` where the attribute is transient.
fn change(line: &str) -> Option<Change> {
    let (at, line) = line.split_once('\t')?;
    let (_, rest) = ["nodes-", "status-"].iter().find_map(|kind| {
        line.rsplit_once(&format!("id='{kind}"))
            .or_else(|| line.rsplit_once(&format!("id=\"{kind}")))
    })?;
    let (number, rest) = rest.split_once('-')?;
    let name = rest.split(['\'', '"']).next()?;
    let node = format!("srv{number}").parse().ok()?;
    let added = rest
        .split_once("value=\"")
        .and_then(|(_, value)| value.split('"').next());
    let changed = rest.split_once("@value=").map(|(_, value)| value.trim());
    let removed = line.contains("info: -- ");
    let value = added.or(changed);
    (value.is_some() || removed).then_some(())?;
    Some(Change {
        at: Duration::from_millis(at.parse().ok()?),
        node,
        name: name.to_owned(),
        value: value.filter(|_| !removed).map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(at: u64, program: &str, message: &str) -> String {
        format!(
            "{{\"__REALTIME_TIMESTAMP\":\"{at}\",\"_HOSTNAME\":\"srv2\",\
             \"SYSLOG_IDENTIFIER\":\"{program}\",\"MESSAGE\":\"{message}\"}}\n"
        )
    }

    #[test]
    fn plans_are_told_in_pacemakers_words() {
        let journal = [
            line(
                7,
                "pacemaker-schedulerd",
                " notice: Actions: Demote     pgsqld:0     ( Promoted -> Unpromoted srv1 )",
            ),
            line(
                5,
                "pacemaker-schedulerd",
                "notice: On loss of quorum: ignore",
            ),
            line(3, "postgres", "Actions: none"),
        ]
        .concat();
        let said = "Actions: Demote pgsqld:0 ( Promoted -> Unpromoted srv1 )";
        assert_eq!(
            decisions(&journal),
            [Decision {
                at: Duration::from_micros(7),
                on: Host::Srv2,
                said: said.into()
            }]
        );
    }

    #[test]
    fn changes_of_attributes_are_told_once() {
        let begin = "Nov 29 03:21:17.122 srv1 pacemaker-based     [174] (cib_perform_op) \tinfo: ";
        let logs = [
            format!("1\t{begin}++      <nvpair id=\"nodes-2-master-pgsqld\" name=\"master-pgsqld\" value=\"990\"/>"),
            format!("2\t{begin}++      <nvpair id=\"nodes-2-master-pgsqld\" name=\"master-pgsqld\" value=\"990\"/>"),
            format!("5\t{begin}+  /cib/configuration/nodes/node[@id='1']/instance_attributes[@id='nodes-1']/nvpair[@id='nodes-1-master-pgsqld']:  @value=1001"),
            format!("9\t{begin}-- /cib/status/node_state[@id='3']/transient_attributes[@id='3']/instance_attributes[@id='status-3']/nvpair[@id='status-3-fail-count-pgsqld.start_0']"),
            "10\tnothing".to_owned(),
        ]
        .join("\n");
        let told: Vec<(u128, Host, String, Option<String>)> = changes(&logs)
            .into_iter()
            .map(|change| {
                (
                    change.at.as_millis(),
                    change.node,
                    change.name,
                    change.value,
                )
            })
            .collect();
        let score = "master-pgsqld".to_owned();
        assert_eq!(
            told,
            [
                (1, Host::Srv2, score.clone(), Some("990".to_owned())),
                (5, Host::Srv1, score, Some("1001".to_owned())),
                (9, Host::Srv3, "fail-count-pgsqld.start_0".to_owned(), None),
            ]
        );
    }
}
