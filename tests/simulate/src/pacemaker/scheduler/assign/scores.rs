//! How much each instance prefers each node. Knows nothing of who gets it.

use super::super::super::config::Node;
use super::super::super::input::OfRole;
use super::super::super::score::{self, INFINITY};
use super::super::status::Instance;
use super::Assigning;

impl Assigning<'_> {
    pub(super) fn apply_locations(&mut self) {
        for location in &self.cib.settings.locations {
            if location.role == OfRole::Any {
                self.add_to_all(location.node, location.score);
            }
        }
        // The rule that `generate pacemaker` writes.
        for node in self.nodes() {
            if self.cib.effective(node, &self.config.mark) == Some("1") {
                self.add_to_all(node, -INFINITY);
            }
        }
        for node in self.nodes() {
            if self.status.fatal || self.status.banned.contains(node) {
                self.add_to_all(node, -INFINITY);
            }
        }
        for (place, instance) in self.status.instances.iter().enumerate() {
            for node in instance.not_on.iter() {
                self.add(place, node, -INFINITY);
            }
        }
    }

    /// `pcmk__threshold_reached`. The clone is anonymous, so all instances are banned.
    pub(super) fn apply_failures(&mut self) {
        let threshold = self.config.migration_threshold;
        let threshold = threshold.map_or(INFINITY, |most| i32::try_from(most).unwrap_or(INFINITY));
        if threshold == 0 {
            return;
        }
        for node in self.nodes() {
            if self.status.expired.contains(node) {
                continue;
            }
            let count = self.cib.node(node).map_or(0, |state| state.failcount().0);
            if count >= threshold {
                self.add_to_all(node, -INFINITY);
            }
        }
    }

    pub(super) fn apply_stickiness(&mut self) {
        for (place, instance) in self.status.instances.iter().enumerate() {
            if let (Some(node), true) = (instance.on, instance.managed) {
                self.add(place, node, self.config.stickiness);
            }
        }
    }

    /// `pcmk__add_promotion_scores`.
    pub(super) fn add_promotion_scores(&mut self) {
        for place in 0..self.own.len() {
            for node in self.nodes() {
                if !self.status.nodes.available(node) {
                    continue;
                }
                let score = self.promotion_score(place, node).unwrap_or(0);
                if score > 0 {
                    self.add(place, node, score);
                }
                if let Some(priority) = self.priority.get_mut(place) {
                    *priority = (*priority).max(score);
                }
            }
        }
    }

    /// `promotion_score`: none where none is set or it does not apply.
    pub(in super::super) fn promotion_score(&self, place: usize, node: Node) -> Option<i32> {
        if !self.promotion_score_applies(place, node) || self.weight(place, node) < 0 {
            return None;
        }
        let scores = self.cib.promotion_score(&self.config.resource, node);
        scores.map(score::parse)
    }

    pub(super) fn promotion_score_applies(&self, place: usize, node: Node) -> bool {
        let instances = &self.status.instances;
        let active = instances.iter().position(|one| one.on == Some(node));
        let known = |instance: &Instance| instance.known_on.contains(node);
        let Some(instance) = instances.get(place) else {
            return false;
        };
        active == Some(place)
            || (active.is_none() && instances.iter().any(known))
            || (instance.on.is_none() && instance.known_on.is_empty())
            || known(instance)
            || instance.on == Some(node)
    }
}
