//! Whether a node is reached, as the others' daemons tell it to `doctor`.

use std::fs;
use std::process::Command;

use support::postgres::SUPERUSER;
use support::scratch::Scratch;
use support::{Postgres, Trouble, until};

use crate::{Key, Nodes, PROGRAM, SECONDS};

/// What `doctor` says on the second node.
fn doctor(nodes: &Nodes, server: &Postgres) -> String {
    let scratch = Scratch::new().unwrap();
    let config = scratch.path().join("pgsql-state.toml");
    let conninfo = server.conninfo(SUPERUSER);
    let text = format!(
        "[postgres]\nconninfo = \"{conninfo}\"\n[admission]\ntrusted = [\"@haproxy\"]\n{}",
        nodes.cluster(Key::Shared)
    );
    fs::write(&config, text).unwrap();
    let output = Command::new(PROGRAM)
        .env_clear()
        .args(["doctor", "--node", "srv2", "--config"])
        .arg(config)
        .output()
        .unwrap();
    assert!(output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_other_nodes_are_asked_whether_they_reach_this_one() -> Result<(), Trouble> {
    let server = Postgres::primary().start()?;
    let nodes = Nodes::new(2)?;
    let unheard = "not looked at: whether others reach this host: the daemon of srv1: ";
    assert!(doctor(&nodes, &server).contains(unheard));

    let first = nodes.serve(1, &server, "")?;
    first.wait_for("peers", |peers| {
        peers[1]["node"] == "srv2" && peers[1]["answers"] == false
    })?;
    let said = doctor(&nodes, &server);
    let finding = format!(
        "unreachable-from: the daemon of srv1 does not reach the daemon at {}\n",
        nodes.places[1]
    );
    assert!(said.contains(&finding), "{said}");
    assert!(!said.contains(unheard), "{said}");

    let _second = nodes.serve(2, &server, "")?;
    first.wait_for("peers", |peers| peers[1]["answers"] == true)?;
    until(SECONDS, "a line that the node is back", || {
        first.daemon.log().contains("srv2 reports its server again")
    })?;
    let said = doctor(&nodes, &server);
    assert!(!said.contains("unreachable-from"), "{said}");
    assert!(!said.contains(unheard), "{said}");
    Ok(())
}
