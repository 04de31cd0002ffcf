//! How WAL gets from a primary to its standbys over their connections. Knows no client.

use std::time::Duration;

use super::server::{Role, Server};
use crate::world::{Step, Thing, World};

/// `wal_sender_timeout` and `wal_receiver_timeout`.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Between two looks at who is silent.
pub(crate) const PULSE: Duration = Duration::from_secs(2);
/// So much is sent at once.
const PIECE: u64 = 256 << 10;

impl World {
    /// Has every standby of a primary get what is new.
    pub(crate) fn send_to_all(&mut self, node: usize) {
        for link in self.hosts[node].server.links() {
            self.plan_send(node, link);
        }
    }

    pub(super) fn plan_send(&mut self, node: usize, link: u64) {
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

    /// The way between two servers, and back.
    fn latency(&mut self) -> Duration {
        self.some_millis(1, 5)
    }

    fn sender_of(&self, link: u64) -> Option<(usize, usize)> {
        (0..self.count()).find_map(|node| {
            let senders = &self.hosts[node].server.senders;
            Some((node, senders.iter().position(|one| one.link == link)?))
        })
    }

    pub(super) fn receiver_of(&self, link: u64) -> Option<usize> {
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
        let is_quiet = |one: &Server| one.frozen || one.stuck;
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
}
