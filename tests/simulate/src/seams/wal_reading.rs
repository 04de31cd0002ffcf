//! What the WAL on a server's disk tells, by the agent's own readers, and what the server says of it. Knows no action.

use std::time::Duration;

use pgsql_state::agent::actions::ServerError;
use pgsql_state::agent::decide::replay::ReplayProgress;
use pgsql_state::agent::decide::wal_extent::{Doubt, Extent, Measured, StandbyWord};
use pgsql_state::base::Deadline;
use pgsql_state::health::Lsn;
use pgsql_state::postgres::Timeline;
use pgsql_state::postgres::position::{Position, Traces};
use pgsql_state::postgres::wal::{Format, Magic};

use super::server::SimServer;
use crate::disk::directory::{Reader, TooSlow};
use crate::postgres::server::Role;

/// Longest wait for the word of a server where something else tells nearly as much (`src/agent/local/queries.rs`).
const PATIENCE: Duration = Duration::from_secs(2);

impl SimServer<'_> {
    /// How far it is, as it says itself and as its WAL shows.
    pub(super) fn read_traces(&mut self, deadline: Deadline) -> Result<Traces, ServerError> {
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

    /// The checkpoint with which it was shut down, if its WAL ends with one.
    pub(super) fn read_shutdown_checkpoint(
        &mut self,
        deadline: Deadline,
    ) -> Result<Option<Position>, ServerError> {
        self.context.take_millis(1, 30);
        self.readable()?;
        let found = self.measure(deadline, shutdown_checkpoint);
        found.map_err(|_| ServerError::Late("the reading of WAL"))
    }

    /// What the replay of a server does that starts (`src/agent/local/evidence.rs`).
    pub(super) fn replay(&self, deadline: Deadline) -> ReplayProgress {
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

    pub(super) fn measure<T>(
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
    pub(super) fn read<T>(
        &self,
        deadline: Deadline,
        read: impl FnOnce(Format, &mut Reader<'_>) -> T,
    ) -> T {
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
