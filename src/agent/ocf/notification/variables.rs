//! The names of the variables of a notification, and the format of lists in them (Pacemaker 2.0 to 3.0,
//! `lib/pacemaker/pcmk_sched_notif.c`). Does not interpret them.

use std::collections::BTreeMap;
use std::str::SplitWhitespace;

/// The full name of a variable.
macro_rules! whole {
    ($($short:literal),+) => {
        concat!("OCF_RESKEY_CRM_meta_notify_", $($short),+)
    };
}

/// The names of the two variables of a list.
macro_rules! list {
    ($short:literal) => {
        List {
            resources: whole!($short, "_resource"),
            unames: whole!($short, "_uname"),
        }
    };
}

/// The variable that says whether the change is about to happen or has happened.
pub(super) const TYPE: &str = whole!("type");
/// The variable that names the change.
pub(super) const OPERATION: &str = whole!("operation");

/// A list, which is written as two variables.
#[derive(Clone, Copy, Debug)]
pub(super) struct List {
    /// The variable that lists the instances.
    pub(super) resources: &'static str,
    /// The variable that lists their nodes.
    pub(super) unames: &'static str,
}

pub(super) const START: List = list!("start");
pub(super) const STOP: List = list!("stop");
pub(super) const PROMOTE: List = list!("promote");
pub(super) const DEMOTE: List = list!("demote");
pub(super) const ACTIVE: List = list!("active");
/// The names of a list since Pacemaker 2.1 and before; later versions set both.
pub(super) const PROMOTED: [List; 2] = [list!("promoted"), list!("master")];
pub(super) const UNPROMOTED: [List; 2] = [list!("unpromoted"), list!("slave")];

/// Variables, by their full names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Variables<'a>(pub(super) &'a BTreeMap<String, String>);

impl<'a> Variables<'a> {
    /// Returns the value of a variable, if it is set.
    pub(super) fn get(self, name: &str) -> Option<&'a str> {
        self.0.get(name).map(String::as_str)
    }

    /// Returns the instances of a list and their nodes, if either variable is set. The value of an empty list is a
    /// blank.
    pub(super) fn words(self, list: List) -> Option<[SplitWhitespace<'a>; 2]> {
        let both = [list.resources, list.unames].map(|name| self.get(name));
        let is_set = both.iter().any(Option::is_some);
        is_set.then(|| both.map(|words| words.unwrap_or_default().split_whitespace()))
    }
}
