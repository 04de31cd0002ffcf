//! A recording, as its file has it. Knows nothing of the model.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// A call of the agent.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub at: u64,
    pub on: String,
    pub action: String,
    /// How long it took; none where it was killed.
    pub took: Option<u64>,
    pub status: u8,
    pub meta: BTreeMap<String, String>,
}

impl Call {
    /// What tells it from the other calls on its node.
    pub(crate) fn what(&self) -> String {
        what(&self.action, |name| self.meta.get(name).map(String::as_str))
    }

    pub(crate) fn ends(&self) -> u64 {
        self.at + self.took.unwrap_or(0)
    }
}

/// An action, with what it is about.
pub(crate) fn what<'a>(action: &str, meta: impl Fn(&str) -> Option<&'a str>) -> String {
    match (
        meta("notify_type"),
        meta("notify_operation"),
        meta("interval"),
    ) {
        (Some(kind), Some(operation), _) => format!("{action} {kind}-{operation}"),
        (_, _, Some(_)) => format!("{action} {}", meta("role").unwrap_or_default()),
        _ => action.to_owned(),
    }
}

/// An attribute that was set.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub at: u64,
    pub node: String,
    pub name: String,
    pub value: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Recording {
    pub roles: BTreeMap<String, String>,
    pub scores: BTreeMap<String, String>,
    pub dc: String,
    pub did: Vec<(u64, String)>,
    pub calls: Vec<Call>,
    pub changes: Vec<Change>,
    /// What Pacemaker said.
    pub said: Vec<(u64, String)>,
}

impl Recording {
    pub(crate) fn read(path: &Path) -> Self {
        let mut recording = Self::default();
        let mut always = BTreeMap::new();
        let text = fs::read_to_string(path).expect("a recording can be read");
        for line in text.lines() {
            let line: Value = serde_json::from_str(line).expect("a line is JSON");
            let (kind, body) = line
                .as_object()
                .and_then(|line| line.iter().next())
                .expect("a line has a kind");
            match kind.as_str() {
                "begin" => {
                    let state = &body["state"];
                    recording.roles = words(&state["roles"]);
                    recording.scores = words(&state["scores"]);
                    recording.dc = word(&state["dc"]);
                    always = words(&body["meta"]);
                }
                "did" => recording.did.push((millis(body), word(&body["what"]))),
                "decided" => recording.said.push((millis(body), word(&body["said"]))),
                "set" => recording.changes.push(Change {
                    at: millis(body),
                    node: word(&body["node"]),
                    name: word(&body["name"]),
                    value: body["value"].as_str().map(str::to_owned),
                }),
                "call" => {
                    let mut meta: BTreeMap<String, String> = always.clone();
                    meta.extend(words(&body["meta"]));
                    recording.calls.push(Call {
                        at: millis(body),
                        on: word(&body["on"]),
                        action: word(&body["action"]),
                        took: body["took"].as_u64(),
                        status: body["status"]
                            .as_u64()
                            .and_then(|status| u8::try_from(status).ok())
                            .unwrap_or(0),
                        meta,
                    });
                }
                _ => {}
            }
        }
        recording.add_created();
        recording
    }

    /// Attributes that were new are told of by the aborts alone.
    fn add_created(&mut self) {
        for (at, said) in &self.said {
            let Some((_, rest)) = said.split_once("aborted by nodes-") else {
                continue;
            };
            let Some((number, rest)) = rest.split_once('-') else {
                continue;
            };
            let Some((_, rest)) = rest.split_once(" doing create ") else {
                continue;
            };
            let Some((name, rest)) = rest.split_once('=') else {
                continue;
            };
            let value = rest.split(':').next().unwrap_or_default();
            self.changes.push(Change {
                at: *at,
                node: format!("srv{number}"),
                name: name.to_owned(),
                value: Some(value.to_owned()),
            });
        }
        self.changes.sort_by_key(|change| change.at);
    }
}

fn millis(body: &Value) -> u64 {
    body["ms"].as_u64().expect("a time")
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn words(value: &Value) -> BTreeMap<String, String> {
    let pairs = value.as_object().into_iter().flatten();
    pairs
        .map(|(name, value)| (name.clone(), word(value)))
        .collect()
}
