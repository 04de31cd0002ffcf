//! `pgsql-state agent explain`, beside the agent that it explains: it tells what is so, and changes nothing.

use std::process::Command;

use support::Trouble;
use support::running::run;

use crate::judge::{Judged, ensure};
use crate::program::Program;
use crate::rows::scores;
use crate::world::World;

/// What is explained on a node.
pub(crate) fn explained(world: &World, node: &str) -> Result<String, Trouble> {
    let parameters = world.server(node).parameters()?;
    let parameters = parameters
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let resources = [(world.cluster.resource(), &parameters[..])];
    world.cluster.set_resources(node, &resources)?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_pgsql-state"));
    command
        .args(["agent", "explain"])
        .env("HA_SBIN_DIR", world.cluster.sbin(node));
    run(command)
}

/// Fails unless all of this is in a text.
pub(crate) fn has(text: &str, expected: &[&str]) -> Judged {
    let missing = expected.iter().find(|one| !text.contains(**one));
    ensure(missing.is_none(), || {
        format!("{missing:?} is not in:\n{text}")
    })
}

#[test]
fn every_node_explains_its_own_server_and_knows_all_scores() -> Judged {
    let world = World::running(Program::Ours)?;
    let before = scores(&world);
    world.cluster.forget_calls()?;
    has(
        &explained(&world, "srv1")?,
        &[
            " on srv1: a primary runs\n",
            "replicates from here: srv2, streaming, 0B behind\n",
            "srv2     1000 ",
            "srv3     990 ",
            "demote   stops it, starts it as a standby         0\n",
            "\nan election now without this primary: srv2 is promoted\n",
        ],
    )?;
    has(
        &explained(&world, "srv2")?,
        &[
            " on srv2: a standby runs\n",
            "srv1     1001 ",
            "promote  election, promotes it                    0\n",
            "srv1 is not: it has not reported its position\n",
        ],
    )?;
    ensure(scores(&world) == before, || {
        "the scores have changed".into()
    })?;
    let calls = world.cluster.calls();
    let changes = calls.iter().find(|call| {
        ["--update", "--delete"]
            .iter()
            .any(|option| call.arguments.contains(option))
    });
    ensure(changes.is_none(), || format!("{changes:?}"))
}
