//! How rows are written and acknowledged. Knows nothing of how they get to standbys.

use std::time::Duration;

use pgsql_state::agent::decide::sync_rule;
use pgsql_state::agent::decide::sync_rule::SyncRules;

use super::lineage::{Row, Spot};
use super::server::{Role, Waiting, Written};
use super::sync::{Has, Rule};
use crate::pacemaker::Lifetime;
use crate::world::setup::SYNC_RULE;
use crate::world::{Step, World, node};

/// So long after a change of `synchronous_standby_names` the cluster knows of it: a monitor's interval and its timeout.
const TO_TELL: Duration = Duration::from_secs(30);

/// So long it may take where something keeps monitors from telling it: slow programs, a server that lets nobody in.
const LONGEST_TO_TELL: Duration = Duration::from_secs(300);

impl World {
    /// A client writes a row into a primary.
    pub(crate) fn write_row(&mut self, node: usize, client: usize, length: usize) -> Row {
        let spot = self.write_record(node, length);
        let row = Row(self.rows.len());
        self.rows.push(Written {
            spot,
            client,
            acknowledged: None,
            given_up: false,
        });
        self.hosts[node].server.waiting.push(Waiting { row, spot });
        row
    }

    /// A primary writes a record, which is flushed a little later.
    pub(crate) fn write_record(&mut self, node: usize, length: usize) -> Spot {
        let branch = self.hosts[node].disk.extent.branch;
        let timeline = self.lineage.branch(branch).timeline;
        let written = self.lineage.write(branch, length);
        let disk = &mut self.hosts[node].disk;
        disk.pg_wal.write(timeline, written.from, &written.bytes);
        disk.extent.written = written.record.end;
        disk.extent.replayed = written.record.end;
        self.plan_flush(node);
        Spot {
            branch,
            end: written.record.end,
        }
    }

    pub(crate) fn plan_flush(&mut self, node: usize) {
        if !self.hosts[node].server.flush_planned {
            self.hosts[node].server.flush_planned = true;
            let time = self.some_millis(1, 4) + self.slow_disk(node);
            self.plan(node, time, Step::Flush);
        }
    }

    /// What was written is flushed.
    pub(crate) fn flush(&mut self, node: usize) {
        let host = &mut self.hosts[node];
        host.server.flush_planned = false;
        if !host.server.runs() || host.server.stuck {
            return;
        }
        let extent = &mut host.disk.extent;
        extent.flushed = extent.written;
        match host.server.role {
            Role::Primary => {
                self.release(node);
                self.send_to_all(node);
            }
            Role::Standby => self.received(node),
        }
    }

    /// The standbys of a primary that stream, and what they have.
    pub(crate) fn streaming(&self, node: usize) -> Vec<Has> {
        let senders = self.hosts[node].server.senders.iter();
        senders
            .filter(|sender| sender.streaming)
            .map(|sender| Has {
                node: sender.to,
                flushed: sender.flushed,
            })
            .collect()
    }

    /// Tells clients of commits that wait for nobody any more.
    pub(crate) fn release(&mut self, node: usize) {
        let server = &self.hosts[node].server;
        if server.waiting.is_empty() || !server.takes_writes() {
            return;
        }
        let streaming = self.streaming(node);
        let flushed = self.hosts[node].disk.extent.flushed;
        let server = &mut self.hosts[node].server;
        let rule = &server.rule;
        // They wait in the order of their commits, and who has one of those has all before it.
        let is_done =
            |one: &&Waiting| one.spot.end <= flushed && rule.is_met(one.spot.end, &streaming);
        let count = server.waiting.iter().take_while(is_done).count();
        if count == 0 {
            return;
        }
        let rule = server.rule.clone();
        let done: Vec<Waiting> = server.waiting.drain(..count).collect();
        for Waiting { row, .. } in done {
            self.acknowledge(node, row, &rule);
        }
    }

    fn acknowledge(&mut self, node: usize, row: Row, rule: &Rule) {
        let client = self.rows[row.0].client;
        let by_hand = self.hosts[node].server.by_hand;
        if self.is_on(client) && self.network.carries(node, client) && !by_hand {
            self.rows[row.0].acknowledged = Some(rule.clone());
            let counts = if self.is_rule_told(node) {
                rule
            } else {
                &Rule::Nobody
            };
            self.watch.acknowledged(row, node, counts);
        }
    }

    /// Whether a change of the rule counts: from the monitor of the primary on that tells it, as the page about Pacemaker
    /// says.
    pub(crate) fn is_rule_told(&mut self, primary: usize) -> bool {
        if !self.rule_is_told {
            let time = self.now.saturating_sub(self.rule_since);
            self.rule_is_told =
                time > LONGEST_TO_TELL || (time > TO_TELL && self.keeps_rule(primary));
        }
        self.rule_is_told
    }

    /// Whether the cluster keeps the rule that is in force on a primary.
    fn keeps_rule(&self, primary: usize) -> bool {
        let (node, host) = (node(primary), &self.hosts[primary]);
        let names: Vec<String> = self.hosts.iter().map(|one| one.name.to_string()).collect();
        let nodes = self.hosts.iter().map(|one| one.name.clone()).collect();
        let setting = host.server.rule.text(&names);
        let kept = self
            .pacemaker
            .attribute(node, node, SYNC_RULE, Lifetime::Permanent);
        let kept = kept.and_then(|kept| kept.parse::<SyncRules>().ok());
        let rule = sync_rule::SyncRule::of(&setting, &host.name, &nodes);
        kept.is_some_and(|kept| rule == Ok(kept.now))
    }
}
