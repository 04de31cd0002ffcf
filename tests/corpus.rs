//! Replays what the fuzzer kept: `tests/fuzz` says what must hold for any bytes.
#![expect(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "checks of tests, which fail by panicking"
)]

#[path = "fuzz/checks.rs"]
mod checks;

use std::fs;
use std::path::Path;

/// Holds every input of a folder against a check.
fn replay(name: &str, check: fn(&[u8])) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus");
    let mut inputs = 0;
    for entry in fs::read_dir(corpus.join(name)).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        // Names the input, should the check panic.
        println!("{}", path.display());
        check(&bytes);
        inputs += 1;
    }
    assert!(inputs >= 10, "only {inputs} inputs");
}

#[test]
fn any_proxy_header_is_read_as_it_must_be() {
    replay("proxy", checks::proxy);
}

#[test]
fn any_token_line_is_read_as_it_must_be() {
    replay("token", checks::token);
}

#[test]
fn any_configuration_is_read_as_it_must_be() {
    replay("configuration", checks::configuration);
}

#[test]
fn any_request_is_answered_as_it_must_be() {
    replay("request", checks::protocols::request);
}

#[test]
fn any_question_to_the_agent_is_answered_as_it_must_be() {
    replay("agent", checks::protocols::agent);
}

#[test]
fn any_control_file_is_read_as_it_must_be() {
    replay("control", checks::pgsqlms::control);
}

#[test]
fn any_wal_is_walked_as_it_must_be() {
    replay("wal", checks::pgsqlms::wal);
}
