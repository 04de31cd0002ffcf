//! What the agent does to a server: with which signals, in which order, and how long it waits for what. The steps
//! are those of `src/agent/local`. Knows no question.

use std::time::Duration;

use pgsql_state::agent::actions::{Force, Server, ServerError, Shutdown};
use pgsql_state::agent::decide::state::{ServerState, judge};
use pgsql_state::base::Deadline;
use pgsql_state::postgres::control::ClusterState;

use super::server::SimServer;
use crate::disk::Io;
use crate::postgres::server::Life;
use crate::world::Step;

const IMMEDIATE: Duration = Duration::from_secs(6);
const KILL: Duration = Duration::from_secs(4);
const HASTY: Duration = Duration::from_secs(5);
const ORPHANS: Duration = Duration::from_secs(2);

fn failed(said: String) -> ServerError {
    ServerError::Program {
        program: "pg_ctl".into(),
        said,
    }
}

impl SimServer<'_> {
    fn life(&self) -> Life {
        self.seat.world().hosts[self.seat.node].server.life
    }

    /// `src/agent/local/starting.rs`.
    pub(super) fn launch_and_wait(&mut self, deadline: Deadline) -> Result<(), ServerError> {
        let node = self.seat.node;
        if self.life() == Life::Down || !self.is_here() {
            self.sweep_it(deadline);
            self.seat.take_millis(2, 10);
            if !self.is_here() {
                return Err(Self::gone());
            }
            if self.seat.world().hosts[node].disk.io == Io::Fails {
                return Err(ServerError::File {
                    what: "standby.signal cannot be written".into(),
                    cause: "Input/output error".into(),
                });
            }
            self.seat.world().hosts[node].disk.signal = true;
            self.seat.take_millis(20, 80);
            let why = self.seat.world().why_no_start(node);
            if let Some(why) = why {
                return Err(failed(format!("the server has ended: {why}")));
            }
            if self.life() == Life::Down {
                let mut world = self.seat.world();
                world.hosts[node].server.started_by_agent = true;
                world.start_postmaster(node);
                let now = world.now;
                world.story.agent(now, node, "the server starts");
            }
        }
        let mut pause = Duration::from_millis(50);
        loop {
            match judge(&self.evidence(deadline)) {
                ServerState::Primary(_) => {
                    return Err(failed("the server has come up as a primary".into()));
                }
                ServerState::Standby(_) | ServerState::Pending => return Ok(()),
                ServerState::Starting
                | ServerState::Stopping
                | ServerState::Closed
                | ServerState::Silent
                | ServerState::Refusing(_)
                | ServerState::Stopped(_)
                | ServerState::Crashed(_)
                | ServerState::Unreadable
                | ServerState::Missing
                | ServerState::Elsewhere => {}
            }
            if self.life() == Life::Down {
                return Err(failed("the server has ended".into()));
            }
            if self.seat.has_passed(deadline) {
                return Err(failed("the server lets nobody in yet".into()));
            }
            self.seat.take(pause.min(self.seat.left(deadline)));
            pause = (pause * 2).min(Duration::from_millis(500));
        }
    }

    fn gone() -> ServerError {
        ServerError::File {
            what: "PG_VERSION names no major version of PostgreSQL".into(),
            cause: "No such file or directory".into(),
        }
    }

    /// Waits until no process is left.
    fn wait_for_end(&self, until: Deadline) -> bool {
        loop {
            if self.life() == Life::Down {
                return true;
            }
            if self.seat.has_passed(until) {
                return false;
            }
            self.seat
                .take(Duration::from_millis(100).min(self.seat.left(until)));
        }
    }

    /// `src/agent/local/stopping.rs`.
    pub(super) fn stop_it(
        &mut self,
        shutdown: Shutdown,
        deadline: Deadline,
    ) -> Result<Force, ServerError> {
        let node = self.seat.node;
        if self.life() == Life::Down {
            self.sweep_it(deadline);
            return Ok(self.written());
        }
        let part = self.seat.left(deadline) / 5;
        let rest = IMMEDIATE.min(part) + KILL.min(part);
        let mut patience = self
            .seat
            .within(deadline, self.seat.left(deadline).saturating_sub(rest));
        if shutdown == Shutdown::Hasty {
            patience = self.seat.within(patience, HASTY);
            self.thaw();
        }
        {
            let mut world = self.seat.world();
            let now = world.now;
            world.story.agent(now, node, "the server is told to stop");
            world.agent_stops(node);
            world.begin_stop(node);
        }
        if self.wait_for_end(patience) {
            self.sweep_it(deadline);
            return Ok(self.written());
        }
        // A postmaster that was frozen has not heard of it.
        self.thaw();
        let time = self.seat.world().some_millis(20, 400);
        if !self.seat.world().hosts[node].server.stuck {
            self.seat.world().plan(node, time, Step::End);
        }
        if !self.wait_for_end(self.seat.within(deadline, IMMEDIATE)) {
            self.seat.take_millis(5, 50);
            if self.seat.world().hosts[node].server.stuck {
                self.seat.take_until(deadline);
                return Err(ServerError::Late("the end of the killed server"));
            }
            self.seat.world().die(node, false);
        }
        self.sweep_it(deadline);
        Ok(Force::Needed)
    }

    fn thaw(&self) {
        let node = self.seat.node;
        self.seat.world().thaw(node);
    }

    /// What its control file says of how it has ended.
    fn written(&self) -> Force {
        let world = self.seat.world();
        match world.hosts[self.seat.node].disk.control.state {
            ClusterState::ShutDown | ClusterState::ShutDownInRecovery => Force::None,
            ClusterState::StartingUp
            | ClusterState::ShuttingDown
            | ClusterState::CrashRecovery
            | ClusterState::ArchiveRecovery
            | ClusterState::Production => Force::Needed,
        }
    }

    pub(super) fn sweep_it(&self, deadline: Deadline) {
        let node = self.seat.node;
        let until = self.seat.within(deadline, ORPHANS);
        while self.seat.world().hosts[node].server.orphans {
            if self.seat.has_passed(until) {
                self.seat.world().hosts[node].server.orphans = false;
                break;
            }
            self.seat
                .take(Duration::from_millis(100).min(self.seat.left(until)));
        }
    }

    /// `src/agent/local/promoting.rs`.
    pub(super) fn promote_it(&mut self, deadline: Deadline) -> Result<(), ServerError> {
        let node = self.seat.node;
        if self.life() == Life::Down {
            return Err(failed("no server runs".into()));
        }
        self.seat.take_millis(10, 40);
        {
            let seen = self.seat.known.borrow().seen.clone();
            let mut world = self.seat.world();
            let now = world.now;
            world.story.agent(now, node, "the server is promoted");
            world.agent_promotes(node, &seen);
            world.begin_promotion(node);
        }
        loop {
            let state = self.seat.world().hosts[node].disk.control.state;
            if state == ClusterState::Production
                && let ServerState::Primary(_) = judge(&self.evidence(deadline))
            {
                return Ok(());
            }
            if self.life() == Life::Down {
                return Err(failed("the server has ended meanwhile".into()));
            }
            if self.seat.has_passed(deadline) {
                return Err(ServerError::Late("the promotion"));
            }
            self.seat
                .take(Duration::from_millis(20).min(self.seat.left(deadline)));
        }
    }
}
