//! What the stand-in in the agent's place noted, and what of it says something; pure.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use crate::host::Host;

/// A line of a host's notes.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Note {
    Begin {
        us: u64,
        pid: u32,
        action: String,
        meta: BTreeMap<String, String>,
    },
    End {
        us: u64,
        pid: u32,
        status: u8,
    },
}

/// A call of the agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// When it began, since 1970.
    pub(super) at: Duration,
    /// Where.
    pub(super) on: Host,
    /// `start`, `notify`, …
    pub(super) action: String,
    /// The variables `OCF_RESKEY_CRM_meta_…`, without that. Those that are blank are left out.
    pub(super) meta: BTreeMap<String, String>,
    /// How it ended; a call that was killed, by Pacemaker or with its host, did not.
    pub(super) end: Option<End>,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    /// How long it took.
    pub(super) took: Duration,
    /// Its exit status.
    pub(super) status: u8,
}

/// The calls that a host's notes tell, in the order in which they began. A line that a power cut tore is left
/// out.
pub(super) fn read(on: Host, notes: &str) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    let mut open: BTreeMap<u32, usize> = BTreeMap::new();
    for note in notes
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
    {
        match note {
            Note::Begin {
                us,
                pid,
                action,
                meta,
            } => {
                open.insert(pid, calls.len());
                let said = meta
                    .into_iter()
                    .map(|(name, value)| (name, value.trim().to_owned()));
                calls.push(Call {
                    at: Duration::from_micros(us),
                    on,
                    action,
                    meta: said.filter(|(_, value)| !value.is_empty()).collect(),
                    end: None,
                });
            }
            Note::End { us, pid, status } => {
                let call = open.remove(&pid).and_then(|index| calls.get_mut(index));
                if let Some(call) = call {
                    let took = Duration::from_micros(us).saturating_sub(call.at);
                    call.end = Some(End { took, status });
                }
            }
        }
    }
    calls
}

/// All hosts' calls in one order, without recurring monitors that say what the one before on that host said: the
/// first one after another action stays.
pub(super) fn merge(hosts: Vec<Vec<Call>>) -> Vec<Call> {
    let mut calls: Vec<Call> = hosts.into_iter().flatten().collect();
    calls.sort_by_key(|call| call.at);
    let mut last: BTreeMap<Host, Option<u8>> = BTreeMap::new();
    calls.retain(|call| {
        if !is_recurring(call) {
            last.remove(&call.on);
            return true;
        }
        let status = call.end.map(|end| end.status);
        last.insert(call.on, status) != Some(status)
    });
    calls
}

/// A probe is a monitor without an interval.
fn is_recurring(call: &Call) -> bool {
    let interval = call.meta.get("interval").map(String::as_str);
    call.action == "monitor" && interval.is_some_and(|interval| interval != "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTES: &str = r#"{"begin":{"us":10,"pid":1,"action":"start","meta":{"timeout":"60000","notify_stop_uname":" "}}}
{"begin":{"us":20,"pid":2,"action":"monitor","meta":{"interval":"16000"}}}
{"end":{"us":25,"pid":1,"status":0}}
{"end":{"us":30,"pid":2,"status":0}}
{"begin":{"us":40,"pid":1,"action":"stop","meta":{}}}
{"begin":{"us":50,"pid"#;

    fn call(us: u64, on: Host, interval: &str, status: u8) -> Call {
        Call {
            at: Duration::from_micros(us),
            on,
            action: "monitor".into(),
            meta: BTreeMap::from([("interval".into(), interval.into())]),
            end: Some(End {
                took: Duration::ZERO,
                status,
            }),
        }
    }

    #[test]
    fn a_call_is_its_beginning_and_the_end_of_its_process() {
        let calls = read(Host::Srv2, NOTES);
        let ends: Vec<Option<u8>> = calls
            .iter()
            .map(|call| call.end.map(|end| end.status))
            .collect();
        assert_eq!(ends, [Some(0), Some(0), None]);
        assert_eq!(
            calls[0].end.map(|end| end.took),
            Some(Duration::from_micros(15))
        );
        assert_eq!(calls[2].action, "stop");
        let timeout = BTreeMap::from([("timeout".to_owned(), "60000".to_owned())]);
        assert_eq!(calls[0].meta, timeout);
    }

    #[test]
    fn monitors_that_say_nothing_new_are_left_out() {
        let one = vec![
            call(1, Host::Srv1, "0", 7),
            call(2, Host::Srv1, "16000", 0),
            call(4, Host::Srv1, "16000", 0),
            call(6, Host::Srv1, "16000", 1),
            call(7, Host::Srv1, "0", 0),
            call(8, Host::Srv1, "16000", 1),
        ];
        let other = vec![
            call(3, Host::Srv2, "16000", 0),
            call(5, Host::Srv2, "16000", 0),
        ];
        let at: Vec<u128> = merge(vec![one, other])
            .iter()
            .map(|call| call.at.as_micros())
            .collect();
        assert_eq!(at, [1, 2, 3, 6, 7, 8]);
    }
}
