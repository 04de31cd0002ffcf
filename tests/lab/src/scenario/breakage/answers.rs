//! The three-node example's tests by hand: who says what on port 5431, with the socket stopped, and with PostgreSQL
//! stopped.

use std::time::Duration;

use crate::error::Error;
use crate::host::Host;
use crate::lab::wait_for;
use crate::plan::Check;
use crate::scenario::stage::{HEALING, Played, Stage, expect};
use support::haproxy::Status;

/// What `nc` says where nobody listens.
const REFUSED: &str = "Connection refused";

/// Longest until HAProxy has seen a change.
const SEEN: Duration = Duration::from_secs(15);

pub(in crate::scenario) fn play(stage: Stage<'_>) -> Result<Played, Error> {
    let mut stopped = String::new();
    let played = stage.under_traffic(|_| {
        for host in Host::SERVERS {
            let word = if host == stage.primary {
                "production"
            } else {
                "standby"
            };
            stage.expect_answer(host, word)?;
        }
        socket_stopped(stage)?;
        stopped = postgresql_stopped(stage)?;
        Ok(())
    })?;
    Ok(played.remark(format!("with PostgreSQL stopped the answer is {stopped:?}")))
}

fn socket_stopped(stage: Stage<'_>) -> Result<(), Error> {
    let on = stage.on(stage.standby);
    stage.stop_checks(stage.standby)?;
    match stage.cluster.answer(stage.standby) {
        Err(error) if error.to_string().contains(REFUSED) => {}
        Err(error) => return Err(error),
        Ok(answer) => return expect("the answer of a stopped socket", &answer, REFUSED),
    }
    out_of_the_read_pool(stage)?;
    on.run(&["systemctl", "start", "pgsql-state.socket"])?;
    stage.cluster.wait_until_whole().map(drop)
}

/// Pacemaker stops the standby; returns what its port says then.
fn postgresql_stopped(stage: Stage<'_>) -> Result<String, Error> {
    stage.cluster.stop_instance(stage.standby)?;
    let answer = stage.cluster.answer(stage.standby)?;
    if stage.check == Check::Daemon {
        expect("the answer without PostgreSQL", &answer, "down no-socket")?;
    }
    out_of_the_read_pool(stage)?;
    stage.cluster.allow_instance(stage.standby)?;
    wait_for("the standby to be back", HEALING, || {
        stage.expect_answer(stage.standby, "standby")
    })?;
    Ok(answer)
}

fn out_of_the_read_pool(stage: Stage<'_>) -> Result<(), Error> {
    wait_for(
        "HAProxy to take the standby out of the read pool",
        SEEN,
        || stage.expect_status(Host::Client, "stdby", stage.standby, Status::Down),
    )
}
