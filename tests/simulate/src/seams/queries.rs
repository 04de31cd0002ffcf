//! The questions that are put to a server: what it answers, or why it does not, and how long that takes. Knows no
//! program.

use std::time::Duration;

use pgsql_state::agent::actions::server::{CommitProof, NodeAnswer, Whom};
use pgsql_state::agent::actions::{Server, ServerError};
use pgsql_state::agent::decide::scores::{ReplicationRow, SenderState};
use pgsql_state::agent::ocf::node::Node;
use pgsql_state::base::Deadline;
use pgsql_state::health::{Failure, Lsn};

use super::action_context::ActionContext;
use super::server::SimServer;
use crate::postgres::server::{Life, Role};
use crate::world::World;

impl ActionContext<'_> {
    /// Asks the server over a new session, and returns when it has answered or has not.
    pub(crate) fn ask<T>(
        &self,
        question: &'static str,
        deadline: Deadline,
        answer: impl Fn(&World) -> T,
    ) -> Result<T, ServerError> {
        let refused = |cause: String| ServerError::Question { question, cause };
        self.take_millis(3, 12);
        loop {
            let fresh = self.world().fresh(self.node);
            match fresh {
                Ok(()) => return Ok(answer(&self.world())),
                // Nobody answers: that is waited for.
                Err(Failure::TimedOut) => {
                    let left = self.left(deadline);
                    if left.is_zero() {
                        return Err(refused("it said nothing in time".into()));
                    }
                    self.take(left.min(Duration::from_millis(500)));
                }
                Err(failure) => return Err(refused(failure.word().into())),
            }
        }
    }
}

impl SimServer<'_> {
    /// What answers at the port of another node.
    pub(super) fn ask_server_on(&mut self, node: &Node, deadline: Deadline) -> NodeAnswer {
        let asked = {
            let world = self.context.world();
            world.hosts.iter().position(|host| host.name == *node)
        };
        let Some(asked) = asked else {
            return NodeAnswer::NoPrimary;
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
        match (is_heard && listens, is_silent) {
            (true, true) => NodeAnswer::Undetermined,
            (true, false) if is_primary => NodeAnswer::Primary,
            (true | false, _) => NodeAnswer::NoPrimary,
        }
    }

    /// Whether a primary sends WAL to it, or would.
    pub(super) fn ask_for_primary(
        &mut self,
        whom: Whom,
        deadline: Deadline,
    ) -> Result<bool, ServerError> {
        let node = self.context.node;
        let asks = |world: &World| match whom {
            Whom::Sender => world.hosts[node].server.receiver.is_some(),
            Whom::Configured => true,
        };
        match (self.context.ask("whom it follows", deadline, asks), whom) {
            (Ok(true), _) => {}
            (Ok(false), _) => return Ok(false),
            (Err(_), Whom::Configured) => self.context.take_millis(20, 60),
            (Err(error), Whom::Sender) => return Err(error),
        }
        let primary = self.context.world().source_for(node);
        let Some(primary) = primary else {
            return Ok(false);
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
        let is_primary = self.context.world().hosts[primary].server.takes_writes();
        Ok(is_heard && !is_silent && is_primary)
    }

    /// Who replicates from it, and how far it is.
    pub(super) fn ask_for_senders(
        &mut self,
        deadline: Deadline,
    ) -> Result<(Lsn, Vec<ReplicationRow>), ServerError> {
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

    /// Which standbys its commits wait for.
    pub(super) fn ask_for_synchronous_standby_names(
        &mut self,
        deadline: Deadline,
    ) -> Result<String, ServerError> {
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

    /// Commits, and waits until a standby has flushed that.
    pub(super) fn ask_for_flush(
        &mut self,
        standby: &Node,
        deadline: Deadline,
    ) -> Result<CommitProof, ServerError> {
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
