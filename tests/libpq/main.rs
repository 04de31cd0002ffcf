//! Gives connection strings to Debian's `psql` and to our reader, in one environment: what libpq takes we
//! take, and understand as the same; what it refuses we refuse. Where we differ on purpose, the reason
//! names it.
//!
//! - [`listener`]: stands where a server would, and writes down what libpq sends.
//! - [`psql`]: what `psql` makes of a string.
//! - [`ours`]: what we make of it.
//! - [`settings`], [`uris`], [`places`]: the strings.
//! - [`services`]: service files, and strings that name a service.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that cannot go on fails its test"
)]
#![expect(
    clippy::needless_raw_string_hashes,
    reason = "all strings of a table are written alike"
)]

mod listener;
mod ours;
mod places;
mod psql;
mod services;
mod settings;
mod uris;

use Right::Same;
use listener::Listener;
use pgsql_state::postgres::conninfo::encoding;
use support::{Postgres, Trouble};

/// What becomes of a connection string.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    /// It says where, as whom and how.
    Taken(Effective),
    /// It leads to where nobody listens.
    Elsewhere(String),
    /// It says nothing that can be used.
    Refused(String),
}

/// What a server sees of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Effective {
    place: String,
    encryption: Encryption,
    /// None where the client asks for encryption first, and goes no further without it.
    login: Option<Login>,
}

/// When a client asks for encryption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encryption {
    Never,
    /// After it was refused without.
    Second,
    /// Before it goes on without.
    First,
    Always,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Login {
    user: String,
    database: String,
    options: Option<String>,
    password: Option<String>,
    /// None where the client's own name stands there.
    application_name: Option<String>,
}

/// What is right for a string.
#[derive(Clone, Copy, Debug)]
enum Right {
    /// As libpq has it.
    Same,
    /// libpq takes it; we refuse it, and say this.
    RefusedFor(&'static str),
    /// libpq 15 refuses it, and a newer one takes it.
    Newer,
    /// The same, and we refuse it.
    NewerRefused,
}

/// Compares all strings of a table and tells of every one that differs.
fn compare(table: &[(&str, Right)]) {
    let listener = Listener::new();
    let different = table
        .iter()
        .filter_map(|(text, right)| difference(&listener, text, *right));
    tell(&different.collect::<Vec<_>>());
}

/// Both outcomes, if they are not as they should be.
fn difference(listener: &Listener, text: &str, right: Right) -> Option<String> {
    let text = listener.fill(text);
    let (libpq, ours) = (
        psql::outcome(listener, &text),
        ours::outcome(listener, &text),
    );
    let agree = match (right, &libpq, &ours) {
        (Same, Outcome::Refused(_), Outcome::Refused(_)) => true,
        (
            Right::RefusedFor(reason),
            Outcome::Taken(_) | Outcome::Elsewhere(_),
            Outcome::Refused(said),
        ) => said.contains(reason),
        (Right::Newer, Outcome::Refused(said), Outcome::Taken(_)) => {
            let unknown = [
                "invalid connection option",
                "invalid URI",
                "syntax error in service file",
            ];
            unknown.iter().any(|unknown| said.contains(unknown))
        }
        (Same | Right::Newer, libpq, ours) => libpq == ours,
        (Right::NewerRefused, _, ours) => matches!(ours, Outcome::Refused(_)),
        (Right::RefusedFor(_), _, _) => false,
    };
    (!agree).then(|| format!("{text}\n   {right:?}\n   libpq {libpq:?}\n   ours  {ours:?}"))
}

fn tell(wrong: &[String]) {
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn a_setting_is_read_as_libpq_reads_it() {
    compare(settings::STRINGS);
}

#[test]
fn a_uri_is_read_as_libpq_reads_it() {
    compare(uris::STRINGS);
}

#[test]
fn a_service_is_read_as_libpq_reads_it() {
    let mut listener = Listener::new();
    listener.write(".pg_service.conf", services::OWN);
    listener.write("system/pg_service.conf", services::SYSTEM);
    let strings = services::STRINGS.iter();
    let mut wrong: Vec<_> = strings
        .filter_map(|(text, right)| difference(&listener, text, *right))
        .collect();
    // A file that is named takes the place of the user's own.
    let named = listener.home().join("named").display().to_string();
    listener.set("PGSERVICEFILE", named);
    wrong.extend(difference(&listener, "service=whole", Same));
    for (text, right) in services::FILES {
        listener.write("named", text);
        let found = difference(&listener, "service=a", *right);
        wrong.extend(found.map(|found| format!("{text:?}\n{found}")));
    }
    for length in [1021, 1022, 1023, 1024] {
        let line = "#".repeat(length);
        for text in [
            format!("{line}\n[a]\nuser=alice\n"),
            format!("[a]\nuser=alice\n{line}"),
        ] {
            listener.write("named", &text);
            let found = difference(&listener, "service=a", Same);
            wrong.extend(found.map(|found| format!("{length}\n{found}")));
        }
    }
    for service in ["whole", "a", "none", ""] {
        listener.set("PGSERVICE", service);
        for text in ["", "user=bob", "service=system"] {
            let found = difference(&listener, text, Same);
            wrong.extend(found.map(|found| format!("PGSERVICE={service}\n{found}")));
        }
    }
    tell(&wrong);
}

#[test]
fn a_place_is_read_as_libpq_reads_it() {
    compare(places::STRINGS);
}

#[test]
fn there_are_enough_strings_and_none_is_given_twice() {
    let all = [
        settings::STRINGS,
        uris::STRINGS,
        places::STRINGS,
        services::STRINGS,
    ]
    .concat();
    let mut texts: Vec<&str> = all.iter().map(|(text, _)| *text).collect();
    texts.sort_unstable();
    let count = texts.len();
    texts.dedup();
    assert_eq!(texts.len(), count);
    assert!(count >= 200, "{count}");
}

/// A name that no server knows is refused at the login, which the listener has none of.
#[test]
fn an_encoding_is_known_where_a_server_knows_it() -> Result<(), Trouble> {
    let server = Postgres::primary().start()?;
    let known =
        "SELECT string_agg(pg_encoding_to_char(number), ',') FROM generate_series(0, 41) AS number";
    let mut names: Vec<String> = server.query(known)?.split(',').map(str::to_owned).collect();
    assert_eq!(names.len(), 42);
    let others = "utf-8 UTF_8 unicode Latin1 latin-10 windows1252 win mskanji ABC koi8 tcvn euc_jis_2004 NOPE utf9 latin11 utf16 iso88599x";
    names.extend(others.split(' ').map(str::to_owned));
    for name in names {
        let taken = server.query(&format!("SELECT pg_char_to_encoding('{name}') >= 0"))?;
        assert_eq!(encoding::is_known(&name), taken == "t", "{name}");
    }
    Ok(())
}
