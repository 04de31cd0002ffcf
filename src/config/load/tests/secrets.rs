//! Files with secrets, and passwords in the configuration itself.

use super::*;

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
fn a_secret_with_a_part_of_the_documents_is_refused() {
    for text in [
        "CHANGE-ME-to-what-openssl-rand-hex-32-prints",
        "hunter2-to-what-openssl-rand-hex-32-prints",
        "5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e-change-me",
    ] {
        let error = with_token_file(text.as_bytes(), 0o640).unwrap_err();
        let said = error.to_string();
        assert!(
            said.contains("holds the placeholder of the documents"),
            "{said}"
        );
        assert!(!said.contains(text), "{said}");
        let (_folder, key) = file(text.as_bytes(), 0o640);
        let config = format!("cluster.key_file = \"{}\"\n", key.display());
        let (_other, path) = file(config.as_bytes(), 0o644);
        assert!(load(Some(&path), String::from_str).is_err(), "{text}");
    }
}

/// Otherwise a reader who replaces a placeholder in it by a password has a key that can be guessed.
#[test]
fn the_guide_has_the_key_of_the_cluster_made_by_a_command() {
    let guide = include_str!("../../../../docs/guide/cluster.md");
    assert!(guide.contains("\nopenssl rand -hex 32 | install -m 640 -g pgsql-state /dev/stdin /etc/pgsql-state/cluster.key\n"));
    let lines = guide.lines().filter(|line| line.contains("cluster.key"));
    for line in lines {
        assert!(!line.contains("CHANGE-ME"), "{line}");
    }
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
