//! The primary's host is cut off from the network, the fence device takes long, and so does Pacemaker to stop the
//! instance: for how long the HAProxy of that host still sends writers to it, without and with the daemon's quorum
//! guard.

use std::time::Duration;

use super::network_cut;
use crate::cluster::{FenceDelay, SlowStop};
use crate::error::Error;
use crate::lab::wait_for;
use crate::scenario::clients::time_of_day;
use crate::scenario::moments::told;
use crate::scenario::stage::{HEALING, Played, Stage};

/// What a management board may well need to switch a host off.
const SLOW: Duration = Duration::from_secs(20);

/// Longest until a guarded primary is told again, and until the journal of a host that was fenced is there.
const READY: Duration = Duration::from_secs(20);

/// Longest from the loss of quorum until the daemon says so.
const SOON: Duration = Duration::from_secs(2);

pub(in crate::scenario) fn without(stage: Stage<'_>) -> Result<Played, Error> {
    let (played, journal) = cut(stage)?;
    let lost = lost_quorum(stage, &journal)?;
    Ok(played.remark(stopped_sending(stage, &journal, lost)))
}

pub(in crate::scenario) fn with(stage: Stage<'_>) -> Result<Played, Error> {
    stage.cluster.guard_by_quorum(stage.primary)?;
    wait_for("the guarded primary to be told", READY, || {
        stage.expect_answer(stage.primary, "production")
    })?;
    let (played, journal) = cut(stage)?;
    let lost = lost_quorum(stage, &journal)?;
    let said = told(&journal, stage.primary, "pgsql-state", "no-quorum");
    let Some(after) = said.and_then(|said| said.checked_sub(lost)) else {
        return Err(Error::Unfit("the daemon never said no-quorum".into()));
    };
    if after > SOON {
        return Err(Error::Unfit(format!(
            "the daemon said no-quorum only {:.1} s after the quorum was lost",
            after.as_secs_f64()
        )));
    }
    Ok(played
        .remark(format!(
            "the daemon said no-quorum {:.1} s after the quorum was lost",
            after.as_secs_f64()
        ))
        .remark(stopped_sending(stage, &journal, lost)))
}

/// Cuts the host off with nobody quick, and returns its journal. An agent that is stops the server before the daemon
/// has asked for the quorum again, once a second, and shows nothing of the guard.
fn cut(stage: Stage<'_>) -> Result<(Played, String), Error> {
    let _fence = FenceDelay::set(stage.on(stage.standby), SLOW)?;
    let agent = stage.cluster.agent()?;
    let _stop = SlowStop::set(stage.on(stage.primary), agent)?;
    let begun = time_of_day();
    let played = network_cut::of_the_primary(stage)?;
    let journal = journal_of_the_lost_host(stage, begun)?;
    Ok((played, journal))
}

/// What the host noted before it was fenced; it can be read once it is back.
fn journal_of_the_lost_host(stage: Stage<'_>, since: Duration) -> Result<String, Error> {
    wait_for("the host that was fenced", HEALING, || {
        stage.on(stage.primary).is_booted()
    })?;
    stage.on(stage.primary).run(&[
        "journalctl",
        "--quiet",
        "--output=json",
        "--output-fields=MESSAGE,SYSLOG_IDENTIFIER,_HOSTNAME",
        &format!("--since=@{}", since.as_secs()),
    ])
}

/// Corosync's votequorum tells it with this line.
fn lost_quorum(stage: Stage<'_>, journal: &str) -> Result<Duration, Error> {
    let line = "This node is within the non-primary component";
    told(journal, stage.primary, "corosync", line)
        .ok_or_else(|| Error::Unfit(format!("{} never lost its quorum", stage.primary)))
}

fn stopped_sending(stage: Stage<'_>, journal: &str, lost: Duration) -> String {
    let line = format!("Server prod/{} is DOWN", stage.primary);
    match told(journal, stage.primary, "haproxy", &line) {
        Some(down) => format!(
            "its HAProxy sent writers there until {:.1} s after that",
            down.saturating_sub(lost).as_secs_f64()
        ),
        None => "its HAProxy sent writers there to the end".into(),
    }
}
