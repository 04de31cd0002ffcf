//! The two words, renamed; and words that cannot be told from another answer.

use std::fs;
use std::process::Output;

use support::postgres::MONITOR;
use support::scratch::Scratch;
use support::{Mode, Postgres, Trouble};

use crate::{PROGRAM, answer, asking};

/// Exit status of a bad configuration (`EX_CONFIG` of `sysexits.h`).
const BAD_CONFIGURATION: Option<i32> = Some(78);

#[test]
fn the_words_of_bgw_replstatus_are_used() -> Result<(), Trouble> {
    let words = "[answer]\nproduction = \"MASTER\"\nstandby = \"STANDBY\"\n";
    let mut primary = Postgres::primary().start()?;
    let standby = primary.standby().start()?;
    let of_primary = asking(&primary.conninfo(MONITOR))?.config(words).start()?;
    let of_standby = asking(&standby.conninfo(MONITOR))?.config(words).start()?;
    assert_eq!(answer(&of_primary)?, "MASTER");
    assert_eq!(answer(&of_standby)?, "STANDBY");
    primary.stop(Mode::Fast)?;
    standby.promote()?;
    assert_eq!(answer(&of_primary)?, "down no-socket");
    assert_eq!(answer(&of_standby)?, "MASTER");
    Ok(())
}

#[test]
fn words_that_are_part_of_another_answer_are_refused() -> Result<(), Trouble> {
    let refused = [
        ("down", "standby", "down "),
        ("lagging", "standby", "lagging "),
        ("Start", "standby", "down starting"),
        ("FULL", "standby", "down full"),
        ("stand", "standby", "standby"),
        ("production", "duct", "production"),
        ("production", "shut", "down shutting-down"),
        ("same", "SAME", "SAME"),
    ];
    for (production, standby, answer) in refused {
        let text = format!("[answer]\nproduction = \"{production}\"\nstandby = \"{standby}\"\n");
        for command in ["check-config", "serve"] {
            let output = given(command, &text)?;
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), BAD_CONFIGURATION, "{text}{said}");
            assert!(
                said.contains(&format!("is contained in the answer \"{answer}")),
                "{said}"
            );
            assert!(output.stdout.is_empty());
        }
    }
    Ok(())
}

#[test]
fn words_that_name_the_other_role_are_refused() -> Result<(), Trouble> {
    for (production, standby) in [("replica1", "standby"), ("production", "Primary")] {
        let text = format!("[answer]\nproduction = \"{production}\"\nstandby = \"{standby}\"\n");
        let output = given("check-config", &text)?;
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), BAD_CONFIGURATION, "{text}{said}");
        assert!(said.contains("which names the other role"), "{said}");
    }
    Ok(())
}

#[test]
fn words_of_ones_own_are_good() -> Result<(), Trouble> {
    let text = "[answer]\nproduction = \"read-write\"\nstandby = \"readers\"\n";
    let output = given("check-config", text)?;
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("good; "));
    Ok(())
}

/// Runs a command of the program on a configuration with this text.
fn given(command: &str, text: &str) -> Result<Output, Trouble> {
    let scratch = Scratch::new()?;
    let path = scratch.path().join("pgsql-state.toml");
    fs::write(&path, text).map_err(Trouble::io("write the configuration"))?;
    let mut program = scratch.command(PROGRAM);
    program.arg(command);
    if command == "serve" {
        program.arg("--config");
    }
    program
        .arg(path)
        .output()
        .map_err(Trouble::io(format!("run {PROGRAM} {command}")))
}
