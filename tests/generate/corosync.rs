//! Corosync's configuration, as Corosync reads it.

use std::fs;

use support::Trouble;

use crate::Program;

const COROSYNC: &str = "/usr/sbin/corosync";

/// Corosync wants its own host among the nodes.
const NODES: [&str; 6] = [
    "--node",
    "srv1=127.0.0.1",
    "--node",
    "srv2=10.20.30.52",
    "--node",
    "srv3=10.20.30.53",
];

/// What Corosync has against a text, with a key of the test's own.
fn complaint(program: &Program, text: &str) -> Option<String> {
    let path = program.scratch.path().join("corosync.conf");
    let key = program.scratch.path().join("authkey");
    if !key.exists() {
        let mut command = program.scratch.command("/usr/sbin/corosync-keygen");
        let made = command.arg("-k").arg(&key).output().unwrap();
        assert!(made.status.success(), "{made:?}");
    }
    let hash = "crypto_hash: sha256\n";
    let with_key = format!("{hash}    keyfile: {}\n", key.display());
    fs::write(&path, text.replace(hash, &with_key)).unwrap();
    let mut command = program.scratch.command(COROSYNC);
    let output = command.arg("-t").arg("-f").arg("-c").arg(&path).output();
    let output = output.unwrap();
    let said = [output.stdout, output.stderr].concat();
    (!output.status.success()).then(|| String::from_utf8_lossy(&said).into_owned())
}

/// The value of a key of the section `totem`, in milliseconds.
fn timer(text: &str, key: &str) -> u64 {
    let mut lines = text.lines().map(str::trim);
    let value = lines.find_map(|line| line.strip_prefix(&format!("{key}: ")));
    value.unwrap().parse().unwrap()
}

#[test]
fn corosync_takes_every_profile() -> Result<(), Trouble> {
    let program = Program::new("")?;
    let second = [
        "--second-link",
        "srv3=10.20.31.53",
        "--second-link",
        "srv1=127.0.0.2",
        "--second-link",
        "srv2=10.20.31.52",
    ];
    for (profile, token, noticed) in [
        ("fast", 1000, 2200),
        ("safe", 3650, 8030),
        ("patient", 10650, 23430),
    ] {
        for (links, nodes) in [(1, NODES.to_vec()), (2, [&NODES[..], &second].concat())] {
            let text =
                program.generate("corosync", &[&["--profile", profile], &nodes[..]].concat());
            assert_eq!(complaint(&program, &text), None, "{text}");
            // With three nodes one coefficient counts.
            let silence = timer(&text, "token") + timer(&text, "token_coefficient");
            assert_eq!(silence, token, "{text}");
            assert_eq!(silence + timer(&text, "consensus"), noticed, "{text}");
            assert_eq!(timer(&text, "knet_ping_timeout"), token / 2, "{text}");
            assert_eq!(text.matches("linknumber").count(), links, "{text}");
            assert_eq!(text.matches("_addr: ").count(), 3 * links, "{text}");
            assert!(!text.contains("two_node"), "{text}");
        }
    }
    Ok(())
}

#[test]
fn two_nodes_go_on_with_one_and_corosync_finds_mistakes() -> Result<(), Trouble> {
    let program = Program::new("")?;
    let text = program.generate("corosync", &NODES[..4]);
    assert_eq!(complaint(&program, &text), None, "{text}");
    assert!(text.contains("\n    two_node: 1\n"), "{text}");
    // That it would find something.
    let mistaken = text.replace("token: 3000", "token: 3s");
    assert!(complaint(&program, &mistaken).unwrap().contains("3s"));
    let elsewhere = text.replace("127.0.0.1", "10.20.30.51");
    assert!(complaint(&program, &elsewhere).is_some());
    Ok(())
}
