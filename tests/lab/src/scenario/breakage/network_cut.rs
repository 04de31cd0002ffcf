//! A host is cut off from the network; the others fence it, which gives it a new cable.

use std::time::Duration;

use pgsql_state_traffic::Record;

use crate::error::Error;
use crate::lab::wait_for;
use crate::scenario::clients::{Clients, Notes, acknowledged_by, time_of_day, unread};
use crate::scenario::stage::{HEALING, Played, Stage};

/// The primary's host. An application on that host goes on writing to it until it is fenced: those rows
/// nobody else has, and none may be acknowledged once another server is the primary.
pub(in crate::scenario) fn of_the_primary(stage: Stage<'_>) -> Result<Played, Error> {
    let lost = stage.primary;
    let inside = Clients::begin(stage.lab, lost, stage.name)?;
    let mut cut = Duration::ZERO;
    let played = stage.until_another_is_primary(|| {
        cut = time_of_day();
        stage.lab.cut_network(lost)
    })?;
    let read = |notes: &Notes| Record::read(&notes.record).map_err(unread(&notes.record));
    let inside = inside.end();
    let (within, without) = (read(&inside)?, read(&played.notes)?);
    let old = within
        .acknowledged()
        .map(|(write, _)| within.begin.at + write.ended)
        .max();
    let new = without
        .acknowledged()
        .filter(|(write, _)| acknowledged_by(write).is_some_and(|host| host != lost))
        .map(|(write, _)| without.begin.at + write.sent)
        .min();
    let (Some(old), Some(new)) = (old, new) else {
        return Err(Error::Unfit("no rows to compare".into()));
    };
    let Some(apart) = new.checked_sub(old) else {
        return Err(Error::Unfit(format!(
            "{lost}, cut off, still acknowledged a row {:.1} s after another primary did",
            old.saturating_sub(new).as_secs_f64()
        )));
    };
    let alone = within
        .acknowledged()
        .filter(|(write, _)| within.begin.at + write.sent > cut);
    let rows = alone.count();
    let played = Played {
        inside: Some(inside),
        ..played
    };
    Ok(played.remark(format!(
        "cut off, {lost} acknowledged {rows} rows of an application of its own, the last one {:.1} s \
         before the next primary's first",
        apart.as_secs_f64()
    )))
}

/// A standby's host: writers must not notice.
pub(in crate::scenario) fn of_a_standby(stage: Stage<'_>) -> Result<Played, Error> {
    stage.under_traffic(|clients| {
        let before = stage.lab.boot(stage.standby)?;
        stage.lab.cut_network(stage.standby)?;
        wait_for("the standby's host to be fenced", HEALING, || {
            match stage.lab.boot(stage.standby) {
                Ok(now) if now != before => Ok(()),
                Ok(_) => Err(Error::Unfit("it has not been rebooted".into())),
                Err(error) => Err(error),
            }
        })?;
        clients.until_rows_of(HEALING, |host| host == stage.primary)
    })
}
