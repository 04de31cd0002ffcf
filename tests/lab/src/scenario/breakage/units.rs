//! The daemon as systemd runs it, on a standby: a loop that stands still is ended by the watchdog, and
//! the alternatives beside the usual units do what they say.

use std::time::{Duration, Instant};

use crate::error::Error;
use crate::lab::{On, wait_for};
use crate::scenario::stage::{Played, Stage, expect};

/// `WatchdogSec=` of the unit, and time to start again.
const WATCHDOG: Duration = Duration::from_secs(45);

/// Longest that another way of running may take to answer.
const STARTING: Duration = Duration::from_secs(20);

/// From this version on systemd has the type `notify-reload` (its NEWS).
const NOTIFY_RELOAD: u32 = 253;

const DROP_INS: &str = "/etc/systemd/system/pgsql-state.service.d";

pub(in crate::scenario) fn play(stage: Stage<'_>) -> Result<Played, Error> {
    let mut silent = Duration::ZERO;
    let played = stage.under_traffic(|_| {
        silent = run_in_every_way(stage)?;
        Ok(())
    })?;
    Ok(played.remark(format!(
        "the watchdog replaced a daemon that stood still after {:.1} s",
        silent.as_secs_f64()
    )))
}

/// Returns the longest time that the standby's port gave no answer.
fn run_in_every_way(stage: Stage<'_>) -> Result<Duration, Error> {
    let on = stage.on(stage.standby);
    let longest = the_watchdog_ends_a_daemon_that_stands_still(stage, on)?;

    runs_with(stage, on, "as-postgres", "")?;
    if on
        .shell("ps -o user= -p \"$(systemctl show --value -p MainPID pgsql-state.service)\"")?
        .trim()
        != "postgres"
    {
        return Err(Error::Unfit(
            "as-postgres.conf did not change the user".into(),
        ));
    }
    on.shell(&format!("rm -r {DROP_INS}"))?;

    if stage.lab.suite().systemd >= NOTIFY_RELOAD {
        a_reload_ends_when_the_configuration_is_read(stage, on)?;
    }

    let config = "sed -i 's/^conninfo = .*/conninfo = \"host=127.0.0.1 port=5434 dbname=postgres \
                  user=pgsql-state\"/' /etc/pgsql-state/pgsql-state.toml";
    let before = on.shell("cat /etc/pgsql-state/pgsql-state.toml")?;
    runs_with(stage, on, "tcp", config)?;
    on.shell(&format!(
        "rm -r {DROP_INS}\ncat >/etc/pgsql-state/pgsql-state.toml <<'END'\n{before}END\n\
         systemctl daemon-reload && systemctl restart pgsql-state.service"
    ))?;

    a_process_for_each_check_answers_too(stage, on)?;
    Ok(longest)
}

/// Stops the daemon where it stands, as a loop that never returns would, and waits until systemd has
/// put another in its place.
fn the_watchdog_ends_a_daemon_that_stands_still(
    stage: Stage<'_>,
    on: On<'_>,
) -> Result<Duration, Error> {
    stage.cluster.answer(stage.standby)?;
    let restarts = || on.shell("systemctl show --value -p NRestarts pgsql-state.service");
    let before = restarts()?;
    let begun = Instant::now();
    on.shell("kill -STOP \"$(systemctl show --value -p MainPID pgsql-state.service)\"")?;
    wait_for("the watchdog to replace the daemon", WATCHDOG, || {
        if restarts()? == before {
            return Err(Error::Unfit("it has not been restarted".into()));
        }
        expect_standby(stage)
    })?;
    let log = on.shell("journalctl --unit=pgsql-state.service --no-pager --lines=50")?;
    if !log.contains("Watchdog timeout") {
        return Err(Error::Unfit("it was restarted, not by the watchdog".into()));
    }
    Ok(begun.elapsed())
}

/// `notify-reload`: `systemctl reload` waits until the daemon has said that it is ready again, and the daemon is the same.
fn a_reload_ends_when_the_configuration_is_read(stage: Stage<'_>, on: On<'_>) -> Result<(), Error> {
    let daemon = || on.shell("systemctl show -p Type -p MainPID pgsql-state.service");
    runs_with(stage, on, "notify-reload", "")?;
    let before = daemon()?;
    let told = "journalctl --unit=pgsql-state.service --no-pager | grep --count 'Reloaded'";
    let count = || on.shell(&format!("{told} || true"));
    let reloads = count()?;
    on.shell("systemctl reload pgsql-state.service")?;
    expect("the daemon after a reload", &daemon()?, &before)?;
    if !before.contains("Type=notify-reload") || count()? == reloads {
        return Err(Error::Unfit(format!(
            "systemd did not wait for a reload: {before}"
        )));
    }
    expect_standby(stage)?;
    on.shell(&format!(
        "rm -r {DROP_INS}\nsystemctl daemon-reload && systemctl restart pgsql-state.service"
    ))
    .map(drop)
}

/// Has the daemon run with a drop-in, after `first`, and answer.
fn runs_with(stage: Stage<'_>, on: On<'_>, drop_in: &str, first: &str) -> Result<(), Error> {
    on.shell(&format!(
        "mkdir -p {DROP_INS}\ncp /lab/systemd/drop-ins/{drop_in}.conf {DROP_INS}/\n{first}\n\
         systemctl daemon-reload && systemctl restart pgsql-state.service"
    ))?;
    let what = format!("an answer with {drop_in}.conf");
    wait_for(&what, STARTING, || expect_standby(stage))
}

/// `Accept=yes`: the socket of the daemon gives way to the other one, and back.
fn a_process_for_each_check_answers_too(stage: Stage<'_>, on: On<'_>) -> Result<(), Error> {
    on.shell(
        "cp /lab/systemd/pgsql-state-answer.socket /lab/systemd/pgsql-state-answer@.service \
         /etc/systemd/system/\nsystemctl daemon-reload\n\
         systemctl stop pgsql-state.service\nsystemctl start pgsql-state-answer.socket",
    )?;
    let answered = wait_for("an answer of a process", STARTING, || expect_standby(stage));
    let units = on.shell("systemctl list-units --all --plain --no-legend 'pgsql-state*'")?;
    on.shell(
        "systemctl stop pgsql-state-answer.socket\n\
         rm /etc/systemd/system/pgsql-state-answer*\nsystemctl daemon-reload\n\
         systemctl start pgsql-state.socket",
    )?;
    answered?;
    if units.contains("pgsql-state.service loaded active") {
        return Err(Error::Unfit("the daemon runs beside the processes".into()));
    }
    wait_for("an answer of the daemon again", STARTING, || {
        expect_standby(stage)
    })
}

fn expect_standby(stage: Stage<'_>) -> Result<(), Error> {
    stage.expect_answer(stage.standby, "standby")
}
