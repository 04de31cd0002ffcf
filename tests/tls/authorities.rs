//! What the certificates of authorities say of the servers below them.

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, ExtendedKeyUsagePurpose, GeneralSubtree,
    IsCa, KeyUsagePurpose, NameConstraints, date_time_ymd,
};
use support::Trouble;

use crate::operator::Operator;
use crate::pki::{Authority, Identity};
use crate::server::{NAME, Server};

type Change<'c> = &'c dyn Fn(&mut CertificateParams);

fn until(year: i32) -> impl Fn(&mut CertificateParams) {
    move |params| params.not_after = date_time_ymd(year, 1, 1)
}

fn below(most: u8) -> impl Fn(&mut CertificateParams) {
    move |params| params.is_ca = IsCa::Ca(BasicConstraints::Constrained(most))
}

fn for_purpose(purpose: ExtendedKeyUsagePurpose) -> impl Fn(&mut CertificateParams) {
    move |params| params.extended_key_usages = vec![purpose.clone()]
}

/// A server whose certificate an authority between the root and it has signed.
fn server_below(between: &Authority, identity: Identity) -> Result<Server, Trouble> {
    Server::showing(&Identity {
        certificate: identity.certificate + &between.certificate(),
        ..identity
    })
}

#[test]
fn an_authority_vouches_in_its_own_time_and_for_what_its_certificate_allows() -> Result<(), Trouble>
{
    use ExtendedKeyUsagePurpose::{Any, ClientAuth, ServerAuth};
    let root = Authority::new("root");
    let between = root.authority("between");
    let server = server_below(&between, between.certify(NAME, &[NAME], 1))?;
    let of_the_future: Change<'_> = &|params| params.not_before = date_time_ymd(3900, 1, 1);
    let critical: Change<'_> = &|params| {
        let mut unknown = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
        unknown.set_criticality(true);
        params.custom_extensions = vec![unknown];
    };
    let with = |change: Change<'_>| root.renewed("root", change);
    let (good, expired) = (with(&|_| {}), with(&until(2020)));
    for (name, roots, end) in [
        ("in its time", good.clone(), "TLSv1.3"),
        ("expired", expired.clone(), "down tls"),
        ("both", expired.clone() + &good, "TLSv1.3"),
        (
            "both, in the other order",
            good.clone() + &expired,
            "TLSv1.3",
        ),
        ("of the future", with(of_the_future), "down tls"),
        ("none below it", with(&below(0)), "down tls"),
        ("one below it", with(&below(1)), "TLSv1.3"),
        ("for servers", with(&for_purpose(ServerAuth)), "TLSv1.3"),
        ("for clients", with(&for_purpose(ClientAuth)), "down tls"),
        ("for anything", with(&for_purpose(Any)), "down tls"),
        ("with an unknown demand", with(critical), "down tls"),
        ("no root", between.certificate(), "down tls"),
        (
            "the other one too",
            between.certificate() + &good,
            "TLSv1.3",
        ),
        (
            "the other one and an expired root",
            between.certificate() + &expired,
            "down tls",
        ),
    ] {
        let operator = Operator::new();
        operator.file(".postgresql/root.crt", &roots, 0o644);
        for mode in ["require", "verify-full"] {
            let met = server.meet(&operator, "either", &format!("sslmode={mode}"));
            assert_eq!(met, end, "{name}, {mode}");
        }
    }
    let operator = Operator::new();
    operator.file(".postgresql/root.crt", &expired, 0o644);
    let met = operator.connect(&server.conninfo("either", "sslmode=verify-ca"));
    let said = "the certificate of the authority CN=root has expired";
    assert!(met.said.contains(said), "{met:?}");
    Ok(())
}

#[test]
fn where_names_are_restricted_a_common_name_proves_no_host() -> Result<(), Trouble> {
    let root = Authority::new("root");
    let restricted = root.renewed("root", &|params| {
        params.name_constraints = Some(NameConstraints {
            permitted_subtrees: vec![GeneralSubtree::DnsName("elsewhere".into())],
            excluded_subtrees: Vec::new(),
        });
    });
    let server = Server::showing(&root.certify(NAME, &[], 1))?;
    for (roots, end) in [(root.certificate(), "TLSv1.3"), (restricted, "down tls")] {
        let operator = Operator::new();
        operator.file(".postgresql/root.crt", &roots, 0o644);
        assert_eq!(server.meet(&operator, "either", "sslmode=verify-full"), end);
    }
    Ok(())
}

#[test]
fn lists_of_revoked_certificates_count_for_every_authority_of_a_chain() -> Result<(), Trouble> {
    let root = Authority::new("root");
    let between = root.authority("between");
    let server = server_below(&between, between.certify(NAME, &[NAME], 7))?;
    let both = between.certificate() + &root.certificate();
    for (name, lists, end) in [
        (
            "nobody is revoked",
            root.revoke(1) + &between.revoke(1),
            "TLSv1.3",
        ),
        (
            "the server is",
            root.revoke(1) + &between.revoke(7),
            "down tls",
        ),
        ("the root has no list", between.revoke(1), "down tls"),
    ] {
        for roots in [root.certificate(), both.clone()] {
            let operator = Operator::new();
            operator.file(".postgresql/root.crt", &roots, 0o644);
            operator.file(".postgresql/root.crl", &lists, 0o644);
            let met = server.meet(&operator, "either", "sslmode=verify-full");
            assert_eq!(met, end, "{name}");
        }
    }
    // Of itself it has no list.
    let alone = Authority::new(NAME).as_server(NAME);
    let server = Server::showing(&alone)?;
    for (lists, end) in [(None, "TLSv1.3"), (Some(root.revoke(1)), "down tls")] {
        let operator = Operator::new();
        operator.file(".postgresql/root.crt", &alone.certificate, 0o644);
        if let Some(lists) = &lists {
            operator.file(".postgresql/root.crl", lists, 0o644);
        }
        assert_eq!(server.meet(&operator, "either", "sslmode=verify-ca"), end);
    }
    Ok(())
}

#[test]
fn a_certificate_whose_key_may_only_sign_other_things_is_no_servers() -> Result<(), Trouble> {
    use KeyUsagePurpose::{ContentCommitment, DataEncipherment, KeyEncipherment};
    let ours = Authority::new("ours");
    for (usage, end) in [
        (ContentCommitment, "down tls"),
        (DataEncipherment, "down tls"),
        (KeyEncipherment, "TLSv1.3"),
    ] {
        let server = Server::showing(&ours.certify_for(NAME, &[usage]))?;
        let operator = Operator::new();
        operator.file(".postgresql/root.crt", &ours.certificate(), 0o644);
        let met = server.meet(&operator, "either", "sslmode=verify-full");
        assert_eq!(met, end, "{usage:?}");
    }
    Ok(())
}
