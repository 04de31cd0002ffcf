//! What must hold for any bytes that other nodes' daemons say of their servers, and that users put into a service file.

use std::collections::BTreeMap;
use std::path::Path;

use pgsql_state::daemon::peers::state_document;
use pgsql_state::postgres::conninfo::{Environment, Keyword, ServiceFile, Target, service};
use pgsql_state::tools::doctor::reach;
use pgsql_state::tools::plugin::document;

/// The document of a daemon, by each of its readers: none says more than is there, and what is said of a document is one
/// line.
pub(crate) fn peers(bytes: &[u8]) {
    match state_document::read(bytes) {
        Ok(Some(told)) => {
            assert!(told.server.senders.len() < bytes.len());
            assert!(!told.age.is_zero() || contains(bytes, b"age_seconds"));
            for text in [&told.server.instance.system, &told.server.instance.started] {
                assert!(text.len() < bytes.len());
            }
        }
        Ok(None) => {}
        Err(error) => assert!(!error.to_string().contains(char::is_control), "{error:?}"),
    }
    if let Err(error) = document::read(bytes) {
        assert!(!error.to_string().contains(char::is_control), "{error:?}");
    }
    if let Err(error) = reach::read(bytes, "srv1") {
        assert!(!error.contains(char::is_control), "{error:?}");
    }
}

fn contains(bytes: &[u8], piece: &[u8]) -> bool {
    bytes.windows(piece.len()).any(|window| window == piece)
}

/// The name of a service in the first line, and the file in the rest, against a reader that goes about it as libpq does,
/// with a buffer. No error shows what is in the file.
pub(crate) fn services(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let (name, text) = bytes.split_at(end.unwrap_or(bytes.len()));
    let text = text.strip_prefix(b"\n").unwrap_or(text);
    let Ok(name) = str::from_utf8(name) else {
        return;
    };
    let read = service::read(text, name);
    let naive = naive(text, name.as_bytes());
    match (&read, &naive) {
        (Ok(read), Ok(naive)) => assert_eq!(read, naive),
        (Err((line, _)), Err(naive)) => assert_eq!(line, naive),
        (_, _) => assert_eq!(read.is_ok(), naive.is_ok(), "{read:?} {naive:?}"),
    }
    resolves(text, name);
}

fn resolves(text: &[u8], name: &str) {
    let own = |path: &Path| path == Path::new("/home/.pg_service.conf");
    let environment = Environment {
        variable: &|variable| (variable == "PGSERVICE").then(|| name.to_owned()),
        service_file: &|path| {
            if own(path) {
                ServiceFile::Text(text.to_vec())
            } else {
                ServiceFile::Missing
            }
        },
        user: Some("u".into()),
        home: Some("/home".into()),
    };
    match Target::resolve("", &environment) {
        Ok(target) => assert!(target.service.is_some_and(|service| own(&service.file))),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// `fgets` with 1024 bytes, and what follows it in `parseServiceFile`; the number of the line that is refused.
fn naive(text: &[u8], name: &[u8]) -> Result<Option<BTreeMap<Keyword, String>>, usize> {
    const BUFFER: usize = 1024;
    let mut found: Option<BTreeMap<Keyword, String>> = None;
    let mut rest = text;
    let mut number = 0;
    while !rest.is_empty() {
        number += 1;
        let most = &rest[..rest.len().min(BUFFER - 1)];
        let length = most
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(most.len(), |end| end + 1);
        let (line, after) = rest.split_at(length);
        rest = after;
        if line.len() >= BUFFER - 1 || line.contains(&0) {
            return Err(number);
        }
        let is_space = |byte: u8| byte == b' ' || (9..=13).contains(&byte);
        let mut line = line.to_vec();
        while line.last().is_some_and(|byte| is_space(*byte)) {
            line.pop();
        }
        while line.first().is_some_and(|byte| is_space(*byte)) {
            line.remove(0);
        }
        if line.is_empty() || line[0] == b'#' {
            continue;
        }
        if line[0] == b'[' {
            if found.is_some() {
                break;
            }
            if line[1..].starts_with(name) && line.get(name.len() + 1) == Some(&b']') {
                found = Some(BTreeMap::new());
            }
            continue;
        }
        let Some(values) = &mut found else {
            continue;
        };
        if line.starts_with(b"ldap") {
            return Err(number);
        }
        let line = String::from_utf8(line).map_err(|_| number)?;
        let (key, value) = line.split_once('=').ok_or(number)?;
        if key == "service" || key == "servicefile" {
            return Err(number);
        }
        let known = Keyword::ALL.iter().find(|keyword| keyword.name() == key);
        values
            .entry(*known.ok_or(number)?)
            .or_insert(value.to_owned());
    }
    Ok(found)
}
