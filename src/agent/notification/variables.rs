//! The names of the variables of a notification, and how lists are written in them (Pacemaker 2.0 to 3.0,
//! `lib/pacemaker/pcmk_sched_notif.c`). Knows no meaning.

use std::collections::BTreeMap;

/// What all of them begin with.
const PREFIX: &str = "OCF_RESKEY_CRM_meta_notify_";

/// Variables, by their whole names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Variables<'a>(pub(super) &'a BTreeMap<String, String>);

impl<'a> Variables<'a> {
    /// The whole name of a variable.
    pub(super) fn name(short: &str) -> String {
        format!("{PREFIX}{short}")
    }

    /// Its value, if it is set.
    pub(super) fn get(self, short: &str) -> Option<&'a str> {
        self.0.get(&Self::name(short)).map(String::as_str)
    }

    /// The words of a list, if it is set: an empty one is a blank.
    pub(super) fn words(self, short: &str) -> Option<Vec<&'a str>> {
        self.get(short)
            .map(|value| value.split_whitespace().collect())
    }
}
