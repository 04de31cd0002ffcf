//! That a single crash of a primary loses no acknowledged row, also where commits wait for nobody: its server has it, and can
//! be started. Knows no action.

use super::kind::Rule;
use crate::events::Kind;
use crate::postgres::server::Written;
use crate::postgres::sync;
use crate::world::World;

impl World {
    /// A server takes writes from now on.
    pub(super) fn look_for_what_is_left_behind(&mut self, node: usize) {
        let Some(event) = self.single_event() else {
            return;
        };
        let crashed = event.node;
        let is_crash = matches!(event.kind, Kind::Crash | Kind::Freeze);
        let waits = self.hosts[crashed].server.rule != sync::Rule::Nobody;
        if !is_crash || node == crashed || waits || !self.is_rule_told(crashed) {
            return;
        }
        let has = |one: usize, row: &Written| {
            let extent = self.hosts[one].disk.extent;
            self.lineage.has(extent.branch, extent.written, row.spot)
        };
        let is_left = |row: &&Written| {
            let counts = row.acknowledged.is_some() && !row.given_up;
            counts && has(crashed, row) && !has(node, row)
        };
        let left = self.rows.iter().filter(is_left).count();
        if left > 0 {
            let what = format!(
                "srv{} is a primary without {left} acknowledged rows that srv{} has, which crashed alone",
                node + 1,
                crashed + 1
            );
            self.violation(Rule::NoneLeftBehind, what);
        }
    }
}
