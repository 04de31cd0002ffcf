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

#[test]
fn what_was_logged_of_a_node_outlives_a_reload() -> Result<(), Trouble> {
    let server = Postgres::primary().start()?;
    let nodes = Nodes::new(2)?;
    let mut first = nodes.serve(1, &server, "")?;
    let change_key = |digits: &str| {
        let key = format!("{}\n", digits.repeat(32));
        fs::write(nodes.key_file(), key).map_err(Trouble::io("change a key"))
    };
    change_key("7a")?;
    let _second = nodes.serve(2, &server, "")?;
    let warnings = |log: String| log.matches("srv2 does not report its server").count();
    until(SECONDS, "a line that it is not believed", || {
        first.daemon.log().contains("does not prove that it comes")
    })?;
    let before = warnings(first.daemon.log());
    let text = fs::read_to_string(first.daemon.config_file());
    let text = text.map_err(Trouble::io("read a configuration"))?;
    // The credentials are others, and still not those of the second node.
    change_key("8b")?;
    first.daemon.reload(&text)?;
    change_key("7a")?;
    first.daemon.reload(&text)?;
    until(SECONDS, "a line that the node is believed", || {
        first.daemon.log().contains("srv2 reports its server again")
    })?;
    assert_eq!(
        warnings(first.daemon.log()),
        before,
        "{}",
        first.daemon.log()
    );
    Ok(())
}
