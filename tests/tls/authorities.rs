//! What the certificate of an authority says of the servers below it.

use rcgen::{BasicConstraints, KeyUsagePurpose};
use support::Trouble;

use crate::operator::Operator;
use crate::pki::{Authority, Identity};
use crate::server::{NAME, Server};

#[test]
fn an_authority_vouches_in_its_own_time_and_for_as_many_below_it_as_it_allows()
-> Result<(), Trouble> {
    const ANY: BasicConstraints = BasicConstraints::Unconstrained;
    const NOW: [i32; 2] = [2020, 4000];
    let root = Authority::new("root");
    let between = root.authority("between");
    let Identity { certificate, key } = between.certify(NAME, &[NAME], 1);
    let server = Server::showing(&Identity {
        certificate: certificate + &between.certificate(),
        key,
    })?;
    let expired = root.renewed("root", ANY, [2019, 2020]);
    let renewed = root.renewed("root", ANY, NOW);
    for (name, roots, end) in [
        ("in its time", renewed.clone(), "TLSv1.3"),
        ("expired", expired.clone(), "down tls"),
        ("both", expired.clone() + &renewed, "TLSv1.3"),
        ("both, in the other order", renewed + &expired, "TLSv1.3"),
        (
            "of the future",
            root.renewed("root", ANY, [3900, 4000]),
            "down tls",
        ),
        (
            "none below it",
            root.renewed("root", BasicConstraints::Constrained(0), NOW),
            "down tls",
        ),
        (
            "one below it",
            root.renewed("root", BasicConstraints::Constrained(1), NOW),
            "TLSv1.3",
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
