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
        self.context.world().hosts[self.context.node].server.life
    }

    /// `src/agent/local/starting.rs`.
    pub(super) fn launch_and_wait(&mut self, deadline: Deadline) -> Result<(), ServerError> {
        let node = self.context.node;
        if self.life() == Life::Down || !self.is_here() {
            self.sweep_it(deadline);
            self.context.take_millis(2, 10);
            if !self.is_here() {
                return Err(Self::gone());
            }
            if self.context.world().hosts[node].disk.io == Io::Fails {
                return Err(ServerError::File {
                    what: "standby.signal cannot be written".into(),
                    cause: "Input/output error".into(),
                });
            }
            self.context.world().hosts[node].disk.signal = true;
            self.context.take_millis(20, 80);
            let why = self.context.world().why_no_start(node);
            if let Some(why) = why {
                return Err(failed(format!("the server has ended: {why}")));
            }
            if self.life() == Life::Down {
                let mut world = self.context.world();
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
            if self.context.has_passed(deadline) {
                return Err(failed("the server lets nobody in yet".into()));
            }
            self.context.take(pause.min(self.context.left(deadline)));
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
            if self.context.has_passed(until) {
                return false;
            }
            self.context
                .take(Duration::from_millis(100).min(self.context.left(until)));
        }
    }

    /// `src/agent/local/stopping.rs`.
    pub(super) fn stop_it(
        &mut self,
        shutdown: Shutdown,
        deadline: Deadline,
    ) -> Result<Force, ServerError> {
        let node = self.context.node;
        if self.life() == Life::Down {
            self.sweep_it(deadline);
            return Ok(self.written());
        }
        let part = self.context.left(deadline) / 5;
        let rest = IMMEDIATE.min(part) + KILL.min(part);
        let mut patience = self
            .context
            .within(deadline, self.context.left(deadline).saturating_sub(rest));
        if shutdown == Shutdown::Hasty {
            patience = self.context.within(patience, HASTY);
            self.thaw();
        }
        {
            let mut world = self.context.world();
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
        let time = self.context.world().some_millis(20, 400);
        if !self.context.world().hosts[node].server.stuck {
            self.context.world().plan(node, time, Step::End);
        }
        if !self.wait_for_end(self.context.within(deadline, IMMEDIATE)) {
            self.context.take_millis(5, 50);
            if self.context.world().hosts[node].server.stuck {
                self.context.take_until(deadline);
                return Err(ServerError::Late("the end of the killed server"));
            }
            self.context.world().die(node, false);
        }
        self.sweep_it(deadline);
        Ok(Force::Needed)
    }

    fn thaw(&self) {
        let node = self.context.node;
        self.context.world().thaw(node);
    }

    /// What its control file says of how it has ended.
    fn written(&self) -> Force {
        let world = self.context.world();
        match world.hosts[self.context.node].disk.control.state {
            ClusterState::ShutDown | ClusterState::ShutDownInRecovery => Force::None,
            ClusterState::StartingUp
            | ClusterState::ShuttingDown
            | ClusterState::CrashRecovery
            | ClusterState::ArchiveRecovery
            | ClusterState::Production => Force::Needed,
        }
    }

    pub(super) fn sweep_it(&self, deadline: Deadline) {
        let node = self.context.node;
        let until = self.context.within(deadline, ORPHANS);
        while self.context.world().hosts[node].server.orphans {
            if self.context.has_passed(until) {
                self.context.world().hosts[node].server.orphans = false;
                break;
            }
            self.context
                .take(Duration::from_millis(100).min(self.context.left(until)));
        }
    }

    /// `src/agent/local/promoting.rs`.
    pub(super) fn promote_it(&mut self, deadline: Deadline) -> Result<(), ServerError> {
        let node = self.context.node;
        if self.life() == Life::Down {
            return Err(failed("no server runs".into()));
        }
        self.context.take_millis(10, 40);
        {
            let seen = self.context.known.borrow().seen.clone();
            let mut world = self.context.world();
            let now = world.now;
            world.story.agent(now, node, "the server is promoted");
            world.agent_promotes(node, &seen);
            world.begin_promotion(node);
        }
        loop {
            let state = self.context.world().hosts[node].disk.control.state;
            if state == ClusterState::Production
                && let ServerState::Primary(_) = judge(&self.evidence(deadline))
            {
                return Ok(());
            }
            if self.life() == Life::Down {
                return Err(failed("the server has ended meanwhile".into()));
            }
            if self.context.has_passed(deadline) {
                return Err(ServerError::Late("the promotion"));
            }
            self.context
                .take(Duration::from_millis(20).min(self.context.left(deadline)));
        }
    }
}
