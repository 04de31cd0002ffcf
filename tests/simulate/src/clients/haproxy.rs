//! Which servers a host's HAProxy leads writers and standbys to, by what the daemons answer. Knows no client.

use std::time::Duration;

use pgsql_state::role::{
    Door, DownReason, Evidence, Failure, Past, Policy, Quorum, Role, Session, Standby, Verdict,
    guard, interpret, judge,
};

use crate::postgres::server;
use crate::world::{self, Step, Thing, World};

/// The rhythm of checks (`src/generate/haproxy/pace.rs`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    inter: u64,
    fastinter: u64,
    rise: u8,
    fall: u8,
}

impl Pace {
    /// Those of the profiles `talk`, `safe` and `fast`.
    pub(crate) const ALL: [Self; 3] = [
        Self {
            inter: 2000,
            fastinter: 1000,
            rise: 2,
            fall: 1,
        },
        Self {
            inter: 2000,
            fastinter: 500,
            rise: 2,
            fall: 2,
        },
        Self {
            inter: 300,
            fastinter: 100,
            rise: 1,
            fall: 2,
        },
    ];
}

/// How standbys reach the primary (`--replication` of `pgsql-state generate`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Replication {
    /// `own`: through the block `replication`.
    Own,
    /// `direct`: past HAProxy, to the first server that takes writes.
    Direct,
}

/// A listen block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Block {
    /// `prod`, for writers.
    Prod,
    /// `replication`, for standbys: they stay with a primary that shuts down, whose last WAL they need.
    Replication,
}

impl Block {
    const ALL: [Self; 2] = [Self::Prod, Self::Replication];

    /// Whether an answer lets a server into it (`src/generate/haproxy/check.rs`).
    fn takes(self, verdict: Verdict) -> bool {
        match self {
            Self::Prod => verdict == Verdict::Production,
            Self::Replication => {
                verdict == Verdict::Production || verdict == Verdict::Down(DownReason::ShuttingDown)
            }
        }
    }
}

/// What a HAProxy thinks of the servers, in each block.
#[derive(Clone, Debug)]
pub(crate) struct Proxy {
    prod: Vec<Seen>,
    replication: Vec<Seen>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    is_up: bool,
    against: u8,
}

/// What a check comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Came {
    /// To nothing new.
    Same,
    /// To an answer that has to come again before it counts.
    Doubt,
    /// The server is up now.
    Up,
    /// The server is down now.
    Down,
}

impl Seen {
    fn check(&mut self, is_good: bool, pace: Pace) -> Came {
        if self.is_up == is_good {
            self.against = 0;
            return Came::Same;
        }
        self.against += 1;
        let needed = if self.is_up { pace.fall } else { pace.rise };
        if self.against < needed {
            return Came::Doubt;
        }
        *self = Self {
            is_up: is_good,
            against: 0,
        };
        if is_good { Came::Up } else { Came::Down }
    }
}

impl Proxy {
    pub(crate) fn new(count: usize) -> Self {
        Self {
            prod: vec![Seen::default(); count],
            replication: vec![Seen::default(); count],
        }
    }

    /// It has just been started.
    pub(crate) fn forget(&mut self) {
        self.prod.fill(Seen::default());
        self.replication.fill(Seen::default());
    }

    pub(crate) fn is_up(&self, block: Block, server: usize) -> bool {
        match block {
            Block::Prod => self.prod[server].is_up,
            Block::Replication => self.replication[server].is_up,
        }
    }

    fn check(&mut self, block: Block, server: usize, is_good: bool, pace: Pace) -> Came {
        let seen = match block {
            Block::Prod => &mut self.prod[server],
            Block::Replication => &mut self.replication[server],
        };
        seen.check(is_good, pace)
    }
}

impl World {
    /// What the daemon beside a server says of it: by its own judgement.
    pub(crate) fn verdict(&mut self, node: usize) -> Verdict {
        let door = self.door(node);
        let session = match (door, self.hosts[node].server.role) {
            (Ok(()) | Err(Failure::Full | Failure::Auth), server::Role::Primary) => {
                Session::Answered(Role::Primary)
            }
            (Ok(()) | Err(Failure::Full | Failure::Auth), server::Role::Standby) => {
                // What it says of its replication counts only where `[standby]` sets a condition.
                Session::Answered(Role::Standby(Standby { replication: None }))
            }
            (Err(failure), _) => Session::Failed(failure),
        };
        let evidence = Evidence {
            session,
            door: door.map_or_else(Door::Shut, |()| Door::Open),
            past: Past::Unknown,
            postmaster: Some(self.status(node)),
        };
        // Mostly nothing has changed since the last check.
        let verdict = match self.hosts[node].judged {
            Some((same, verdict)) if same == evidence => verdict,
            Some(_) | None => judge(&interpret(&evidence), None, &Policy::default()),
        };
        self.hosts[node].judged = Some((evidence, verdict));
        let quorum = self.setup.quorum_guard.then(|| {
            if self.pacemaker.quorate(world::node(node)) {
                Quorum::Held
            } else {
                Quorum::Lost
            }
        });
        guard(verdict, quorum)
    }

    /// A HAProxy checks all servers.
    pub(crate) fn check(&mut self, host: usize) {
        let pace = self.setup.pace;
        let mut is_steady = true;
        for server in 0..self.count() {
            let is_reached =
                self.is_on(host) && self.is_on(server) && self.network.joins(host, server);
            let verdict = is_reached.then(|| self.verdict(server));
            for block in Block::ALL {
                let is_good = verdict.is_some_and(|verdict| block.takes(verdict));
                let came = self.hosts[host].proxy.check(block, server, is_good, pace);
                is_steady &= came == Came::Same;
                if (block, came) == (Block::Replication, Came::Down) {
                    self.end_sessions(host, server);
                }
            }
        }
        let inter = if is_steady {
            pace.inter
        } else {
            pace.fastinter
        };
        self.after(Duration::from_millis(inter), Thing::Check(host));
    }

    /// `on-marked-down shutdown-sessions`
    fn end_sessions(&mut self, host: usize, server: usize) {
        let receiver = self.hosts[host].server.receiver;
        if self.setup.replication == Replication::Own
            && receiver.is_some_and(|receiver| receiver.from == server)
        {
            self.drop_receiver(host);
            self.plan(host, Duration::from_secs(1), Step::Connect);
        }
    }

    /// Whom writers of a host are led to.
    pub(crate) fn writer_for(&self, host: usize) -> Option<usize> {
        (0..self.count()).find(|server| self.hosts[host].proxy.is_up(Block::Prod, *server))
    }

    /// Whom the standby of a host gets to.
    pub(crate) fn source_for(&self, host: usize) -> Option<usize> {
        let leads_there = |server: &usize| match self.setup.replication {
            Replication::Own => self.hosts[host].proxy.is_up(Block::Replication, *server),
            Replication::Direct => {
                *server != host
                    && self.is_on(*server)
                    && self.network.joins(host, *server)
                    && self.hosts[*server].server.takes_writes()
            }
        };
        (0..self.count()).find(leads_there)
    }
}
