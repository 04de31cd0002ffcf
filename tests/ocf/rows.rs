//! What clients have written, and whether a cluster still has it.

use crate::call::{End, PATIENCE};
use crate::cluster::NODES;
use crate::judge::{Failure, Judged, ensure};
use crate::world::World;
use crate::world::server::Seen;

/// All rows, in their order.
const ROWS: &str = "SELECT string_agg(id::text, ' ' ORDER BY id) FROM kept";

/// Writes a row on the primary.
pub(crate) fn write(world: &World, primary: &str, row: u32) -> Judged {
    let sql = format!("INSERT INTO kept VALUES ({row})");
    world.server(primary).query(&sql)?;
    Ok(())
}

/// Waits until a standby has these rows, and no others.
pub(crate) fn received(world: &World, standby: &str, rows: &str) -> Judged {
    support::until(PATIENCE, "the rows", || {
        world
            .server(standby)
            .query(ROWS)
            .is_ok_and(|seen| seen == rows)
    })?;
    Ok(())
}

/// Waits until all standbys have these rows.
pub(crate) fn caught_up(world: &World, primary: &str, rows: &str) -> Judged {
    for node in NODES.into_iter().filter(|node| *node != primary) {
        received(world, node, rows)?;
    }
    Ok(())
}

/// Fails unless a node is a primary with these rows, and the others stream from it.
pub(crate) fn leads(world: &World, primary: &str, rows: &str, standbys: &[&str]) -> Judged {
    is(world, primary, Seen::Primary)?;
    let kept = world.server(primary).query(ROWS)?;
    ensure(kept == rows, || {
        format!("{primary} has the rows {kept}, not {rows}")
    })?;
    let streaming = world.streaming(primary, standbys);
    streaming.map_err(|trouble| Failure::Agent(format!("{trouble:?}")))
}

/// Fails unless a server is that.
pub(crate) fn is(world: &World, node: &str, what: Seen) -> Judged {
    let seen = world.server(node).seen();
    ensure(seen == what, || format!("{node} is {seen:?}, not {what:?}"))
}

/// Fails unless the primary's monitor succeeds; after it, all scores are set.
pub(crate) fn monitored(world: &World, primary: &str) -> Judged {
    let ended = world.ask(primary, "monitor").call()?;
    ensure(ended.end == End::Status(8), || {
        format!("monitor of the primary {primary}: {ended}")
    })
}

/// The nodes' scores, in their order.
pub(crate) fn scores(world: &World) -> [Option<String>; 3] {
    NODES.map(|node| world.cluster.score(node))
}

/// Fails unless those are the scores.
pub(crate) fn has_scores(world: &World, expected: [&str; 3]) -> Judged {
    let scores = scores(world);
    let as_expected = expected.map(|score| Some(score.to_owned()));
    ensure(scores == as_expected, || {
        format!("the scores are {scores:?}, not {expected:?}")
    })
}
