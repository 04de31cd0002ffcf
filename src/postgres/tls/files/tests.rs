use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

use tempfile::TempDir;

use super::*;
use crate::base::certificates::tests::pki::{Authority, Identity, params};
use crate::postgres::conninfo::{NameIndication, Negotiation, SslMode, Tls, Versions};
use crate::postgres::tls::revocations;

/// A folder with a client certificate and its key.
struct Files {
    folder: TempDir,
    client: ClientCertificate,
}

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let identity = Authority::new("ours").certify(&params("me", &[]));
        let client = ClientCertificate {
            certificate: FileChoice::Named(folder.path().join("crt")),
            key: FileChoice::Named(folder.path().join("key")),
            passphrase: None,
        };
        let files = Self { folder, client };
        files.write("crt", &identity.pem(), 0o644);
        files.write("key", &identity.key_pem(), 0o600);
        files
    }

    fn write(&self, name: &str, text: &str, mode: u32) {
        fs::write(self.path(name), text).expect("a file");
        fs::set_permissions(self.path(name), Permissions::from_mode(mode)).expect("permissions");
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Settings that name a file of revocation lists.
    fn tls(&self, revocations: &str) -> Tls {
        Tls {
            mode: SslMode::VerifyFull,
            negotiation: Negotiation::Postgres,
            versions: Versions::Both,
            name_indication: NameIndication::Sent,
            roots: Roots::Nowhere,
            revocations: Some(self.named(revocations)),
            revocation_folder: None,
            client: None,
        }
    }

    fn named(&self, name: &str) -> FileChoice {
        FileChoice::Named(self.path(name))
    }

    fn client(&self) -> Result<Option<ClientIdentity>, TlsError> {
        client_certificate(&self.client)
    }

    fn client_error(&self) -> TlsError {
        self.client()
            .map(|_| ())
            .expect_err("a bad client certificate")
    }

    fn roots_error(&self, name: &str) -> TlsError {
        let roots = Roots::File(self.named(name));
        authorities(&roots).map(|_| ()).expect_err("bad roots")
    }
}

#[test]
fn a_certificate_and_its_key_are_read() {
    assert!(matches!(Files::new().client(), Ok(Some(_))));
}

#[test]
fn no_certificate_needs_no_key_but_a_certificate_does() {
    let files = Files::new();
    fs::remove_file(files.path("key")).expect("a key");
    let error = files.client_error();
    assert!(matches!(error, TlsError::NoKey { .. }), "{error}");
    fs::remove_file(files.path("crt")).expect("a certificate");
    assert!(matches!(files.client(), Ok(None)));
}

#[test]
fn a_key_that_others_can_read_is_refused_unless_root_shares_it_with_a_group() {
    let files = Files::new();
    let root_owns = fs::metadata(files.path("key")).expect("a key").uid() == 0;
    for (mode, allowed) in [
        (0o600, true),
        (0o400, true),
        (0o640, root_owns),
        (0o660, false),
        (0o650, false),
        (0o604, false),
    ] {
        fs::set_permissions(files.path("key"), Permissions::from_mode(mode)).expect("a key");
        match files.client() {
            Ok(client) => assert!(allowed && client.is_some(), "{mode:o}"),
            Err(TlsError::KeyExposed { mode: told, .. }) => {
                assert!(!allowed, "{mode:o}");
                assert_eq!(told, mode);
            }
            Err(error) => panic!("{mode:o}: {error}"),
        }
    }
}

#[test]
fn a_key_must_be_a_plain_file() {
    let files = Files::new();
    fs::remove_file(files.path("key")).expect("a key");
    fs::create_dir(files.path("key")).expect("a folder");
    let error = files.client_error();
    assert!(matches!(error, TlsError::KeyNotPlain { .. }), "{error}");
}

#[test]
fn a_key_of_another_certificate_is_an_error() {
    let files = Files::new();
    files.write(
        "key",
        &Identity::self_signed(params("other", &[])).key_pem(),
        0o600,
    );
    let client = files.client().expect("readable").expect("there");
    let provider = rustls::crypto::ring::default_provider();
    let builder = ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(rustls::RootCertStore::empty());
    let error = client.present(builder).expect_err("no pair");
    assert!(matches!(error, TlsError::KeyMismatch { .. }), "{error}");
}

#[test]
fn the_error_about_a_file_without_the_expected_content_names_the_file() {
    let files = Files::new();
    let cut_off = "-----BEGIN CERTIFICATE-----\nAAAA\n";
    let no_der = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for text in ["", "no PEM", cut_off, no_der] {
        files.write("roots", text, 0o644);
        let error = files.roots_error("roots").to_string();
        let start = format!(
            "{} holds no root certificates",
            files.path("roots").display()
        );
        assert!(error.starts_with(&start), "{error}");
    }
    let encrypted =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    files.write("key", encrypted, 0o600);
    let error = files.client_error().to_string();
    assert!(
        error.contains("cannot be used") && error.contains("write it into sslpassword"),
        "{error}"
    );
    files.write("crl", no_der, 0o644);
    let error = revocations::read(&files.tls("crl"))
        .expect_err("no list")
        .to_string();
    assert!(error.contains("holds no revocation list"), "{error}");
}

#[test]
fn the_error_about_a_folder_without_lists_says_how_they_are_named() {
    let files = Files::new();
    files.write("root.crl", "not looked at", 0o644);
    for folder in [files.path(""), files.path("missing")] {
        let tls = Tls {
            revocation_folder: Some(folder),
            ..files.tls("missing")
        };
        let error = revocations::read(&tls).expect_err("no list").to_string();
        assert!(error.contains("HASH.r0"), "{error}");
    }
}

#[test]
fn roots_and_revocations_may_be_missing() {
    let files = Files::new();
    let lists = revocations::read(&files.tls("missing")).expect("none");
    assert!(lists.all().is_empty());
    for missing in [files.named("missing"), files.named("crt/missing")] {
        assert!(authorities(&Roots::File(missing)).expect("none").is_none());
    }
    assert!(authorities(&Roots::Nowhere).expect("none").is_none());
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_even_if_it_may_be_missing() {
    let files = Files::new();
    symlink(files.path("loop"), files.path("loop")).expect("a link to itself");
    let error = files.roots_error("loop");
    assert!(
        matches!(
            error,
            TlsError::Unreadable {
                what: TlsFile::RootCertificates,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn only_a_default_file_may_be_out_of_reach() {
    let read = |choice: &FileChoice| {
        let denied = Err(ErrorKind::PermissionDenied.into());
        unless_unreachable(denied, choice, TlsFile::RootCertificates)
    };
    assert!(matches!(
        read(&FileChoice::Default("/root/.postgresql/root.crt".into())),
        Ok(None)
    ));
    assert!(read(&FileChoice::Named("/root/root.crt".into())).is_err());
}

#[test]
fn all_authorities_of_the_system_are_read() {
    let system = rustls_native_certs::load_native_certs().certs;
    match authorities(&Roots::System) {
        Ok(found) => {
            let found = found.expect("some");
            assert!(!system.is_empty());
            assert!(found.anchors.store().len() <= system.len() && found.named.is_empty());
        }
        Err(error) => {
            assert!(matches!(error, TlsError::NoSystemRoots), "{error}");
            assert!(system.is_empty(), "{error}");
        }
    }
}
