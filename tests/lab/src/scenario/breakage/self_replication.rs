//! The primary must not replicate from itself: neither through its HAProxy nor directly. A standby may
//! replicate from it, through its own HAProxy.

use crate::error::Error;
use crate::host::Host;
use crate::scenario::clients::time_of_day;
use crate::scenario::stage::{Played, Stage};

pub(in crate::scenario) fn play(stage: Stage<'_>) -> Result<Played, Error> {
    let begun = time_of_day();
    let mut places = Vec::new();
    let played = stage.under_traffic(|_| {
        identify(stage, stage.standby, "host=127.0.0.1 port=5432")?;
        let name = stage.primary.name();
        let address = stage.primary.address();
        for place in [
            "host=127.0.0.1 port=5432".to_owned(),
            "host=127.0.0.1 port=5434".to_owned(),
            format!("host={name} port=5434"),
            format!("host={address} port=5434"),
            "host=/var/run/postgresql port=5434".to_owned(),
        ] {
            match identify(stage, stage.primary, &place) {
                Err(error)
                    if error
                        .to_string()
                        .contains("pg_hba.conf rejects replication") => {}
                Err(error) => return Err(error),
                Ok(()) => {
                    return Err(Error::Unfit(format!(
                        "{name} replicates from itself by {place}"
                    )));
                }
            }
            places.push(place);
        }
        Ok(())
    })?;
    let journal = stage.lab.journal_since(begun)?;
    let lines: Vec<&str> = journal
        .lines()
        .filter(|line| line.contains("pg_hba.conf rejects replication connection for host"))
        .collect();
    if lines.len() + 1 < places.len() {
        return Err(Error::Unfit(format!(
            "the journal tells {} refusals",
            lines.len()
        )));
    }
    Ok(played.remark(format!(
        "refused by pg_hba.conf, and in the journal: {}",
        places.join("; ")
    )))
}

/// Asks as a standby does at first.
fn identify(stage: Stage<'_>, from: Host, place: &str) -> Result<(), Error> {
    let conninfo =
        format!("{place} user=postgres dbname=postgres replication=true connect_timeout=5");
    let ask = "cd / && exec setpriv --reuid postgres --regid postgres --init-groups \
               $PG_BIN/psql -XAtq -d \"$1\" -c IDENTIFY_SYSTEM";
    stage
        .on(from)
        .run(&["sh", "-c", ask, "sh", &conninfo])
        .map(drop)
}
