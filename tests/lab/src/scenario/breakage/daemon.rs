//! The process that answers HAProxy ends: killed, replaced by a newer one, or stopped for good. All on
//! the primary's host, where a lost check cuts off every writer.

use std::time::Duration;

use support::haproxy::Status;

use crate::error::Error;
use crate::host::Host;
use crate::lab::wait_for;
use crate::scenario::clients::time_of_day;
use crate::scenario::stage::{HEALING, Played, Stage};

/// How often it is killed or replaced.
const TIMES: usize = 5;

/// Longest that systemd may take to have it answer again.
const BACK: Duration = Duration::from_secs(10);

pub(in crate::scenario) fn kill(stage: Stage<'_>) -> Result<Played, Error> {
    let kill = "kill -KILL \"$(systemctl show --value --property=MainPID pgsql-state.service)\"";
    without_a_lost_check(stage, kill)
}

pub(in crate::scenario) fn upgrade_under_load(stage: Stage<'_>) -> Result<Played, Error> {
    let asking = Asking::begin(stage)?;
    let played = without_a_lost_check(stage, "systemctl restart pgsql-state.service")?;
    let (asked, failed) = asking.end()?;
    if failed > 0 || asked < 100 {
        return Err(Error::Unfit(format!(
            "{failed} of {asked} checks were not answered"
        )));
    }
    Ok(played.remark(format!(
        "{asked} checks of four clients meanwhile, each answered"
    )))
}

/// HAProxy must take no server for down.
fn without_a_lost_check(stage: Stage<'_>, end: &str) -> Result<Played, Error> {
    let begun = time_of_day();
    let played = stage.under_traffic(|clients| {
        for _ in 0..TIMES {
            stage.on(stage.primary).shell(end)?;
            wait_for("the daemon to answer again", BACK, || {
                stage.expect_answer(stage.primary, "production")
            })?;
            clients.go_on()?;
        }
        Ok(())
    })?;
    let journal = stage.lab.journal_since(begun)?;
    let downs = journal
        .lines()
        .filter(|line| line.contains(" is DOWN"))
        .count();
    if downs > 0 {
        return Err(Error::Unfit(format!(
            "HAProxy took servers for down {downs} times"
        )));
    }
    Ok(played)
}

/// Nobody answers any more, so nothing is production, although the primary runs.
pub(in crate::scenario) fn stop_for_good(stage: Stage<'_>) -> Result<Played, Error> {
    let on = stage.on(stage.primary);
    stage.under_traffic(|clients| {
        stage.stop_checks(stage.primary)?;
        for host in Host::ALL {
            wait_for("HAProxy to send writers nowhere", HEALING, || {
                stage.expect_status(host, "prod", stage.primary, Status::Down)
            })?;
        }
        on.run(&["systemctl", "start", "pgsql-state.socket"])?;
        clients.until_rows_of(HEALING, |host| host == stage.primary)
    })
}

/// Four clients that ask the primary's port all the time.
struct Asking<'a> {
    stage: Stage<'a>,
}

impl<'a> Asking<'a> {
    fn begin(stage: Stage<'a>) -> Result<Self, Error> {
        let loops = format!(
            "ask() {{ while :; do if /lab/bin/pgsql-state ask {} --expect production >/dev/null 2>&1; \
             then echo +; else echo -; fi; done; }}\n\
             for n in 1 2 3 4; do ask >>/lab/results/asked & done; wait",
            stage.primary
        );
        stage.on(Host::Client).run(&[
            "systemd-run",
            "--quiet",
            "--collect",
            "--unit=asking",
            "bash",
            "-c",
            &loops,
        ])?;
        Ok(Self { stage })
    }

    /// How many checks there were, and how many were not answered as they must be. The four that the
    /// end cuts short are not among them.
    fn end(self) -> Result<(usize, usize), Error> {
        let on = self.stage.on(Host::Client);
        let asked = on.shell("grep --count '' /lab/results/asked")?;
        let failed = on.shell("grep --count -- - /lab/results/asked || true")?;
        let number = |text: &str| {
            text.trim()
                .parse()
                .map_err(|_| Error::Unfit(format!("{text:?}")))
        };
        Ok((number(&asked)?, number(&failed)?))
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        let end = "systemctl stop asking.service; rm -f /lab/results/asked";
        self.stage.on(Host::Client).shell(end).ok();
    }
}
