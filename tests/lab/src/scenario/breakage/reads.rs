//! A standby whose rows are old: readers that come are sent elsewhere, those that are there may stay.

use std::time::Duration;

use support::haproxy::Status;

use crate::error::Error;
use crate::host::Host;
use crate::lab::wait_for;
use crate::scenario::stage::{HEALING, Played, Stage, expect};

/// Longest until HAProxy has seen a change.
const SEEN: Duration = Duration::from_secs(30);

/// Most sessions that it may take until each standby has one.
const MOST: usize = 8;

/// It replays what it gets a minute late.
pub(in crate::scenario) fn from_a_standby_that_lags(stage: Stage<'_>) -> Result<Played, Error> {
    stage
        .cluster
        .condition(stage.standby, "max_lag = \"64kB\"")?;
    out_of_the_pool_and_kept(stage, "recovery_min_apply_delay = '1min'", "lagging behind")
}

/// Its WAL receiver reaches nobody.
pub(in crate::scenario) fn from_a_standby_without_receiver(
    stage: Stage<'_>,
) -> Result<Played, Error> {
    stage
        .cluster
        .condition(stage.standby, "require_streaming = true")?;
    // Without its name PAF takes the setting for a mistake, fails to stop the instance, and has the host fenced.
    let name = stage.standby;
    let nowhere = format!("primary_conninfo = 'host=127.0.0.1 port=1 application_name={name}'");
    out_of_the_pool_and_kept(stage, &nowhere, "lagging not-streaming")
}

fn out_of_the_pool_and_kept(
    stage: Stage<'_>,
    setting: &str,
    answer: &str,
) -> Result<Played, Error> {
    stage.under_traffic(|clients| {
        let readers = Readers::begin(stage)?;
        stage.cluster.set(stage.standby, setting)?;
        wait_for(answer, SEEN, || stage.expect_answer(stage.standby, answer))?;
        wait_for("HAProxy to send no new readers there", SEEN, || {
            stage.expect_status(Host::Client, "stdby", stage.standby, Status::NoLb)
        })?;
        clients.go_on()?;
        readers.expect_to_be_there()?;
        stage.cluster.unset(stage.standby)?;
        wait_for("the standby to be back", HEALING, || {
            stage.expect_status(Host::Client, "stdby", stage.standby, Status::Up)
        })?;
        readers.expect_to_be_there()
    })
}

/// Sessions of readers through the client's HAProxy, at least one of them on the standby.
struct Readers<'a> {
    stage: Stage<'a>,
    number: usize,
}

impl<'a> Readers<'a> {
    fn begin(stage: Stage<'a>) -> Result<Self, Error> {
        let mut readers = Self { stage, number: 0 };
        // By leastconn the second or third comes to the standby in question.
        wait_for("a session on the standby", SEEN, || {
            if readers.on_the_standby()? > 0 {
                return Ok(());
            }
            if readers.number < MOST {
                readers.number += 1;
                let unit = format!("--unit=reader-{}", readers.number);
                let on = stage.on(Host::Client);
                let psql = format!("{}/psql", on.installed().programs);
                on.run(&[
                    "systemd-run",
                    "--quiet",
                    "--collect",
                    &unit,
                    &psql,
                    "-XAtq",
                    "-h",
                    "127.0.0.1",
                    "-p",
                    "5433",
                    "-U",
                    "postgres",
                    "-d",
                    "postgres",
                    "-c",
                    "SET application_name = 'reader'",
                    // Idle: a statement would hold up replay, and outlive its client.
                    "-c",
                    "\\! sleep 600",
                ])?;
            }
            Err(Error::Unfit("it is not there yet".into()))
        })?;
        Ok(readers)
    }

    fn on_the_standby(&self) -> Result<usize, Error> {
        let count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'reader'";
        let text = self.stage.on(self.stage.standby).sql(count)?;
        text.parse().map_err(|_| Error::Unfit(text))
    }

    fn expect_to_be_there(&self) -> Result<(), Error> {
        let units = self.stage.on(Host::Client).run(&[
            "systemctl",
            "list-units",
            "--plain",
            "--no-legend",
            "--state=active",
            "reader-*",
        ])?;
        expect(
            "the number of readers' sessions that are left",
            &units.lines().count().to_string(),
            &self.number.to_string(),
        )?;
        if self.on_the_standby()? == 0 {
            return Err(Error::Unfit("the standby has no session any more".into()));
        }
        Ok(())
    }
}

impl Drop for Readers<'_> {
    fn drop(&mut self) {
        let on = self.stage.on(Host::Client);
        on.run(&["systemctl", "stop", "reader-*"]).ok();
    }
}
