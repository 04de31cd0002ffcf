//! HAProxy dies (SIGKILL): on a standby's host, whose replication goes through it, and on the client's.
//! systemd starts it again, and it takes every server for up until it has checked.

use crate::error::Error;
use crate::host::Host;
use crate::lab::wait_for;
use crate::scenario::stage::{HEALING, Played, Stage};

pub(in crate::scenario) fn play(stage: Stage<'_>) -> Result<Played, Error> {
    let kill = |host| {
        stage
            .on(host)
            .run(&["pkill", "--signal=KILL", "--exact", "haproxy"])
            .map(drop)
    };
    stage.under_traffic(|clients| {
        kill(stage.standby)?;
        wait_for("the standby to stream again", HEALING, || {
            let following = stage.cluster.following(stage.primary)?;
            if following.contains(&stage.standby) {
                Ok(())
            } else {
                Err(Error::Unfit(format!("{following:?} follow")))
            }
        })?;
        clients.go_on()?;
        kill(Host::Client)?;
        clients.until_rows_of(HEALING, |_| true)
    })
}
