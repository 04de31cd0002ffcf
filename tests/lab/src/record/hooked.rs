//! What is done from within: calls of the agent that fail, or that change something while Pacemaker waits for them.
//! Knows nothing of what is recorded.

use super::plays::{CLEAR, MOVE, cleanup};
use super::session::Session;
use crate::error::Error;
use crate::host::Host;

/// Fails a call.
const FAIL: &str = "echo 'ocf-exit-reason:told to fail' >&2; exit 1";

/// The role is to move to the standby, and a call on a host runs a script first.
fn move_with(session: &Session<'_>, host: Host, call: &str, script: &str) -> Result<(), Error> {
    let to = session.standby;
    session.hook(host, call, script)?;
    session.command(to, &format!("{MOVE} {to}"))?;
    session.pause(20)?;
    session.until_primary(|_| true)?;
    session.command(to, CLEAR)
}

pub(super) fn promote_fails(session: &Session<'_>) -> Result<(), Error> {
    move_with(session, session.standby, "promote", FAIL)?;
    cleanup(session, session.standby)?;
    session.whole()
}

pub(super) fn demote_fails(session: &Session<'_>) -> Result<(), Error> {
    move_with(session, session.primary, "demote", FAIL)?;
    cleanup(session, session.standby)?;
    session.whole()
}

pub(super) fn start_fails(session: &Session<'_>) -> Result<(), Error> {
    let host = session.standby;
    session.hook(host, "start", FAIL)?;
    session.did(format!("{host}: SIGKILL to the postmaster"));
    session.lab.kill_postmaster(host)?;
    session.pause(25)?;
    session.idle(session.third)?;
    cleanup(session, session.third)?;
    session.whole()
}

pub(super) fn monitor_fails(session: &Session<'_>) -> Result<(), Error> {
    session.hook(session.standby, "monitor", FAIL)?;
    session.pause(25)?;
    session.idle(session.third)?;
    cleanup(session, session.third)?;
    session.whole()
}

pub(super) fn monitor_fails_on_the_primary(session: &Session<'_>) -> Result<(), Error> {
    session.hook(session.primary, "monitor", FAIL)?;
    session.pause(25)?;
    session.until_primary(|_| true)?;
    cleanup(session, session.third)?;
    session.whole()
}

pub(super) fn stop_fails(session: &Session<'_>) -> Result<(), Error> {
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

pub(super) fn notify_fails(session: &Session<'_>) -> Result<(), Error> {
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
pub(super) fn score_changes(session: &Session<'_>) -> Result<(), Error> {
    let (to, third) = (session.standby, session.third);
    let score = format!(
        "crm_attribute --lifetime forever --node {third} --name master-pgsqld --update 1500"
    );
    move_with(session, to, "promote", &score)?;
    session.pause(20)?;
    session.whole()
}

/// The primary takes the score of the standby away to which its role is to move.
pub(super) fn veto(session: &Session<'_>) -> Result<(), Error> {
    let to = session.standby;
    let score = format!(
        "crm_attribute --lifetime forever --node {to} --name master-pgsqld --update=-INFINITY"
    );
    move_with(session, session.primary, "notify-pre-demote", &score)?;
    session.pause(20)?;
    session.whole()
}

/// Somebody wants it elsewhere while the standby is being promoted.
pub(super) fn moved_elsewhere(session: &Session<'_>) -> Result<(), Error> {
    let (to, third) = (session.standby, session.third);
    let elsewhere = format!("{CLEAR} && {MOVE} {third}");
    session.hook(to, "promote", &elsewhere)?;
    session.command(to, &format!("{MOVE} {to}"))?;
    session.until_primary(|host| host == third)?;
    session.command(third, CLEAR)?;
    session.whole()
}
