//! The server, as the agent's actions want it. What it takes of the agent's own code, it takes from there: how far
//! WAL goes is read by the agent's readers. Knows no action.

use std::path::Path;
use std::time::Duration;

use pgsql_state::agent::actions::server::{CommitProof, ConfigurationProblem, NodeAnswer, Whom};
use pgsql_state::agent::actions::{Force, Server, ServerError, Shutdown};
use pgsql_state::agent::decide::replay::ReplayProgress;
use pgsql_state::agent::decide::scores::ReplicationRow;
use pgsql_state::agent::decide::state::{
    PostmasterEvidence, ServerAnswer, ServerEvidence, asks_for_replay,
};
use pgsql_state::agent::decide::wal_extent;
use pgsql_state::agent::ocf::node::Node;
use pgsql_state::agent::ocf::parameters::Parameters;
use pgsql_state::base::Deadline;
use pgsql_state::health::{Failure, Lsn};
use pgsql_state::postgres::Timeline;
use pgsql_state::postgres::control::ClusterState;
use pgsql_state::postgres::position::{Position, Traces};
use pgsql_state::postgres::timeline::PromotionTime;
use pgsql_state::postgres::wal::History;

use super::action_context::ActionContext;
use crate::disk::{Io, Place};
use crate::world::setup::{PGDATA, RESOURCE};

/// The server of an action's host.
#[derive(Debug)]
pub(crate) struct SimServer<'a> {
    pub(crate) context: ActionContext<'a>,
    pub(crate) parameters: Parameters,
}

impl SimServer<'_> {
    /// Whether the parameters lead to the directory that the server has.
    pub(crate) fn is_here(&self) -> bool {
        self.parameters.datadir == Path::new(PGDATA)
            && self.context.world().hosts[self.context.node].disk.place == Place::Right
    }

    fn no_file(what: &str) -> ServerError {
        ServerError::File {
            what: what.into(),
            cause: "No such file or directory".into(),
        }
    }

    pub(super) fn readable(&self) -> Result<(), ServerError> {
        if !self.is_here() {
            return Err(Self::no_file("the control file tells nothing"));
        }
        match self.context.world().hosts[self.context.node].disk.io {
            Io::Works | Io::Slow(_) => Ok(()),
            Io::Fails => Err(ServerError::File {
                what: "the control file tells nothing".into(),
                cause: "Input/output error".into(),
            }),
        }
    }
}

impl Server for SimServer<'_> {
    fn evidence(&mut self, deadline: Deadline) -> ServerEvidence {
        self.context.take_millis(4, 15);
        loop {
            if !self.is_here() {
                let runs = self.context.world().hosts[self.context.node].server.runs();
                return ServerEvidence {
                    files: pgsql_state::agent::decide::state::DataDirectory::Missing,
                    postmaster: if runs {
                        PostmasterEvidence::Elsewhere
                    } else {
                        PostmasterEvidence::Gone
                    },
                    answer: ServerAnswer::NotAsked,
                    replay: ReplayProgress::Unproven,
                };
            }
            let mut seen = self.context.world().evidence(self.context.node);
            if asks_for_replay(&seen) {
                seen.replay = self.replay(deadline);
            }
            let left = self.context.left(deadline);
            if seen.answer != ServerAnswer::Refused(Failure::TimedOut) || left.is_zero() {
                return seen;
            }
            self.context.take(left.min(Duration::from_millis(500)));
        }
    }

    fn started_for(&mut self) -> Option<String> {
        let runs = self.context.world().hosts[self.context.node].server.runs();
        (runs && self.is_here()).then(|| RESOURCE.into())
    }

    fn runs_in(&mut self, directory: &Path) -> bool {
        directory == Path::new(PGDATA)
    }

    fn history(&mut self, timeline: Timeline) -> Option<History> {
        if timeline == Timeline(1) {
            return Some(History::alone(timeline));
        }
        let world = self.context.world();
        let histories = &world.hosts[self.context.node].disk.pg_wal.histories;
        histories.get(&timeline.0)?.0.clone()
    }

    fn promoted_at(&mut self, history: &History, deadline: Deadline) -> Option<PromotionTime> {
        self.readable().ok()?;
        let read = self.read(deadline, |format, reader| {
            wal_extent::promoted_at(reader, format, history)
        });
        read.ok().flatten()
    }

    fn seems_primary(&mut self) -> bool {
        self.readable().is_ok()
            && self.context.world().hosts[self.context.node]
                .disk
                .control
                .state
                == ClusterState::Production
    }

    fn problem(&mut self, _: &Node, _: Deadline) -> Option<ConfigurationProblem> {
        self.context.take_millis(20, 60);
        None
    }

    fn start(&mut self, deadline: Deadline) -> Result<(), ServerError> {
        self.launch_and_wait(deadline)
    }

    fn stop(&mut self, shutdown: Shutdown, deadline: Deadline) -> Result<Force, ServerError> {
        self.stop_it(shutdown, deadline)
    }

    fn checkpoint(&mut self, deadline: Deadline) -> Result<(), ServerError> {
        self.context.ask("for a checkpoint", deadline, |_| ())?;
        let node = self.context.node;
        self.context.world().checkpoint_now(node);
        Ok(())
    }

    fn unarchived(&mut self) -> Result<usize, ServerError> {
        Ok(0)
    }

    fn sweep(&mut self, deadline: Deadline) -> Result<(), ServerError> {
        self.sweep_it(deadline);
        Ok(())
    }

    fn promote(&mut self, deadline: Deadline) -> Result<(), ServerError> {
        self.promote_it(deadline)
    }

    fn server_on(&mut self, node: &Node, deadline: Deadline) -> Result<NodeAnswer, ServerError> {
        Ok(self.ask_server_on(node, deadline))
    }

    fn primary_answers(&mut self, whom: Whom, deadline: Deadline) -> Result<bool, ServerError> {
        self.ask_for_primary(whom, deadline)
    }

    fn traces(&mut self, deadline: Deadline) -> Result<Traces, ServerError> {
        self.read_traces(deadline)
    }

    fn shutdown_checkpoint(&mut self, deadline: Deadline) -> Result<Option<Position>, ServerError> {
        self.read_shutdown_checkpoint(deadline)
    }

    fn system_identifier(&mut self) -> Result<u64, ServerError> {
        self.readable()?;
        let world = self.context.world();
        Ok(world.hosts[self.context.node]
            .disk
            .control
            .system_identifier)
    }

    fn promoted_for(&mut self) -> Option<Duration> {
        let world = self.context.world();
        let disk = &world.hosts[self.context.node].disk;
        let (_, (_, written)) = disk.pg_wal.histories.last_key_value()?;
        let clock = world.hosts[self.context.node].clock;
        clock.wall(world.now).checked_sub(*written)
    }

    fn senders(&mut self, deadline: Deadline) -> Result<(Lsn, Vec<ReplicationRow>), ServerError> {
        self.ask_for_senders(deadline)
    }

    fn synchronous_standby_names(&mut self, deadline: Deadline) -> Result<String, ServerError> {
        self.ask_for_synchronous_standby_names(deadline)
    }

    fn prove(&mut self, standby: &Node, deadline: Deadline) -> Result<CommitProof, ServerError> {
        self.ask_for_flush(standby, deadline)
    }
}
