//! What Pacemaker's own scheduler decides. Knows nothing of the model's.

use std::collections::BTreeMap;
use std::process::Command;
use std::{env, fs};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::situation::Situation;
use super::{Action, Key, Transition, order, xml};

pub(super) fn transition(situation: &Situation, seed: u64) -> Transition {
    let folder = env::temp_dir().join(format!("scheduler-{}-{seed}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let (cib, graph) = (folder.join("cib.xml"), folder.join("graph.xml"));
    fs::write(&cib, xml::cib(situation)).expect("a CIB is written");
    let output = Command::new("/usr/sbin/crm_simulate")
        .arg("--run")
        .arg("--xml-file")
        .arg(&cib)
        .arg("--save-graph")
        .arg(&graph)
        .output()
        .expect("crm_simulate runs");
    assert!(output.status.success(), "{seed}: {output:?}");
    let text = fs::read_to_string(&graph).expect("a graph");
    fs::remove_dir_all(&folder).expect("the folder goes");
    parse(&text)
}

fn attributes(start: &BytesStart<'_>) -> BTreeMap<String, String> {
    start
        .attributes()
        .map(|attribute| {
            let attribute = attribute.expect("an attribute");
            let name: &str = attribute.key.as_ref();
            (name.to_owned(), attribute.value.into_owned())
        })
        .collect()
}

fn parse(text: &str) -> Transition {
    let mut reader = Reader::from_str(text);
    let mut transition = Transition::default();
    let mut actions: BTreeMap<u32, (Key, bool)> = BTreeMap::new();
    let mut inputs: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let (mut urgent, mut current, mut in_inputs) = (false, 0, false);
    loop {
        let (start, open) = match reader.read_event().expect("XML") {
            Event::Eof => break,
            Event::Start(start) => (start, true),
            Event::Empty(start) => (start, false),
            Event::End(end) => {
                if end.name().as_ref() == "inputs" {
                    in_inputs = false;
                }
                continue;
            }
            Event::Text(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_)
            | Event::GeneralRef(_) => continue,
        };
        let attributes = attributes(&start);
        let get = |name: &str| attributes.get(name).cloned().unwrap_or_default();
        match start.name().as_ref() {
            "synapse" => urgent = get("priority") == "1000000",
            "inputs" => in_inputs = open,
            "rsc_op" | "pseudo_event" | "crm_event" => {
                let id: u32 = get("id").parse().expect("a number");
                if in_inputs {
                    inputs.entry(current).or_default().push(id);
                    continue;
                }
                current = id;
                let pseudo = start.name().as_ref() == "pseudo_event";
                let mut key = get("operation_key");
                if get("operation") == "cancel" {
                    let (_, watch) = key.split_once('_').expect("a key");
                    key = format!("cancel pgsqld:?_{watch}");
                }
                // What is not modelled counts for the order alone.
                let known = !key.starts_with("fence_")
                    && get("operation") != "clear_failcount"
                    && get("operation") != "delete";
                let key = (key, get("on_node"));
                actions.insert(id, (key.clone(), pseudo || !known));
                if known && !pseudo {
                    transition.actions.insert(
                        key,
                        Action {
                            pseudo,
                            urgent,
                            variables: BTreeMap::new(),
                        },
                    );
                }
            }
            "attributes" => {
                let Some((key, false)) = actions.get(&current).cloned() else {
                    continue;
                };
                let Some(mut action) = transition.actions.remove(&key).filter(|_| !in_inputs)
                else {
                    continue;
                };
                action.variables = attributes
                    .into_iter()
                    .filter_map(|(name, value)| {
                        Some((name.strip_prefix("CRM_meta_")?.to_owned(), value))
                    })
                    .filter(|(name, _)| name != "op_target_rc" && name != "notify_available_uname")
                    .collect();
                // The key names the instance only where nothing is known of it.
                let (resource, rest) = key.0.split_once('_').unwrap_or_default();
                let number = action
                    .variables
                    .get("clone")
                    .filter(|_| resource == "pgsqld");
                let key = match number {
                    Some(number) => (format!("pgsqld:{number}_{rest}"), key.1.clone()),
                    None => key,
                };
                actions.insert(current, (key.clone(), false));
                transition.actions.insert(key, action);
            }
            _ => {}
        }
    }
    for (key, action) in &mut transition.actions {
        if key.0.starts_with("cancel ")
            || key.0.starts_with("stonith-")
            || key.0.starts_with("do_shutdown")
        {
            action.variables.clear();
        }
    }
    transition.order = order(&actions, &inputs);
    transition
}
