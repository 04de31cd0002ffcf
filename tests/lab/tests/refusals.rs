//! What the lab refuses, in one sentence and before anything is made.

use std::process::{Command, Output};

const LAB: &str = env!("CARGO_BIN_EXE_pgsql-state-lab");

#[expect(
    clippy::unwrap_used,
    reason = "a test that cannot run the program fails"
)]
fn run(command: &mut Command) -> (Output, String) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output, said)
}

/// The program as somebody who is not root, and may reach its files wherever the checkout is.
fn as_nobody() -> Command {
    if rustix::process::geteuid().is_root() {
        let mut command = Command::new("setpriv");
        let search = "+dac_override";
        command
            .args(["--reuid=65534", "--clear-groups", "--inh-caps", search])
            .args(["--ambient-caps", search, LAB]);
        command
    } else {
        Command::new(LAB)
    }
}

#[test]
fn only_root_may_start_or_end_a_lab() {
    for words in [
        &["up"][..],
        &["down"],
        &["check"],
        &["packages", "a.deb", "b.deb"],
    ] {
        let (output, said) = run(as_nobody().args(words));
        assert!(!output.status.success());
        assert_eq!(
            said,
            "pgsql-state-lab: the lab makes hosts of namespaces and mounts, so run it as root\n"
        );
    }
}

#[test]
fn a_host_that_is_none_is_refused_with_the_names_of_those_there_are() {
    for words in [["shell", "srv9"], ["run", "srv9"]] {
        let (output, said) = run(Command::new(LAB).args(words));
        assert!(!output.status.success());
        assert!(said.contains("srv9") && said.contains("srv1"), "{said}");
    }
}

#[test]
fn a_plan_that_cannot_be_is_refused() {
    for (words, name) in [
        (["up", "--sync", "3"], "--sync"),
        (["up", "--check", "guess"], "--check"),
        (["up", "--replication", "carrier"], "--replication"),
        // With those that there are.
        (["up", "--suite", "buzz"], "trixie"),
    ] {
        let (output, said) = run(Command::new(LAB).args(words));
        assert!(!output.status.success());
        assert!(said.contains(name), "{said}");
    }
}
