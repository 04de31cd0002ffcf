//! The primary is stopped and a standby promoted while a client writes through HAProxy.

use std::time::{Duration, Instant};

use pgsql_state_traffic::{Plan, Record, Traffic, verify};
use support::Mode;
use support::postgres::ORDINARY;

use crate::cluster::Cluster;
use crate::end::End;
use crate::screen;
use crate::stage::Stage;

/// Rows written before the primary is stopped, and again before they are counted.
const ROWS: usize = 50;

/// Longest time without a successful write that is still as it should be. HAProxy looks every 2 s and
/// wants two good checks 1 s apart; the rest is for a machine that does everything at once.
const LONGEST_GAP: Duration = Duration::from_secs(10);

/// What a client wrote meanwhile, and how it got in.
pub(crate) struct Written {
    plan: Plan,
    record: Record,
}

/// Stops srv1, promotes srv2, and returns what a client wrote meanwhile.
pub(crate) fn run(stage: &Stage, cluster: &mut Cluster) -> Result<Written, End> {
    let address = cluster.places.writers();
    screen::title("The primary stops, a standby is promoted");
    let plan = one_writer(&address.to_string())?;
    let traffic = Traffic::start(plan.clone())?;
    stage.wait(
        &format!("a client to write {ROWS} rows through {address}"),
        || enough(traffic.acknowledged(), ROWS),
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
        enough(traffic.acknowledged_since(promoted), 1)
    })?;
    screen::event(start, "the client writes again: HAProxy leads to srv2");

    stage.wait(&format!("{ROWS} more rows"), || {
        enough(traffic.acknowledged_since(promoted), ROWS)
    })?;
    let record = traffic.finish()?;
    Ok(Written { plan, record })
}

/// A writer as an application is.
fn one_writer(through: &str) -> Result<Plan, End> {
    let host = "current_setting('cluster_name')";
    let options = ["--write", through, "--user", ORDINARY, "--host-sql", host];
    Plan::of_options(options).map_err(|error| End::Wrong(error.to_string()))
}

fn enough(count: usize, wanted: usize) -> Result<(), String> {
    (count >= wanted)
        .then_some(())
        .ok_or_else(|| format!("there are {count}"))
}

/// Fails if an acknowledged row is missing or the client waited too long.
pub(crate) fn judge(cluster: &Cluster, written: &Written) -> Result<(), End> {
    let Written { plan, record } = written;
    let place = cluster.places.writers().into();
    let report = verify(record, &place, &plan.access, LONGEST_GAP)?;
    let count = report.acknowledged();
    if let Some(rows) = &report.rows {
        let (host, missing) = (&rows.on.host, &rows.missing);
        if !missing.is_empty() {
            return Err(End::Wrong(format!(
                "{} of {count} acknowledged rows are not on {host}: {missing:?}",
                missing.len()
            )));
        }
        screen::line(&format!(
            "{count} rows were acknowledged, and {host} has them all"
        ));
    }
    let gap = report.longest_gap().length;
    screen::line(&format!("writes failed for {:.1} s", gap.as_secs_f64()));
    if gap > LONGEST_GAP {
        return Err(End::Wrong(format!(
            "writes failed for {gap:.1?}, more than {LONGEST_GAP:?}"
        )));
    }
    Ok(())
}
