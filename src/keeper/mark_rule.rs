//! Finds the location rule that keeps a resource off marked nodes in a CIB (Pacemaker Explained, "Deciding Which Nodes a
//! Resource Can Run On"). Knows no node.

use super::facts::MarkRule;
use crate::agent::decide::scores::Attributes;
use crate::base::xml::Element;
use crate::tools::doctor::pacemaker::cib::PostgresResource;

/// Looks for a rule without a role: one for the promoted role alone would let the clone's start come before the promotion.
pub(super) fn find(
    root: &Element,
    attributes: &Attributes,
    configured: Option<&PostgresResource>,
) -> MarkRule {
    let clone = configured.and_then(|one| one.clone.as_ref());
    let clone = clone.map(|clone| clone.id.as_str());
    let is_its = |name: &str| name == attributes.resource() || Some(name) == clone;
    let configurations = root.all("configuration");
    let constraints = configurations.flat_map(|it| it.all("constraints"));
    let locations = constraints.flat_map(|it| it.all("rsc_location"));
    let mut rules = locations
        .filter(|it| it.attribute("rsc").is_some_and(is_its) && is_for_every_role(it))
        .flat_map(|it| it.all("rule"));
    if rules.any(|rule| is_ours(rule, attributes)) {
        MarkRule::Present
    } else {
        MarkRule::Absent
    }
}

fn is_ours(rule: &Element, attributes: &Attributes) -> bool {
    let expressions: Vec<&Element> = rule.all("expression").collect();
    let [expression] = expressions[..] else {
        return false;
    };
    rule.attribute("score") == Some("-INFINITY")
        && is_for_every_role(rule)
        && expression.attribute("attribute") == Some(&attributes.died())
        && expression.attribute("operation") == Some("eq")
        && expression.attribute("value") == Some(Attributes::DIED)
}

fn is_for_every_role(element: &Element) -> bool {
    element
        .attribute("role")
        .is_none_or(|role| role == "Started")
}
