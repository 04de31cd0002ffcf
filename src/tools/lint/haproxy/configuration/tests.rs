use std::time::Duration;

use super::*;
use crate::tools::lint::haproxy::server::{ServerLine, WrittenValue};

fn configuration(files: &[&str]) -> Configuration {
    let sources: Vec<SourceFile> = files
        .iter()
        .map(|text| SourceFile {
            name: "x".to_owned(),
            text: (*text).to_owned(),
        })
        .collect();
    Configuration::read(&sources).unwrap()
}

fn seconds(setting: Option<&WrittenValue<Option<Duration>>>) -> Option<u64> {
    Some(setting?.value?.as_secs())
}

#[test]
fn the_last_defaults_hold_over_files_and_reset_what_was_before() {
    let read = configuration(&[
        "defaults\n timeout client 1s\n timeout check 9s\ndefaults\n timeout client 2s\nlisten a\n",
        "listen b\n timeout client 3s\n",
    ]);
    let [a, b] = read.readings[0].proxies.as_slice() else {
        panic!("{read:?}");
    };
    assert_eq!(seconds(a.settings.timeouts.client.as_ref()), Some(2));
    assert_eq!(seconds(a.settings.timeouts.check.as_ref()), None);
    assert_eq!(seconds(b.settings.timeouts.client.as_ref()), Some(3));
}

#[test]
fn defaults_are_chosen_and_built_on_by_name() {
    let read = configuration(&[
        "defaults base\n timeout client 1s\n timeout server 1s\ndefaults more from base\n timeout server 2s\n\
         defaults\n timeout client 9s\nbackend a from more\nbackend b\n",
    ]);
    let [a, b] = read.readings[0].proxies.as_slice() else {
        panic!("{read:?}");
    };
    assert_eq!(seconds(a.settings.timeouts.client.as_ref()), Some(1));
    assert_eq!(seconds(a.settings.timeouts.server.as_ref()), Some(2));
    assert_eq!(seconds(b.settings.timeouts.client.as_ref()), Some(9));
}

#[test]
fn a_check_of_its_own_replaces_that_of_the_defaults() {
    let read = configuration(&[
        "defaults\n option tcp-check\n tcp-check connect\n tcp-check expect string a\n\
         listen a\n tcp-check expect string b\nlisten b\n",
    ]);
    let steps = |index: usize| {
        read.readings[0].proxies[index]
            .settings
            .steps()
            .unwrap()
            .list
            .len()
    };
    assert_eq!((steps(0), steps(1)), (1, 2));
}

#[test]
fn default_server_holds_for_the_lines_behind_it() {
    let read = configuration(&["listen a\n server a h:1\n default-server check\n server b h:1\n"]);
    let checked: Vec<bool> = read.readings[0].proxies[0]
        .servers
        .iter()
        .map(ServerLine::is_checked)
        .collect();
    assert_eq!(checked, [false, true]);
}

#[test]
fn unknown_defaults_are_refused() {
    let source = SourceFile {
        name: "x".to_owned(),
        text: "\nlisten a from b\n".to_owned(),
    };
    let error = Configuration::read(&[source]).unwrap_err();
    assert_eq!(error.to_string(), "x:2: there is no defaults section \"b\"");
}

#[test]
fn each_outcome_of_a_condition_is_a_reading_of_its_own() {
    let counts = |file: &str| -> Vec<usize> {
        let read = configuration(&[file]);
        let readings = read.readings.iter();
        readings.map(|reading| reading.proxies.len()).collect()
    };
    assert_eq!(counts("listen a\nlisten b\n"), [2]);
    assert_eq!(counts(".if 1\nlisten a\n.endif\n"), [1]);
    assert_eq!(counts(".if x\nlisten a\n.endif\nlisten b\n"), [1, 2]);
    assert_eq!(
        counts(".if x\nlisten a\n.endif\n.if y\nlisten b\n.endif\n"),
        [0, 1, 1, 2]
    );
    // Conditions around lines that decide about no session are none.
    assert_eq!(
        counts("global\n.if x\n nbthread 1\n.endif\nlisten a\n"),
        [1]
    );
    // A reading with an error is left out.
    assert_eq!(
        counts("defaults a\n.if x\nlisten a from a\n.else\nlisten a from b\n.endif\n"),
        [1]
    );
    let many: Vec<String> = (0..9)
        .map(|n| format!(".if x{n}\nlisten a\n.endif\n"))
        .collect();
    let many = many.concat();
    assert_eq!(counts(&many).len(), 16);
    assert_eq!(configuration(&[&many]).conditions, Conditions::TooMany);
}
