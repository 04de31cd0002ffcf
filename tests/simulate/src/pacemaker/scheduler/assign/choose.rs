//! Which node is best, and which instance chooses first. Knows nothing of where scores come from.

use std::cmp::Ordering;

use super::super::super::config::Node;
use super::super::super::score::INFINITY;
use super::super::status::Instance;
use super::Assigning;

impl Assigning<'_> {
    /// `assign_best_node`.
    pub(super) fn best(
        &self,
        place: usize,
        instance: &Instance,
        prefer: Option<Node>,
    ) -> Option<Node> {
        let available = |node: Node| self.status.nodes.available(node);
        let effective = |node: Node| {
            if available(node) {
                self.weight(place, node)
            } else {
                -INFINITY
            }
        };
        let resources = |node: Node| self.resources.get(node.index()).copied().unwrap_or(0);
        let compare = |one: &Node, other: &Node| {
            effective(*other)
                .cmp(&effective(*one))
                .then_with(|| resources(*one).cmp(&resources(*other)))
                .then_with(|| (instance.on != Some(*one)).cmp(&(instance.on != Some(*other))))
                .then_with(|| self.name(*one).cmp(self.name(*other)))
        };
        let best = self.nodes().min_by(compare)?;
        let good = |node: &Node| available(*node) && self.weight(place, *node) >= 0;
        let weight = self.weight(place, best);
        let preferred = prefer.filter(good);
        let preferred = preferred.filter(|prefer| self.weight(place, *prefer) >= weight);
        // Where it runs already is preferred among the best.
        let among = |running: &Node| {
            weight > 0 && available(best) && self.weight(place, *running) == weight
        };
        let running = instance.on.filter(good).filter(among);
        preferred.or(running).or_else(|| Some(best).filter(good))
    }

    pub(super) fn name(&self, node: Node) -> &str {
        let config = self.config.nodes.get(node.index());
        config.map_or("", |config| config.name.as_str())
    }

    /// `pcmk__cmp_instance`.
    pub(in super::super) fn compare(&self, one: usize, other: usize) -> Ordering {
        let (Some(first), Some(second)) = (self.instance(one), self.instance(other)) else {
            return Ordering::Equal;
        };
        let allowed = |place: usize, on: Option<Node>| on.filter(|on| self.weight(place, *on) >= 0);
        let (on_first, on_second) = (allowed(one, first.on), allowed(other, second.on));
        let disallowed =
            |instance: &Instance, on: Option<Node>| instance.on.is_some() && on.is_none();
        let by_allowed = disallowed(first, on_first).cmp(&disallowed(second, on_second));
        let priority = |place: usize| self.priority.get(place).copied().unwrap_or(0);
        let ordering = by_allowed.then_with(|| priority(other).cmp(&priority(one)));
        if ordering != Ordering::Equal {
            return ordering;
        }
        let (Some(on_first), Some(on_second)) = (on_first, on_second) else {
            return on_first.is_none().cmp(&on_second.is_none());
        };
        let nodes = &self.status.nodes;
        (!nodes.available(on_first))
            .cmp(&!nodes.available(on_second))
            .then_with(|| self.count(on_first).cmp(&self.count(on_second)))
            .then_with(|| first.failed.cmp(&second.failed))
            .then_with(|| nodes.gone(on_first).cmp(&nodes.gone(on_second)))
            .then_with(|| one.cmp(&other))
    }
}
