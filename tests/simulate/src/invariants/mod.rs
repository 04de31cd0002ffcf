//! What must never be, held against everything that happens. Knows no cause.
//!
//! - [`kind`]: each rule by its name.
//! - [`promotions`]: who may be promoted.
//! - [`primaries`]: that there are not two.
//! - [`needless`]: that nothing healthy is stopped or fenced.
//! - [`liveness`]: that there is one in the end.

pub mod kind;
mod liveness;
mod needless;
mod primaries;
mod promotions;

use std::collections::BTreeSet;
use std::time::Duration;

use pgsql_state::agent::actions::Action;
use pgsql_state::recipes::Ending;

use crate::postgres::lineage::{Row, Spot};
use crate::postgres::sync::Rule;
use crate::world::World;
pub use kind::{Rules, Violation};

/// What is held against what happens.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    /// What is looked at.
    rules: Rules,
    /// The rows that were acknowledged under a rule.
    rows: Vec<Row>,
    /// The rule of the last one, and the primary that took it.
    last: Option<(Rule, usize)>,
    /// The end of the last primary, if it was stopped in order and nothing was acknowledged since.
    pub(crate) end: Option<Spot>,
    /// When something was last done to each node, by what goes wrong or by operators.
    touched: Vec<Duration>,
    /// Since when two servers that clients reach take writes.
    two_since: Option<Duration>,
    /// The nodes that an operator keeps the primary from.
    pub(crate) kept_away: BTreeSet<usize>,
    /// The nodes that he has put on standby.
    pub(crate) on_standby: BTreeSet<usize>,
    /// Why the last actions on each node have failed.
    pub(crate) reasons: Vec<Option<String>>,
    pub(crate) violations: Vec<Violation>,
}

impl Watch {
    pub(crate) fn new(count: usize, rules: Rules) -> Self {
        Self {
            rules,
            rows: Vec::new(),
            last: None,
            end: None,
            touched: vec![Duration::ZERO; count],
            two_since: None,
            kept_away: BTreeSet::new(),
            on_standby: BTreeSet::new(),
            reasons: vec![None; count],
            violations: Vec::new(),
        }
    }

    /// An action of the agent has ended.
    pub(crate) fn ended(&mut self, node: usize, action: Action, ending: &Ending, now: Duration) {
        if ending.reason.is_some() {
            self.reasons[node].clone_from(&ending.reason);
        }
        // Pacemaker may restart servers after a promotion that failed.
        if action == Action::Promote {
            self.touched.fill(now);
        }
    }

    /// All servers are another database cluster's: nobody has acknowledged anything of that.
    pub(crate) fn begin_anew(&mut self) {
        self.last = None;
        self.end = None;
    }

    /// A primary has been stopped in order.
    pub(crate) fn stopped(&mut self, primary: usize, end: Spot) {
        if self.last.as_ref().is_some_and(|(_, last)| *last == primary) {
            self.end = Some(end);
        }
    }

    pub(crate) fn acknowledged(&mut self, row: Row, primary: usize, rule: &Rule) {
        if *rule != Rule::Nobody {
            self.rows.push(row);
        }
        self.last = Some((rule.clone(), primary));
        self.end = None;
    }
}

impl World {
    pub(crate) fn violation(&mut self, rule: kind::Rule, what: String) {
        if !self.watch.rules.includes(rule) {
            return;
        }
        let now = self.now;
        self.story
            .line(now, format_args!("VIOLATION {}: {what}", rule.name()));
        self.watch.violations.push(Violation {
            rule,
            at: now,
            what,
        });
    }
}
