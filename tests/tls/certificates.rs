//! What a server's certificate has to prove, and the files that it is held against.

use crate::operator::Operator;
use crate::server::{AUTHORITY, SERIAL, WITH_TLS};

#[test]
fn a_certificate_is_for_the_hosts_that_libpq_takes_it_for() {
    let operator = Operator::new();
    operator.file(".postgresql/root.crt", &AUTHORITY.certificate(), 0o644);
    let address = WITH_TLS.address.ip().to_string();
    for (host, end) in [
        ("db1.example", "TLSv1.3"),
        ("DB1.Example", "TLSv1.3"),
        ("db1.example.", "down tls"),
        ("db_2.example", "TLSv1.3"),
        ("db1.pool.example", "TLSv1.3"),
        ("a.db1.pool.example", "down tls"),
        ("pool.example", "down tls"),
        (address.as_str(), "TLSv1.3"),
        ("127.0.0.1", "down tls"),
    ] {
        let settings = format!("sslmode=verify-full host={host}");
        let met = WITH_TLS.meet(&operator, "either", &settings);
        assert_eq!(met, end, "{host}");
    }
}

#[test]
fn a_revoked_certificate_is_refused_if_the_list_is_there() {
    let operator = Operator::new();
    operator.file(".postgresql/root.crt", &AUTHORITY.certificate(), 0o644);
    let revoked = operator.file("revoked.crl", &AUTHORITY.revoke(SERIAL), 0o644);
    let other = operator.file("other.crl", &AUTHORITY.revoke(SERIAL + 1), 0o644);
    let missing = operator.path("missing.crl");
    for (list, end) in [
        (&revoked, "down tls"),
        (&other, "TLSv1.3"),
        (&missing, "TLSv1.3"),
    ] {
        let settings = format!("sslmode=verify-ca sslcrl={}", list.display());
        let met = WITH_TLS.meet(&operator, "either", &settings);
        assert_eq!(met, end, "{settings}");
    }
    operator.file(".postgresql/root.crl", &AUTHORITY.revoke(SERIAL), 0o644);
    let met = WITH_TLS.meet(&operator, "either", "sslmode=verify-ca");
    assert_eq!(met, "down tls");
}

#[test]
fn files_that_cannot_be_used_fail_where_tls_is_used() {
    let operator = Operator::new();
    let broken = operator.file("broken.crt", "nothing of use\n", 0o644);
    for (role, mode, end) in [
        ("either", "disable", "plain"),
        ("either", "allow", "plain"),
        ("either", "prefer", "plain"),
        ("either", "require", "down tls"),
        ("either", "verify-full", "down tls"),
        ("encrypted", "allow", "down tls"),
        ("encrypted", "prefer", "down auth"),
    ] {
        let settings = format!("sslmode={mode} sslrootcert={}", broken.display());
        let met = WITH_TLS.meet(&operator, role, &settings);
        assert_eq!(met, end, "{role} {mode}");
    }
    // The file is named also where the attempt without TLS had the last word.
    let settings = format!("sslrootcert={}", broken.display());
    let met = operator.connect(&WITH_TLS.conninfo("encrypted", &settings));
    assert!(met.said.contains(broken.to_str().unwrap()), "{met:?}");
    assert!(met.said.contains("no pg_hba.conf entry"), "{met:?}");
}
