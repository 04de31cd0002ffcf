//! What is recorded. Each scenario begins with a whole cluster, and waits until Pacemaker has settled.

use super::session::Session;
use crate::error::Error;
use crate::host::Host;

/// The one of a lab that has just been started.
pub(super) const FIRST_START: &str = "first-start";

/// One scenario.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scenario {
    /// Its name, and its file's.
    pub(super) name: &'static str,
    /// What is done.
    pub(super) play: fn(&Session<'_>) -> Result<(), Error>,
}

const ALL: &[Scenario] = &[
    Scenario {
        name: FIRST_START,
        play: |session| session.since_the_beginning(),
    },
    Scenario {
        name: "switchover-and-back",
        play: switchover_and_back,
    },
    Scenario {
        name: "postmaster-kill",
        play: |session| kill(session, session.primary),
    },
    Scenario {
        name: "power-cut",
        play: power_cut,
    },
    Scenario {
        name: "power-cut-standby",
        play: power_cut_standby,
    },
    Scenario {
        name: "network-cut",
        play: network_cut,
    },
    Scenario {
        name: "node-standby-and-back",
        play: |session| node_standby(session, session.primary),
    },
    Scenario {
        name: "node-standby-and-back-of-a-standby",
        play: |session| node_standby(session, session.standby),
    },
    Scenario {
        name: "postmaster-kill-standby",
        play: |session| kill(session, session.standby),
    },
    Scenario {
        name: "resource-stopped-and-started",
        play: resource_stopped,
    },
    Scenario {
        name: "cluster-stopped-and-started",
        play: cluster_stopped,
    },
    Scenario {
        name: "refresh-of-the-primary",
        play: |session| refresh(session, &format!("--node {}", session.primary)),
    },
    Scenario {
        name: "refresh-of-a-standby",
        play: |session| refresh(session, &format!("--node {}", session.standby)),
    },
    Scenario {
        name: "refresh-of-all",
        play: |session| refresh(session, ""),
    },
    Scenario {
        name: "maintenance",
        play: maintenance,
    },
    Scenario {
        name: "maintenance-and-refresh",
        play: maintenance_and_refresh,
    },
    Scenario {
        name: "ban-of-the-primary",
        play: |session| ban(session, "--promoted"),
    },
    Scenario {
        name: "ban-of-a-node",
        play: |session| ban(session, ""),
    },
    Scenario {
        name: "promote-fails",
        play: promote_fails,
    },
    Scenario {
        name: "demote-fails",
        play: demote_fails,
    },
    Scenario {
        name: "start-fails-on-a-standby",
        play: start_fails,
    },
    Scenario {
        name: "monitor-fails-on-a-standby",
        play: monitor_fails,
    },
    Scenario {
        name: "monitor-fails-on-the-primary",
        play: monitor_fails_on_the_primary,
    },
    Scenario {
        name: "stop-fails",
        play: stop_fails,
    },
    Scenario {
        name: "notify-fails",
        play: notify_fails,
    },
    Scenario {
        name: "score-changes-during-a-transition",
        play: score_changes,
    },
    Scenario {
        name: "veto-in-pre-demote",
        play: veto,
    },
    Scenario {
        name: "moved-elsewhere-during-a-move",
        play: moved_elsewhere,
    },
];

/// The scenarios of these names, or all that can be recorded at any time.
pub(super) fn chosen(names: &[String]) -> Result<Vec<Scenario>, Error> {
    if names.is_empty() {
        let later = ALL.iter().filter(|scenario| scenario.name != FIRST_START);
        return Ok(later.copied().collect());
    }
    let find = |name: &String| {
        let found = ALL.iter().find(|scenario| scenario.name == name);
        found.copied().ok_or_else(|| {
            let known: Vec<&str> = ALL.iter().map(|scenario| scenario.name).collect();
            Error::Unfit(format!(
                "there is no recording {name:?}; there are {}",
                known.join(", ")
            ))
        })
    };
    names.iter().map(find).collect()
}

const MOVE: &str = "crm_resource --resource pgsqld-clone --move --promoted --node";
const CLEAR: &str = "crm_resource --resource pgsqld-clone --clear";

/// Fails a call.
const FAIL: &str = "echo 'ocf-exit-reason:told to fail' >&2; exit 1";

fn switchover_and_back(session: &Session<'_>) -> Result<(), Error> {
    for to in [session.standby, session.primary] {
        session.command(to, &format!("{MOVE} {to}"))?;
        session.until_primary(|host| host == to)?;
        session.whole()?;
        session.command(to, CLEAR)?;
        session.idle(to)?;
    }
    Ok(())
}

fn kill(session: &Session<'_>, host: Host) -> Result<(), Error> {
    session.did(format!("{host}: SIGKILL to the postmaster"));
    session.lab.kill_postmaster(host)?;
    // Longer than the intervals of both monitors.
    session.pause(20)?;
    session.until_primary(|_| true)?;
    session.whole()
}

fn cleanup(session: &Session<'_>, on: Host) -> Result<(), Error> {
    session.command(on, "crm_resource --cleanup")?;
    session.pause(2)?;
    session.idle(on)
}

fn power_cut(session: &Session<'_>) -> Result<(), Error> {
    let lost = session.primary;
    session.did(format!("{lost}: loses its power"));
    session.lab.cut_power(lost)?;
    session.until_primary(|host| host != lost)?;
    session.cluster.wait_until_member(lost)?;
    session.whole()
}

fn power_cut_standby(session: &Session<'_>) -> Result<(), Error> {
    let lost = session.standby;
    session.did(format!("{lost}: loses its power"));
    session.lab.cut_power(lost)?;
    session.pause(20)?;
    session.cluster.wait_until_member(lost)?;
    session.whole()
}

fn network_cut(session: &Session<'_>) -> Result<(), Error> {
    let lost = session.primary;
    session.did(format!("{lost}: is cut off from the network"));
    session.lab.cut_network(lost)?;
    session.until_primary(|host| host != lost)?;
    session.cluster.wait_until_member(lost)?;
    session.whole()
}

fn node_standby(session: &Session<'_>, node: Host) -> Result<(), Error> {
    let on = [session.standby, session.third]
        .into_iter()
        .find(|host| *host != node)
        .unwrap_or(session.third);
    session.command(on, &format!("crm_standby --node {node} --update on"))?;
    session.pause(2)?;
    session.until_primary(|host| host != node)?;
    session.command(on, &format!("crm_standby --node {node} --update off"))?;
    session.pause(2)?;
    session.whole()
}

fn resource_stopped(session: &Session<'_>) -> Result<(), Error> {
    let on = session.third;
    let role = "crm_resource --resource pgsqld-clone --meta";
    let stop = format!("{role} --set-parameter target-role --parameter-value Stopped");
    session.command(on, &stop)?;
    session.pause(2)?;
    session.until_no_primary(on)?;
    session.idle(on)?;
    session.command(on, &format!("{role} --delete-parameter target-role"))?;
    session.whole()
}

fn cluster_stopped(session: &Session<'_>) -> Result<(), Error> {
    for (doing, command) in [
        ("stops", "systemctl --no-block stop pacemaker.service"),
        ("starts", "systemctl --no-block start pacemaker.service"),
    ] {
        session.did(format!("Pacemaker {doing} on all nodes"));
        for host in Host::SERVERS {
            session.lab.host(host).shell(command)?;
        }
        for host in Host::SERVERS {
            session.lab.host(host).shell(
                "for n in $(seq 100); do case $(systemctl is-active pacemaker.service || true) in \
                 *ing) sleep 0.5;; *) exit 0;; esac; done; exit 1",
            )?;
        }
    }
    session.whole()
}

fn refresh(session: &Session<'_>, of: &str) -> Result<(), Error> {
    let on = session.third;
    session.command(
        on,
        &format!("crm_resource --refresh --resource pgsqld {of}"),
    )?;
    session.pause(2)?;
    session.idle(on)?;
    session.whole()
}

fn set_maintenance(session: &Session<'_>, on: bool) -> Result<(), Error> {
    let command = format!("crm_attribute --name maintenance-mode --update {on}");
    session.command(session.third, &command)?;
    session.pause(2)?;
    session.idle(session.third)
}

fn maintenance(session: &Session<'_>) -> Result<(), Error> {
    set_maintenance(session, true)?;
    session.pause(20)?;
    set_maintenance(session, false)?;
    session.whole()
}

fn maintenance_and_refresh(session: &Session<'_>) -> Result<(), Error> {
    set_maintenance(session, true)?;
    let refreshed = refresh(session, "");
    set_maintenance(session, false)?;
    refreshed?;
    session.whole()
}

fn ban(session: &Session<'_>, role: &str) -> Result<(), Error> {
    let banned = session.primary;
    let ban = format!("crm_resource --resource pgsqld-clone --ban {role} --node {banned}");
    session.command(session.third, &ban)?;
    session.until_primary(|host| host != banned)?;
    session.pause(20)?;
    session.command(session.third, CLEAR)?;
    session.pause(2)?;
    session.whole()
}

fn promote_fails(session: &Session<'_>) -> Result<(), Error> {
    let to = session.standby;
    session.hook(to, "promote", FAIL)?;
    session.command(to, &format!("{MOVE} {to}"))?;
    session.pause(20)?;
    session.until_primary(|_| true)?;
    session.command(to, CLEAR)?;
    cleanup(session, to)?;
    session.whole()
}

fn demote_fails(session: &Session<'_>) -> Result<(), Error> {
    let to = session.standby;
    session.hook(session.primary, "demote", FAIL)?;
    session.command(to, &format!("{MOVE} {to}"))?;
    session.pause(20)?;
    session.until_primary(|_| true)?;
    session.command(to, CLEAR)?;
    cleanup(session, to)?;
    session.whole()
}

fn start_fails(session: &Session<'_>) -> Result<(), Error> {
    let host = session.standby;
    session.hook(host, "start", FAIL)?;
    session.did(format!("{host}: SIGKILL to the postmaster"));
    session.lab.kill_postmaster(host)?;
    session.pause(25)?;
    session.idle(session.third)?;
    cleanup(session, session.third)?;
    session.whole()
}

fn monitor_fails(session: &Session<'_>) -> Result<(), Error> {
    session.hook(session.standby, "monitor", FAIL)?;
    session.pause(25)?;
    session.idle(session.third)?;
    cleanup(session, session.third)?;
    session.whole()
}

fn monitor_fails_on_the_primary(session: &Session<'_>) -> Result<(), Error> {
    session.hook(session.primary, "monitor", FAIL)?;
    session.pause(25)?;
    session.until_primary(|_| true)?;
    cleanup(session, session.third)?;
    session.whole()
}

fn stop_fails(session: &Session<'_>) -> Result<(), Error> {
    let node = session.standby;
    let on = session.third;
    session.hook(node, "stop", FAIL)?;
    session.command(on, &format!("crm_standby --node {node} --update on"))?;
    session.pause(20)?;
    session.cluster.wait_until_member(node).ok();
    session.idle(on)?;
    session.command(on, &format!("crm_standby --node {node} --update off"))?;
    session.cluster.wait_until_member(node)?;
    session.whole()
}

fn notify_fails(session: &Session<'_>) -> Result<(), Error> {
    let to = session.standby;
    for host in Host::SERVERS {
        session.hook(host, "notify-pre-promote", FAIL)?;
    }
    session.command(to, &format!("{MOVE} {to}"))?;
    session.pause(15)?;
    session.until_primary(|_| true)?;
    session.command(to, CLEAR)?;
    session.whole()
}

/// The third server's score is raised while the standby is being promoted.
fn score_changes(session: &Session<'_>) -> Result<(), Error> {
    let (to, third) = (session.standby, session.third);
    let score = format!(
        "crm_attribute --lifetime forever --node {third} --name master-pgsqld --update 1500"
    );
    session.hook(to, "promote", &score)?;
    session.command(to, &format!("{MOVE} {to}"))?;
    session.pause(20)?;
    session.until_primary(|_| true)?;
    session.command(to, CLEAR)?;
    session.pause(20)?;
    session.whole()
}

/// The primary takes the score of the standby away to which its role is to move.
fn veto(session: &Session<'_>) -> Result<(), Error> {
    let to = session.standby;
    let score = format!(
        "crm_attribute --lifetime forever --node {to} --name master-pgsqld --update=-INFINITY"
    );
    session.hook(session.primary, "notify-pre-demote", &score)?;
    session.command(to, &format!("{MOVE} {to}"))?;
    session.pause(20)?;
    session.until_primary(|_| true)?;
    session.command(to, CLEAR)?;
    session.pause(20)?;
    session.whole()
}

/// Somebody wants it elsewhere while the standby is being promoted.
fn moved_elsewhere(session: &Session<'_>) -> Result<(), Error> {
    let (to, third) = (session.standby, session.third);
    let elsewhere = format!("{CLEAR} && {MOVE} {third}");
    session.hook(to, "promote", &elsewhere)?;
    session.command(to, &format!("{MOVE} {to}"))?;
    session.until_primary(|host| host == third)?;
    session.command(third, CLEAR)?;
    session.whole()
}
