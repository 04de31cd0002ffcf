//! The commands of `crmsh` (crm(8)), for `crm -f`.

use super::plan::PacemakerPlan;
use super::{advice, resource};
use crate::tools::generate::comment::comment;

/// The commands.
pub(super) fn text(plan: &PacemakerPlan) -> String {
    let mut text = format!(
        "# pgsql-state generate pacemaker --tool {}\n",
        plan.tool.word()
    );
    text.push_str(&comment(
        "",
        "For crm -f FILE, as root, on one node, while all nodes are online. The commands take effect together at the \
         end.",
    ));
    text.push_str("#\n");
    text.push_str(&advice::before(plan));
    text.push_str("\nconfigure\n");
    let mut step = |why: &str, command: &str| {
        text.push('\n');
        text.push_str(&comment("", why));
        text.push_str(command);
        text.push('\n');
    };
    let properties = resource::pairs(&resource::properties());
    step(resource::WHY_PROPERTIES, &format!("property {properties}"));
    let defaults = resource::pairs(&resource::defaults());
    step(resource::WHY_DEFAULTS, &format!("rsc_defaults {defaults}"));
    let operations = resource::operations(plan);
    let operations = operations
        .iter()
        .map(|operation| format!("    op {}", operation.words()));
    let primitive = [
        format!("primitive {} {} \\", plan.resource, plan.agent),
        format!(
            "    params {} \\",
            resource::pairs(&resource::parameters(plan))
        ),
        operations.collect::<Vec<_>>().join(" \\\n"),
    ];
    step(resource::WHY_OPERATIONS, &primitive.join("\n"));
    let clone = format!(
        "clone {} {} \\\n    meta promotable=true {}",
        plan.resource.clone_name(),
        plan.resource,
        resource::pairs(&resource::clone(plan))
    );
    step(resource::WHY_CLONE, &clone);
    let rule = format!(
        "location {} {} rule -inf: {}",
        plan.resource.rule_name(),
        plan.resource.clone_name(),
        resource::marked(plan)
    );
    step(resource::WHY_RULE, &rule);
    text + "\ncommit\n"
}
