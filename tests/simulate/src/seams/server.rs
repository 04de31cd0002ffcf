//! The server, as the agent's recipes want it. What it takes of the agent's own code, it takes from there: how far
//! WAL goes is read by the agent's readers. Knows no recipe.

use std::path::Path;
use std::time::Duration;

use pgsql_state::agent::actions::server::{
    CommitProof, ConfigurationProblem, UpstreamAnswer, Whom,
};
use pgsql_state::agent::actions::{Force, Server, ServerError, Shutdown};
use pgsql_state::agent::decide::replay::ReplayProgress;
use pgsql_state::agent::decide::scores::{ReplicationRow, SenderState};
use pgsql_state::agent::decide::state::{
    PostmasterEvidence, ServerAnswer, ServerEvidence, asks_for_replay,
};
use pgsql_state::agent::decide::wal_extent;
use pgsql_state::agent::decide::wal_extent::{Doubt, Extent, Measured, StandbyWord};
use pgsql_state::agent::ocf::node::Node;
use pgsql_state::agent::ocf::parameters::Parameters;
use pgsql_state::base::Deadline;
use pgsql_state::health::{Failure, Lsn};
use pgsql_state::postgres::Timeline;
use pgsql_state::postgres::control::ClusterState;
use pgsql_state::postgres::position::{Position, Traces};
use pgsql_state::postgres::timeline::PromotionTime;
use pgsql_state::postgres::wal::{Format, History, Magic};

use super::action_context::ActionContext;
use crate::disk::directory::{Reader, TooSlow};
use crate::disk::{Io, Place};
use crate::postgres::server::{Life, Role};
use crate::world::World;
use crate::world::setup::{PGDATA, RESOURCE};

/// The server of an action's host.
#[derive(Debug)]
pub(crate) struct SimServer<'a> {
    pub(crate) context: ActionContext<'a>,
    pub(crate) parameters: Parameters,
}

/// Longest wait for the word of a server where something else tells nearly as much (`src/agent/local/queries.rs`).
const PATIENCE: Duration = Duration::from_secs(2);

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

    fn readable(&self) -> Result<(), ServerError> {
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

    /// What the replay of a server does that starts (`src/agent/local/evidence.rs`).
    fn replay(&self, deadline: Deadline) -> ReplayProgress {
        let node = self.context.node;
        let waits = {
            let host = &self.context.world().hosts[node];
            host.server.has_replayed && host.disk.extent.replayed >= host.disk.extent.written
        };
        if !waits || self.readable().is_err() {
            return ReplayProgress::Unproven;
        }
        let measured = self.measure(deadline, of_silent);
        ReplayProgress::Waiting {
            on_disk: measured.traces.on_disk.filter(|_| measured.doubt.is_none()),
        }
    }

    fn measure<T>(
        &self,
        deadline: Deadline,
        measure: impl FnOnce(Extent<'_, Reader<'_>>) -> T,
    ) -> T {
        let control = self.context.world().hosts[self.context.node].disk.control;
        self.read(deadline, |format, reader| {
            measure(Extent::new(&control, format.magic, reader))
        })
    }

    /// Reads WAL, as much as the time is enough for.
    fn read<T>(&self, deadline: Deadline, read: impl FnOnce(Format, &mut Reader<'_>) -> T) -> T {
        let most = usize::try_from(self.context.left(deadline).as_millis()).unwrap_or(usize::MAX);
        let world = self.context.world();
        let disk = &world.hosts[self.context.node].disk;
        let mut reader = Reader {
            pg_wal: &disk.pg_wal,
            read: 0,
            // Some 500 MB a second.
            most: most.saturating_mul(500_000),
        };
        let magic = Magic::of(15).unwrap();
        read(disk.control.wal_format(magic), &mut reader)
    }
}

fn shutdown_checkpoint(extent: Extent<'_, Reader<'_>>) -> Result<Option<Position>, TooSlow> {
    extent.shutdown_checkpoint()
}

fn of_silent(extent: Extent<'_, Reader<'_>>) -> Measured<TooSlow> {
    extent.of_silent()
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

    fn sweep(&mut self, deadline: Deadline) -> Result<(), ServerError> {
        self.sweep_it(deadline);
        Ok(())
    }

    fn promote(&mut self, deadline: Deadline) -> Result<(), ServerError> {
        self.promote_it(deadline)
    }

    fn server_on(
        &mut self,
        node: &Node,
        deadline: Deadline,
    ) -> Result<UpstreamAnswer, ServerError> {
        let asked = {
            let world = self.context.world();
            world.hosts.iter().position(|host| host.name == *node)
        };
        let Some(asked) = asked else {
            return Ok(UpstreamAnswer::NoPrimary);
        };
        let (is_heard, is_silent, is_primary, listens) = {
            let world = self.context.world();
            let server = &world.hosts[asked].server;
            (
                world.is_on(asked) && world.network.joins(self.context.node, asked),
                server.frozen || server.stuck,
                server.takes_writes(),
                server.life != Life::Down,
            )
        };
        if !is_heard || (listens && is_silent) {
            self.context.take(self.context.left(deadline));
        }
        Ok(match (is_heard && listens, is_silent) {
            (true, true) => UpstreamAnswer::Undetermined,
            (true, false) if is_primary => UpstreamAnswer::Primary,
            (true | false, _) => UpstreamAnswer::NoPrimary,
        })
    }

    fn upstream(&mut self, whom: Whom, deadline: Deadline) -> Result<UpstreamAnswer, ServerError> {
        let node = self.context.node;
        let asks = |world: &World| match whom {
            Whom::Sender => world.hosts[node].server.receiver.is_some(),
            Whom::Configured => true,
        };
        match (self.context.ask("whom it follows", deadline, asks), whom) {
            (Ok(true), _) => {}
            (Ok(false), _) => return Ok(UpstreamAnswer::NoPrimary),
            (Err(_), Whom::Configured) => self.context.take_millis(20, 60),
            (Err(error), Whom::Sender) => return Err(error),
        }
        let primary = self.context.world().source_for(node);
        let Some(primary) = primary else {
            return Ok(UpstreamAnswer::NoPrimary);
        };
        let is_heard = {
            let world = self.context.world();
            world.is_on(primary) && world.network.joins(node, primary)
        };
        // Its pg_hba.conf has a line of its own for standbys, and they have connections of their own.
        let is_silent = {
            let server = &self.context.world().hosts[primary].server;
            server.frozen || server.stuck
        };
        if !is_heard || is_silent {
            self.context.take(self.context.left(deadline));
        } else {
            self.context.take_millis(3, 12);
        }
        Ok(match (is_heard, is_silent) {
            // The operating system of its host accepts connections for it.
            (true, true) => UpstreamAnswer::Undetermined,
            (true, false) if self.context.world().hosts[primary].server.takes_writes() => {
                UpstreamAnswer::Primary
            }
            (true, false) | (false, _) => UpstreamAnswer::NoPrimary,
        })
    }

    fn traces(&mut self, deadline: Deadline) -> Result<Traces, ServerError> {
        self.context.take_millis(2, 8);
        self.readable()?;
        let node = self.context.node;
        let runs = self.context.world().hosts[node].server.runs();
        let patience = self
            .context
            .within(deadline, PATIENCE.min(self.context.left(deadline) / 2));
        let said = if runs {
            self.context
                .ask("how far it is", patience, |world| {
                    let host = &world.hosts[node];
                    match host.server.role {
                        Role::Primary => Err(Position {
                            timeline: Timeline(
                                world.lineage.branch(host.disk.extent.branch).timeline,
                            ),
                            lsn: Lsn(host.disk.extent.flushed),
                        }),
                        Role::Standby => Ok(StandbyWord {
                            received: host.server.received.map(Lsn),
                            receiving: host.server.receiver.map(|_| {
                                Timeline(world.lineage.branch(host.disk.extent.branch).timeline)
                            }),
                            replayed: Some(Lsn(host.disk.extent.replayed)),
                        }),
                    }
                })
                .ok()
        } else {
            None
        };
        self.readable()?;
        self.context.take_millis(1, 30);
        if let Some(Err(position)) = said {
            return Ok(Traces {
                received: None,
                replayed: None,
                on_disk: Some(position),
            });
        }
        let measured = self.measure(deadline, |extent| match said {
            Some(Ok(word)) => extent.of_standby(word),
            Some(Err(_)) | None => extent.of_silent(),
        });
        if let Some(doubt) = measured.doubt {
            let now = self.context.world().now;
            let text = match doubt {
                Doubt::Unread(_) => "WAL was not read to its end".to_owned(),
                Doubt::Unconfirmed(astray) => astray.to_string(),
                Doubt::NoHistory => "no history on disk has what was replayed".into(),
            };
            self.context.world().story.agent(now, node, &text);
        }
        self.context.known.borrow_mut().seen.insert(node);
        Ok(measured.traces)
    }

    fn shutdown_checkpoint(&mut self, deadline: Deadline) -> Result<Option<Position>, ServerError> {
        self.context.take_millis(1, 30);
        self.readable()?;
        let found = self.measure(deadline, shutdown_checkpoint);
        found.map_err(|_| ServerError::Late("the reading of WAL"))
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
        let node = self.context.node;
        self.context
            .ask("who replicates from it", deadline, |world| {
                let host = &world.hosts[node];
                let streaming = world.streaming(node);
                let senders = host.server.senders.iter().map(|sender| ReplicationRow {
                    application_name: world.hosts[sender.to].name.name().into(),
                    state: if sender.streaming {
                        SenderState::Streaming
                    } else {
                        SenderState::Catchup
                    },
                    written: Some(Lsn(sender.written)),
                    sync: Some(host.server.rule.state(sender.to, &streaming)),
                });
                (Lsn(host.disk.extent.flushed), senders.collect())
            })
    }

    fn synchronous_standby_names(&mut self, deadline: Deadline) -> Result<String, ServerError> {
        let node = self.context.node;
        let text = |world: &World| {
            let names = world.hosts.iter().map(|host| host.name.name().into());
            let names: Vec<String> = names.collect();
            world.hosts[node].server.rule.text(&names)
        };
        let asked = self
            .context
            .ask("which standbys its commits wait for", deadline, text);
        match asked {
            // The configuration files of a standby are read where it does not answer.
            Err(_) if !self.seems_primary() => {
                self.context.take_millis(20, 60);
                Ok(text(&self.context.world()))
            }
            asked => asked,
        }
    }

    fn prove(&mut self, standby: &Node, deadline: Deadline) -> Result<CommitProof, ServerError> {
        let node = self.context.node;
        let question = "whether a standby has everything";
        self.context.ask(question, deadline, |_| ())?;
        let is_primary = self.context.world().hosts[node].server.role == Role::Primary;
        if !is_primary {
            return Err(ServerError::Question {
                question,
                cause: "it is in recovery".into(),
            });
        }
        let spot = self.context.world().write_record(node, 60);
        let last = self
            .context
            .left(deadline)
            .saturating_sub(Duration::from_millis(50));
        let until = self.context.within(deadline, last);
        let mut pause = Duration::from_millis(10);
        loop {
            self.context.take(pause.min(self.context.left(until)));
            let flushed = self.context.ask(question, deadline, |world| {
                let host = &world.hosts[node];
                let rows = host.server.senders.iter();
                let rows = rows.filter(|one| world.hosts[one.to].name == *standby);
                rows.map(|one| one.flushed).max()
            })?;
            let missing = match flushed {
                Some(flushed) if flushed >= spot.end => return Ok(CommitProof::Given),
                Some(flushed) => format!("it lacks {} bytes of WAL", spot.end - flushed),
                None => "it does not replicate from this primary".into(),
            };
            if self.context.has_passed(until) {
                return Ok(CommitProof::Missing(missing));
            }
            pause = (pause * 2).min(Duration::from_millis(100));
        }
    }
}
