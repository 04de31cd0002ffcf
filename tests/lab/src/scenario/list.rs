//! The scenarios: what each is called, when it is played, and what it must come to.

use std::time::Duration;

use super::breakage::{
    agent_swap, answers, corosync_kill, crowd, daemon, disk_full, freeze, haproxy_kill,
    network_cut, ocf_tester, postmaster_kill, power_cut, quorum_guard, reads, self_replication,
    standbys_cut, switchover, units,
};
use super::outcome::{Expects, Fencing, Losses};
use super::stage::{Played, Stage};
use crate::error::Error;

use Checks::{Any, DaemonOnly};
use Fencing::{Due, DueToPaf, Needless};

/// One scenario.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scenario {
    /// As it is called on the command line.
    pub(super) name: &'static str,
    /// Whether it is played unless another one is asked for.
    pub(super) when: When,
    /// Which ways of checking it is about.
    pub(super) checks: Checks,
    /// What it must come to.
    pub(super) expects: Expects,
    /// Why PAF is known not to come to that: the number of its weakness.
    pub(super) paf: Option<&'static str>,
    /// Breaks something, and waits until that has healed.
    pub(super) play: fn(Stage<'_>) -> Result<Played, Error>,
}

/// When a scenario is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// If nothing else is said.
    Usually,
    /// With `--all`, or by its name: it takes minutes.
    Asked,
}

/// Which ways of checking a scenario is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Checks {
    /// Every one.
    Any,
    /// Only the daemon has what is tried.
    DaemonOnly,
}

impl Scenario {
    /// The same, where PAF is known to fail.
    const fn paf_fails(self, why: &'static str) -> Self {
        Self {
            paf: Some(why),
            ..self
        }
    }
}

impl Expects {
    const fn fencing(self, fencing: Fencing) -> Self {
        Self { fencing, ..self }
    }
}

/// Why PAF fails: it loses rows that the primary alone has, or runs only where Pacemaker knows it.
const ROUNDED: &str = "weakness 1, a position rounded down to the segment";
const UNCHECKED: &str = "weakness 9, a primary that is stopped has no checkpoint looked for";
const UNTESTED: &str = "PAF 2.3 looks its resource up in the cluster, even to validate";

/// Nobody may notice: a writer that waits for less than a second.
const UNNOTICED: Expects = Expects {
    gap: Duration::from_secs(1),
    losses: Losses::None,
    fencing: Needless,
};

/// Nothing may be lost, nobody fenced, and writers wait so long at most.
const fn within(seconds: u64) -> Expects {
    Expects {
        gap: Duration::from_secs(seconds),
        ..UNNOTICED
    }
}

/// The same, where the only host that had a row may die.
const fn within_losing(seconds: u64) -> Expects {
    Expects {
        losses: Losses::Unreplicated,
        ..within(seconds)
    }
}

type Play = fn(Stage<'_>) -> Result<Played, Error>;

const fn usually(name: &'static str, checks: Checks, expects: Expects, play: Play) -> Scenario {
    Scenario {
        name,
        when: When::Usually,
        checks,
        expects,
        paf: None,
        play,
    }
}

const fn asked(name: &'static str, checks: Checks, expects: Expects, play: Play) -> Scenario {
    Scenario {
        when: When::Asked,
        ..usually(name, checks, expects, play)
    }
}

/// All of them, in the order in which they are played.
pub(super) const ALL: &[Scenario] = &[
    usually("answers", Any, UNNOTICED, answers::play),
    usually("self-replication", Any, UNNOTICED, self_replication::play),
    usually("switchover", Any, within(30), switchover::there_and_back),
    asked("switchover-sync", Any, within(30), switchover::synchronous),
    asked(
        "switchover-slow",
        Any,
        within(30),
        switchover::with_a_slow_checkpoint,
    ),
    asked("switchovers", Any, within(30), switchover::many_times),
    usually("postmaster-kill", Any, within(40), postmaster_kill::play),
    asked(
        "power-cut",
        Any,
        within_losing(40).fencing(Due),
        power_cut::of_the_primary,
    ),
    usually(
        "power-cut-sync",
        Any,
        within(40).fencing(Due),
        power_cut::synchronous,
    ),
    usually(
        "network-cut",
        Any,
        within_losing(60).fencing(Due),
        network_cut::of_the_primary,
    ),
    asked(
        "network-cut-standby",
        Any,
        UNNOTICED.fencing(Due),
        network_cut::of_a_standby,
    ),
    asked(
        "network-cut-slow-fence",
        DaemonOnly,
        within_losing(90).fencing(Due),
        quorum_guard::without,
    ),
    asked(
        "network-cut-guarded",
        DaemonOnly,
        within_losing(90).fencing(Due),
        quorum_guard::with,
    ),
    asked(
        "corosync-kill",
        Any,
        within_losing(60).fencing(Due),
        corosync_kill::play,
    ),
    asked(
        "power-cut-all",
        Any,
        within(180).fencing(Due),
        power_cut::of_all,
    ),
    asked(
        "power-cut-all-stale",
        Any,
        within(240).fencing(Due),
        power_cut::of_all_and_a_stale_one_is_back_first,
    )
    .paf_fails(ROUNDED),
    usually(
        "standbys-cut",
        Any,
        within(180),
        standbys_cut::and_withdrawn,
    )
    .paf_fails(ROUNDED),
    asked(
        "standbys-cut-stays",
        Any,
        within(240),
        standbys_cut::and_kept,
    )
    .paf_fails(ROUNDED),
    asked(
        "standbys-cut-restart",
        Any,
        within(300),
        standbys_cut::and_restarted,
    )
    .paf_fails(ROUNDED),
    asked(
        "standbys-cut-stop",
        Any,
        within(240),
        standbys_cut::and_stopped,
    )
    .paf_fails(UNCHECKED),
    asked(
        "disk-full",
        Any,
        within_losing(400).fencing(DueToPaf),
        disk_full::play,
    ),
    asked(
        "freeze",
        Any,
        within_losing(400).fencing(DueToPaf),
        freeze::play,
    ),
    asked("haproxy-kill", Any, within(5), haproxy_kill::play),
    asked("daemon-kill", DaemonOnly, UNNOTICED, daemon::kill),
    usually(
        "daemon-upgrade",
        DaemonOnly,
        UNNOTICED,
        daemon::upgrade_under_load,
    ),
    asked("check-stopped", Any, within(20), daemon::stop_for_good),
    asked(
        "standby-lags",
        DaemonOnly,
        UNNOTICED,
        reads::from_a_standby_that_lags,
    ),
    asked(
        "receiver-dead",
        DaemonOnly,
        UNNOTICED,
        reads::from_a_standby_without_receiver,
    ),
    asked("crowd", Any, UNNOTICED, crowd::that_reads),
    asked("crowds", Any, UNNOTICED, crowd::that_does_not),
    asked("units", DaemonOnly, UNNOTICED, units::play),
    asked("agent-swap", Any, UNNOTICED, agent_swap::play),
    asked("ocf-tester", Any, UNNOTICED, ocf_tester::play).paf_fails(UNTESTED),
];
