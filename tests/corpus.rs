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

#[test]
fn any_file_of_haproxy_is_judged_as_it_must_be() {
    replay("haproxy", checks::haproxy);
}

#[test]
fn any_statistics_of_haproxy_are_read_as_they_must_be() {
    replay("stat", checks::stat);
}

#[test]
fn any_cluster_configuration_is_read_as_it_must_be() {
    replay("cib", checks::readers::cib);
}

#[test]
fn any_rules_of_authentication_are_read_as_they_must_be() {
    replay("hba", checks::readers::hba);
}

#[test]
fn any_messages_of_a_server_are_read_as_they_must_be() {
    replay("messages", checks::readers::messages);
}

#[test]
fn any_document_of_another_daemon_is_read_as_it_must_be() {
    replay("peers", checks::strangers::peers);
}

#[test]
fn any_service_file_is_read_as_it_must_be() {
    replay("service", checks::strangers::services);
}

/// What reads an input, by the name of its corpus.
type Reader = (&'static str, fn(&[u8]));

/// Inputs made of those that were kept, by a generator that begins alike each time: for a machine without a C++
/// compiler. `FUZZED=1000000 cargo test --release --test corpus -- --ignored --nocapture` says how many.
#[test]
#[ignore = "long; make fuzz is better where there is a C++ compiler"]
#[expect(
    clippy::disallowed_methods,
    reason = "who runs it by hand says how long"
)]
fn any_mutation_of_a_kept_input_is_read_as_it_must_be() {
    let many: u64 = std::env::var("FUZZED").map_or(10_000, |many| many.parse().unwrap());
    let readers: [Reader; 7] = [
        ("cib", checks::readers::cib),
        ("hba", checks::readers::hba),
        ("messages", checks::readers::messages),
        ("haproxy", checks::haproxy),
        ("stat", checks::stat),
        ("peers", checks::strangers::peers),
        ("service", checks::strangers::services),
    ];
    for (name, check) in readers {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus");
        let kept: Vec<Vec<u8>> = fs::read_dir(corpus.join(name))
            .unwrap()
            .map(|entry| fs::read(entry.unwrap().path()).unwrap())
            .collect();
        let mut dice = fastrand::Rng::with_seed(7);
        for _ in 0..many {
            check(&mutated(&kept, &mut dice));
        }
        println!("{name}: {many} inputs");
    }
}

/// One to four changes: a byte, a piece left out, doubled, or taken from another input.
fn mutated(kept: &[Vec<u8>], dice: &mut fastrand::Rng) -> Vec<u8> {
    let mut input = kept[dice.usize(..kept.len())].clone();
    for _ in 0..=dice.usize(..4) {
        let from = dice.usize(..input.len().max(1));
        let to = (from + dice.usize(..40)).min(input.len());
        match dice.usize(..6) {
            0 if !input.is_empty() => input[from] = u8::try_from(dice.usize(..256)).unwrap(),
            1 if !input.is_empty() => input[from] ^= 1 << dice.usize(..8),
            2 => drop(input.drain(from..to)),
            3 => {
                let piece = input[from..to].to_vec();
                input.splice(from..from, piece);
            }
            4 => {
                let other = &kept[dice.usize(..kept.len())];
                let begin = dice.usize(..other.len().max(1));
                let end = (begin + dice.usize(..60)).min(other.len());
                input.splice(from..to, other[begin..end].iter().copied());
            }
            _ => input.insert(
                from,
                [0, b'"', b'<', b'>', b',', b'\\', 0xff, b' '][dice.usize(..8)],
            ),
        }
    }
    input
}
