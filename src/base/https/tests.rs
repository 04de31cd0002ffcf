//! Tests configurations made from files, and handshakes with them.

use std::net::{IpAddr, Ipv4Addr};

use rcgen::KeyUsagePurpose;
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, ServerConnection};

use super::*;
use crate::base::certificates::tests::pki::{self, Authority, params};

const SECOND: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2));

fn identity(made: &pki::Identity) -> Identity {
    let certificates = Certificates::read(made.pem().as_bytes()).expect("a certificate");
    let key = PrivateKey::read(made.key_pem().as_bytes()).expect("a key");
    Identity::new(certificates, key).expect("a pair")
}

fn server(own: &Identity, clients: &ClientDemand) -> TlsServer {
    TlsServer::new(own, clients, MinTls::Tls12).expect("a server")
}

fn known(authority: &Authority, demand: CertificateDemand) -> ClientDemand {
    let trusted = ClientAuthorities::read(authority.pem().as_bytes()).expect("authorities");
    ClientDemand::Certificate(trusted, demand)
}

/// Performs a handshake between the two; the error is the first on either side.
fn meet(client: &TlsClient, server: &TlsServer) -> Result<(), rustls::Error> {
    let name = ServerName::IpAddress(SECOND.into());
    let mut client = ClientConnection::new(client.config(), name)?;
    let mut server = ServerConnection::new(server.config())?;
    while client.is_handshaking() || server.is_handshaking() {
        let mut bytes = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut bytes).expect("bytes");
        }
        server.read_tls(&mut bytes.as_slice()).expect("bytes");
        server.process_new_packets()?;
        let mut bytes = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut bytes).expect("bytes");
        }
        client.read_tls(&mut bytes.as_slice()).expect("bytes");
        client.process_new_packets()?;
    }
    Ok(())
}

#[test]
fn each_unusable_file_has_its_own_error() {
    let ours = Authority::new("ours");
    let own = ours.certify(&params("srv1", &["srv1"]));
    let old = ours.certify_in_version_1("srv1");
    let locked =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let read = |text: &str| Certificates::read(text.as_bytes()).map(|_| ());
    let key = |text: &str| PrivateKey::read(text.as_bytes()).map(|_| ());
    for (outcome, said) in [
        (read(""), "no valid certificate"),
        (read(&own.key_pem()), "no valid certificate"),
        (read(&old.pem()), "X.509 version 1"),
        (key(""), "no valid private key"),
        (key(&own.pem()), "no valid private key"),
        (key(locked), "has a passphrase"),
        (
            PrivateKey::read_beside(own.pem().as_bytes(), &"--key-file").map(|_| ()),
            "name the key's file in --key-file",
        ),
        (
            ClientAuthorities::read(b"").map(|_| ()),
            "no valid certificate",
        ),
        (
            ClientAuthorities::read(own.pem().as_bytes()).map(|_| ()),
            "no certificate that may sign others",
        ),
    ] {
        let error = outcome.expect_err(said).to_string();
        assert!(error.contains(said), "{error}");
    }
    let certificates = Certificates::read(own.pem().as_bytes()).expect("a certificate");
    let others = ours.certify(&params("srv1", &["srv1"])).key_pem();
    let others = PrivateKey::read(others.as_bytes()).expect("a key");
    let error = Identity::new(certificates, others).expect_err("no pair");
    assert!(error.to_string().contains("does not belong"), "{error}");
}

#[test]
fn a_byte_order_mark_and_der_are_accepted() {
    let own = Authority::new("ours").certify(&params("srv1", &["srv1"]));
    let marked = format!("\u{feff}{}", own.pem());
    assert!(Certificates::read(marked.as_bytes()).is_ok());
    let der = PrivateKey::read(own.key_pem().as_bytes()).expect("a key");
    assert!(PrivateKey::read(der.der().secret_der()).is_ok());
}

#[test]
fn configurations_are_equal_if_they_were_made_from_the_same_parts() {
    let ours = Authority::new("ours");
    let own = identity(&ours.certify(&params("srv1", &["srv1"])));
    let renewed = identity(&ours.certify(&params("srv1", &["srv1"])));
    let first = server(&own, &ClientDemand::None);
    assert_eq!(first, server(&own, &ClientDemand::None));
    for other in [
        server(&renewed, &ClientDemand::None),
        server(&own, &known(&ours, CertificateDemand::Required)),
        server(&own, &known(&ours, CertificateDemand::Optional)),
        TlsServer::new(&own, &ClientDemand::None, MinTls::Tls13).expect("a server"),
    ] {
        assert_ne!(first, other);
    }
    assert_ne!(
        server(&own, &known(&ours, CertificateDemand::Required)),
        server(
            &own,
            &known(&Authority::new("ours"), CertificateDemand::Required)
        )
    );
}

#[test]
fn a_daemon_is_accepted_by_its_address_or_by_its_nodes_name() {
    let ours = Authority::new("ours");
    let nodes = || {
        vec![
            (SECOND, "srv2".to_owned()),
            (Ipv4Addr::LOCALHOST.into(), "srv1".into()),
        ]
    };
    let client = TlsClient::of_nodes(ours.pem().as_bytes(), nodes(), None).expect("a client");
    let others = Authority::new("ours");
    for (authority, name, names, is_known) in [
        (&ours, "x", ["10.0.0.2"], true),
        (&ours, "x", ["srv2"], true),
        (&ours, "x", ["10.0.0.1"], false),
        // The name of another node.
        (&ours, "x", ["srv1"], false),
        (&others, "srv2", ["srv2"], false),
    ] {
        let shown = identity(&authority.certify(&params(name, &names)));
        let met = meet(&client, &server(&shown, &ClientDemand::None));
        assert_eq!(met.is_ok(), is_known, "{names:?} {met:?}");
    }
}

#[test]
fn this_hosts_daemon_is_accepted_only_with_the_same_certificate() {
    let ours = Authority::new("ours");
    let [own, other] = [(); 2].map(|()| identity(&ours.certify(&params("srv2", &["10.0.0.2"]))));
    let client = TlsClient::of_itself(&own).expect("a client");
    assert_eq!(meet(&client, &server(&own, &ClientDemand::None)), Ok(()));
    assert!(meet(&client, &server(&other, &ClientDemand::None)).is_err());
}

#[test]
fn a_client_presents_its_certificate_on_request() {
    let ours = Authority::new("ours");
    let own = identity(&ours.certify(&params("srv2", &["10.0.0.2"])));
    let with = |own| TlsClient::of_nodes(ours.pem().as_bytes(), Vec::new(), own).expect("a client");
    let meet = |own, demand| {
        meet(
            &with(own),
            &server(
                &identity(&ours.certify(&params("x", &["10.0.0.2"]))),
                &known(&ours, demand),
            ),
        )
    };
    assert_eq!(meet(Some(&own), CertificateDemand::Required), Ok(()));
    assert_eq!(meet(None, CertificateDemand::Optional), Ok(()));
    assert!(meet(None, CertificateDemand::Required).is_err());
    let stranger = identity(&Authority::new("ours").certify(&params("x", &[])));
    assert!(meet(Some(&stranger), CertificateDemand::Optional).is_err());
}

#[test]
fn a_client_is_let_in_by_an_authority_in_its_time_and_with_a_key_that_may_sign() {
    use rcgen::KeyUsagePurpose::{DigitalSignature, KeyAgreement, KeyEncipherment};
    let ours = Authority::new("ours");
    let own = identity(&ours.certify(&params("srv2", &["10.0.0.2"])));
    let in_time = known(&ours, CertificateDemand::Required);
    let trusted = ClientAuthorities::read(ours.expired("ours").as_bytes()).expect("authorities");
    let late = ClientDemand::Certificate(trusted, CertificateDemand::Required);
    let meets = |usages: &[KeyUsagePurpose], clients: &ClientDemand| {
        let mut params = params("srv1", &["10.0.0.1"]);
        params.key_usages = usages.to_vec();
        let shown = identity(&ours.certify(&params));
        let client = TlsClient::of_nodes(ours.pem().as_bytes(), Vec::new(), Some(&shown));
        let met = meet(&client.expect("a client"), &server(&own, clients));
        met.map_err(|error| error.to_string())
    };
    for usages in [&[][..], &[DigitalSignature], &[KeyAgreement]] {
        assert_eq!(meets(usages, &in_time), Ok(()), "{usages:?}");
    }
    for (usages, clients, said) in [
        (
            &[KeyEncipherment][..],
            &in_time,
            "is not for clients: its keyUsage",
        ),
        (&[], &late, "the authority CN=ours has expired"),
    ] {
        let refused = meets(usages, clients).expect_err(said);
        assert!(refused.contains(said), "{refused}");
    }
}
