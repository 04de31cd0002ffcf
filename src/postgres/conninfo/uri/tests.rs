use proptest::prelude::*;

use super::*;

fn read(uri: &str) -> Result<Given, TargetError> {
    parse(strip_scheme(uri).expect("a URI"))
}

fn error(uri: &str) -> TargetError {
    read(uri)
        .map(|given| format!("{:?}", given.pairs()))
        .expect_err(uri)
}

#[test]
fn the_parts_are_those_of_the_manual() {
    for (uri, pairs) in [
        ("postgresql://", vec![]),
        ("postgresql://localhost", vec![("host", "localhost")]),
        (
            "postgresql://localhost:5433",
            vec![("host", "localhost"), ("port", "5433")],
        ),
        (
            "postgresql://localhost/mydb",
            vec![("host", "localhost"), ("dbname", "mydb")],
        ),
        (
            "postgresql://user@localhost",
            vec![("host", "localhost"), ("user", "user")],
        ),
        (
            "postgresql://user:secret@localhost",
            vec![
                ("host", "localhost"),
                ("user", "user"),
                ("password", "secret"),
            ],
        ),
        (
            "postgresql://other@localhost/otherdb?connect_timeout=10&application_name=myapp",
            vec![
                ("host", "localhost"),
                ("dbname", "otherdb"),
                ("user", "other"),
                ("connect_timeout", "10"),
                ("application_name", "myapp"),
            ],
        ),
        (
            "postgresql:///mydb?host=localhost&port=5433",
            vec![("host", "localhost"), ("port", "5433"), ("dbname", "mydb")],
        ),
        (
            "postgresql://user@localhost:5433/mydb?options=-c%20synchronous_commit%3Doff",
            vec![
                ("host", "localhost"),
                ("port", "5433"),
                ("dbname", "mydb"),
                ("user", "user"),
                ("options", "-c synchronous_commit=off"),
            ],
        ),
        (
            "postgresql://[2001:db8::1234]/database",
            vec![("host", "2001:db8::1234"), ("dbname", "database")],
        ),
        (
            "postgresql:///dbname?host=/var/lib/postgresql",
            vec![("host", "/var/lib/postgresql"), ("dbname", "dbname")],
        ),
        (
            "postgresql://%2Fvar%2Flib%2Fpostgresql/dbname",
            vec![("host", "/var/lib/postgresql"), ("dbname", "dbname")],
        ),
    ] {
        assert_eq!(read(uri).expect(uri).pairs(), pairs, "{uri}");
    }
}

#[test]
fn the_corners_are_those_of_libpq() {
    for (uri, pairs) in [
        ("postgres://", vec![]),
        ("postgres://@:/", vec![]),
        ("postgres://:secret@", vec![("password", "secret")]),
        (
            "postgres://u%40x:p%3Aw%2F@h",
            vec![("host", "h"), ("user", "u@x"), ("password", "p:w/")],
        ),
        (
            "postgres://u:p?w@h",
            vec![("host", "h"), ("user", "u"), ("password", "p?w")],
        ),
        ("postgres://h/a/b", vec![("host", "h"), ("dbname", "a/b")]),
        (
            "postgres://[::1]:1?user=u",
            vec![("host", "::1"), ("port", "1"), ("user", "u")],
        ),
        (
            "postgres://h/?ss%6Cmode=disable&",
            vec![("host", "h"), ("sslmode", "disable")],
        ),
        ("postgres:///?ssl=true", vec![("sslmode", "require")]),
        ("postgres:///?host=@abstract", vec![("host", "@abstract")]),
        ("postgres:///?host=a&host=b", vec![("host", "b")]),
        ("postgres:///?host=", vec![("host", "")]),
        (
            "postgres://a:1,b,[::1]:2/db",
            vec![("host", "a,b,::1"), ("port", "1,,2"), ("dbname", "db")],
        ),
        ("postgres:// h /db ", vec![("host", "h"), ("dbname", "db")]),
    ] {
        assert_eq!(read(uri).expect(uri).pairs(), pairs, "{uri}");
    }
    for text in ["POSTGRES://h", "postgres:/h", "host=h", " postgres://h"] {
        assert_eq!(strip_scheme(text), None, "{text}");
    }
}

#[test]
fn an_error_does_not_show_text_that_may_be_a_password() {
    for (uri, problem) in [
        ("postgres://[::1", UriError::OpenBracket),
        ("postgres://[]", UriError::EmptyBrackets),
        ("postgres://[::1]x", UriError::AfterBracket),
        ("postgres://u:secr@et@h", UriError::StrayAt),
        ("postgres://u:1/secret@h", UriError::StrayAt),
        ("postgres://u:secret", UriError::Port),
        ("postgres://u:secret/et@h", UriError::Port),
        ("postgres://u:-1", UriError::Port),
        ("postgres:///?password=a&secret", UriError::MissingEquals),
        ("postgres:///?user=u&&port=1", UriError::MissingEquals),
        ("postgres:///?password=secr=et", UriError::ExtraEquals),
        ("postgres://u:secret%@h", UriError::BadPercent),
        ("postgres://u:secret%4", UriError::BadPercent),
        ("postgres:///secret%00", UriError::PercentNul),
        ("postgres:///secret%ff", UriError::NotUtf8),
        ("postgres://u:secret word@h", UriError::Space),
    ] {
        let error = error(uri);
        assert_eq!(error, problem.into(), "{uri}");
        assert!(!error.to_string().contains("secr"), "{error}");
    }
    assert_eq!(
        error("postgres:///?password=a&secret=x"),
        TargetError::UnknownKeyword {
            shown: None,
            nearest: None
        }
    );
}

proptest! {
    #[test]
    fn an_encoded_value_reads_as_it_was(user in "[^\0]+", password in "[^\0]+", database in "[^\0]+") {
        let encode = |text: &str| text.bytes().map(|b| format!("%{b:02x}")).collect::<Vec<_>>().concat();
        let uri = format!("postgres://{}:{}@/{}", encode(&user), encode(&password), encode(&database));
        let given = read(&uri).expect("encoded");
        prop_assert_eq!(
            given.pairs(),
            vec![("dbname", &*database), ("user", &*user), ("password", &*password)]
        );
    }
}
