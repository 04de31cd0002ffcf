//! `pgsql-state lint haproxy` as an operator runs it.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Output;

use support::Trouble;
use support::scratch::Scratch;

use crate::PROGRAM;

pub(crate) const GOOD: &str = "\
defaults
    mode tcp
    timeout client 1d
    timeout server 1d
    timeout check 1s
listen stdby
    option tcp-check
    tcp-check connect port 5431
    tcp-check expect rstring ^standby
    server a 10.20.30.51:5432 check
    server b 10.20.30.52:5432 check
";

pub(crate) struct Program(Scratch);

impl Program {
    pub(crate) fn new() -> Result<Self, Trouble> {
        Scratch::new().map(Self)
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// The program works in the directory of its files.
    pub(crate) fn run(&self, args: &[&str]) -> Output {
        let mut command = self.0.command(PROGRAM);
        command
            .args(["lint", "haproxy"])
            .args(args)
            .output()
            .unwrap()
    }

    pub(crate) fn said(&self, args: &[&str], status: i32) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(status), "{args:?}: {output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{args:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) fn complaint(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(78), "{args:?}: {output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{args:?}");
        String::from_utf8(output.stderr).unwrap()
    }
}

#[test]
fn a_hyphen_is_standard_input() -> Result<(), Trouble> {
    let program = Program::new()?;
    let path = program.file("bad.cfg", &GOOD.replace("^standby", "standby"));
    let mut command = program.0.command(PROGRAM);
    command.args(["lint", "haproxy", "-"]);
    let output = command.stdin(File::open(path).unwrap()).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.starts_with("/dev/stdin:9: "), "{said}");
    Ok(())
}

#[test]
fn what_is_good_is_called_good_with_the_sections_that_were_judged() -> Result<(), Trouble> {
    let program = Program::new()?;
    program.file("a.cfg", GOOD);
    program.file(
        "b.cfg",
        "listen web\n mode http\n server s 127.0.0.1:80 check\n",
    );
    assert_eq!(
        program.said(&["a.cfg"], 0),
        "good; leads to PostgreSQL: stdby (readers)\n"
    );
    assert_eq!(
        program.said(&["b.cfg"], 0),
        "no section leads to PostgreSQL\n"
    );
    Ok(())
}

#[test]
fn a_finding_is_a_line_with_its_place_and_a_line_with_its_remedy() -> Result<(), Trouble> {
    let program = Program::new()?;
    program.file("a.cfg", &GOOD.replace("rstring ^standby", "string standby"));
    let said = program.said(&["a.cfg"], 1);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 3, "{said}");
    assert!(
        lines[0].starts_with("a.cfg:9: unanchored-expect: "),
        "{said}"
    );
    assert!(lines[0].ends_with(" (stdby)"), "{said}");
    assert!(
        lines[1].starts_with("    Write `tcp-check expect rstring`"),
        "{said}"
    );
    assert_eq!(lines[2], "1 found; leads to PostgreSQL: stdby (readers)");
    Ok(())
}

#[test]
fn json_has_the_same() -> Result<(), Trouble> {
    let program = Program::new()?;
    program.file("a.cfg", &GOOD.replace("rstring ^standby", "string standby"));
    let said = program.said(&["--json", "a.cfg"], 1);
    for part in [
        r#""name": "stdby""#,
        r#""for": "readers""#,
        r#""id": "unanchored-expect""#,
        r#""severity": "error""#,
        r#""file": "a.cfg""#,
        r#""line": 9"#,
        r#""what": ""#,
        r#""remedy": ""#,
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    program.file("a.cfg", GOOD);
    assert!(
        program
            .said(&["--json", "a.cfg"], 0)
            .contains(r#""findings": []"#)
    );
    Ok(())
}

#[test]
fn folders_are_read_as_haproxy_reads_them() -> Result<(), Trouble> {
    let program = Program::new()?;
    let (defaults, listen) = GOOD.split_at(GOOD.find("listen").unwrap());
    program.file("conf.d/20-pg.cfg", &listen.replace("stdby", "pg_ro"));
    program.file("conf.d/10-defaults.cfg", defaults);
    program.file("conf.d/.hidden.cfg", "nothing\n");
    program.file("conf.d/README", "nothing\n");
    assert_eq!(
        program.said(&["conf.d"], 0),
        "good; leads to PostgreSQL: pg_ro (readers)\n"
    );
    // Without the first file the second has no timeout.
    let said = program.said(&["conf.d/20-pg.cfg"], 1);
    assert!(
        said.starts_with("conf.d/20-pg.cfg:1: no-check-timeout: "),
        "{said}"
    );
    Ok(())
}

#[test]
fn what_is_too_large_for_a_configuration_is_not_read_to_its_end() -> Result<(), Trouble> {
    let program = Program::new()?;
    let refused = |file: &str| {
        format!(
            "pgsql-state: cannot read {file}: all files of a configuration together must not exceed 16 MB\n"
        )
    };
    let sparse = File::create(program.file("large.cfg", "")).unwrap();
    sparse.set_len((16 << 20) + 1).unwrap();
    assert_eq!(program.complaint(&["large.cfg"]), refused("large.cfg"));
    // It has no end.
    assert_eq!(program.complaint(&["/dev/zero"]), refused("/dev/zero"));
    let comment = format!("{GOOD}#{}\n", "x".repeat(9 << 20));
    program.file("conf.d/1.cfg", &comment);
    program.file("conf.d/2.cfg", &comment);
    assert_eq!(program.complaint(&["conf.d"]), refused("conf.d/2.cfg"));
    Ok(())
}

#[test]
fn a_configuration_may_come_through_a_pipe() -> Result<(), Trouble> {
    let program = Program::new()?;
    program.file("a.cfg", GOOD);
    let mut shell = program.0.command("sh");
    shell.args([
        "-c",
        &format!("cat a.cfg | {PROGRAM} lint haproxy /dev/stdin"),
    ]);
    let output = shell.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(said, "good; leads to PostgreSQL: stdby (readers)\n");
    Ok(())
}

#[test]
fn names_are_resolved_unless_nobody_wants_it() -> Result<(), Trouble> {
    let program = Program::new()?;
    program.file(
        "a.cfg",
        &GOOD.replace("b 10.20.30.52", "b no-such-host.invalid"),
    );
    let said = program.said(&["a.cfg"], 1);
    assert!(
        said.starts_with("a.cfg:11: unresolved-name: no-such-host.invalid "),
        "{said}"
    );
    assert_eq!(said.lines().count(), 3, "{said}");
    program.said(&["--no-resolve", "a.cfg"], 0);
    program.file("a.cfg", &GOOD.replace("b 10.20.30.52", "b localhost"));
    program.said(&["a.cfg"], 0);
    Ok(())
}

#[test]
fn what_is_no_configuration_is_refused_with_its_line() -> Result<(), Trouble> {
    let program = Program::new()?;
    program.file("a.cfg", "global\n  log \"x\n");
    assert_eq!(
        program.complaint(&["a.cfg"]),
        "a.cfg:2: a quote is not closed\n"
    );
    program.file("a.cfg", "{% if x %}\nglobal\n");
    let said = program.complaint(&["a.cfg"]);
    assert_eq!(said, "a.cfg:1: \"{%\" is outside any section\n");
    let said = program.complaint(&["absent.cfg"]);
    assert!(
        said.starts_with("pgsql-state: cannot read absent.cfg: "),
        "{said}"
    );
    Ok(())
}

#[test]
fn a_release_is_held_responsible_for_its_own_faults() -> Result<(), Trouble> {
    let program = Program::new()?;
    let ending = GOOD.replace(
        "    server a",
        "    default-server on-marked-down shutdown-sessions\n    server a",
    );
    program.file("a.cfg", &ending);
    program.said(&["a.cfg"], 0);
    program.said(&["--haproxy-version", "2.6.12-1+deb12u4", "a.cfg"], 0);
    let said = program.said(&["--haproxy-version", "3.0.11-1+deb13u5", "a.cfg"], 1);
    assert!(
        said.starts_with("a.cfg:10: ended-sessions-stay: "),
        "{said}"
    );
    let refused = program.run(&["--haproxy-version", "trixie", "a.cfg"]);
    assert_eq!(refused.status.code(), Some(64), "{refused:?}");
    let refused = program.run(&["--haproxy-version", "1.8.30", "a.cfg"]);
    assert_eq!(refused.status.code(), Some(64), "{refused:?}");
    let said = String::from_utf8_lossy(&refused.stderr);
    let why = "HAProxy 1.8.30 is not supported: the oldest supported version is 2.0";
    assert!(said.contains(why), "{said}");
    Ok(())
}
