//! How a role proves itself over TCP: passwords, channel binding, client certificates.

use crate::operator::Operator;
use crate::server::{AUTHORITY, PASSWORD, STRANGER, WITH_TLS, WITHOUT_TLS};

#[test]
fn a_password_lets_in_and_no_other_does() {
    let operator = Operator::new();
    for (role, mode, end) in [
        ("scram", "sslmode=disable", "plain"),
        ("scram", "sslmode=require", "TLSv1.3"),
        ("md5", "sslmode=disable", "plain"),
        ("cleartext", "sslmode=require", "TLSv1.3"),
    ] {
        for (password, end) in [(PASSWORD, end), ("wrong", "down auth"), ("''", "down auth")] {
            let settings = format!("{mode} password={password}");
            let met = WITH_TLS.meet(&operator, role, &settings);
            assert_eq!(met, end, "{role}: {settings}");
        }
        let met = WITH_TLS.meet(&operator, role, mode);
        assert_eq!(met, "down auth", "{role}: no password");
    }
    let operator = Operator::new().with("PGPASSWORD", PASSWORD);
    assert_eq!(WITHOUT_TLS.meet(&operator, "scram", ""), "plain");
}

#[test]
fn a_login_that_is_to_be_bound_to_the_channel_is_or_fails() {
    let operator = Operator::new().with("PGPASSWORD", PASSWORD);
    let (old, new) = ("ssl_max_protocol_version=TLSv1.2", "");
    for (role, binding, version, end) in [
        ("scram", "require", new, "TLSv1.3"),
        ("scram", "require", old, "TLSv1.2"),
        ("scram", "disable", new, "TLSv1.3"),
        ("md5", "require", new, "down auth"),
        ("cleartext", "require", new, "down auth"),
        ("either", "require", new, "down auth"),
    ] {
        let settings = format!("sslmode=require channel_binding={binding} {version}");
        let met = WITH_TLS.meet(&operator, role, &settings);
        assert_eq!(met, end, "{role}: {settings}");
    }
    for settings in ["sslmode=disable", "sslmode=require password=wrong"] {
        let settings = format!("channel_binding=require {settings}");
        let met = WITH_TLS.meet(&operator, "scram", &settings);
        assert_eq!(met, "down auth", "{settings}");
    }
}

/// What becomes of a role that has to show a certificate, with either version of TLS.
fn with_certificate(settings: &str) -> [String; 2] {
    ["TLSv1.2", "TLSv1.3"].map(|version| {
        let settings = format!("sslmode=require ssl_max_protocol_version={version} {settings}");
        WITH_TLS.meet(&Operator::new(), "certified", &settings)
    })
}

#[test]
fn a_client_certificate_lets_in_whom_it_names() {
    for (authority, subject, mode, ends) in [
        (&*AUTHORITY, "certified", 0o600, ["TLSv1.2", "TLSv1.3"]),
        (&*AUTHORITY, "somebody", 0o600, ["down auth"; 2]),
        (&*STRANGER, "certified", 0o600, ["down tls"; 2]),
        (&*AUTHORITY, "certified", 0o644, ["down tls"; 2]),
    ] {
        let operator = Operator::new();
        let identity = authority.certify(subject, &[], 1);
        let certificate = operator.file("crt", &identity.certificate, 0o644);
        let key = operator.file("key", &identity.key, mode);
        let settings = format!("sslcert={} sslkey={}", certificate.display(), key.display());
        assert_eq!(with_certificate(&settings), ends, "{subject} {mode:o}");
    }
    for none in ["", "sslcert=/missing.crt"] {
        assert_eq!(with_certificate(none), ["down auth"; 2], "{none}");
    }
}

#[test]
fn certificate_and_key_are_found_where_libpq_looks_for_them() {
    let operator = Operator::new();
    let identity = AUTHORITY.certify("certified", &[], 1);
    operator.file(".postgresql/postgresql.crt", &identity.certificate, 0o644);
    operator.file(".postgresql/postgresql.key", &identity.key, 0o600);
    let met = WITH_TLS.meet(&operator, "certified", "sslmode=require");
    assert_eq!(met, "TLSv1.3");
}
