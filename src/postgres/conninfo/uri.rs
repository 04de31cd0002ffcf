//! Parses a connection string in libpq's URI form.
//!
//! PostgreSQL manual, "Connection URIs"; where that is silent, `conninfo_uri_parse_options` in
//! `src/interfaces/libpq/fe-connect.c`. Stricter than libpq in two places, where a password that
//! lacks percent-encoding would turn into a host, port or database name and so into a log: an `@`
//! after the first one, and a port that is not a number.

use super::error::{TargetError, UriError};
use super::given::Given;
use super::keyword::Keyword;

const SCHEMES: [&str; 2] = ["postgresql://", "postgres://"];

/// Returns what follows the scheme, if libpq knows the scheme; in lower case as libpq demands.
pub(super) fn strip_scheme(text: &str) -> Option<&str> {
    SCHEMES.iter().find_map(|scheme| text.strip_prefix(scheme))
}

/// Reads `[user[:password]@][host][:port][,...][/dbname][?keyword=value[&...]]`.
///
/// An empty part counts as absent, so that the environment can fill it.
pub(super) fn parse(after_scheme: &str) -> Result<Given, TargetError> {
    let mut given = Given::default();
    let rest = credentials(after_scheme, &mut given)?;
    let rest = servers(rest, &mut given)?;
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    if path.contains('@') {
        return Err(UriError::StrayAt.into());
    }
    set(
        &mut given,
        Keyword::DbName,
        path.strip_prefix('/').unwrap_or(path),
    )?;
    parameters(query, given)
}

/// Reads the user and password before an `@` that comes before any `/`.
fn credentials<'a>(uri: &'a str, given: &mut Given) -> Result<&'a str, TargetError> {
    let Some((credentials, rest)) = uri.split_once('@').filter(|(c, _)| !c.contains('/')) else {
        return Ok(uri);
    };
    let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
    set(given, Keyword::User, user)?;
    set(given, Keyword::Password, password)?;
    Ok(rest)
}

/// Reads `host:port`, or several with commas between them, up to the path or the parameters. As in libpq
/// hosts and ports become two lists, in which an absent one is empty.
fn servers<'a>(text: &'a str, given: &mut Given) -> Result<&'a str, TargetError> {
    let (mut hosts, mut ports) = (Vec::new(), Vec::new());
    let mut rest = text;
    loop {
        let (host, port, after) = server(rest)?;
        hosts.push(host);
        ports.push(port);
        let Some(next) = after.strip_prefix(',') else {
            set(given, Keyword::Host, &hosts.join(","))?;
            set(given, Keyword::Port, &ports.join(","))?;
            return Ok(after);
        };
        rest = next;
    }
}

/// Reads one `host:port`.
fn server(rest: &str) -> Result<(&str, &str, &str), UriError> {
    let (host, rest) = match rest.strip_prefix('[') {
        Some(inside) => bracketed(inside)?,
        None => split_before(rest, &[':', '/', '?', ',']),
    };
    let (port, rest) = match rest.strip_prefix(':') {
        Some(port) => split_before(port, &['/', '?', ',']),
        None => ("", rest),
    };
    if host.contains('@') {
        return Err(UriError::StrayAt);
    }
    if !decode(port)?.bytes().all(|b| b.is_ascii_digit()) {
        return Err(UriError::Port);
    }
    Ok((host, port, rest))
}

fn bracketed(inside: &str) -> Result<(&str, &str), UriError> {
    let (address, rest) = inside.split_once(']').ok_or(UriError::OpenBracket)?;
    if address.is_empty() {
        return Err(UriError::EmptyBrackets);
    }
    if !rest.is_empty() && !rest.starts_with([':', '/', '?', ',']) {
        return Err(UriError::AfterBracket);
    }
    Ok((address, rest))
}

fn parameters(query: &str, mut given: Given) -> Result<Given, TargetError> {
    let mut rest = query;
    while !rest.is_empty() {
        let (pair, next) = rest.split_once('&').unwrap_or((rest, ""));
        let (name, value) = pair.split_once('=').ok_or(UriError::MissingEquals)?;
        if value.contains('=') {
            return Err(UriError::ExtraEquals.into());
        }
        let (name, value) = (decode(name)?, decode(value)?);
        // JDBC's spelling.
        if name == "ssl" && value == "true" {
            given.insert(Keyword::SslMode, "require".into());
        } else {
            given.store(&name, value).map_err(hide_name)?;
        }
        rest = next;
    }
    Ok(given)
}

/// Hides the unknown name: in a URI it may be the rest of a password that lacks percent-encoding.
fn hide_name(error: TargetError) -> TargetError {
    if let TargetError::UnknownKeyword { nearest, .. } = error {
        TargetError::UnknownKeyword {
            shown: None,
            nearest,
        }
    } else {
        error
    }
}

fn set(given: &mut Given, keyword: Keyword, encoded: &str) -> Result<(), UriError> {
    if !encoded.is_empty() {
        given.insert(keyword, decode(encoded)?);
    }
    Ok(())
}

fn split_before<'a>(text: &'a str, ends: &[char]) -> (&'a str, &'a str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

/// Decodes percent-encoding. Spaces at both ends are removed and none may be inside, as in current libpq;
/// that of PostgreSQL 15 still took them literally.
fn decode(encoded: &str) -> Result<String, UriError> {
    let encoded = encoded.trim_matches(' ');
    if encoded.contains(' ') {
        return Err(UriError::Space);
    }
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut bytes = encoded.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        match (
            bytes.next().and_then(hex_digit),
            bytes.next().and_then(hex_digit),
        ) {
            (Some(0), Some(0)) => return Err(UriError::PercentNul),
            (Some(high), Some(low)) => decoded.push(high << 4 | low),
            _ => return Err(UriError::BadPercent),
        }
    }
    String::from_utf8(decoded).map_err(|_| UriError::NotUtf8)
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests;
