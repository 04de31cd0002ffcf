//! What the operator demands of a server before anything is sent to it: `require_auth` and `requirepeer`.

use std::os::unix::fs::MetadataExt;
use std::process::Command;

use crate::operator::{Client, Operator};
use crate::server::{AUTHORITY, PASSWORD, Server, WITH_TLS, WITHOUT_TLS};

/// How a role fares with `probe` alone: psql of this version has no `require_auth`.
fn probed(server: &Server, operator: &Operator, role: &str, settings: &str) -> (String, String) {
    let output = operator.connect_alone(Client::Probe, &server.conninfo(role, settings));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_server_that_demands_what_is_not_allowed_is_not_logged_in_to() {
    let operator = Operator::new().with("PGPASSWORD", PASSWORD);
    let identity = AUTHORITY.certify("certified", &[], 1);
    operator.file(".postgresql/postgresql.crt", &identity.certificate, 0o644);
    operator.file(".postgresql/postgresql.key", &identity.key, 0o600);
    for (role, allowed, refused) in [
        ("scram", "scram-sha-256", "none,md5,password,gss"),
        ("scram", "!none,!md5,!password", "!scram-sha-256"),
        ("md5", "md5", "scram-sha-256"),
        ("md5", "scram-sha-256,md5", "!md5"),
        ("cleartext", "password", "scram-sha-256,md5,none"),
        ("cleartext", "!none", "!password,!gss"),
        ("either", "none", "scram-sha-256,md5,password"),
        ("either", "!scram-sha-256", "!none"),
        ("certified", "none", "scram-sha-256"),
    ] {
        let settings = |list: &str| format!("sslmode=require require_auth={list}");
        let (answer, said) = probed(&WITH_TLS, &operator, role, &settings(allowed));
        assert_eq!(answer, "production", "{role} {allowed}: {said}");
        let (answer, said) = probed(&WITH_TLS, &operator, role, &settings(refused));
        assert_eq!(answer, "down auth", "{role} {refused}");
        assert!(said.contains("which require_auth does not allow"), "{said}");
    }
    let operator = operator.with("PGREQUIREAUTH", "md5");
    let (answer, _) = probed(&WITHOUT_TLS, &operator, "scram", "");
    assert_eq!(answer, "down auth");
    let (answer, _) = probed(
        &WITHOUT_TLS,
        &operator,
        "scram",
        "require_auth=scram-sha-256",
    );
    assert_eq!(answer, "production");
}

#[test]
fn a_socket_that_another_user_serves_is_not_logged_in_to() {
    let operator = Operator::new();
    let path = WITHOUT_TLS.socket_dir();
    let socket = format!(
        "host={} port={} dbname=postgres user=either",
        path.display(),
        WITHOUT_TLS.socket_port()
    );
    let file = path.join(format!(".s.PGSQL.{}", WITHOUT_TLS.socket_port()));
    let owner = uzers::get_user_by_uid(file.metadata().unwrap().uid()).unwrap();
    let owner = owner.name().to_str().unwrap();
    let met = operator.connect(&format!("{socket} requirepeer={owner}"));
    assert_eq!(met.answer, "production");
    let met = operator.connect(&format!("{socket} requirepeer=daemon"));
    assert_eq!(met.answer, "down auth");
    let told = format!("served by {owner}, but requirepeer demands daemon");
    assert!(met.said.contains(&told), "{}", met.said);
    // Over TCP nobody is asked.
    let met = operator.connect(&WITHOUT_TLS.conninfo("either", "requirepeer=daemon"));
    assert_eq!(met.answer, "production");
}

/// As `PrivateUsers=yes` of a unit has it.
#[test]
fn a_socket_whose_user_is_hidden_is_told_with_what_hides_it() {
    let path = WITHOUT_TLS.socket_dir();
    let file = path.join(format!(".s.PGSQL.{}", WITHOUT_TLS.socket_port()));
    if file.metadata().unwrap().uid() == rustix::process::geteuid().as_raw() {
        // Nobody can be hidden from himself.
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.toml");
    let conninfo = format!(
        "host={} port={} user=either dbname=postgres requirepeer=nobody",
        path.display(),
        WITHOUT_TLS.socket_port()
    );
    std::fs::write(
        &config,
        format!("[postgres]\nconninfo = \"{conninfo}\"\ntimeout = \"10s\"\n"),
    )
    .unwrap();
    let output = Command::new("unshare")
        .args([
            "--user",
            "--map-root-user",
            env!("CARGO_BIN_EXE_pgsql-state"),
            "probe",
            "--config",
        ])
        .arg(&config)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("PrivateUsers=no"), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "down auth");
}
