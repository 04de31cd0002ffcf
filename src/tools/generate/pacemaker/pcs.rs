//! The commands of `pcs` (pcs(8)), versions 0.10 and later, as a script for `sh`.

use super::plan::PacemakerPlan;
use super::{advice, resource};
use crate::tools::generate::comment::comment;

/// The script.
pub(super) fn text(plan: &PacemakerPlan) -> String {
    let mut text = format!(
        "# pgsql-state generate pacemaker --tool {}\n",
        plan.tool.word()
    );
    text.push_str(&comment(
        "",
        "For sh, as root, on one node, while all nodes are online. The commands take effect together at the end.",
    ));
    text.push_str("#\n");
    text.push_str(&advice::before(plan));
    text.push_str(
        "\nset -e\ncib=$(mktemp)\ntrap 'rm -f \"$cib\"' EXIT\npcs cluster cib \"$cib\"\n",
    );
    let mut step = |why: &str, command: &str| {
        text.push('\n');
        text.push_str(&comment("", why));
        text.push_str("pcs -f \"$cib\" ");
        text.push_str(command);
        text.push('\n');
    };
    let properties = resource::pairs(&resource::properties());
    step(
        resource::WHY_PROPERTIES,
        &format!("property set {properties}"),
    );
    let defaults = resource::pairs(&resource::defaults());
    step(
        resource::WHY_DEFAULTS,
        &format!("resource defaults update {defaults}"),
    );
    let operations = resource::operations(plan);
    let operations = operations
        .iter()
        .map(|operation| format!("    op {}", operation.words()));
    let create = [
        format!("resource create {} {} \\", plan.resource, plan.agent),
        format!("    {} \\", resource::pairs(&resource::parameters(plan))),
        operations.collect::<Vec<_>>().join(" \\\n") + " \\",
        "    --no-default-ops".into(),
    ];
    step(resource::WHY_OPERATIONS, &create.join("\n"));
    let promotable = format!(
        "resource promotable {} {} meta {}",
        plan.resource,
        plan.resource.clone_name(),
        resource::pairs(&resource::clone(plan))
    );
    step(resource::WHY_CLONE, &promotable);
    let rule = format!(
        "constraint location {} rule constraint-id={} score=-INFINITY {}",
        plan.resource.clone_name(),
        plan.resource.rule_name(),
        resource::marked(plan)
    );
    step(resource::WHY_RULE, &rule);
    text + "\npcs cluster cib-push \"$cib\" --config\n"
}
