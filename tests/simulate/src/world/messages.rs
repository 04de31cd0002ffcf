//! What Pacemaker's programs have sent and is not delivered yet. Corosync delivers nothing in a ring in which somebody is not
//! heard; the node's daemon keeps what it could not send and tries again (`crm_cs_flush` in Pacemaker's
//! `lib/cluster/cpg.c`), whatever becomes of the program. Knows nothing of what is sent.

use crate::pacemaker::Input;
use crate::world::{World, node};

/// A message of a program, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MessageId(u64);

/// Those that wait, in the order in which they were sent.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    waiting: Vec<(MessageId, usize, Input)>,
    count: u64,
}

impl Messages {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

impl World {
    /// A program on a host sends something around the ring.
    pub(crate) fn send_around(&mut self, from: usize, input: Input) -> MessageId {
        self.messages.count += 1;
        let id = MessageId(self.messages.count);
        if self.pacemaker.delivers(node(from)) {
            self.tell(input);
        } else {
            self.messages.waiting.push((id, from, input));
        }
        id
    }

    /// Whether it still waits.
    pub(crate) fn waits(&self, id: MessageId) -> bool {
        let mut waiting = self.messages.waiting.iter();
        waiting.any(|(one, _, _)| *one == id)
    }

    /// Delivers what can be delivered now. What a node has sent that has left, or was never a member, is gone with its
    /// daemon.
    pub(super) fn deliver(&mut self) {
        for (id, from, input) in std::mem::take(&mut self.messages.waiting) {
            if self.pacemaker.delivers(node(from)) {
                self.handle(input);
            } else if !self.pacemaker.members(node(from)).is_empty() {
                self.messages.waiting.push((id, from, input));
            }
        }
    }
}
