//! How calls end that were not recorded: those before the recording begins, and monitors that recur. Knows nothing of what
//! was done.

use std::collections::BTreeMap;

use simulate::pacemaker::Action;

use super::{BASE, Replaying};

impl Replaying<'_> {
    /// How long a call takes that was not recorded: monitors end such that the next is when one was recorded.
    pub(super) fn before(&self, name: &str, meta: &BTreeMap<String, String>) -> u64 {
        let Some(interval) = meta
            .get("interval")
            .and_then(|text| text.parse::<u64>().ok())
        else {
            return 1;
        };
        let mut calls = self.recording.calls.iter().filter(|call| call.on == name);
        let first =
            calls.find(|call| call.meta.contains_key("interval") || call.action != "notify");
        let Some(first) = first.filter(|call| call.meta.contains_key("interval")) else {
            return 1;
        };
        let target = BASE + first.at - interval;
        if self.now >= target {
            return 1;
        }
        ((target - self.now) % interval).min(8_000)
    }

    pub(super) fn status(&self, name: &str, action: Action, meta: &BTreeMap<String, String>) -> u8 {
        match action {
            Action::Monitor if meta.contains_key("interval") => {
                let promoted = meta.get("role").is_some_and(|role| role == "Promoted");
                if promoted { 8 } else { 0 }
            }
            Action::Monitor => self.roles.get(name).copied().unwrap_or(7),
            Action::Start
            | Action::Stop
            | Action::Promote
            | Action::Demote
            | Action::Notify
            | Action::ReloadAgent => 0,
        }
    }

    pub(super) fn note_role(&mut self, name: &str, action: Action, status: u8) {
        if status != 0 {
            return;
        }
        let role = match action {
            Action::Start | Action::Demote => 0,
            Action::Promote => 8,
            Action::Stop => 7,
            Action::Monitor | Action::Notify | Action::ReloadAgent => return,
        };
        self.roles.insert(name.to_owned(), role);
    }
}
