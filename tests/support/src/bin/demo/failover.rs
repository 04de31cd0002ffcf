//! The primary is stopped and a standby promoted while a client writes through HAProxy.

use std::time::{Duration, Instant};

use support::Mode;

use crate::checks::client;
use crate::cluster::Cluster;
use crate::end::End;
use crate::screen;
use crate::stage::Stage;
use crate::writer::{Acknowledged, Writer};

/// Rows written before the primary is stopped, and again before they are counted.
const ROWS: usize = 50;

/// Longest time without a successful write that is still as it should be. HAProxy looks every 2 s and
/// wants two good checks 1 s apart; the rest is for a machine that does everything at once.
const LONGEST_GAP: Duration = Duration::from_secs(10);

/// Stops srv1, promotes srv2, and returns what the client got acknowledged meanwhile.
pub(crate) fn run(stage: &Stage, cluster: &mut Cluster) -> Result<Acknowledged, End> {
    let address = cluster.places.writers();
    screen::title("The primary stops, a standby is promoted");
    let writer = Writer::start(client(address));
    stage.wait(
        &format!("a client to write {ROWS} rows through {address}"),
        || enough(writer.count(), ROWS),
    )?;

    let start = Instant::now();
    screen::event(start, "srv1 is told to stop (fast shutdown)");
    cluster.srv1.postgres.stop(Mode::Fast)?;
    screen::event(start, "srv1 has stopped");
    let promoted = cluster.srv2.postgres.promote()?;
    screen::event(start, "srv2 is promoted");
    stage.watch("srv2's daemon to answer \"production\"", || {
        match cluster.srv2.daemon.ask() {
            Ok(answer) if answer == "production" => Ok(()),
            Ok(answer) => Err(format!("it answers \"{answer}\"")),
            Err(error) => Err(error.to_string()),
        }
    })?;
    screen::event(
        start,
        "srv2's daemon answers \"production\"; HAProxy has yet to ask it twice",
    );
    stage.watch("a write through HAProxy", || {
        writer.first_after(promoted).ok_or("there is none")
    })?;
    screen::event(start, "the client writes again: HAProxy leads to srv2");

    let before = writer.count();
    stage.wait(&format!("{ROWS} more rows"), || {
        enough(writer.count() - before, ROWS)
    })?;
    Ok(writer.finish())
}

fn enough(count: usize, wanted: usize) -> Result<(), String> {
    (count >= wanted)
        .then_some(())
        .ok_or_else(|| format!("there are {count}"))
}

/// Fails if an acknowledged row is missing or the client waited too long.
pub(crate) fn judge(cluster: &Cluster, acknowledged: &Acknowledged) -> Result<(), End> {
    let count = acknowledged.count();
    let missing = acknowledged.missing_on(&cluster.srv2.postgres)?;
    if !missing.is_empty() {
        return Err(End::Wrong(format!(
            "{} of {count} acknowledged rows are not on srv2: {missing:?}",
            missing.len()
        )));
    }
    screen::line(&format!(
        "{count} rows were acknowledged, and srv2 has them all"
    ));
    let gap = acknowledged.longest_gap();
    screen::line(&format!("writes failed for {:.1} s", gap.as_secs_f64()));
    if gap > LONGEST_GAP {
        return Err(End::Wrong(format!(
            "writes failed for {gap:.1?}, more than {LONGEST_GAP:?}"
        )));
    }
    Ok(())
}
