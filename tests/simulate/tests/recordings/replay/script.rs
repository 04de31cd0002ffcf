//! What was done to the recorded cluster, from outside and by calls of its agent. Knows nothing of results.

use std::collections::BTreeMap;

use simulate::pacemaker::{Action, Command, Input, OfRole};

use super::{BASE, Replaying, node};

impl Replaying<'_> {
    pub(super) fn did(&mut self, at: u64, did: &str) {
        if did == "Pacemaker stops on all nodes" {
            for (delay, name) in [(0, "srv1"), (25, "srv2"), (30, "srv3")] {
                let on = node(name);
                let command = Command::StopCluster(on);
                self.at(at + delay, Input::Operator { on, command });
            }
            return;
        }
        if did == "Pacemaker starts on all nodes" {
            for name in ["srv3", "srv1", "srv2"] {
                let on = node(name);
                let command = Command::StartCluster(on);
                self.at(at, Input::Operator { on, command });
            }
            return;
        }
        let (host, said) = did.split_once(": ").expect("a host did it");
        let on = node(host);
        if let Some(rest) = said.strip_prefix("at the next ") {
            let (action, script) = rest.split_once(": ").expect("an action and a script");
            let commands = script.split(" && ").filter_map(command).collect();
            self.hooks
                .push((host.to_owned(), action.to_owned(), commands));
        } else if said == "loses its power" {
            // It takes a moment.
            let calls = self.recording.calls.iter();
            let last = calls.filter(|call| call.on == host && BASE + call.at < at + 1_000);
            let last = last.map(|call| BASE + call.ends()).max().unwrap_or(at);
            self.at(at.max(last + 20), Input::HostDown(on));
        } else if said != "SIGKILL to the postmaster" {
            let command = command(said).unwrap_or_else(|| panic!("{said:?} is unknown"));
            self.at(at, Input::Operator { on, command });
        }
    }

    pub(super) fn run_hook(&mut self, name: &str, action: Action, meta: &BTreeMap<String, String>) {
        let full = match (meta.get("notify_type"), meta.get("notify_operation")) {
            (Some(kind), Some(operation)) => format!("notify-{kind}-{operation}"),
            _ => action.name().to_owned(),
        };
        let hook = self
            .hooks
            .iter()
            .position(|(on, action, _)| on == name && *action == full);
        let Some((_, _, commands)) = hook.map(|place| self.hooks.remove(place)) else {
            return;
        };
        for (delay, command) in (20..).step_by(20).zip(commands) {
            self.at(
                self.now + delay,
                Input::Operator {
                    on: node(name),
                    command,
                },
            );
        }
    }
}

/// A command line.
fn command(line: &str) -> Option<Command> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let after = |option: &str| {
        let place = words.iter().position(|word| *word == option)?;
        words.get(place + 1).copied()
    };
    let role = if words.contains(&"--promoted") {
        OfRole::Promoted
    } else {
        OfRole::Any
    };
    let on = after("--node").map(node);
    match *words.first()? {
        "crm_resource" if words.contains(&"--move") => Some(Command::Move(on?, role)),
        "crm_resource" if words.contains(&"--ban") => Some(Command::Ban(on?, role)),
        "crm_resource" if words.contains(&"--clear") => Some(Command::Clear),
        "crm_resource" if words.contains(&"--refresh") => Some(Command::Refresh(on)),
        "crm_resource" if words.contains(&"--cleanup") => Some(Command::Cleanup(on)),
        "crm_resource" if words.contains(&"--set-parameter") => Some(Command::Disable),
        "crm_resource" if words.contains(&"--delete-parameter") => Some(Command::Enable),
        "crm_standby" if after("--update") == Some("on") => Some(Command::Standby(on?)),
        "crm_standby" => Some(Command::Unstandby(on?)),
        "crm_attribute" if words.contains(&"maintenance-mode") => match after("--update")? {
            "true" => Some(Command::MaintenanceOn),
            _ => Some(Command::MaintenanceOff),
        },
        _ => None,
    }
}
