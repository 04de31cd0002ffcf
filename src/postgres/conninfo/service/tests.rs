//! Tests of service files and of their precedence.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;
use crate::postgres::conninfo::{Secret, Target};

/// Files by their paths.
type Files<'a> = &'a [(&'a str, &'a str)];

fn resolve(
    conninfo: &str,
    variables: &[(&str, &str)],
    files: Files<'_>,
) -> Result<Target, TargetError> {
    resolve_and_watch(conninfo, variables, files).0
}

/// The target, and the files that were read or tried.
fn resolve_and_watch(
    conninfo: &str,
    variables: &[(&str, &str)],
    files: Files<'_>,
) -> (Result<Target, TargetError>, Vec<PathBuf>) {
    let variables: BTreeMap<_, _> = variables.iter().copied().collect();
    let files: BTreeMap<&Path, &str> = files
        .iter()
        .map(|(path, text)| (Path::new(*path), *text))
        .collect();
    let asked = RefCell::new(Vec::new());
    let environment = Environment {
        variable: &|name| variables.get(name).map(ToString::to_string),
        service_file: &|path| {
            asked.borrow_mut().push(path.to_owned());
            match files.get(path) {
                Some(text) => ServiceFile::Text(text.as_bytes().to_vec()),
                None => ServiceFile::Missing,
            }
        },
        user: Some("postgres".into()),
        home: Some("/home/pg".into()),
    };
    let target = Target::resolve(conninfo, &environment);
    (target, asked.into_inner())
}

const OWN: &str = "/home/pg/.pg_service.conf";
const SYSTEM: &str = "/etc/postgresql-common/pg_service.conf";

#[test]
fn a_service_comes_after_the_string_and_before_the_variables() {
    let files = [(OWN, "[a]\nhost=db1\nport=5433\nuser=u\npassword=p\n")];
    let variables = [("PGPORT", "1"), ("PGDATABASE", "d")];
    let target = resolve("service=a user=v", &variables, &files).unwrap();
    assert_eq!(target.to_string(), "db1 port 5433, role v, database d");
    assert_eq!(target.password, Some(Secret::new("p")));
    let service = Service {
        file: OWN.into(),
        password: ServicePassword::Present,
    };
    assert_eq!(target.service, Some(service));
    // An empty setting hides those of lower precedence.
    let target = resolve("service=a port=''", &variables, &files).unwrap();
    assert_eq!(target.endpoint.port(), 5432);
    let target = resolve("service=a", &variables, &[(OWN, "[a]\nport=\n")]).unwrap();
    assert_eq!(target.endpoint.port(), 5432);
    assert_eq!(target.service.unwrap().password, ServicePassword::Absent);
}

#[test]
fn a_service_is_looked_for_where_libpq_looks_for_it() {
    let port = |conninfo: &str, variables: &[(&str, &str)], files: Files<'_>| {
        resolve(conninfo, variables, files).map(|target| target.endpoint.port())
    };
    let files = [
        (OWN, "[a]\nport=1\n[b]\nport=2\n"),
        (SYSTEM, "[a]\nport=3\n[c]\nport=4\n"),
        (
            "/etc/sysconfig/pgsql/pg_service.conf",
            "[c]\nport=5\n[d]\nport=6\n",
        ),
        ("/named", "[a]\nport=7\n"),
        ("/other", "[a]\nport=8\n"),
        ("/folder/pg_service.conf", "[c]\nport=9\n"),
    ];
    assert_eq!(port("service=a", &[], &files), Ok(1));
    assert_eq!(port("", &[("PGSERVICE", "b")], &files), Ok(2));
    assert_eq!(port("service=a", &[("PGSERVICE", "b")], &files), Ok(1));
    assert_eq!(port("service=c", &[], &files), Ok(4));
    assert_eq!(port("service=d", &[], &files), Ok(6));
    assert_eq!(
        port("service=a", &[("PGSERVICEFILE", "/named")], &files),
        Ok(7)
    );
    assert_eq!(
        port(
            "service=a servicefile=/other",
            &[("PGSERVICEFILE", "/named")],
            &files
        ),
        Ok(8)
    );
    assert_eq!(
        port("service=c", &[("PGSERVICEFILE", "/named")], &files),
        Ok(4)
    );
    assert_eq!(
        port("service=c", &[("PGSYSCONFDIR", "/folder")], &files),
        Ok(9)
    );
    assert_eq!(port("postgresql://?service=c", &[], &files), Ok(4));
    // Without a service nothing is read.
    let (target, asked) = resolve_and_watch("port=1", &[("PGSERVICEFILE", "/missing")], &files);
    assert_eq!((target.unwrap().endpoint.port(), asked), (1, Vec::new()));
}

#[test]
fn the_error_about_a_missing_service_names_the_files() {
    let said = |conninfo: &str, variables: &[(&str, &str)], files: Files<'_>| {
        resolve(conninfo, variables, files)
            .expect_err(conninfo)
            .to_string()
    };
    let none = said("service=x", &[], &[(OWN, "[a]\n")]);
    assert!(none.starts_with("there is no service \"x\""), "{none}");
    assert!(none.contains(OWN) && none.contains(SYSTEM), "{none}");
    let missing = said("service=x", &[("PGSERVICEFILE", "/missing")], &[]);
    assert!(
        missing.contains("the service file /missing does not exist"),
        "{missing}"
    );
    let folder = said("service=x", &[("PGSYSCONFDIR", "/folder")], &[]);
    assert!(
        folder.contains("/folder/pg_service.conf") && !folder.contains("/etc"),
        "{folder}"
    );
    let unreadable = Environment {
        variable: &|_| None,
        service_file: &|_| ServiceFile::Unreadable("it is not a regular file".into()),
        user: Some("u".into()),
        home: Some("/home/pg".into()),
    };
    let unreadable = Target::resolve("service=x", &unreadable)
        .unwrap_err()
        .to_string();
    assert!(
        unreadable.contains(OWN) && unreadable.contains("not a regular file"),
        "{unreadable}"
    );
}

#[test]
fn the_error_about_an_invalid_value_names_the_service_file() {
    let files = [(
        OWN,
        "[a]\nport=x\n[b]\nhost=a,b\n[c]\ntarget_session_attrs=primary\n",
    )];
    for (conninfo, sentence) in [
        (
            "service=a",
            "port in the service file /home/pg/.pg_service.conf is \"x\"; it must be a port number",
        ),
        (
            "service=b",
            "host in the service file /home/pg/.pg_service.conf lists several servers",
        ),
        (
            "service=c",
            "target_session_attrs in the service file /home/pg/.pg_service.conf cannot be used",
        ),
    ] {
        let said = resolve(conninfo, &[], &files).unwrap_err().to_string();
        assert!(said.starts_with(sentence), "{said}");
    }
}

#[test]
fn a_line_is_read_as_libpq_reads_it() {
    let read = |text: &str| {
        let read = read(text.as_bytes(), "a");
        read.map(|found| {
            found.map(|values| {
                values
                    .into_iter()
                    .map(|(k, v)| (k.name(), v))
                    .collect::<Vec<_>>()
            })
        })
    };
    let port = |value: &str| Ok(Some(vec![("port", value.to_owned())]));
    for (text, values) in [
        ("", Ok(None)),
        ("port=1", Ok(None)),
        ("[b]\nrubbish\n[a]\nport=1\n[b]\nrubbish\n", port("1")),
        ("[a]\n[a]\nport=1", Ok(Some(vec![]))),
        ("  [a]  \r\n\x0b # port=2\r\n\n  port=1 \t\r\n", port("1")),
        ("[a]rest\nport=1", port("1")),
        ("[ab]\nport=2\n[a]\nport=1", port("1")),
        ("[a]\nport=1\nport=2", port("1")),
        ("[a]\nport= 1 2 ", port(" 1 2")),
        ("[a]\nport==1", port("=1")),
        ("[a]\nport='1'", port("'1'")),
        ("[a]\nport=1 # not a comment", port("1 # not a comment")),
        ("[a]\nrubbish", Err((2, ServiceFlaw::MissingEquals))),
        (
            "[a]\nport =1",
            Err((2, ServiceFlaw::UnknownKeyword(Some(Keyword::Port)))),
        ),
        (
            "[a]\nrequiressl=1",
            Err((2, ServiceFlaw::UnknownKeyword(None))),
        ),
        ("[a]\n\nservice=b", Err((3, ServiceFlaw::Nested))),
        ("[a]\nldap://h/d?a?one", Err((2, ServiceFlaw::Ldap))),
        ("[a]\nuser=\0", Err((2, ServiceFlaw::Nul))),
    ] {
        assert_eq!(read(text), values, "{text:?}");
    }
    assert_eq!(
        super::read(b"# \xe9\n[a]\nuser=\xe9", "a"),
        Err((3, ServiceFlaw::NotUtf8))
    );
    for (length, end, is_taken) in [
        (1022, "", true),
        (1023, "", false),
        (1021, "\n", true),
        (1022, "\n", false),
    ] {
        let text = format!("{}{end}", "#".repeat(length));
        assert_eq!(read(&text).is_ok(), is_taken, "{length} {end:?}");
        // The text after the service is not read.
        assert!(read(&format!("[a]\n[b]\n{text}")).is_ok());
    }
}

proptest! {
    #[test]
    fn no_error_shows_what_a_service_file_has(line in "[a-z=' ]{0,9}Zebra[a-z=' ]{0,9}") {
        let text = format!("[a]\npassword=Zebra\n{line}\nport=x\n");
        let error = resolve("service=a", &[], &[(OWN, &text)]).unwrap_err();
        prop_assert!(!error.to_string().contains("Zebra"), "{}", error);
        prop_assert!(!format!("{error:?}").contains("Zebra"), "{:?}", error);
    }
}
