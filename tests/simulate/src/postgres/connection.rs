//! The connection of a standby with the server that it streams from: made, and given up by one of them. Sends nothing over
//! it.

use std::time::Duration;

use super::server::{Life, Receiver, Role, Sender};
use crate::disk::segment::SEGMENT;
use crate::world::{Step, World};

/// `wal_retrieve_retry_interval`.
const RETRY: Duration = Duration::from_secs(5);
/// Between two looks whether everything is replayed.
const AGAIN: Duration = Duration::from_millis(250);

impl World {
    /// A walreceiver tries to connect.
    pub(crate) fn connect(&mut self, node: usize) {
        let server = &self.hosts[node].server;
        let wants = server.role == Role::Standby
            && matches!(server.life, Life::Ready | Life::Starting)
            && server.receiver.is_none()
            && !server.promoting;
        if !wants {
            return;
        }
        // The startup process replays all WAL that is there before it has a WAL receiver started, and has none started while
        // it is paused (`WaitForWALToBecomeAvailable` in `src/backend/access/transam/xlogrecovery.c`).
        let extent = self.hosts[node].disk.extent;
        if extent.replayed < extent.flushed || server.replay_paused {
            self.plan_replay(node);
            self.plan(node, AGAIN, Step::Connect);
            return;
        }
        let server = &self.hosts[node].server;
        let is_able = !server.frozen && !server.stuck && self.is_on(node);
        if is_able
            && let Some(primary) = self.source_for(node)
            && self.accepts_standby(primary, node)
        {
            self.attach(node, primary);
            return;
        }
        self.plan(node, RETRY, Step::Connect);
    }

    /// Whether a server lets this standby stream from it.
    fn accepts_standby(&self, primary: usize, node: usize) -> bool {
        let server = &self.hosts[primary].server;
        let (own, other) = (
            self.hosts[node].disk.extent,
            self.hosts[primary].disk.extent,
        );
        let same_system =
            self.lineage.branch(own.branch).system == self.lineage.branch(other.branch).system;
        primary != node
            && self.is_on(primary)
            && self.network.joins(node, primary)
            && server.life == Life::Ready
            && !server.frozen
            && !server.stuck
            && same_system
            && self
                .lineage
                .leads_to(own.branch, own.replayed, other.branch)
            && own.replayed <= other.flushed
            && self.has_wal_from(primary, own.replayed)
    }

    /// Whether a server's `pg_wal` still holds what follows a position.
    fn has_wal_from(&self, primary: usize, at: u64) -> bool {
        let disk = &self.hosts[primary].disk;
        let timelines = self.lineage.timelines(disk.extent.branch);
        let number = at / SEGMENT;
        let oldest = self.hosts[primary].disk.control.checkpoint.redo.0 / SEGMENT;
        number + self.setup.keep >= oldest
            && timelines
                .iter()
                .any(|timeline| disk.pg_wal.segments.contains_key(&(*timeline, number)))
    }

    fn oldest_wal(&self, primary: usize) -> u64 {
        let numbers = self.hosts[primary]
            .disk
            .pg_wal
            .segments
            .keys()
            .map(|(_, number)| *number);
        numbers.min().unwrap_or_default() * SEGMENT
    }

    fn attach(&mut self, node: usize, primary: usize) {
        self.links += 1;
        let (link, now) = (self.links, self.now);
        let source = self.hosts[primary].disk.extent;
        // What lies beyond the point where the other history left this one is none of it.
        let own = self.hosts[node].disk.extent;
        let common = self
            .lineage
            .ancestry(source.branch)
            .find(|(one, _)| *one == own.branch)
            .map_or(own.replayed, |(_, end)| end);
        let begin = own
            .written
            .min(common)
            .min(source.flushed)
            .max(own.replayed);
        let segment = begin / SEGMENT * SEGMENT;
        let histories = self.hosts[primary].disk.pg_wal.histories.clone();
        let known = self.lineage.timelines(source.branch);
        let wall = self.hosts[node].clock.wall(now);
        let host = &mut self.hosts[node];
        for (timeline, (history, _)) in histories {
            if known.contains(&timeline) {
                host.disk
                    .pg_wal
                    .histories
                    .entry(timeline)
                    .or_insert((history, wall));
            }
        }
        host.disk.extent.branch = source.branch;
        host.disk.extent.written = begin;
        host.disk.extent.flushed = host
            .disk
            .extent
            .flushed
            .min(begin)
            .max(own.replayed.min(begin));
        host.server.received = Some(segment.min(begin));
        host.server.receiver = Some(Receiver {
            from: primary,
            link,
            heard: now,
            primary_end: source.flushed,
        });
        let bytes_from = segment.max(self.oldest_wal(primary));
        self.hosts[primary].server.senders.push(Sender {
            to: node,
            link,
            heard: now,
            sent: bytes_from.min(begin),
            written: begin,
            // A standby that has just connected says that it has flushed what it asks for more behind.
            flushed: begin,
            streaming: begin >= source.flushed,
            send_planned: false,
        });
        self.may_acknowledge(primary);
        self.plan_send(primary, link);
        self.plan_flush(node);
    }

    /// The server that a standby streams from was a standby itself when it connected, and has been promoted: the
    /// walsender ends the timeline, and the walreceiver asks for the next one's history and goes on over the same
    /// connection (`WalReceiverMain` in `src/backend/replication/walreceiver.c`).
    pub(super) fn follow_promotion(&mut self, node: usize, primary: usize, link: u64) {
        if self.accepts_standby(primary, node) {
            self.hosts[primary]
                .server
                .senders
                .retain(|one| one.link != link);
            self.attach(node, primary);
        } else {
            self.drop_link(primary, link);
        }
    }

    /// A primary gives a connection up; the standby learns of it, if it hears the primary.
    pub(crate) fn drop_link(&mut self, primary: usize, link: u64) {
        self.hosts[primary]
            .server
            .senders
            .retain(|one| one.link != link);
        self.drop_link_seen(primary, link);
        self.end_if_all_have_it(primary);
    }

    /// The standby's end of a connection whose other end is gone.
    pub(crate) fn drop_link_seen(&mut self, primary: usize, link: u64) {
        if let Some(node) = self.receiver_of(link)
            && self.network.joins(primary, node)
        {
            self.hosts[node].server.receiver = None;
            self.flush(node);
            let time = self.some_millis(10, 5_000);
            self.plan(node, time, Step::Connect);
        }
    }

    /// A walreceiver ends; the primary learns of it, if it hears the standby.
    pub(crate) fn drop_receiver(&mut self, node: usize) {
        let Some(receiver) = self.hosts[node].server.receiver.take() else {
            return;
        };
        if self.network.joins(receiver.from, node) {
            let senders = &mut self.hosts[receiver.from].server.senders;
            senders.retain(|one| one.link != receiver.link);
            self.end_if_all_have_it(receiver.from);
        }
    }
}
