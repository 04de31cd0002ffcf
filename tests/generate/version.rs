//! For which HAProxy the configuration is where no version is named: the one that is installed, or that checks it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use support::Trouble;

use crate::Program;

const SRV1: [&str; 2] = ["--node", "srv1=10.20.30.51"];

/// A program that prints this, and takes every configuration.
fn stand_in(program: &Program, printed: &str) -> PathBuf {
    let path = program.scratch.path().join("haproxy");
    let script = format!("#!/bin/sh\ncase $1 in -v) echo '{printed}';; esac\n");
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// The comment's lines joined.
fn comment(text: &str) -> String {
    let lines = text.lines().take_while(|line| line.starts_with("# "));
    let lines: Vec<_> = lines.map(|line| line.trim_start_matches("# ")).collect();
    lines.join(" ")
}

#[test]
fn the_program_that_checks_a_configuration_decides_for_which_version_it_is() -> Result<(), Trouble>
{
    let program = Program::new("")?;
    let printed = "HAProxy version 3.0.11-1+deb13u5 2026/11/18 - https://haproxy.org/";
    let stand_in = stand_in(&program, printed);
    let stand_in = stand_in.to_str().unwrap();
    let safe = [&SRV1[..], &["--profile", "safe"]].concat();
    let text = program.generate(
        "haproxy",
        &[&safe[..], &["--check-with", stand_in]].concat(),
    );
    let told = comment(&text);
    assert!(told.contains("--haproxy-version 3.0 "), "{told}");
    let why = format!("For HAProxy 3.0, because {stand_in} is HAProxy 3.0.11-1+deb13u5.");
    assert!(told.contains(&why), "{told}");
    // What cures the fault of this branch.
    assert!(text.contains("bwlim-in"), "{text}");
    let named = ["--check-with", stand_in, "--haproxy-version", "2.4"];
    let text = program.generate("haproxy", &[&safe[..], &named].concat());
    assert!(!text.contains("For HAProxy"), "{text}");
    assert!(comment(&text).contains("--haproxy-version 2.4 "), "{text}");
    Ok(())
}

#[test]
fn without_a_named_program_the_installed_one_decides() -> Result<(), Trouble> {
    let program = Program::new("")?;
    stand_in(&program, "HA-Proxy version 2.2.9-2+deb11u6 2023/08/10");
    let mut command = program.command("haproxy", &SRV1);
    let output = command
        .env("PATH", program.scratch.path())
        .output()
        .unwrap();
    let told = comment(&String::from_utf8(output.stdout).unwrap());
    let why = "For HAProxy 2.2, because haproxy is HAProxy 2.2.9-2+deb11u6.";
    assert!(told.contains("--haproxy-version 2.2 "), "{told}");
    assert!(told.contains(why), "{told}");
    Ok(())
}

#[test]
fn where_no_program_tells_its_version_the_oldest_is_taken_and_the_reason_told()
-> Result<(), Trouble> {
    let program = Program::new("")?;
    for (printed, why) in [
        ("", "it does not print its version"),
        (
            "HA-Proxy version 1.8.30 2021/04/12",
            "HAProxy 1.8.30 is not supported",
        ),
    ] {
        let stand_in = stand_in(&program, printed);
        let args = ["--check-with", stand_in.to_str().unwrap()];
        let text = program.generate("haproxy", &[&SRV1[..], &args].concat());
        let told = comment(&text);
        assert!(told.contains("--haproxy-version 2.0 "), "{told}");
        assert!(
            told.contains("the oldest that is supported, because"),
            "{told}"
        );
        assert!(told.contains(why), "{told}");
    }
    Ok(())
}
