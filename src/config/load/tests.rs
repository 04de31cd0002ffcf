mod certificates;
mod secrets;

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::str::FromStr;

use tempfile::TempDir;

use super::*;
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
