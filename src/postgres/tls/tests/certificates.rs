//! Which certificates prove a server in which mode.

use super::*;

#[tokio::test]
async fn an_expired_certificate_is_refused_if_certificates_are_verified() {
    let ours = Authority::new("ours");
    let home = HomeDirectory::new().with("root.crt", &ours.pem());
    let mut late = params("db1", &["db1"]);
    late.not_after = rcgen::date_time_ymd(2020, 1, 1);
    let met = home
        .handshake("host=db1 sslmode=verify-ca", server(&ours.certify(&late)))
        .await;
    assert!(met.expect_err("expired").contains("expired"));
    let met = HomeDirectory::new()
        .handshake("host=db1 sslmode=require", server(&ours.certify(&late)))
        .await;
    assert!(met.is_ok(), "{met:?}");
}

#[tokio::test]
async fn a_self_signed_certificate_proves_the_server_that_has_its_copy_as_root() {
    let mut late = params("db1", &[]);
    late.not_after = rcgen::date_time_ymd(2020, 1, 1);
    let mut early = params("db1", &[]);
    early.not_before = rcgen::date_time_ymd(4000, 1, 1);
    let [own, other, late, early] =
        [params("db1", &[]), params("db1", &[]), late, early].map(Identity::self_signed);
    let child = Authority::new("unknown").certify(&params("db1", &[]));
    let roots = [&own, &late, &early, &child].map(Identity::pem).concat();
    let home = HomeDirectory::new().with("root.crt", &roots);
    for (conninfo, identity, trusted) in [
        ("host=db1 sslmode=verify-full", &own, true),
        ("host=db2 sslmode=verify-ca", &own, true),
        ("host=db2 sslmode=verify-full", &own, false),
        ("host=db1 sslmode=verify-ca", &other, false),
        ("host=db1 sslmode=verify-ca", &late, false),
        ("host=db1 sslmode=verify-ca", &early, false),
        ("host=db1 sslmode=verify-ca", &child, false),
    ] {
        let met = home.handshake(conninfo, server(identity)).await;
        assert_eq!(met.is_ok(), trusted, "{conninfo}: {met:?}");
    }
}

#[tokio::test]
async fn a_certificate_that_only_names_a_root_as_its_issuer_is_refused() {
    let own = Identity::self_signed(params("db1", &["db1"]));
    let home = HomeDirectory::new().with("root.crt", &own.pem());
    let forged = Authority::new("db1").certify(&params("db1", &["db1"]));
    assert!(
        home.handshake("host=db1 sslmode=verify-ca", server(&forged))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn the_common_name_is_compared_as_in_libpq() {
    let ours = Authority::new("ours");
    let home = HomeDirectory::new().with("root.crt", &ours.pem());
    for (host, subject, alternatives, trusted) in [
        ("db1", "db1", vec![], true),
        ("db1", "db2", vec![], false),
        ("db1", "db1", vec!["db2"], false),
        ("db1.", "x", vec!["db1"], false),
        ("10.0.0.5", "10.0.0.5", vec!["db1"], true),
        ("10.0.0.5", "db1", vec!["10.0.0.5"], true),
        ("10.0.0.5", "10.0.0.5", vec!["10.0.0.6"], false),
    ] {
        let server = server(&ours.certify(&params(subject, &alternatives)));
        let met = home
            .handshake(&format!("host={host} sslmode=verify-full"), server)
            .await;
        assert_eq!(
            met.is_ok(),
            trusted,
            "{host} {subject} {alternatives:?}: {met:?}"
        );
    }
}

#[tokio::test]
async fn a_server_with_a_certificate_of_version_1_is_refused_in_every_mode() {
    let ours = Authority::new("ours");
    let old = ours.certify_in_version_1("db1");
    let refused = "the server's certificate has X.509 version 1, which is not supported";
    let itself = HomeDirectory::new().with("root.crt", &old.pem());
    let authority = HomeDirectory::new().with("root.crt", &ours.pem());
    for (home, mode) in [
        (HomeDirectory::new(), "require"),
        (authority, "verify-ca"),
        (itself, "verify-ca"),
    ] {
        let conninfo = format!("host=db1 sslmode={mode}");
        let met = home.handshake(&conninfo, server(&old)).await;
        assert!(met.expect_err("version 1").contains(refused), "{conninfo}");
    }
}

#[tokio::test]
async fn an_authority_of_version_1_is_not_accepted() {
    let ours = Authority::new("ours");
    let good = ours.certify(&params("db1", &["db1"]));
    let home = HomeDirectory::new().with("root.crt", &ours.in_version_1().pem());
    let met = home
        .handshake("host=db1 sslmode=verify-ca", server(&good))
        .await;
    let said = met.expect_err("version 1");
    let why = "may not sign certificates: it has X.509 version 1, which is not supported";
    assert!(said.contains(why), "{said}");
}

#[tokio::test]
async fn a_client_certificate_of_version_1_is_not_shown() {
    let old = Authority::new("ours").certify_in_version_1("monitor");
    let home = HomeDirectory::new()
        .with("postgresql.crt", &old.pem())
        .with("postgresql.key", &old.key_pem());
    let plan = home.plan("host=db1 sslmode=require");
    let refused = plan
        .attempts
        .iter()
        .find_map(|attempt| attempt.as_ref().err());
    let said = refused.map(ToString::to_string).unwrap_or_default();
    assert!(
        said.contains("has X.509 version 1, which is not supported"),
        "{said}"
    );
}

#[tokio::test]
async fn a_server_without_the_key_of_its_certificate_is_refused_in_every_mode() {
    let ours = Authority::new("ours");
    let thief = ours.certify(&params("thief", &[]));
    for (victim, version) in [
        (ours.certify(&params("db1", &["db1"])), &TLS12),
        (ours.certify(&params("db1", &["db1"])), &TLS13),
    ] {
        let stolen = thief.shown_as(&victim);
        let server = builder(&[version])
            .with_no_client_auth()
            .with_cert_resolver(stolen);
        let met = HomeDirectory::new()
            .handshake("host=db1 sslmode=require", server)
            .await;
        assert!(met.expect_err("a thief").contains("BadSignature"));
    }
}

#[tokio::test]
async fn a_revoked_certificate_is_refused_if_the_list_exists() {
    let ours = Authority::new("ours");
    let mut revoked = params("db1", &["db1"]);
    revoked.serial_number = Some(7.into());
    let mut good = params("db1", &["db1"]);
    good.serial_number = Some(8.into());
    let (revoked, good) = (ours.certify(&revoked), ours.certify(&good));
    let home = HomeDirectory::new().with("root.crt", &ours.pem());
    assert!(
        home.handshake("host=db1 sslmode=verify-ca", server(&revoked))
            .await
            .is_ok()
    );
    let home = home.with("root.crl", &ours.revoke(7));
    let met = home
        .handshake("host=db1 sslmode=verify-ca", server(&revoked))
        .await;
    assert!(met.expect_err("revoked").contains("Revoked"));
    let met = home
        .handshake("host=db1 sslmode=verify-ca", server(&good))
        .await;
    assert!(met.is_ok(), "{met:?}");
}
