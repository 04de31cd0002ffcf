use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::str::FromStr;

use tempfile::TempDir;

use super::*;
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, date_time_ymd};

use crate::base::certificates::tests::pki::{Authority, params};
use crate::base::regular_file::traps;

/// A folder with a configuration in it; the folder is removed when the first of the two is dropped.
fn file(content: &[u8], mode: u32) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("pgsql-state.toml");
    fs::write(&path, content).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    (folder, path)
}

#[test]
fn a_file_is_read() {
    let (_folder, path) = file(b"[postgres]\nconninfo = \"port=5434\"\n", 0o644);
    let loaded = load(Some(&path), String::from_str).unwrap();
    let expected = Settings::with_defaults("port=5434".to_owned());
    assert_eq!(loaded.settings, expected);
    assert_eq!(loaded.warnings.to_string(), "");
}

#[test]
fn without_the_default_file_the_defaults_hold() {
    let folder = TempDir::new().unwrap();
    let loaded = default(&folder.path().join("absent.toml"), String::from_str).unwrap();
    assert_eq!(loaded.settings, Settings::with_defaults(String::new()));
}

#[test]
fn without_the_default_file_a_problem_names_its_key_alone() {
    let folder = TempDir::new().unwrap();
    let refuse = |_: &str| Err::<(), _>(io::Error::other("PGPORT is no port"));
    let error = default(&folder.path().join("absent.toml"), refuse).unwrap_err();
    assert_eq!(error.to_string(), "postgres.conninfo: PGPORT is no port\n");
}

#[test]
fn the_default_file_is_read_if_it_exists() {
    let (_folder, path) = file(b"[service]\ngrace = \"1s\"\n", 0o644);
    let loaded = default(&path, String::from_str).unwrap();
    assert_eq!(
        loaded.settings.service.grace,
        std::time::Duration::from_secs(1)
    );
}

#[test]
fn a_named_file_that_is_absent_is_an_error() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("absent.toml");
    let error = load(Some(&path), String::from_str).unwrap_err();
    assert!(matches!(&error, LoadError::Missing(missing) if *missing == path));
    let expected = format!(
        "the configuration {} does not exist; create it, or name another file",
        path.display()
    );
    assert_eq!(error.to_string(), expected);
}

#[test]
fn what_cannot_be_read_is_an_error_also_as_the_default() {
    let folder = TempDir::new().unwrap();
    for result in [
        load(Some(folder.path()), String::from_str),
        default(folder.path(), String::from_str),
    ] {
        assert!(matches!(result, Err(LoadError::Unreadable { .. })));
    }
}

#[test]
fn a_file_too_large_to_be_a_configuration_is_not_read() {
    let most = usize::try_from(MOST_BYTES).unwrap();
    let (_folder, path) = file(&vec![b'#'; most], 0o644);
    assert!(load(Some(&path), String::from_str).is_ok());
    let (_folder, path) = file(&vec![b'#'; most + 1], 0o644);
    let result = load(Some(&path), String::from_str);
    assert!(matches!(result, Err(LoadError::TooLarge(_))));
}

#[test]
fn an_invalid_file_is_reported_with_line_and_caret() {
    let (_folder, path) = file(b"[postgres]\ntimeout = \"5\"\n", 0o644);
    let error = load(Some(&path), String::from_str).unwrap_err();
    let expected = format!(
        "{}:2:11: postgres.timeout: \"5\" is not a duration\n   2 | timeout = \"5\"\n     |           \
         ^^^ write a number and a unit, as in \"500ms\" or \"2s\"\n",
        path.display()
    );
    assert_eq!(error.to_string(), expected);
}

#[test]
fn who_may_not_read_the_configuration_is_told_what_to_do() {
    let said = LoadError::Denied("/etc/pgsql-state/pgsql-state.toml".into()).to_string();
    for told in [
        "run this as root or as a member of its group",
        "runuser -u USER -g USER -G pgsql-state",
        "or name another file",
    ] {
        assert!(said.contains(told), "{said}");
    }
}

#[test]
fn a_file_that_others_may_write_is_used_with_a_warning() {
    for (mode, who) in [
        (0o664, "its group"),
        (0o646, "everyone"),
        (0o666, "everyone"),
    ] {
        let (_folder, path) = file(b"", mode);
        let loaded = load(Some(&path), String::from_str).unwrap();
        let expected = format!(
            "{}: warning: {who} may write this file, and so decide which server is asked; take that \
             away with: chmod go-w {}",
            path.display(),
            path.display()
        );
        let sentences: Vec<_> = loaded.warnings.sentences().collect();
        assert_eq!(sentences, [expected], "{mode:o}");
    }
}

#[test]
fn a_path_in_a_command_is_a_word_for_a_shell() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("my $(file).toml");
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o664)).unwrap();
    let warnings = load(Some(&path), String::from_str).unwrap().warnings;
    let expected = format!("chmod go-w '{}'\n", path.display());
    assert!(warnings.to_string().ends_with(&expected), "{warnings}");
}

/// The daemon reads it again at each reload, and must not wait for it.
#[test]
fn only_a_regular_file_is_a_configuration_and_none_is_waited_for() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("pgsql-state.toml");
    traps::each(&path, |trap| {
        let result = load(Some(&path), String::from_str);
        let refused = matches!(
            result,
            Err(LoadError::Unreadable { .. } | LoadError::TooLarge(_))
        );
        assert!(refused, "{trap}");
    });
    fs::write(folder.path().join("real.toml"), "").unwrap();
    symlink("real.toml", &path).unwrap();
    assert!(load(Some(&path), String::from_str).is_ok());
}

/// The outcome for a configuration that names a token file with this content.
fn with_token_file(content: &[u8], mode: u32) -> Result<Loaded<String>, LoadError> {
    let (_folder, token) = file(content, mode);
    let text = format!("[admission]\ntoken_file = \"{}\"\n", token.display());
    let (_other, path) = file(text.as_bytes(), 0o644);
    load(Some(&path), String::from_str)
}

#[test]
fn the_token_is_read_with_the_configuration() {
    let loaded = with_token_file(b"0123456789abcdef\n", 0o640).unwrap();
    assert_eq!(
        loaded.settings.admission.token,
        Token::new(b"0123456789abcdef").ok()
    );
    assert_eq!(loaded.warnings.to_string(), "");
}

#[test]
fn a_token_that_everyone_may_read_is_used_with_a_warning() {
    let loaded = with_token_file(b"0123456789abcdef\n", 0o644).unwrap();
    assert!(loaded.settings.admission.token.is_some());
    let sentences: Vec<_> = loaded.warnings.sentences().collect();
    assert_eq!(sentences.len(), 1);
    assert!(
        sentences[0].contains("everyone on this host may read"),
        "{sentences:?}"
    );
    // The file may belong to root's group: the mode alone would take it from the daemon too.
    assert!(
        sentences[0].contains("with: chgrp pgsql-state /")
            && sentences[0].contains(" && chmod 640 /"),
        "{sentences:?}"
    );
}

#[test]
fn a_placeholder_of_the_documents_is_used_with_a_warning() {
    let guide = include_str!("../../../docs/guide/cluster.md");
    let (_, key) = guide.split_once("cluster.key <<<'").unwrap();
    let (key, _) = key.split_once('\'').unwrap();
    let loaded = with_token_file(key.as_bytes(), 0o640).unwrap();
    let said = loaded.warnings.to_string();
    assert!(
        said.contains("holds the placeholder of the documents"),
        "{said}"
    );
}

#[test]
fn an_invalid_token_is_an_error_that_does_not_quote_it() {
    let error = with_token_file(b"geheim\n", 0o600).unwrap_err().to_string();
    assert!(error.contains("admission.token_file: "), "{error}");
    assert!(error.contains("must have 16 to 256 characters"), "{error}");
    assert!(!error.contains("geheim"), "{error}");
}

#[test]
fn a_token_file_that_is_not_there_is_an_error() {
    let (_folder, path) = file(
        b"admission.token_file = \"/etc/nonexistent/token\"\n",
        0o644,
    );
    let error = load(Some(&path), String::from_str).unwrap_err().to_string();
    assert!(
        error.contains("cannot read /etc/nonexistent/token"),
        "{error}"
    );
}

#[test]
fn a_file_that_may_not_be_read_comes_with_the_command_that_lets_the_daemon_read_it() {
    let told = |kind: ErrorKind| {
        let wrong = unreadable(Path::new("/etc/pgsql-state/$token"), &kind.into());
        Problem::from(wrong).sentence("")
    };
    let remedy =
        "chgrp pgsql-state '/etc/pgsql-state/$token' && chmod 640 '/etc/pgsql-state/$token'";
    let denied = told(ErrorKind::PermissionDenied);
    assert!(denied.ends_with(remedy), "{denied}");
    let missing = told(ErrorKind::NotFound);
    assert!(!missing.contains("chgrp"), "{missing}");
}

/// Base64 has `/`.
#[test]
fn a_secret_in_place_of_its_path_is_not_shown_although_it_begins_with_a_slash() {
    for key in [
        "admission.token_file",
        "cluster.key_file",
        "http.certificate_file",
        "http.key_file",
    ] {
        let certificate = if key == "http.key_file" {
            "http.certificate_file = \"/etc/nonexistent\"\n"
        } else {
            ""
        };
        let text = format!("{certificate}{key} = \"/geheim/Z2VoZWlt+geheim==\"\n");
        let (_folder, path) = file(text.as_bytes(), 0o644);
        let error = load(Some(&path), String::from_str).unwrap_err().to_string();
        assert!(error.contains("cannot read "), "{error}");
        assert!(!error.contains("geheim"), "{key}: {error}");
    }
}

/// A FIFO is not waited for, and a part of a file is not taken for the whole.
#[test]
fn only_a_regular_file_of_bounded_size_holds_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    for key in ["admission.token_file", "cluster.key_file"] {
        let (_other, path) = file(
            format!("{key} = \"{}\"\n", secret.display()).as_bytes(),
            0o644,
        );
        traps::each(&secret, |trap| {
            let error = load(Some(&path), String::from_str).unwrap_err();
            let expected = format!("cannot read {}", secret.display());
            assert!(error.to_string().contains(&expected), "{trap}: {error}");
        });
    }
}

#[test]
fn a_password_that_everyone_may_read_is_a_warning() {
    let has = |content: &str, mode| {
        let (_folder, path) = file(content.as_bytes(), mode);
        let loaded = load(Some(&path), String::from_str).unwrap();
        let said = loaded.warnings.to_string();
        let is_told = said.contains("which has a password");
        let remedy = format!("chgrp pgsql-state {0} && chmod 640 {0}", path.display());
        assert_eq!(said.contains(&remedy), is_told, "{said}");
        is_told
    };
    let conninfo = |text: &str| format!("[postgres]\nconninfo = \"{text}\"\n");
    let secret = conninfo("host=srv1 password=geheim");
    assert!(has(&secret, 0o644));
    assert!(!has(&secret, 0o640));
    assert!(has(
        &conninfo("postgresql://monitor:geheim@srv1/postgres"),
        0o644
    ));
    for harmless in [
        conninfo("postgresql://monitor@srv1:5433/postgres"),
        conninfo("host=srv1 passfile=/etc/pgsql-state/pgpass"),
        format!("# {secret}").replace('\n', "\n# "),
    ] {
        assert!(!has(&harmless, 0o644), "{harmless}");
    }
}

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
