//! What is done to the cluster from outside: orders of an administrator, and losses. Knows nothing of what is recorded.

use super::session::Session;
use crate::error::Error;
use crate::host::Host;

pub(super) const MOVE: &str = "crm_resource --resource pgsqld-clone --move --promoted --node";
pub(super) const CLEAR: &str = "crm_resource --resource pgsqld-clone --clear";

pub(super) fn switchover_and_back(session: &Session<'_>) -> Result<(), Error> {
    for to in [session.standby, session.primary] {
        session.command(to, &format!("{MOVE} {to}"))?;
        session.until_primary(|host| host == to)?;
        session.whole()?;
        session.command(to, CLEAR)?;
        session.idle(to)?;
    }
    Ok(())
}

pub(super) fn kill(session: &Session<'_>, host: Host) -> Result<(), Error> {
    session.did(format!("{host}: SIGKILL to the postmaster"));
    session.lab.kill_postmaster(host)?;
    // Longer than the intervals of both monitors.
    session.pause(20)?;
    session.until_primary(|_| true)?;
    session.whole()
}

pub(super) fn cleanup(session: &Session<'_>, on: Host) -> Result<(), Error> {
    session.command(on, "crm_resource --cleanup")?;
    session.pause(2)?;
    session.idle(on)
}

pub(super) fn power_cut(session: &Session<'_>) -> Result<(), Error> {
    let lost = session.primary;
    session.did(format!("{lost}: loses its power"));
    session.lab.cut_power(lost)?;
    session.until_primary(|host| host != lost)?;
    session.cluster.wait_until_member(lost)?;
    session.whole()
}

pub(super) fn power_cut_standby(session: &Session<'_>) -> Result<(), Error> {
    let lost = session.standby;
    session.did(format!("{lost}: loses its power"));
    session.lab.cut_power(lost)?;
    session.pause(20)?;
    session.cluster.wait_until_member(lost)?;
    session.whole()
}

pub(super) fn network_cut(session: &Session<'_>) -> Result<(), Error> {
    let lost = session.primary;
    session.did(format!("{lost}: is cut off from the network"));
    session.lab.cut_network(lost)?;
    session.until_primary(|host| host != lost)?;
    session.cluster.wait_until_member(lost)?;
    session.whole()
}

pub(super) fn node_standby(session: &Session<'_>, node: Host) -> Result<(), Error> {
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

pub(super) fn resource_stopped(session: &Session<'_>) -> Result<(), Error> {
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

pub(super) fn cluster_stopped(session: &Session<'_>) -> Result<(), Error> {
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

pub(super) fn refresh(session: &Session<'_>, of: &str) -> Result<(), Error> {
    let on = session.third;
    session.command(
        on,
        &format!("crm_resource --refresh --resource pgsqld {of}"),
    )?;
    session.pause(2)?;
    session.idle(on)?;
    session.whole()
}

pub(super) fn set_maintenance(session: &Session<'_>, on: bool) -> Result<(), Error> {
    let command = format!("crm_attribute --name maintenance-mode --update {on}");
    session.command(session.third, &command)?;
    session.pause(2)?;
    session.idle(session.third)
}

pub(super) fn maintenance(session: &Session<'_>) -> Result<(), Error> {
    set_maintenance(session, true)?;
    session.pause(20)?;
    set_maintenance(session, false)?;
    session.whole()
}

pub(super) fn maintenance_and_refresh(session: &Session<'_>) -> Result<(), Error> {
    set_maintenance(session, true)?;
    let refreshed = refresh(session, "");
    set_maintenance(session, false)?;
    refreshed?;
    session.whole()
}

pub(super) fn ban(session: &Session<'_>, role: &str) -> Result<(), Error> {
    let banned = session.primary;
    let ban = format!("crm_resource --resource pgsqld-clone --ban {role} --node {banned}");
    session.command(session.third, &ban)?;
    session.until_primary(|host| host != banned)?;
    session.pause(20)?;
    session.command(session.third, CLEAR)?;
    session.pause(2)?;
    session.whole()
}
