//! Service files, with a real server behind them.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Output;

use crate::operator::{Client, Operator};
use crate::server::{PASSWORD, WITH_TLS, WITHOUT_TLS};

/// A section with the settings of a role.
fn section(name: &str, role: &str, settings: &str) -> String {
    let conninfo = WITHOUT_TLS.conninfo(role, "");
    let lines = conninfo.split_whitespace().collect::<Vec<_>>().join("\n");
    format!("[{name}]\n{lines}\n{settings}\n")
}

#[test]
fn a_service_leads_to_the_server_that_it_leads_psql_to() {
    let operator = Operator::new();
    let text = section("scram", "scram", &format!("password={PASSWORD}"))
        + &section("wrong", "scram", "password=wrong")
        + &section("open", "either", "");
    operator.file(".pg_service.conf", &text, 0o600);
    for (conninfo, answer) in [
        ("service=scram", "production"),
        ("service=wrong", "down auth"),
        ("service=open", "production"),
        ("service=open user=unencrypted", "production"),
        ("service=open user=encrypted", "down auth"),
        ("postgresql://?service=open", "production"),
    ] {
        assert_eq!(operator.connect(conninfo).answer, answer, "{conninfo}");
    }
    let right = format!("service=wrong password={PASSWORD}");
    assert_eq!(operator.connect(&right).answer, "production");
    let operator = operator.with("PGSERVICE", "open");
    assert_eq!(operator.connect("").answer, "production");
    // Of one server through the service, of the other by the string.
    let met = WITH_TLS.meet(&operator, "either", "service=open sslmode=require");
    assert_eq!(met, "TLSv1.3");
}

#[test]
fn a_service_that_is_missing_is_a_bad_configuration() {
    let operator = Operator::new();
    let file = operator.file("services", "[a]\nhost\n", 0o600);
    let operator = operator.with("PGSERVICEFILE", file.to_str().unwrap());
    for (conninfo, named) in [
        ("service=none", "there is no service \"none\""),
        ("service=a", "line 2 of the service file"),
    ] {
        let psql = operator.connect_alone(Client::Psql, conninfo);
        assert!(!psql.status.success(), "{psql:?}");
        let probe = operator.connect_alone(Client::Probe, conninfo);
        let said = String::from_utf8_lossy(&probe.stderr);
        assert_eq!(probe.status.code(), Some(78), "{probe:?}");
        assert!(
            said.contains(named) && said.contains(file.to_str().unwrap()),
            "{said}"
        );
    }
}

#[test]
fn a_file_that_cannot_be_reached_is_not_there_and_one_that_cannot_be_read_is_an_error() {
    let operator = Operator::ordinary();
    operator.file(
        "system/pg_service.conf",
        &section("open", "either", ""),
        0o644,
    );
    let system = operator.path("system");
    let operator = operator.with("PGSYSCONFDIR", system.to_str().unwrap());
    let close = |mode| fs::set_permissions(&system, Permissions::from_mode(mode)).unwrap();
    assert_eq!(operator.connect("service=open").answer, "production");
    close(0o000);
    let probe = operator.connect_alone(Client::Probe, "service=open");
    let psql = operator.connect_alone(Client::Psql, "service=open");
    close(0o755);
    let said = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said(&psql).contains("not found"), "{psql:?}");
    assert!(
        said(&probe).contains("there is no service \"open\""),
        "{probe:?}"
    );
    // The nearer file is in reach, and not to be read.
    operator.file(".pg_service.conf", "", 0o000);
    let probe = operator.connect_alone(Client::Probe, "service=open");
    let psql = operator.connect_alone(Client::Psql, "service=open");
    assert!(!psql.status.success(), "{psql:?}");
    assert!(
        said(&probe).contains("cannot read the service file"),
        "{probe:?}"
    );
}

#[test]
fn a_password_that_everyone_may_read_in_a_service_file_is_a_warning() {
    for (password, mode, warns) in [
        ("password=x", 0o644, true),
        ("password=x", 0o640, false),
        ("sslpassword=x", 0o644, true),
        ("passfile=/x", 0o644, false),
    ] {
        let operator = Operator::new();
        let text = section("other", "either", "") + &section("a", "either", password);
        let file = operator.file(".pg_service.conf", &text, mode);
        let probe = operator.connect_alone(Client::Probe, "service=a");
        let said = String::from_utf8_lossy(&probe.stderr);
        let told = format!("everyone on this host may read {}", file.display());
        assert_eq!(said.contains(&told), warns, "{password} {mode:o}: {said}");
    }
}
