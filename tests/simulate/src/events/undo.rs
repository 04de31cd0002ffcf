//! Takes back what an event has done, and in the end what all have. Knows no rule.

use std::time::Duration;

use super::{Ending, Event, Kind, Later};
use crate::disk::{Io, Place};
use crate::pacemaker::{Command, Input};
use crate::world::host::{Fence, Power};
use crate::world::{Thing, World, node};

impl World {
    /// Mends what an event has done.
    #[expect(clippy::too_many_lines, reason = "a line for each event")]
    pub(crate) fn play_later(&mut self, Later(event): Later) {
        let Event { kind, node: at, .. } = event;
        // A node whose cluster is stopped meanwhile would be taken to run nothing: the pages say to wait for it. And
        // where nobody is a member, nobody takes a command.
        let waits = match kind {
            Kind::Maintenance | Kind::Unmanage => !self.is_everybody_there(),
            Kind::BanPromoted
            | Kind::Ban
            | Kind::Move
            | Kind::NodeStandby
            | Kind::Disable
            | Kind::BadParameter => !self.is_anybody_there(),
            Kind::Crash
            | Kind::BackendCrash
            | Kind::Freeze
            | Kind::PowerLoss
            | Kind::PowerLossOfAll
            | Kind::Cut
            | Kind::CutOneWay
            | Kind::DiskFails
            | Kind::DiskHangs
            | Kind::DiskSlow
            | Kind::Full
            | Kind::PauseReplay
            | Kind::RemoveSegment
            | Kind::SlowReplay
            | Kind::Overflow
            | Kind::Bulk
            | Kind::KillAction
            | Kind::KillController
            | Kind::SlowPrograms
            | Kind::FencingSlow
            | Kind::FencingFails
            | Kind::FencedForGood
            | Kind::Hba
            | Kind::NoUsers
            | Kind::ClockDrifts
            | Kind::ClockJumps
            | Kind::Rename
            | Kind::SetRule
            | Kind::Refresh
            | Kind::RefreshAll
            | Kind::Cleanup
            | Kind::GoodParameter
            | Kind::StopCluster
            | Kind::PromoteByHand
            | Kind::StopByHand
            | Kind::StartByHand
            | Kind::MakeAnew
            | Kind::RestoreAll
            | Kind::RollingRestart
            | Kind::Rebuild
            | Kind::Keepers
            | Kind::KeeperDies
            | Kind::KeeperLate
            | Kind::KeeperDoubled => false,
        };
        if waits {
            self.after(Duration::from_secs(5), Thing::Later(Box::new(Later(event))));
            return;
        }
        self.touch(event);
        if !event.kind.is_of_keepers() {
            self.end_trial(Some(event));
            self.under_way -= 1;
        }
        match kind {
            Kind::Crash
            | Kind::BackendCrash
            | Kind::Bulk
            | Kind::KillAction
            | Kind::KillController
            | Kind::SetRule
            | Kind::Refresh
            | Kind::RefreshAll
            | Kind::Cleanup
            | Kind::GoodParameter
            | Kind::PromoteByHand
            | Kind::StopByHand
            | Kind::StartByHand
            | Kind::MakeAnew
            | Kind::RestoreAll
            | Kind::RollingRestart
            | Kind::Rebuild
            | Kind::Keepers => return,
            Kind::Freeze => self.thaw(at),
            Kind::PowerLoss => self.power_on(at),
            Kind::PowerLossOfAll => {
                for one in 0..self.count() {
                    self.power_on(one);
                }
            }
            Kind::Cut | Kind::CutOneWay => {
                self.network.heal();
                self.tell_connectivity();
            }
            Kind::DiskFails | Kind::DiskSlow => self.hosts[at].disk.io = Io::Works,
            Kind::DiskHangs => {
                self.hosts[at].server.stuck = false;
                self.hear_of_promotion(at);
            }
            Kind::Full => self.hosts[at].server.full = false,
            Kind::PauseReplay => {
                self.hosts[at].server.replay_paused = false;
                self.plan_replay(at);
            }
            Kind::RemoveSegment => self.remove_segment(at),
            Kind::SlowReplay => self.hosts[at].server.replay_delay = Duration::from_millis(2),
            Kind::Overflow => self.overflow(false),
            Kind::SlowPrograms => self.hosts[at].slow_programs = Duration::ZERO,
            Kind::FencingSlow | Kind::FencingFails | Kind::FencedForGood => {
                self.hosts[at].fence = Fence::Works;
            }
            Kind::Hba => self.hosts[at].server.lets_agent_in = true,
            Kind::NoUsers => self.hosts[at].knows_users = true,
            Kind::ClockDrifts => {
                let now = self.now;
                self.hosts[at].clock.go_right(now);
            }
            Kind::ClockJumps => self.hosts[at].clock.set(0),
            Kind::Rename => self.find_again(at),
            Kind::BanPromoted | Kind::Ban | Kind::Move => {
                self.watch.kept_away.clear();
                self.command(Command::Clear);
            }
            Kind::NodeStandby => {
                self.watch.on_standby.remove(&at);
                self.command(Command::Unstandby(node(at)));
            }
            Kind::Maintenance => self.command(Command::MaintenanceOff),
            Kind::Unmanage => self.command(Command::Manage),
            Kind::Disable => self.command(Command::Enable),
            Kind::BadParameter => self.command(Command::SetParameter("maxlag".into(), "0".into())),
            Kind::StopCluster => self.start_cluster(at),
            Kind::KeeperDies => self.restart_keeper(at),
            Kind::KeeperLate => self.hosts[at].keepers.delay = Duration::ZERO,
            Kind::KeeperDoubled => self.end_doubled_keeper(at),
        }
        let now = self.now;
        self.story.line(now, format_args!("<<< {event}"));
    }

    /// A directory has its name again.
    fn find_again(&mut self, at: usize) {
        let place = &mut self.hosts[at].disk.place;
        if *place == Place::Renamed {
            *place = Place::Right;
        }
    }

    fn is_anybody_there(&self) -> bool {
        (0..self.count()).any(|one| !self.pacemaker.members(node(one)).is_empty())
    }

    /// Whether every host that runs is a member, and of one partition.
    fn is_everybody_there(&self) -> bool {
        let on: Vec<usize> = (0..self.count()).filter(|one| self.is_on(*one)).collect();
        on.iter()
            .all(|one| self.pacemaker.members(node(*one)).len() == on.len())
    }

    /// Nothing is wrong any more, but that a host may be lost for good.
    pub(crate) fn mend_everything(&mut self, lost: Option<usize>) {
        let now = self.now;
        self.story.line(now, "=== everything is mended");
        self.network.heal();
        self.is_quiet = true;
        for one in 0..self.count() {
            self.thaw(one);
            self.find_again(one);
            let host = &mut self.hosts[one];
            host.clock.go_right(now);
            host.clock.set(0);
            host.disk.io = Io::Works;
            host.fence = Fence::Works;
            host.knows_users = true;
            host.slow_programs = Duration::ZERO;
            host.server.stuck = false;
            host.server.full = false;
            host.server.replay_paused = false;
            host.server.lets_agent_in = true;
            host.server.replay_delay = Duration::from_millis(2);
            host.keepers.delay = Duration::ZERO;
            let is_off = host.power == Power::Off;
            self.hear_of_promotion(one);
            self.end_doubled_keeper(one);
            self.restart_keeper(one);
            if is_off && lost != Some(one) {
                self.power_on(one);
            }
        }
        self.overflow(false);
        self.tell_connectivity();
    }

    /// The operator has Pacemaker work everywhere, and failures forgotten; his wishes hold, or are taken back.
    pub(crate) fn tidy_up(&mut self, ending: Ending) {
        self.touch_all();
        self.end_trial(None);
        for one in 0..self.count() {
            self.start_cluster(one);
        }
        if ending != Ending::AsOrdered {
            for one in 0..self.count() {
                self.command(Command::Unstandby(node(one)));
            }
            self.watch.kept_away.clear();
            self.watch.on_standby.clear();
            self.command(Command::Clear);
        }
        let maxlag = self.setup.config.parameters.get("maxlag");
        let maxlag = maxlag.map_or_else(|| "0".to_owned(), Clone::clone);
        for command in [
            Command::MaintenanceOff,
            Command::Manage,
            Command::Enable,
            Command::SetParameter("maxlag".into(), maxlag),
            Command::Cleanup(None),
        ] {
            self.command(command);
        }
    }

    /// `systemctl start pacemaker`
    fn start_cluster(&mut self, at: usize) {
        if self.is_on(at) {
            self.tell(Input::Operator {
                on: node(at),
                command: Command::StartCluster(node(at)),
            });
        }
    }

    /// A server that was stopped by a signal goes on.
    pub(crate) fn thaw(&mut self, at: usize) {
        self.hosts[at].server.frozen = false;
        self.hear_of_promotion(at);
    }
}
