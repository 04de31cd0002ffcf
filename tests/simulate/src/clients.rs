//! Who writes, through HAProxy. Knows nothing of Pacemaker.
//!
//! - [`daemon`]: what the daemon beside a server says of it.
//! - [`haproxy`]: which server a host's HAProxy leads writers to.

pub(crate) mod daemon;
pub(crate) mod haproxy;

use crate::world::{Thing, World};

impl World {
    /// The client of a host writes a row, and comes again.
    pub(crate) fn client_turn(&mut self, host: usize) {
        if self.is_on(host)
            && let Some(server) = self.writer_for(host)
            && self.network.joins(host, server)
            && self.hosts[server].server.takes_writes()
            && !self.hosts[server].server.full
        {
            let length = self.random.usize(60..400);
            self.write_row(server, host, length);
        }
        let time = self.some_millis(500, 7_000);
        self.after(time, Thing::Client(host));
    }
}
