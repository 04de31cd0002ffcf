//! The other resource agent takes the instances over, and gives them back. None of them is stopped, and
//! writers do not notice.

use crate::cluster::Cluster;
use crate::error::Error;
use crate::host::Host;
use crate::provision::run_by;
use crate::scenario::stage::{Played, Stage, expect};

pub(in crate::scenario) fn play(stage: Stage<'_>) -> Result<Played, Error> {
    let before = postmasters(stage)?;
    stage.under_traffic(|clients| {
        for agent in [stage.agent.other(), stage.agent] {
            run_by(stage.lab, agent)?;
            expect(
                "the agent",
                Cluster::new(stage.lab).agent()?.name(),
                agent.name(),
            )?;
            expect("the postmasters", &postmasters(stage)?, &before)?;
            let primary = stage.cluster.wait_until_whole()?;
            expect("the primary", primary.name(), stage.primary.name())?;
            clients.go_on()?;
        }
        expect("the postmasters", &postmasters(stage)?, &before)
    })
}

/// Each postmaster's number and the moment of its start.
fn postmasters(stage: Stage<'_>) -> Result<String, Error> {
    let file = "sed -n '1p;3p' $PG_DATA/postmaster.pid | paste -sd ' '";
    let each = Host::SERVERS.map(|host| {
        let text = stage.on(host).shell(file)?;
        Ok(format!("{host} {}", text.trim_end()))
    });
    let all: Result<Vec<String>, Error> = each.into_iter().collect();
    Ok(all?.join(", "))
}
