//! Lets an event happen. Knows no rule.

use std::time::Duration;

use super::script::PRIMARY;
use super::{Event, Kind, Later};
use crate::disk::{Io, Place};
use crate::pacemaker::{Command, Input, OfRole};
use crate::postgres::lineage::LONGEST;
use crate::postgres::lineage::{Extent, Spot};
use crate::postgres::server::{Life, Role};
use crate::postgres::sync::Rule;
use crate::world::host::{Fence, Host};
use crate::world::{Step, Thing, World, node};

impl World {
    /// Lets one of the script's events happen, and plans its mending.
    pub(crate) fn play(&mut self, index: usize) {
        let mut event = self.events[index];
        if event.node == PRIMARY {
            let primary = (0..self.count()).find(|one| self.hosts[*one].server.takes_writes());
            event.node = primary.unwrap_or_default();
        }
        let now = self.now;
        self.story.line(now, format_args!(">>> {event}"));
        self.touch(event);
        if !event.kind.is_of_keepers() {
            self.begin_trial(event);
            self.under_way += 1;
        }
        self.let_happen(event);
        self.after(
            Duration::from_secs(event.seconds),
            Thing::Later(Box::new(Later(event))),
        );
    }

    #[expect(clippy::too_many_lines, reason = "a line for each event")]
    fn let_happen(&mut self, event: Event) {
        let Event {
            kind,
            node: at,
            more,
            ..
        } = event;
        match kind {
            Kind::Crash => self.die(at, true),
            Kind::BackendCrash => self.backend_crash(at),
            Kind::Freeze => self.hosts[at].server.frozen = self.hosts[at].server.runs(),
            Kind::PowerLoss => self.power_off(at),
            Kind::PowerLossOfAll => {
                for one in 0..self.count() {
                    self.power_off(one);
                }
            }
            Kind::Cut => {
                let count = self.count();
                self.network.part(&[at].into(), count);
                self.tell_connectivity();
            }
            Kind::CutOneWay => {
                let other = more as usize % self.count();
                if other != at {
                    self.network.cut_one_way(other, at);
                    self.tell_connectivity();
                }
            }
            Kind::DiskFails => {
                self.hosts[at].disk.io = Io::Fails;
                self.die(at, false);
            }
            Kind::DiskHangs => self.hosts[at].server.stuck = self.hosts[at].server.runs(),
            Kind::DiskSlow => self.hosts[at].disk.io = Io::Slow(Duration::from_millis(more)),
            Kind::Full => self.hosts[at].server.full = self.hosts[at].server.runs(),
            Kind::PauseReplay | Kind::RemoveSegment => {
                self.hosts[at].server.replay_paused = self.hosts[at].server.role == Role::Standby;
            }
            Kind::SlowReplay => {
                self.hosts[at].server.replay_delay = Duration::from_millis(more * 2);
            }
            Kind::Overflow => self.overflow(true),
            Kind::Bulk => self.bulk(more as usize),
            Kind::KillAction => self.after(Duration::ZERO, Thing::KillAction(more)),
            Kind::KillController => self.tell(Input::KillController(node(at))),
            Kind::SlowPrograms => self.hosts[at].slow_programs = Duration::from_millis(more * 3),
            Kind::FencingSlow => self.hosts[at].fence = Fence::Slow,
            Kind::FencingFails => self.hosts[at].fence = Fence::Fails,
            Kind::FencedForGood => self.hosts[at].fence = Fence::ForGood,
            Kind::Hba => self.hosts[at].server.lets_agent_in = false,
            Kind::NoUsers => self.hosts[at].knows_users = false,
            Kind::ClockDrifts => {
                let now = self.now;
                self.hosts[at].clock.go(now, 900 + more as u32 % 201);
            }
            Kind::ClockJumps => self.hosts[at].clock.set(more.cast_signed() - 2_000),
            Kind::Rename => self.hosts[at].disk.place = Place::Renamed,
            Kind::SetRule => {
                self.end_rule();
                self.set_rule(more);
            }
            Kind::BanPromoted => {
                self.watch.kept_away.insert(at);
                self.command(Command::Ban(node(at), OfRole::Promoted));
            }
            Kind::Ban => {
                self.watch.kept_away.insert(at);
                self.command(Command::Ban(node(at), OfRole::Any));
            }
            Kind::Move => self.command(Command::Move(node(at), OfRole::Promoted)),
            Kind::NodeStandby => {
                self.watch.on_standby.insert(at);
                self.command(Command::Standby(node(at)));
            }
            Kind::Maintenance => self.command(Command::MaintenanceOn),
            Kind::Unmanage => self.command(Command::Unmanage),
            Kind::Disable => self.command(Command::Disable),
            Kind::Refresh => self.command(Command::Refresh(Some(node(at)))),
            Kind::RefreshAll => self.command(Command::Refresh(None)),
            Kind::Cleanup => self.command(Command::Cleanup(None)),
            Kind::GoodParameter => self.command(Command::SetParameter(
                "maxlag".into(),
                (more * 10_000).to_string(),
            )),
            Kind::BadParameter => {
                self.command(Command::SetParameter("maxlag".into(), "10MB".into()));
            }
            Kind::StopCluster => self.tell(Input::Operator {
                on: node(at),
                command: Command::StopCluster(node(at)),
            }),
            Kind::PromoteByHand => self.promote_by_hand(at),
            Kind::StopByHand => self.begin_stop(at),
            Kind::StartByHand => self.start_by_hand(at),
            Kind::MakeAnew => self.make_anew(at),
            Kind::RestoreAll => self.restore_all(at),
            Kind::RollingRestart => self.begin_rolling_restart(event.seconds),
            Kind::Rebuild => self.begin_rebuild(at, event.seconds),
            Kind::Keepers => self.begin_keepers(),
            Kind::KeeperDies => self.end_keeper(at, more),
            Kind::KeeperLate => self.hosts[at].keepers.delay = Duration::from_millis(more),
            Kind::KeeperDoubled => self.double_keeper(at),
        }
    }

    /// An operator's command, on some node that is a member.
    pub(crate) fn command(&mut self, command: Command) {
        if let Command::Cleanup(node) | Command::Refresh(node) = &command {
            self.watch.forget_reasons(node.map(crate::world::number));
        }
        let on = (0..self.count()).find(|one| !self.pacemaker.members(node(*one)).is_empty());
        if let Some(on) = on {
            self.tell(Input::Operator {
                on: node(on),
                command,
            });
        }
    }

    fn backend_crash(&mut self, at: usize) {
        let server = &mut self.hosts[at].server;
        if server.life != Life::Ready || server.frozen || server.stuck {
            return;
        }
        let is_primary = server.role == Role::Primary;
        let senders = server.links();
        server.waiting.clear();
        server.life = Life::Recovering;
        for link in senders {
            self.drop_link(at, link);
        }
        self.drop_receiver(at);
        let server = &mut self.hosts[at].server;
        server.epoch += 1;
        server.flush_planned = false;
        server.replay_planned = false;
        if is_primary {
            let state = pgsql_state::postgres::control::ClusterState::CrashRecovery;
            self.hosts[at].disk.control.state = state;
            let extent = &mut self.hosts[at].disk.extent;
            extent.flushed = extent.written;
        }
        let time = self.some_millis(200, 4_000);
        self.plan(at, time, Step::Recovered);
    }

    /// What was acknowledged under the rule so far lies before where primaries are now, or were when they were lost: the
    /// next start of such a server reads the new rule. So it does for the last primary that has become a standby.
    fn end_rule(&mut self) {
        self.rule_since = self.now;
        self.rule_is_told = false;
        for one in 0..self.count() {
            let Host { server, disk, .. } = &self.hosts[one];
            if server.takes_writes() || disk.is_of_primary() || self.is_whole(one) {
                let Extent {
                    branch, written, ..
                } = self.hosts[one].disk.extent;
                let end = written;
                self.primary_stopped(one, Spot { branch, end });
            }
        }
    }

    fn set_rule(&mut self, more: u64) {
        let all: Vec<usize> = (0..self.count()).collect();
        let rule = match more % 5 {
            0 => Rule::Nobody,
            1 => Rule::First(1, all),
            2 if self.count() > 3 => Rule::Any(2, all),
            _ => Rule::Any(1, all),
        };
        for one in 0..self.count() {
            self.hosts[one].server.rule = rule.clone();
            if self.hosts[one].server.takes_writes() {
                self.release(one);
            }
        }
    }

    /// A transaction of too many subtransactions begins on the primary, or ends.
    pub(crate) fn overflow(&mut self, is_open: bool) {
        for one in 0..self.count() {
            let server = &mut self.hosts[one].server;
            if server.takes_writes() {
                server.overflows = is_open;
                // The background writer tells standbys of it within a quarter of a minute.
                let time = self.later_millis(10, 15_000);
                self.plan(one, time, Step::Snapshot);
            }
        }
    }

    fn bulk(&mut self, kilobytes: usize) {
        let primary = (0..self.count()).find(|one| self.hosts[*one].server.takes_writes());
        if let Some(primary) = primary {
            for _ in 0..=kilobytes / 400 {
                self.write_record(primary, LONGEST);
            }
        }
    }
}
