use proptest::prelude::*;

use super::*;
use crate::postgres::conninfo::Environment;

fn target(conninfo: &str) -> Target {
    let environment = Environment {
        service_file: &|_| crate::postgres::conninfo::ServiceFile::Missing,
        variable: &|_| None,
        user: Some("me".into()),
        home: None,
    };
    Target::resolve(conninfo, &environment).expect(conninfo)
}

fn found(text: &str, conninfo: &str) -> Option<String> {
    find(text.as_bytes(), &target(conninfo))
        .map(|secret| String::from_utf8(secret.expose().into()).expect("UTF-8"))
}

#[test]
fn the_first_line_that_matches_the_server_counts() {
    let text = "\
# db1:5432:app:me:comment
other:5432:app:me:1
db1:5433:app:me:2

db1:5432:other:me:3
db1:5432:app:you:4
db1:5432:app
db1:5432:app:me:right
*:*:*:*:late";
    assert_eq!(found(text, "host=db1 dbname=app").as_deref(), Some("right"));
    assert_eq!(found(text, "host=db1 dbname=new").as_deref(), Some("late"));
}

#[test]
fn each_field_matches_as_it_does_for_libpq() {
    for (line, conninfo, password) in [
        ("*:*:*:*:p", "host=h", Some("p")),
        ("**:*:*:*:p", "host=h", None),
        (r"\*:*:*:*:p", "host=*", Some("p")),
        ("h:5432:me:me:p", "host=h", Some("p")),
        ("H:5432:me:me:p", "host=h", None),
        (" h:5432:me:me:p", "host=h", None),
        ("#h:5432:me:me:p", "host=#h", None),
        ("localhost:*:*:*:p", "", Some("p")),
        (
            "localhost:*:*:*:p",
            "host=/var/run/postgresql port=5434",
            Some("p"),
        ),
        ("localhost:*:*:*:p", "host=/tmp", None),
        ("localhost:*:*:*:p", "host=127.0.0.1", None),
        ("/tmp:*:*:*:p", "host=/tmp", Some("p")),
        ("@pg:*:*:*:p", "host=@pg", Some("p")),
        ("10.0.0.5:*:*:*:p", "hostaddr=10.0.0.5", Some("p")),
        ("10.0.0.5:*:*:*:p", "host=db1 hostaddr=10.0.0.5", None),
        ("db1:*:*:*:p", "host=db1 hostaddr=10.0.0.5", Some("p")),
        (r"\:\:1:*:*:*:p", "host=::1", Some("p")),
        ("::1:*:*:*:p", "host=::1", Some("p")),
        (r"*:*:a\:b\\:*:p", r"dbname=a:b\\", Some("p")),
        ("*:*:*:*:", "", Some("")),
        ("*:*:*:*", "", None),
        ("", "", None),
        (r"*:*:*:*:a\:b\\c:rest", "", Some(r"a:b\c")),
        (r"*:*:*:*:a\", "", Some(r"a\")),
        ("*:*:*:*: p # no comment\r\r", "", Some(" p # no comment")),
    ] {
        assert_eq!(
            found(line, conninfo).as_deref(),
            password,
            "{line} for {conninfo}"
        );
    }
}

#[test]
fn a_line_in_another_encoding_hides_no_other() {
    let text = b"# caf\xe9\n*:*:x\xff:*:no\n*:*:*:*:caf\xe9";
    let secret = find(text, &target("")).expect("the last line");
    assert_eq!(secret.expose(), b"caf\xe9");
}

proptest! {
    #[test]
    fn an_escaped_entry_is_found_whatever_it_contains(
        host in "[^\0,/@\n][^\0,\n]*",
        user in "[^\0\n]+",
        password in "[^\0\r\n]*",
    ) {
        let quote = |text: &str| text.replace('\\', r"\\").replace('\'', r"\'");
        let escape = |text: &str| text.replace('\\', r"\\").replace(':', r"\:");
        let conninfo = format!("host='{}' user='{}' dbname=d", quote(&host), quote(&user));
        let line = format!("x\n{}:5432:d:{}:{}\r\n", escape(&host), escape(&user), escape(&password));
        // A line that begins with # is a comment, also if a host's name begins so.
        prop_assume!(!host.starts_with('#'));
        prop_assert_eq!(found(&line, &conninfo), Some(password));
    }

    #[test]
    fn any_bytes_are_read_without_panic(text: Vec<u8>) {
        let _ = find(&text, &target(""));
    }
}
