//! What HAProxy's and PostgreSQL's pieces are not printed for: descriptions that would break another
//! program's configuration, and configurations that this program refuses.

use support::Trouble;
use support::haproxy::PROGRAM as HAPROXY;

use crate::Program;

const SRV1: [&str; 2] = ["--node", "srv1=10.20.30.51"];

/// What it writes to standard error, where it ends with this status and prints nothing.
pub(crate) fn complaint(program: &Program, piece: &str, args: &[&str], status: i32) -> String {
    let output = program.run(piece, args);
    assert_eq!(output.status.code(), Some(status), "{args:?}: {output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{args:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn options_that_would_break_the_configuration_are_named() -> Result<(), Trouble> {
    let program = Program::new("")?;
    for (args, field) in [
        (&[][..], "--node"),
        (&["--node", "srv1"], "--node"),
        (&["--node", "s v=10.0.0.1"], "--node"),
        (&["--node", "s\"v=10.0.0.1"], "--node"),
        (&["--node", "s:v=10.0.0.1"], "--node"),
        (&["--node", "s\nv=10.0.0.1"], "--node"),
        (&["--node", "srv1=srv1"], "--node"),
        (&["--node", "srv1=0.0.0.0"], "--node"),
        (&["--node", "a=10.0.0.1", "--node", "a=10.0.0.2"], "--node"),
        (&["--node", "a=10.0.0.1", "--node", "b=10.0.0.1"], "--node"),
        (
            &["--node", "a-1=10.0.0.1", "--node", "a_1=10.0.0.2"],
            "--node",
        ),
        (
            &["--node", "a=10.0.0.1", "--node", "a_rw=10.0.0.2"],
            "--node",
        ),
        (&[SRV1[0], SRV1[1], "--state-port", "0"], "--state-port"),
        (&[SRV1[0], SRV1[1], "--state-port", "65536"], "--state-port"),
        (
            &[SRV1[0], SRV1[1], "--postgres-port", "5432"],
            "--postgres-port",
        ),
        (&[SRV1[0], SRV1[1], "--bind", "srv1"], "--bind"),
        (
            &[SRV1[0], SRV1[1], "--admin-socket", "/run/a b"],
            "--admin-socket",
        ),
        (
            &[SRV1[0], SRV1[1], "--haproxy-version", "3.5"],
            "--haproxy-version",
        ),
        (
            &[SRV1[0], SRV1[1], "--haproxy-version", "1.9"],
            "HAProxy 1.9 is not supported: the oldest supported version is 2.0",
        ),
        (&[SRV1[0], SRV1[1], "--profile", "quick"], "--profile"),
    ] {
        let said = complaint(&program, "haproxy", args, 64);
        assert!(said.contains(field), "{args:?}: {said}");
    }
    for (args, field) in [
        (
            &["--node", "srv9", "--member", "srv1=10.0.0.1"][..],
            "--node",
        ),
        (&["--node", "srv1"], "--member"),
        (&["--node", "srv1", "--member", "srv1"], "--member"),
        (&["--member", "srv1=10.0.0.1"], "--node"),
        (
            &[
                "--node",
                "srv1",
                "--member",
                "srv1=10.0.0.1",
                "--role",
                "a\"b",
            ],
            "--role",
        ),
    ] {
        let said = complaint(&program, "pg-hba", args, 64);
        assert!(said.contains(field), "{args:?}: {said}");
    }
    for (args, field) in [
        (
            &["--node", "srv9", "--member", "srv1=10.0.0.1"][..],
            "--node",
        ),
        (&["--node", "srv1"], "--member"),
        (
            &["--node", "srv1", "--postgres-version", "11"],
            "--postgres-version",
        ),
        (
            &["--node", "srv1", "--postgres-port", "0"],
            "--postgres-port",
        ),
    ] {
        let said = complaint(&program, "postgresql", args, 64);
        assert!(said.contains(field), "{args:?}: {said}");
    }
    let said = complaint(&program, "role-sql", &["--role", "a'; DROP"], 64);
    assert!(said.contains("--role"), "{said}");
    Ok(())
}

#[test]
fn a_configuration_that_contradicts_itself_is_named() -> Result<(), Trouble> {
    let nodes = "[cluster]\nnodes = [ { name = \"srv1\", address = \"10.0.0.1\" }, \
                 { name = \"SRV1\", address = \"10.0.0.2\" } ]\n\
                 [admission]\ntrusted = [\"@haproxy\"]\n";
    let said = complaint(&Program::new(nodes)?, "haproxy", &[], 78);
    assert!(said.starts_with("pgsql-state: cluster.nodes: "), "{said}");
    let peers = "[admission]\nproxy_protocol = [\"10.20.30.51\"]\n";
    let args = ["--node", "srv1=10.20.30.51", "--node", "srv2=10.20.30.52"];
    let said = complaint(&Program::new(peers)?, "haproxy", &args, 78);
    assert!(
        said.starts_with("pgsql-state: admission.proxy_protocol: "),
        "{said}"
    );
    complaint(&Program::new("[postgre]\n")?, "haproxy", &SRV1, 78);
    Ok(())
}

#[test]
fn what_haproxy_refuses_is_not_printed_and_its_words_are() -> Result<(), Trouble> {
    let program = Program::new("")?;
    let with = |args: &[&'static str]| [&SRV1[..], args].concat();
    let version = ["--haproxy-version", "2.6"];
    let checked = with(&["--check-with", HAPROXY, version[0], version[1]]);
    let checked = program.generate("haproxy", &checked);
    assert_eq!(checked, program.generate("haproxy", &with(&version)));
    // Too new for Debian 12's.
    let newer = with(&[
        "--check-with",
        HAPROXY,
        "--profile",
        "safe",
        "--haproxy-version",
        "3.4",
    ]);
    let said = complaint(&program, "haproxy", &newer, 1);
    assert!(said.contains("unknown keyword 'init-state'"), "{said}");
    let nobody = with(&["--check-with", "/nonexistent/haproxy"]);
    let said = complaint(&program, "haproxy", &nobody, 1);
    assert!(
        said.starts_with("pgsql-state: cannot run /nonexistent/haproxy: "),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");
    Ok(())
}
