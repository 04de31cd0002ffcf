//! The TLS files that a configuration names.

use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, date_time_ymd};

use super::*;
use crate::base::certificates::tests::pki::{Authority, params};

/// A folder with a certificate, its key and their authority, and `[http]` that names them.
fn with_certificate(mode: u32) -> (TempDir, String) {
    with_certificate_of(&params("srv1", &["srv1"]), mode)
}

fn with_certificate_of(params: &CertificateParams, mode: u32) -> (TempDir, String) {
    let (folder, ours) = (TempDir::new().unwrap(), Authority::new("ours"));
    let own = ours.certify(params);
    let write = |name: &str, text: String, mode| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        path.display().to_string()
    };
    let certificate = write("http.pem", own.pem(), 0o644);
    let key = write("http.key", own.key_pem(), mode);
    let ca = write("ca.pem", ours.pem(), 0o644);
    let text = format!(
        "[http]\ncertificate_file = \"{certificate}\"\nkey_file = \"{key}\"\nclient_ca_file = \"{ca}\"\n\
         [cluster]\nca_file = \"{ca}\"\n"
    );
    (folder, text)
}

fn loaded_from(text: &str) -> Result<Loaded<String>, LoadError> {
    let (_folder, path) = file(text.as_bytes(), 0o644);
    load(Some(&path), String::from_str)
}

#[test]
fn certificate_key_and_authorities_are_read_with_the_configuration() {
    let (_folder, text) = with_certificate(0o600);
    let loaded = loaded_from(&text).unwrap();
    assert_eq!(loaded.warnings.to_string(), "");
    assert!(loaded.settings.https.unwrap().read.is_some());
    assert!(loaded.settings.cluster.tls.is_some());
}

#[test]
fn a_private_key_that_others_may_read_is_used_with_a_warning() {
    let (_folder, text) = with_certificate(0o644);
    let loaded = loaded_from(&text).unwrap();
    assert!(loaded.settings.https.unwrap().read.is_some());
    let said: Vec<_> = loaded.warnings.sentences().collect();
    assert!(
        matches!(&said[..], [one] if one.contains("warning: http.key_file: ")
            && one.contains("group or world access (0644)")
            && one.contains("with: chown root:pgsql-state /") && one.contains("http.key && chmod 640 /")),
        "{said:?}"
    );
}

#[test]
fn a_certificate_that_those_refuse_who_verify_it_is_used_with_a_warning() {
    use rcgen::ExtendedKeyUsagePurpose::{ClientAuth, ServerAuth};
    let warned = |change: &dyn Fn(&mut CertificateParams)| {
        let mut params = params("srv1", &["srv1"]);
        change(&mut params);
        let (_folder, text) = with_certificate_of(&params, 0o600);
        let loaded = loaded_from(&text).unwrap();
        assert!(loaded.settings.https.unwrap().read.is_some());
        let alone = text.replace("client_ca_file", "#");
        let alone = loaded_from(&alone).unwrap().warnings.to_string();
        (loaded.warnings.to_string(), alone)
    };
    let usages = |usages: &[ExtendedKeyUsagePurpose]| {
        warned(&|params| params.extended_key_usages = usages.to_vec())
    };
    let year = |year| date_time_ymd(year, 1, 1);
    for (said, (warnings, alone), is_for_daemons) in [
        (
            "has expired",
            warned(&|params| params.not_after = year(2020)),
            false,
        ),
        (
            "is not valid yet",
            warned(&|params| params.not_before = year(4000)),
            false,
        ),
        (
            "is not for servers: its extendedKeyUsage has no serverAuth",
            usages(&[ClientAuth]),
            false,
        ),
        (
            "is not for clients: its extendedKeyUsage has no clientAuth",
            usages(&[ServerAuth]),
            true,
        ),
    ] {
        assert!(
            warnings.contains("http.certificate_file: the certificate /"),
            "{warnings}"
        );
        assert!(warnings.contains(said), "{warnings}");
        assert_eq!(alone.contains(said), !is_for_daemons, "{alone}");
    }
    assert_eq!(usages(&[ServerAuth, ClientAuth]), Default::default());
}

#[test]
fn a_tls_file_that_is_missing_or_of_another_kind_is_an_error_about_its_key() {
    for (name, key, said) in [
        ("http.pem", "http.certificate_file", "cannot read"),
        ("http.key", "http.key_file", "cannot read"),
        ("ca.pem", "http.client_ca_file", "cannot read"),
        ("ca.pem", "cluster.ca_file", "cannot read"),
    ] {
        let (folder, text) = with_certificate(0o600);
        fs::remove_file(folder.path().join(name)).unwrap();
        let error = loaded_from(&text).unwrap_err().to_string();
        let line = error.lines().find(|line| line.contains(key));
        assert!(line.is_some_and(|line| line.contains(said)), "{error}");
    }
    // A FIFO would be waited for.
    let (folder, text) = with_certificate(0o600);
    let key = folder.path().join("http.key");
    fs::remove_file(&key).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, &key, rustix::fs::Mode::RWXU).unwrap();
    let error = loaded_from(&text).unwrap_err().to_string();
    assert!(error.contains("http.key_file: cannot read"), "{error}");
    for (name, key, said) in [
        (
            "http.pem",
            "http.certificate_file",
            "contains no valid certificate",
        ),
        ("http.key", "http.key_file", "contains no valid private key"),
        (
            "ca.pem",
            "http.client_ca_file",
            "contains no valid certificate",
        ),
        ("ca.pem", "cluster.ca_file", "contains no valid certificate"),
    ] {
        let (folder, text) = with_certificate(0o600);
        fs::write(folder.path().join(name), "nothing").unwrap();
        let error = loaded_from(&text).unwrap_err().to_string();
        let line = error.lines().find(|line| line.contains(key));
        assert!(line.is_some_and(|line| line.contains(said)), "{error}");
    }
}
