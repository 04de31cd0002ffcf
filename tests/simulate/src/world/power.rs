//! Hosts that lose their power and come back, and the devices that fence them. Knows no server's inside.

use std::time::Duration;

use super::host::{Fence, Power};
use super::{Thing, World, node};
use crate::pacemaker::Input;

impl World {
    /// A host loses its power.
    pub(crate) fn power_off(&mut self, at: usize) {
        if matches!(self.hosts[at].power, Power::Off | Power::Lost) {
            return;
        }
        self.hosts[at].power = Power::Off;
        self.killed.push(at);
        self.lose_server(at);
        self.lose_keepers(at);
        self.tell(Input::HostDown(node(at)));
        self.tell_connectivity();
    }

    /// It gets it back, and boots.
    pub(crate) fn power_on(&mut self, at: usize) {
        if self.hosts[at].power != Power::Off {
            return;
        }
        self.hosts[at].power = Power::Boots;
        let time = self.some_millis(15_000, 40_000);
        self.after(time, Thing::Boot(at));
    }

    /// It runs, and Corosync and Pacemaker with it.
    pub(crate) fn boot(&mut self, at: usize) {
        if self.hosts[at].power != Power::Boots {
            return;
        }
        self.hosts[at].power = Power::On;
        self.hosts[at].proxy.forget();
        self.start_daemon(at);
        self.restart_keeper(at);
        self.story
            .line(self.now, format_args!("srv{} has booted", at + 1));
        self.tell(Input::HostUp(node(at)));
        self.tell_connectivity();
    }

    /// Pacemaker wants a node off.
    pub(crate) fn fence(&mut self, at: usize) {
        let (time, ok) = match self.hosts[at].fence {
            Fence::Works | Fence::ForGood => (self.some_millis(1_000, 4_000), true),
            Fence::Slow => (self.some_millis(30_000, 55_000), true),
            Fence::Fails => (self.some_millis(5_000, 20_000), false),
        };
        self.story
            .line(self.now, format_args!("srv{} is to be fenced", at + 1));
        self.after(time, Thing::Fenced(at, ok));
    }

    pub(crate) fn fenced(&mut self, at: usize, ok: bool) {
        if ok {
            self.story.line(
                self.now,
                format_args!("srv{} is fenced: its power is off", at + 1),
            );
            self.note_fencing(at);
            self.power_off(at);
            if self.hosts[at].fence == Fence::ForGood && self.can_do_without(at) {
                self.hosts[at].power = Power::Lost;
            }
            // The device switches it on again.
            self.power_on(at);
        } else {
            self.story
                .line(self.now, format_args!("srv{} could not be fenced", at + 1));
        }
        self.tell(Input::Fenced { node: node(at), ok });
    }

    /// Whether the others have the quorum without a host, and none of them is lost.
    fn can_do_without(&self, at: usize) -> bool {
        let is_lost = |one: &usize| *one != at && self.hosts[*one].power == Power::Lost;
        self.count() > 2 && !(0..self.count()).any(|one| is_lost(&one))
    }

    /// How much longer programs on a host take.
    pub(crate) fn slowness(&self, at: usize) -> Duration {
        self.hosts[at].slow_programs
    }
}
