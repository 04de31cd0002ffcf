//! The variables with which Pacemaker notifies an instance of a plan.

use super::{Believed, Plan};
use crate::cluster::NODES;

/// The variables of a resource's notification: which it is, and the plan.
pub(crate) fn variables(
    resource: &str,
    moment: &str,
    operation: &str,
    plan: &Plan,
    before: [Believed; 3],
) -> Vec<(String, String)> {
    let which = [
        ("notify_type".to_owned(), moment.to_owned()),
        ("notify_operation".to_owned(), operation.to_owned()),
    ];
    let planned = planned(resource, plan, before);
    which.into_iter().chain(planned).collect()
}

/// The variables of a plan, without what all meta attributes begin with
/// (`lib/pacemaker/pcmk_sched_notif.c` of Pacemaker): what is planned, and what was before all of it. An
/// empty list is a blank.
pub(crate) fn planned(resource: &str, plan: &Plan, before: [Believed; 3]) -> Vec<(String, String)> {
    let those = |wanted: &[Believed]| -> Vec<&'static str> {
        NODES
            .into_iter()
            .zip(before)
            .filter(|(_, believed)| wanted.contains(believed))
            .map(|(node, _)| node)
            .collect()
    };
    let instance = |node: &str| {
        let number = NODES.iter().position(|name| *name == node);
        format!("{resource}:{}", number.unwrap_or_default())
    };
    let lists = [
        ("start", plan.start.clone()),
        ("stop", plan.stop.clone()),
        ("promote", plan.promote.clone()),
        ("demote", plan.demote.clone()),
        ("active", those(&[Believed::Unpromoted, Believed::Promoted])),
        ("slave", those(&[Believed::Unpromoted])),
        ("unpromoted", those(&[Believed::Unpromoted])),
        ("master", those(&[Believed::Promoted])),
        ("promoted", those(&[Believed::Promoted])),
    ];
    let mut variables = vec![
        (
            "notify_inactive_resource".to_owned(),
            list(&those(&[Believed::Stopped]), instance),
        ),
        (
            "notify_available_uname".to_owned(),
            list(&NODES, str::to_owned),
        ),
        ("notify_all_uname".to_owned(), list(&NODES, str::to_owned)),
    ];
    for (name, nodes) in lists {
        variables.push((format!("notify_{name}_resource"), list(&nodes, instance)));
        variables.push((format!("notify_{name}_uname"), list(&nodes, str::to_owned)));
    }
    variables
}

fn list(nodes: &[&str], word: impl Fn(&str) -> String) -> String {
    if nodes.is_empty() {
        return " ".into();
    }
    nodes
        .iter()
        .map(|node| word(node))
        .collect::<Vec<_>>()
        .join(" ")
}
