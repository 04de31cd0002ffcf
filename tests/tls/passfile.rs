//! The password file, for a server that is reached over TCP.

use std::path::Path;

use crate::operator::{Met, Operator};
use crate::server::{NAME, PASSWORD, WITHOUT_TLS};

/// A file in which only the last line is about the server: hosts are compared as they were written.
fn text() -> String {
    let address = WITHOUT_TLS.address;
    let (ip, port) = (address.ip(), address.port());
    format!(
        "{ip}:{port}:postgres:scram:wrong\n\
         {NAME}:1:postgres:scram:wrong\n\
         {NAME}:{port}:other:scram:wrong\n\
         {NAME}:{port}:postgres:other:wrong\n\
         {NAME}:*:postgres:scram:{PASSWORD}\n"
    )
}

fn log_in(operator: &Operator, settings: &str) -> Met {
    operator.connect(&WITHOUT_TLS.conninfo("scram", settings))
}

/// Whether standard error has one line and it says all of this.
fn tells(met: &Met, parts: &[&str]) -> bool {
    met.said.lines().count() == 1 && parts.iter().all(|part| met.said.contains(part))
}

fn shown(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn it_is_found_wherever_libpq_finds_it() {
    let by_variable = Operator::new();
    let file = by_variable.file("passwords", &text(), 0o600);
    let by_variable = by_variable.with("PGPASSFILE", shown(&file));
    assert_eq!(log_in(&by_variable, "").answer, "production");

    let by_setting = Operator::new();
    let file = by_setting.file("passwords", &text(), 0o600);
    let setting = format!("passfile={}", shown(&file));
    assert_eq!(log_in(&by_setting, &setting).answer, "production");

    let at_home = Operator::new();
    at_home.file(".pgpass", &text(), 0o600);
    assert_eq!(log_in(&at_home, "").answer, "production");
    assert_eq!(log_in(&at_home, "host=db2.example").answer, "down auth");
    assert_eq!(log_in(&at_home, "password=wrong").answer, "down auth");
}

#[test]
fn one_that_others_can_read_is_ignored_and_named() {
    let operator = Operator::new();
    let file = operator.file("passwords", &text(), 0o640);
    let operator = operator.with("PGPASSFILE", shown(&file));
    let met = log_in(&operator, "");
    assert_eq!(met.answer, "down auth");
    assert!(tells(&met, &[shown(&file), "chmod 0600"]), "{met:?}");

    let met = log_in(&operator, &format!("password={PASSWORD}"));
    assert_eq!((met.answer.as_str(), met.said.as_str()), ("production", ""));
}

#[test]
fn one_that_was_named_and_cannot_be_read_is_told_with_what_to_do() {
    let operator = Operator::ordinary();
    let file = operator.file("passwords", &text(), 0o000);
    let met = log_in(&operator, &format!("passfile={}", shown(&file)));
    assert_eq!(met.answer, "down internal");
    let parts = [
        shown(&file),
        "Permission denied",
        "make it readable",
        "0600",
    ];
    assert!(tells(&met, &parts), "{met:?}");
}
