//! Whether commits on the last primary waited for standbys. Does not know which standbys have what.

use std::collections::BTreeMap;

use crate::agent::decide::primary_end::{self, PrimaryEnd};
use crate::agent::decide::sync_rule::SyncRules;
use crate::agent::ocf::node::Node;

/// Returns whether commits on the last primary of a database cluster waited for standbys, by all that is recorded of it.
#[must_use]
pub fn commits_waited(
    ends: &BTreeMap<Node, PrimaryEnd>,
    rules: &BTreeMap<Node, SyncRules>,
    system_identifier: u64,
) -> bool {
    let last = primary_end::last_of_system(ends.values(), system_identifier);
    primary_end::holds_of_each(&last, ends, |node| {
        rules.get(node).is_some_and(|rules| {
            rules.system_identifier == system_identifier && rules.now.is_some()
        })
    })
}
