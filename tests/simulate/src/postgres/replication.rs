//! How WAL gets from a primary to its standbys. Knows no client.

use std::time::Duration;

use super::server::{Life, Receiver, Role, Sender};
use crate::world::{Step, Thing, World};

/// `wal_retrieve_retry_interval`.
const RETRY: Duration = Duration::from_secs(5);
/// Between two looks whether everything is replayed.
const AGAIN: Duration = Duration::from_millis(250);
/// `wal_sender_timeout` and `wal_receiver_timeout`.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Between two looks at who is silent.
pub(crate) const PULSE: Duration = Duration::from_secs(2);
/// So much is sent at once.
const PIECE: u64 = 256 << 10;

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
        let number = at / crate::disk::segment::SEGMENT;
        let oldest =
            self.hosts[primary].disk.control.checkpoint.redo.0 / crate::disk::segment::SEGMENT;
        number + self.setup.keep >= oldest
            && timelines
                .iter()
                .any(|timeline| disk.pg_wal.segments.contains_key(&(*timeline, number)))
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
        let segment = begin / crate::disk::segment::SEGMENT * crate::disk::segment::SEGMENT;
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
            flushed: host_flushed(begin),
            streaming: begin >= source.flushed,
            send_planned: false,
        });
        self.may_acknowledge(primary);
        self.plan_send(primary, link);
        self.plan_flush(node);
    }

    fn oldest_wal(&self, primary: usize) -> u64 {
        let numbers = self.hosts[primary]
            .disk
            .pg_wal
            .segments
            .keys()
            .map(|(_, number)| *number);
        numbers.min().unwrap_or_default() * crate::disk::segment::SEGMENT
    }

    /// The way between two servers, and back.
    fn latency(&mut self) -> Duration {
        self.some_millis(1, 5)
    }

    /// Has every standby of a primary get what is new.
    pub(crate) fn send_to_all(&mut self, node: usize) {
        for link in self.hosts[node].server.links() {
            self.plan_send(node, link);
        }
    }

    fn plan_send(&mut self, node: usize, link: u64) {
        let senders = &mut self.hosts[node].server.senders;
        if let Some(sender) = senders
            .iter_mut()
            .find(|one| one.link == link && !one.send_planned)
        {
            sender.send_planned = true;
            let time = self.latency();
            self.after(time, Thing::Send(link));
        }
    }

    fn sender_of(&self, link: u64) -> Option<(usize, usize)> {
        (0..self.count()).find_map(|node| {
            let senders = &self.hosts[node].server.senders;
            Some((node, senders.iter().position(|one| one.link == link)?))
        })
    }

    fn receiver_of(&self, link: u64) -> Option<usize> {
        let is_it = |node: &usize| {
            let receiver = &self.hosts[*node].server.receiver;
            receiver.is_some_and(|receiver| receiver.link == link)
        };
        (0..self.count()).find(is_it)
    }

    /// WAL arrives.
    pub(crate) fn send(&mut self, link: u64) {
        let Some((primary, index)) = self.sender_of(link) else {
            return;
        };
        self.hosts[primary].server.senders[index].send_planned = false;
        let Some(node) = self.receiver_of(link) else {
            return;
        };
        let is_quiet = |one: &crate::postgres::server::Server| one.frozen || one.stuck;
        if is_quiet(&self.hosts[primary].server)
            || is_quiet(&self.hosts[node].server)
            || !self.network.joins(primary, node)
        {
            // It is sent again once one hears the other.
            return;
        }
        let sender = self.hosts[primary].server.senders[index];
        let source = self.hosts[primary].disk.extent;
        if self.hosts[node].disk.extent.branch != source.branch {
            self.follow_promotion(node, primary, link);
            return;
        }
        let to = source.flushed.min(sender.sent + PIECE);
        let now = self.now;
        if to > sender.sent {
            let timelines = self.lineage.timelines(source.branch);
            let timeline = self.lineage.branch(source.branch).timeline;
            let mut pg_wal = std::mem::take(&mut self.hosts[node].disk.pg_wal);
            let theirs = &self.hosts[primary].disk.pg_wal;
            let is_there = pg_wal.take(timeline, theirs, &timelines, sender.sent, to);
            self.hosts[node].disk.pg_wal = pg_wal;
            if !is_there {
                // "requested WAL segment has already been removed"
                self.drop_link(primary, link);
                return;
            }
            let disk = &mut self.hosts[node].disk;
            disk.extent.written = disk.extent.written.max(to);
            self.hosts[primary].server.senders[index].sent = to;
        }
        if let Some(receiver) = &mut self.hosts[node].server.receiver {
            receiver.heard = now;
            receiver.primary_end = source.flushed;
        }
        if to < source.flushed {
            self.plan_send(primary, link);
        }
        self.plan_flush(node);
    }

    /// The server that a standby streams from was a standby itself when it connected, and has been promoted: the
    /// walsender ends the timeline, and the walreceiver asks for the next one's history and goes on over the same
    /// connection (`WalReceiverMain` in `src/backend/replication/walreceiver.c`).
    fn follow_promotion(&mut self, node: usize, primary: usize, link: u64) {
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

    /// A standby has flushed what it got: it says so, and replays it.
    pub(crate) fn received(&mut self, node: usize) {
        let extent = self.hosts[node].disk.extent;
        let server = &mut self.hosts[node].server;
        if let Some(receiver) = server.receiver {
            server.received = Some(extent.flushed);
            let time = self.latency();
            self.after(
                time,
                Thing::Word {
                    link: receiver.link,
                    written: extent.written,
                    flushed: extent.flushed,
                },
            );
        }
        self.plan_replay(node);
    }

    pub(crate) fn plan_replay(&mut self, node: usize) {
        let server = &mut self.hosts[node].server;
        if server.replay_planned || server.replay_paused || server.frozen || server.stuck {
            return;
        }
        server.replay_planned = true;
        let time = server.replay_delay;
        self.plan(node, time, Step::Replay);
    }

    pub(crate) fn replay(&mut self, node: usize) {
        let server = &mut self.hosts[node].server;
        server.replay_planned = false;
        if server.frozen || server.stuck || server.replay_paused || server.role != Role::Standby {
            return;
        }
        if matches!(server.life, Life::Down | Life::Stopping) {
            return;
        }
        let extent = &mut self.hosts[node].disk.extent;
        let before = extent.replayed;
        extent.replayed = extent.replayed.max(extent.flushed);
        let after = extent.replayed;
        if before < after {
            self.restartpoint_between(node, before, after);
            self.snapshot_arrives(node);
        }
        self.promoted_if_replayed(node);
    }

    /// A primary's record of its running transactions ends the wait for one.
    fn snapshot_arrives(&mut self, node: usize) {
        let server = &self.hosts[node].server;
        if server.life == Life::Starting && server.has_replayed && !self.is_snapshot_pending(node) {
            self.hosts[node].server.life = Life::Ready;
        }
    }

    /// A primary hears how far a standby is.
    pub(crate) fn hear(&mut self, link: u64, written: u64, flushed: u64) {
        let Some((primary, index)) = self.sender_of(link) else {
            return;
        };
        let to = self.hosts[primary].server.senders[index].to;
        let server = &self.hosts[primary].server;
        if server.frozen || server.stuck || !self.network.carries(to, primary) || !self.is_on(to) {
            return;
        }
        let end = self.hosts[primary].disk.extent.flushed;
        let now = self.now;
        let sender = &mut self.hosts[primary].server.senders[index];
        sender.heard = now;
        sender.written = sender.written.max(written);
        sender.flushed = sender.flushed.max(flushed);
        sender.streaming |= flushed >= end;
        self.release(primary);
        self.end_if_all_have_it(primary);
    }

    /// Servers and walreceivers tell one another that they live, and notice who does not.
    pub(crate) fn pulse(&mut self) {
        for node in 0..self.count() {
            let server = &self.hosts[node].server;
            if !server.runs() || server.frozen || server.stuck {
                continue;
            }
            let senders = server.senders.clone();
            for sender in senders {
                if self.hears_over(node, sender.to, sender.link) {
                    let now = self.now;
                    let senders = &mut self.hosts[node].server.senders;
                    if let Some(one) = senders.iter_mut().find(|one| one.link == sender.link) {
                        one.heard = now;
                    }
                    if let Some(receiver) = &mut self.hosts[sender.to].server.receiver {
                        receiver.heard = now;
                    }
                    if sender.sent < self.hosts[node].disk.extent.flushed || !sender.streaming {
                        self.plan_send(node, sender.link);
                    }
                    let extent = self.hosts[sender.to].disk.extent;
                    if extent.flushed > sender.flushed {
                        self.hear(sender.link, extent.written, extent.flushed);
                    }
                } else if self.now.saturating_sub(sender.heard) > TIMEOUT {
                    self.drop_link(node, sender.link);
                }
            }
            if let Some(receiver) = self.hosts[node].server.receiver
                && self.now.saturating_sub(receiver.heard) > TIMEOUT
            {
                self.drop_receiver(node);
                self.plan(node, Duration::from_millis(100), Step::Connect);
            }
            if self.hosts[node].server.role == Role::Standby {
                let extent = self.hosts[node].disk.extent;
                if extent.replayed < extent.flushed {
                    self.plan_replay(node);
                }
                self.snapshot_arrives(node);
            }
        }
        self.after(PULSE, Thing::Pulse);
    }

    /// Whether both ends of a connection are there and hear one another.
    fn hears_over(&self, primary: usize, node: usize, link: u64) -> bool {
        let server = &self.hosts[node].server;
        self.network.joins(primary, node)
            && !server.frozen
            && !server.stuck
            && server
                .receiver
                .is_some_and(|receiver| receiver.link == link)
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

/// A standby that has just connected says that it has flushed what it asks for more behind.
fn host_flushed(begin: u64) -> u64 {
    begin
}
