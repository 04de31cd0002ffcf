//! Configuration files with mistakes, and the whole text that an operator gets for each.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use pgsql_state::config::load;
use tempfile::TempDir;

/// Stands for the parser of connection strings, which is another part of the program.
fn conninfo(text: &str) -> Result<String, io::Error> {
    match text.split_once("hoost") {
        Some(_) => Err(io::Error::other(
            "\"hoost\" is no connection parameter; perhaps you meant \"host\"",
        )),
        None => Ok(text.to_owned()),
    }
}

/// The report on a copy of a fixture, because the mode of a checked-out file is anybody's guess.
fn report(name: &str) -> io::Result<String> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/settings");
    let folder = TempDir::new()?;
    let path = folder.path().join("pgsql-state.toml");
    fs::copy(fixtures.join(name).with_extension("toml"), &path)?;
    fs::set_permissions(&path, Permissions::from_mode(0o644))?;
    let text = match load(Some(&path), conninfo) {
        Err(error) => error.to_string(),
        Ok(loaded) => loaded.warnings.to_string(),
    };
    let folder = folder.path().display().to_string();
    Ok(text.replace(&folder, "/etc/pgsql-state"))
}

macro_rules! fixture {
    ($test:ident, $name:literal) => {
        #[test]
        fn $test() {
            insta::with_settings!({
                snapshot_path => "fixtures/settings",
                prepend_module_to_snapshot => false,
                omit_expression => true,
            }, {
                insta::assert_snapshot!($name, report($name).unwrap());
            });
        }
    };
}

fixture!(ten_mistakes_are_reported_at_once, "ten-mistakes");
fixture!(
    the_first_mistake_in_the_syntax_is_told_alone,
    "broken-syntax"
);
fixture!(
    an_array_that_is_not_closed_is_told_in_the_words_of_the_parser,
    "open-array"
);
fixture!(
    a_text_that_is_not_closed_is_told_in_the_words_of_the_parser,
    "open-text"
);
fixture!(carets_stand_right_under_odd_characters, "odd-characters");
fixture!(passwords_are_not_shown, "passwords");
fixture!(strange_settings_are_accepted_with_a_warning, "strange");
