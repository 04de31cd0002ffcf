//! Which servers a host's HAProxy leads writers and standbys to, by what the daemons answer. Knows no client.

use std::time::Duration;

use pgsql_state::health::{DownReason, Verdict};

use crate::world::{Step, Thing, World};

/// The rhythm of checks (`src/tools/generate/haproxy/pace.rs`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    inter: u64,
    fastinter: u64,
    rise: u8,
    fall: u8,
    timeout: u64,
}

impl Pace {
    /// Those of the profiles `classic`, `safe` and `fast`.
    pub(crate) const ALL: [Self; 3] = [
        Self {
            inter: 2000,
            fastinter: 1000,
            rise: 2,
            fall: 1,
            timeout: 1000,
        },
        Self {
            inter: 2000,
            fastinter: 500,
            rise: 2,
            fall: 2,
            timeout: 1500,
        },
        Self {
            inter: 300,
            fastinter: 100,
            rise: 1,
            fall: 2,
            timeout: 250,
        },
    ];
}

/// How standbys reach the primary (`--replication` of `pgsql-state generate`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Replication {
    /// `own`: through the block `replication`.
    Own,
    /// `prod`: through the block for writers.
    Prod,
    /// `direct`: past HAProxy, to the first server that takes writes.
    Direct,
}

impl Replication {
    /// The block that they go through.
    fn block(self) -> Option<Block> {
        match self {
            Self::Own => Some(Block::Replication),
            Self::Prod => Some(Block::Prod),
            Self::Direct => None,
        }
    }
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

    /// Whether an answer lets a server into it (`src/tools/generate/haproxy/check.rs`).
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

    /// Whether an answer changes nothing in any block; then no other one is waited for any more.
    fn agrees(&mut self, server: usize, verdict: Option<Verdict>) -> bool {
        let agrees = Block::ALL.into_iter().all(|block| {
            let is_good = verdict.is_some_and(|verdict| block.takes(verdict));
            self.is_up(block, server) == is_good
        });
        if agrees {
            self.prod[server].against = 0;
            self.replication[server].against = 0;
        }
        agrees
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
    /// A HAProxy checks all servers. An answer that changes nothing counts at once; any other one when it has come.
    pub(crate) fn check(&mut self, host: usize) {
        let pace = self.setup.pace;
        let mut is_steady = true;
        for server in 0..self.count() {
            let is_reached =
                self.is_on(host) && self.is_on(server) && self.network.joins(host, server);
            let verdict = is_reached.then(|| self.verdict(server));
            if self.hosts[host].proxy.agrees(server, verdict) {
                continue;
            }
            is_steady = false;
            let time = match verdict {
                None | Some(Verdict::Down(DownReason::Timeout | DownReason::Hung)) => pace.timeout,
                Some(_) => self.later_millis(1, 50).as_millis() as u64,
            };
            let answer = Thing::Answer {
                host,
                server,
                verdict,
            };
            self.after(Duration::from_millis(time), answer);
        }
        let inter = if is_steady {
            pace.inter
        } else {
            pace.fastinter
        };
        self.after(Duration::from_millis(inter), Thing::Check(host));
    }

    /// The answer to a check has come, or is not waited for any more.
    pub(crate) fn answered(&mut self, host: usize, server: usize, verdict: Option<Verdict>) {
        if !self.is_on(host) {
            return;
        }
        for block in Block::ALL {
            let is_good = verdict.is_some_and(|verdict| block.takes(verdict));
            let proxy = &mut self.hosts[host].proxy;
            let came = proxy.check(block, server, is_good, self.setup.pace);
            if came == Came::Down && Some(block) == self.setup.replication.block() {
                self.end_sessions(host, server);
            }
        }
    }

    /// `on-marked-down shutdown-sessions`
    fn end_sessions(&mut self, host: usize, server: usize) {
        let receiver = self.hosts[host].server.receiver;
        if receiver.is_some_and(|receiver| receiver.from == server) {
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
            Replication::Own | Replication::Prod => {
                let block = self.setup.replication.block().unwrap_or(Block::Prod);
                self.hosts[host].proxy.is_up(block, *server)
            }
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
