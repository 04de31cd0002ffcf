//! What must never be, held against everything that happens. Knows no cause.
//!
//! - [`kind`]: each rule by its name.
//! - [`promotions`]: who may be promoted.
//! - [`primaries`]: that there are not two.
//! - [`needless`]: that nothing healthy is stopped or fenced.
//! - [`left_behind`]: that a single crash loses nothing.
//! - [`liveness`]: that there is one in the end.
//! - [`outage`]: that there is one soon after a single event.

pub mod kind;
mod left_behind;
mod liveness;
mod needless;
mod outage;
mod primaries;
mod promotions;

use std::collections::BTreeSet;
use std::time::Duration;

use pgsql_state::agent::actions::ActionOutcome;
use pgsql_state::agent::ocf::actions::Action;

use crate::postgres::lineage::{Row, Spot};
use crate::postgres::sync::Rule;
use crate::world::World;
pub use kind::{Rules, Violation};
pub use outage::Outage;
use outage::Trial;

/// What is held against what happens.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    /// What is looked at.
    rules: Rules,
    /// The rows that were acknowledged under a rule.
    rows: Vec<Row>,
    /// The rule of the last one, and the primary that took it.
    last: Option<(Rule, usize)>,
    /// The primaries since, which no standby has come to yet: what they have acknowledged, nobody else can have.
    heirs: BTreeSet<usize>,
    /// What everything lies before that was acknowledged: the end of the last primary that was stopped in order, or where
    /// its rule was changed, or where one began that no standby has come to yet.
    pub(crate) end: Option<Spot>,
    /// Where the last primary of each node ended that was stopped in order, if its data directory still has that.
    pub(crate) ends: Vec<Option<Spot>>,
    /// When the agent was last called on each node for its server, and when an operator last made that a primary by hand.
    called: Vec<Duration>,
    pub(crate) by_hand: Vec<Duration>,
    /// Whether this database cluster has had a primary: one that was only restored has servers that its operator has
    /// not chosen between.
    had_primary: bool,
    /// When something was last done to each node, by what goes wrong or by operators.
    touched: Vec<Duration>,
    /// Since when two servers that clients reach take writes.
    two_since: Option<Duration>,
    /// A single event, and how long there has been no primary since.
    trial: Option<Trial>,
    pub(crate) outage: Option<Outage>,
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
            heirs: BTreeSet::new(),
            end: None,
            touched: vec![Duration::ZERO; count],
            ends: vec![None; count],
            called: vec![Duration::ZERO; count],
            by_hand: vec![Duration::ZERO; count],
            had_primary: false,
            two_since: None,
            trial: None,
            outage: None,
            kept_away: BTreeSet::new(),
            on_standby: BTreeSet::new(),
            reasons: vec![None; count],
            violations: Vec::new(),
        }
    }

    /// An action of the agent has ended.
    pub(crate) fn ended(
        &mut self,
        node: usize,
        action: Action,
        outcome: &ActionOutcome,
        now: Duration,
    ) {
        if outcome.reason.is_some() {
            self.reasons[node].clone_from(&outcome.reason);
        }
        if !matches!(
            action,
            Action::Notify | Action::Reload | Action::ReloadAgent
        ) {
            self.called[node] = now;
        }
        // Pacemaker may restart servers after a promotion that failed.
        if action == Action::Promote {
            self.touched.fill(now);
        }
    }

    /// An operator has what has failed be forgotten, and its reasons with it; on all nodes where none is named.
    pub(crate) fn forget_reasons(&mut self, node: Option<usize>) {
        match node {
            Some(node) => self.reasons[node] = None,
            None => self.reasons.fill(None),
        }
    }

    /// All servers are another database cluster's: nobody has acknowledged anything of that.
    pub(crate) fn begin_anew(&mut self) {
        self.had_primary = false;
        self.last = None;
        self.heirs.clear();
        self.end = None;
        self.ends.fill(None);
    }

    /// A primary has been stopped in order, or its rule was changed. Where it has acknowledged nothing since its rule was
    /// changed before, all that it did lies before that.
    fn stopped(&mut self, primary: usize, end: Spot) {
        let is_last = self.last.as_ref().is_some_and(|(_, last)| *last == primary);
        if is_last && self.end.is_none() && !self.heirs.contains(&primary) {
            self.end = Some(end);
        }
    }

    pub(crate) fn acknowledged(&mut self, row: Row, primary: usize, rule: &Rule) {
        if *rule != Rule::Nobody {
            self.rows.push(row);
        }
        self.takes_over(rule.clone(), primary);
    }

    fn takes_over(&mut self, rule: Rule, primary: usize) {
        self.last = Some((rule, primary));
        self.heirs.clear();
        self.end = None;
    }
}

impl World {
    /// A primary has been stopped in order, or its rule was changed. What one acknowledges that an operator has started
    /// by hand after it was stopped in order does not count: all that does lies before that end.
    pub(crate) fn primary_stopped(&mut self, primary: usize, end: Spot) {
        if !self.hosts[primary].server.by_hand || self.watch.end.is_none() {
            self.watch.stopped(primary, end);
        }
    }

    /// A primary has a standby that its commits may be acknowledged by: from now on the next election has to know who
    /// else could have. Before, what was known of the last one still holds.
    pub(crate) fn may_acknowledge(&mut self, primary: usize) {
        let server = &self.hosts[primary].server;
        if self.watch.last.is_some() && server.takes_writes() && !server.by_hand {
            let rule = server.rule.clone();
            let counts = if self.is_rule_told(primary) {
                rule
            } else {
                Rule::Nobody
            };
            self.watch.takes_over(counts, primary);
        }
    }

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
