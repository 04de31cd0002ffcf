//! Tests of handshakes with servers that have certificates of all kinds.

mod certificates;
mod opening;
mod plans;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use rustls::server::WebPkiClientVerifier;
use rustls::{
    ConfigBuilder, ProtocolVersion, RootCertStore, ServerConfig, ServerConnection, WantsVerifier,
};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::base::certificates::tests::pki::{Authority, Identity, params};
use crate::postgres::conninfo::{Environment, Target};

/// A home directory with files at the paths of libpq.
struct HomeDirectory(TempDir);

impl HomeDirectory {
    fn new() -> Self {
        let home = tempfile::tempdir().expect("a folder");
        fs::create_dir(home.path().join(".postgresql")).expect("a folder");
        Self(home)
    }

    fn with(self, name: &str, text: &str) -> Self {
        let path = self.0.path().join(".postgresql").join(name);
        fs::write(&path, text).expect("a file");
        fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("permissions");
        self
    }

    fn target(&self, conninfo: &str) -> Target {
        let environment = Environment {
            service_file: &|_| crate::postgres::conninfo::ServiceFile::Missing,
            variable: &|_| None,
            user: Some("me".into()),
            home: Some(self.0.path().into()),
        };
        Target::resolve(conninfo, &environment).expect(conninfo)
    }

    fn plan(&self, conninfo: &str) -> Plan {
        let target = self.target(conninfo);
        Plan::new(&target.endpoint, &target.tls)
    }

    /// Makes the plan's encrypted attempt with a server.
    async fn handshake(
        &self,
        conninfo: &str,
        server: ServerConfig,
    ) -> Result<SeenByServer, String> {
        let plan = self.plan(conninfo);
        let encryption = plan.attempts.iter().find_map(|attempt| match attempt {
            Ok(Attempt::Tls(encryption)) => Some(encryption),
            Ok(Attempt::Plain) | Err(_) => None,
        });
        handshake(encryption.expect("an encrypted attempt"), server).await
    }
}

/// What the server saw of the client.
#[derive(Debug, PartialEq, Eq)]
struct SeenByServer {
    name: Option<String>,
    protocol: Option<String>,
    version: Option<ProtocolVersion>,
    certificate: Option<Vec<u8>>,
}

impl SeenByServer {
    fn through(session: &ServerConnection) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.into()).expect("text");
        Self {
            name: session.server_name().map(ToString::to_string),
            protocol: session.alpn_protocol().map(text),
            version: session.protocol_version(),
            certificate: session
                .peer_certificates()
                .and_then(|all| Some(all.first()?.to_vec())),
        }
    }
}

/// What the server saw, or why the client or the server refused the handshake.
async fn handshake(encryption: &Encryption, server: ServerConfig) -> Result<SeenByServer, String> {
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let serve = async {
        let mut stream = TlsAcceptor::from(Arc::new(server)).accept(theirs).await?;
        stream.write_all(b"!").await?;
        stream.flush().await?;
        std::io::Result::Ok(SeenByServer::through(stream.get_ref().1))
    };
    let ask = async {
        let name = encryption.server_name.clone();
        let mut stream = encryption.connector.connect(name, ours).await?;
        // With TLS 1.3 the server's refusal of a client certificate comes after the handshake.
        stream.read_u8().await
    };
    let (met, asked) = tokio::join!(serve, ask);
    asked.map_err(|error| error.to_string())?;
    met.map_err(|error| error.to_string())
}

fn server(identity: &Identity) -> ServerConfig {
    builder(&[&TLS12, &TLS13])
        .with_no_client_auth()
        .with_cert_resolver(identity.shown())
}

fn builder(
    versions: &[&'static SupportedProtocolVersion],
) -> ConfigBuilder<ServerConfig, WantsVerifier> {
    ServerConfig::builder_with_provider(ring::default_provider().into())
        .with_protocol_versions(versions)
        .expect("versions")
}

#[tokio::test]
async fn each_mode_demands_the_proof_that_libpq_demands() {
    let ours = Authority::new("ours");
    let stranger = Authority::new("stranger");
    let servers = [
        ours.certify(&params("db1", &["db1"])),
        ours.certify(&params("db2", &["db2"])),
        stranger.certify(&params("db1", &["db1"])),
        stranger.certify(&params("db2", &["db2"])),
    ];
    let without_roots = HomeDirectory::new();
    let with_roots = HomeDirectory::new().with("root.crt", &ours.pem());
    for (home, mode, trusted) in [
        (&without_roots, "allow", [true, true, true, true]),
        (&without_roots, "prefer", [true, true, true, true]),
        (&without_roots, "require", [true, true, true, true]),
        (&with_roots, "allow", [true, true, false, false]),
        (&with_roots, "prefer", [true, true, false, false]),
        (&with_roots, "require", [true, true, false, false]),
        (&with_roots, "verify-ca", [true, true, false, false]),
        (&with_roots, "verify-full", [true, false, false, false]),
    ] {
        for (identity, trusted) in servers.iter().zip(trusted) {
            let conninfo = format!("host=db1 sslmode={mode}");
            let met = home.handshake(&conninfo, server(identity)).await;
            assert_eq!(met.is_ok(), trusted, "{mode}: {met:?}");
        }
    }
}

#[tokio::test]
async fn the_name_the_protocol_and_the_version_go_ahead_as_configured() {
    let identity = Authority::new("ours").certify(&params("db1", &["db1"]));
    let both = ProtocolVersion::TLSv1_3;
    for (conninfo, name, version) in [
        ("host=db1", Some("db1"), both),
        ("host=db1 hostaddr=10.0.0.5", Some("db1"), both),
        ("host=db1 sslsni=0", None, both),
        ("host=10.0.0.5", None, both),
        ("hostaddr=::1", None, both),
        ("host=/tmp hostaddr=::1", None, both),
        (
            "host=db1 ssl_max_protocol_version=TLSv1.2",
            Some("db1"),
            ProtocolVersion::TLSv1_2,
        ),
    ] {
        let mut server = server(&identity);
        server.alpn_protocols = vec![b"http/1.1".into(), b"postgresql".into()];
        let met = HomeDirectory::new()
            .handshake(conninfo, server)
            .await
            .expect(conninfo);
        let expected = SeenByServer {
            name: name.map(ToString::to_string),
            protocol: Some("postgresql".into()),
            version: Some(version),
            certificate: None,
        };
        assert_eq!(met, expected, "{conninfo}");
    }
}

#[tokio::test]
async fn a_server_that_asks_is_shown_the_client_certificate() {
    let ours = Authority::new("ours");
    let identity = ours.certify(&params("db1", &["db1"]));
    let client = ours.certify(&params("me", &[]));
    let asking = || {
        let mut roots = RootCertStore::empty();
        roots.add(ours.certificate()).expect("a root");
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
        builder(&[&TLS12, &TLS13])
            .with_client_cert_verifier(verifier.build().expect("a verifier"))
            .with_cert_resolver(identity.shown())
    };
    let home = HomeDirectory::new();
    assert!(home.handshake("host=db1", asking()).await.is_err());
    let home = home
        .with("postgresql.crt", &client.pem())
        .with("postgresql.key", &client.key_pem());
    let met = home
        .handshake("host=db1", asking())
        .await
        .expect("a client");
    assert_eq!(
        met.certificate.as_deref(),
        Some(client.certificate.as_ref())
    );
    assert!(
        home.handshake("host=db1 sslcertmode=disable", asking())
            .await
            .is_err()
    );
}
