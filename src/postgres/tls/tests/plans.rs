//! Which attempts are planned, before any connection.

use super::*;
use crate::health::Detail;

/// The attempts, one word for each.
fn attempts(plan: &Plan) -> Vec<&'static str> {
    plan.attempts()
        .iter()
        .map(|attempt| match attempt {
            Ok(Attempt::Plain) => "plain",
            Ok(Attempt::Tls(Encryption {
                without_tls: WithoutTls::Continue,
                ..
            })) => "TLS or plain",
            Ok(Attempt::Tls(_)) => "TLS",
            Err(_) => "unusable",
        })
        .collect()
}

#[test]
fn each_mode_tries_what_libpq_tries_in_its_order() {
    let authority = Authority::new("ours");
    let home = HomeDirectory::new().with("root.crt", &authority.pem());
    for (mode, order) in [
        ("disable", vec!["plain"]),
        ("allow", vec!["plain", "TLS"]),
        ("prefer", vec!["TLS or plain", "plain"]),
        ("require", vec!["TLS"]),
        ("verify-ca", vec!["TLS"]),
        ("verify-full", vec!["TLS"]),
    ] {
        let plan = home.plan(&format!("host=db1 sslmode={mode}"));
        assert_eq!(attempts(&plan), order, "{mode}");
        let socket = home.plan(&format!("host=/tmp sslmode={mode}"));
        assert_eq!(attempts(&socket), ["plain"], "{mode}");
    }
}

#[test]
fn an_attempt_that_could_not_verify_the_server_as_required_is_not_made() {
    let home = HomeDirectory::new();
    for mode in ["verify-ca", "verify-full"] {
        let plan = home.plan(&format!("host=db1 sslmode={mode}"));
        let missing = home.0.path().join(".postgresql/root.crt");
        assert!(
            matches!(plan.attempts(), [Err(TlsError::NoRoots { path })] if *path == Some(missing)),
            "{plan:?}"
        );
    }
    let home = home.with("root.crt", &Authority::new("ours").pem());
    let nameless = "host=/tmp hostaddr=::1 sslmode";
    let plan = home.plan(&format!("{nameless}=verify-full"));
    let refused = matches!(plan.attempts(), [Err(TlsError::NotAName { .. })]);
    assert!(refused, "{plan:?}");
    let plan = home.plan(&format!("{nameless}=verify-ca"));
    assert_eq!(attempts(&plan), ["TLS"]);
}

#[test]
fn files_that_cannot_be_used_leave_the_attempt_without_tls() {
    let home = HomeDirectory::new().with("root.crt", "no certificate");
    for (mode, order) in [
        ("disable", vec!["plain"]),
        ("allow", vec!["plain", "unusable"]),
        ("prefer", vec!["unusable", "plain"]),
        ("require", vec!["unusable"]),
    ] {
        let plan = home.plan(&format!("host=db1 sslmode={mode}"));
        assert_eq!(attempts(&plan), order, "{mode}");
    }
}

#[test]
fn another_attempt_follows_only_failures_that_encryption_may_change() {
    for (failure, wire, differs) in [
        (Failure::Tls, Wire::Encrypted, true),
        (Failure::Auth, Wire::Encrypted, true),
        (Failure::Auth, Wire::Declined, false),
        (Failure::Auth, Wire::Plain, true),
        (Failure::TimedOut, Wire::Encrypted, false),
        (
            Failure::CannotConnectNow(Detail::Missing),
            Wire::Plain,
            false,
        ),
    ] {
        let told = other_may_differ(failure, wire);
        assert_eq!(told, differs, "{failure:?} {wire:?}");
    }
}
