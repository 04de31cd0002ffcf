//! The command line as operators and packagers use it: usage, help, configuration checks, and what
//! is generated from the declarations.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, which fail by panicking"
)]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use support::Trouble;
use support::scratch::Scratch;

/// Every subcommand, in the order of the help.
const SUBCOMMANDS: [&str; 14] = [
    "agent",
    "rejoin",
    "serve",
    "answer",
    "probe",
    "ask",
    "check",
    "maintenance",
    "check-config",
    "doctor",
    "generate",
    "lint",
    "completions",
    "man",
];

/// The program in an environment that is nearly empty.
struct Program(Scratch);

impl Program {
    fn new() -> Result<Self, Trouble> {
        Scratch::new().map(Self)
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = self.0.command(env!("CARGO_BIN_EXE_pgsql-state"));
        command.args(args).output().unwrap()
    }

    /// What it writes to standard output, where it does what it is told without a complaint.
    fn output(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{args:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// What it writes to standard error, where it ends with this status and has no output.
    fn complaint(&self, args: &[&str], status: i32) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(status), "{args:?}: {output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{args:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[test]
fn wrong_usage_exits_with_64() -> Result<(), Trouble> {
    let program = Program::new()?;
    for wrong in [
        &[][..],
        &["serv"],
        &["--bogus"],
        &["serve", "--bogus"],
        &["serve", "--log", "loud"],
        &["probe", "--expect", "primary"],
        &["probe", "extra"],
        &["ask"],
        &["ask", "srv1", "--timeout", "5"],
        &["check-config", "one", "two"],
        &["check"],
        &["check", "size"],
        &["check", "lag", "--warning", "16mb"],
        &["check", "role", "--json", "--nagios"],
        &["check", "role", "--expect", "primary"],
        &["generate"],
        &["generate", "nothing"],
        &["generate", "haproxy", "--bogus"],
        &["generate", "pg-hba"],
        &["lint"],
        &["lint", "haproxy"],
        &["lint", "nginx", "file"],
        &["completions"],
        &["completions", "cmd.exe"],
        &["man", "psql"],
    ] {
        let said = program.complaint(wrong, 64);
        assert!(said.contains("--help"), "{wrong:?}: {said}");
    }
    Ok(())
}

#[test]
fn help_and_version_work_everywhere() -> Result<(), Trouble> {
    let program = Program::new()?;
    let number = env!("CARGO_PKG_VERSION");
    assert_eq!(
        program.output(&["--version"]),
        format!("pgsql-state {number}\n")
    );
    let help = program.output(&["--help"]);
    for subcommand in SUBCOMMANDS {
        let line = format!("\n  {subcommand} ");
        assert!(help.contains(&line), "{subcommand}: {help}");
        let version = program.output(&[subcommand, "--version"]);
        assert!(version.ends_with(&format!(" {number}\n")), "{version}");
        let usage = format!("Usage: pgsql-state {subcommand}");
        for asked in [&[subcommand, "--help"], &["help", subcommand]] {
            let help = program.output(asked);
            assert!(help.contains(&usage), "{asked:?}: {help}");
        }
    }
    Ok(())
}

#[test]
fn completions_know_every_subcommand() -> Result<(), Trouble> {
    let program = Program::new()?;
    for shell in ["bash", "zsh", "fish"] {
        let script = program.output(&["completions", shell]);
        for subcommand in SUBCOMMANDS {
            assert!(script.contains(subcommand), "{shell}: {subcommand}");
        }
    }
    let script = program.output(&["completions", "bash"]);
    let path = program.file("completion", &script);
    let mut bash = program.0.command("bash");
    bash.args(["-c", "source \"$0\" && complete -p pgsql-state"])
        .arg(path);
    let loaded = bash.output().unwrap();
    assert!(loaded.status.success(), "{loaded:?}");
    Ok(())
}

#[test]
fn a_good_configuration_is_called_good_and_says_who_will_be_asked() -> Result<(), Trouble> {
    let program = Program::new()?;
    let path = program.file(
        "good.toml",
        "[postgres]\nconninfo = \"host=/run/x port=5434 user=me dbname=d\"\n",
    );
    let said = program.output(&["check-config", path.to_str().unwrap()]);
    assert_eq!(said, "good; asks /run/x port 5434, role me, database d\n");
    Ok(())
}

#[test]
fn files_that_the_unit_hides_from_the_daemon_are_warned_of() -> Result<(), Trouble> {
    let program = Program::new()?;
    for (folder, is_hidden) in [
        ("/root", true),
        ("/home/a", true),
        ("/etc", false),
        ("/tmp", false),
    ] {
        let path = program.file(
            "hidden.toml",
            &format!(
                "[postgres]\nconninfo = \"host=/run/x user=me dbname=d passfile={folder}/p\"\n"
            ),
        );
        let path = path.to_str().unwrap();
        let mut command = program.0.command(env!("CARGO_BIN_EXE_pgsql-state"));
        let output = command.args(["check-config", path]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        let begin = format!("{path}: warning: postgres.conninfo: {folder}/p is in ");
        assert_eq!(said.starts_with(&begin), is_hidden, "{said}");
        assert_eq!(said.contains("ProtectHome=yes"), is_hidden, "{said}");
        assert_eq!(said.is_empty(), !is_hidden, "{said}");
    }
    Ok(())
}

/// What libpq looks for without being told is no named file, whoever's home it would be in.
#[test]
fn a_file_that_no_setting_names_is_not_warned_of() -> Result<(), Trouble> {
    let program = Program::new()?;
    for mode in ["", " sslmode=disable"] {
        let text = format!("[postgres]\nconninfo = \"host=/run/x user=me dbname=d{mode}\"\n");
        let path = program.file("unnamed.toml", &text);
        let mut command = program.0.command(env!("CARGO_BIN_EXE_pgsql-state"));
        command.env("HOME", "/root").arg("check-config").arg(path);
        let output = command.output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{mode}");
    }
    Ok(())
}

/// The user who checks may read more than the daemon.
#[test]
fn a_file_that_the_daemons_user_may_not_read_is_an_error() -> Result<(), Trouble> {
    let program = Program::new()?;
    let token = program.file("token", "0123456789abcdef\n");
    let text = format!(
        "[postgres]\nconninfo = \"host=/run/x dbname=d\"\n[admission]\ntoken_file = \"{}\"\n",
        token.display()
    );
    let path = program.file("token.toml", &text);
    let path = path.to_str().unwrap();
    let checked = ["check-config", path, "--user", "nobody"];
    fs::set_permissions(&token, Permissions::from_mode(0o640)).unwrap();
    let said = program.complaint(&checked, 78);
    let shown = token.display();
    let expected = format!(
        "{path}: admission.token_file: nobody may not read {shown}; let it, and nobody else, with: chgrp \
         pgsql-state {shown} && chmod 640 {shown}\n"
    );
    assert_eq!(said, expected);
    fs::set_permissions(&token, Permissions::from_mode(0o644)).unwrap();
    let mut command = program.0.command(env!("CARGO_BIN_EXE_pgsql-state"));
    let output = command.args(checked).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    // And the role is the one that the daemon would have.
    assert_eq!(
        printed,
        "good; asks /run/x port 5432, role nobody, database d\n"
    );
    program.complaint(&["check-config", path, "--user", "nobody-of-that-name"], 64);
    Ok(())
}

#[test]
fn a_socket_that_any_user_could_put_there_is_warned_of() -> Result<(), Trouble> {
    let program = Program::new()?;
    for (conninfo, is_open) in [
        ("host=/tmp", true),
        ("host=@postgresql", true),
        ("host=/tmp requirepeer=postgres", false),
        ("host=/run", false),
        ("host=127.0.0.1", false),
    ] {
        let text = format!("[postgres]\nconninfo = \"{conninfo} user=me dbname=d\"\n");
        let path = program.file("socket.toml", &text);
        let path = path.to_str().unwrap();
        let mut command = program.0.command(env!("CARGO_BIN_EXE_pgsql-state"));
        let output = command.args(["check-config", path]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(said.contains("requirepeer=postgres"), is_open, "{said}");
        assert_eq!(said.is_empty(), !is_open, "{said}");
    }
    Ok(())
}

#[test]
fn what_becomes_of_an_address_is_explained_with_the_rule_that_decides() -> Result<(), Trouble> {
    let program = Program::new()?;
    let path = program.file(
        "lists.toml",
        "[admission]\ndeny = [\"10.5.0.0/16\"]\nallow = [\"10.0.0.0/8\"]\ntrusted = [\"@haproxy\"]\n\
         proxy_protocol = { 5431 = [\"10.1.0.1\"] }\n\
         [cluster]\nnodes = [{ name = \"srv1\", address = \"10.1.0.1\" }]\n",
    );
    for (address, expected) in [
        (
            "10.5.1.1",
            "10.5.1.1 is refused (denied): \"10.5.0.0/16\" is in admission.deny\n",
        ),
        (
            "::1",
            "::1 is refused (not-allowed): no entry of admission.allow contains it\n",
        ),
        (
            "::ffff:10.1.0.1",
            "10.1.0.1 is answered without limits: \"10.1.0.1\" of @haproxy (srv1) is in \
             admission.trusted\nfirst, on port 5431: a PROXY header; the rules then apply to the address that it \
             announces\n",
        ),
        (
            "10.2.0.1",
            "10.2.0.1 is answered within the limits: \"10.0.0.0/8\" is in admission.allow\n\
             limits: 50/s, 100 at once, 128 connections open; all untrusted clients together 2000/s\n",
        ),
    ] {
        let path = path.to_str().unwrap();
        let said = program.output(&["check-config", path, "--explain", address]);
        assert_eq!(said, expected);
    }
    program.complaint(&["check-config", "--explain", "srv1"], 64);
    Ok(())
}

#[test]
fn the_shipped_example_is_a_good_configuration() -> Result<(), Trouble> {
    let program = Program::new()?;
    let example = repository("systemd/pgsql-state.toml");
    let text = fs::read_to_string(&example).unwrap();
    // As installed: who may write a checked-out file is anybody's guess.
    let installed = program.file("example.toml", &text);
    program.output(&["check-config", installed.to_str().unwrap()]);
    // Its settings stand in comments; they are good too.
    let settings: Vec<&str> = text
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(setting) if !setting.starts_with(' ') => setting,
            Some(_) | None => line,
        })
        .collect();
    assert!(settings.contains(&"timeout = \"1s\""), "{settings:?}");
    // But for the files that they name. Whom everybody trusts here is one and the same.
    let mut params = CertificateParams::new(vec!["srv1".into()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let own = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&own).unwrap().pem();
    let mut text = settings.join("\n");
    for (name, content) in [
        ("token", "0123456789abcdef\n".to_owned()),
        ("cluster.key", "0".repeat(32)),
        ("http.pem", certificate.clone()),
        ("http.key", own.serialize_pem()),
        ("clients-ca.pem", certificate.clone()),
        ("cluster-ca.pem", certificate),
    ] {
        let file = program.file(name, &content);
        fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        let named = format!("\"/etc/pgsql-state/{name}\"");
        assert!(text.contains(&named), "{named}");
        text = text.replace(&named, &format!("\"{}\"", file.display()));
    }
    let every = program.file("every.toml", &text);
    program.output(&["check-config", every.to_str().unwrap()]);
    Ok(())
}

#[test]
fn a_bad_configuration_exits_with_78_and_tells_every_mistake() -> Result<(), Trouble> {
    let program = Program::new()?;
    let path = program.file("bad.toml", "[postgres]\ntimeout = \"5\"\ntimeot = 1\n");
    let path = path.to_str().unwrap();
    let said = program.complaint(&["check-config", path], 78);
    assert!(
        said.starts_with(&format!("{path}:2:11: postgres.timeout: ")),
        "{said}"
    );
    assert!(
        said.contains(&format!("\n{path}:3:1: postgres.timeot: ")),
        "{said}"
    );
    for needs_it in [
        &["serve", "--config"],
        &["answer", "--config"],
        &["probe", "--config"],
    ] {
        assert_eq!(
            program.complaint(&[needs_it[0], needs_it[1], path], 78),
            said
        );
    }
    Ok(())
}

#[test]
fn a_configuration_that_cannot_be_read_is_one_sentence_with_its_cause() -> Result<(), Trouble> {
    let program = Program::new()?;
    let said = program.complaint(&["check-config", "nowhere.toml"], 78);
    assert_eq!(
        said,
        "the configuration nowhere.toml does not exist; create it, or name another file\n"
    );
    let said = program.complaint(&["check-config", "/"], 78);
    assert!(
        said.starts_with("cannot read the configuration /; "),
        "{said}"
    );
    assert!(said.contains(": it is not a regular file"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    Ok(())
}
