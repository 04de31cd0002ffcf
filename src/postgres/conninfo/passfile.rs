//! Finds the password for a server in the text of a `.pgpass`; opens no file.
//!
//! PostgreSQL manual, "The Password File"; where that is silent, `passwordFromFile` and
//! `pwdfMatchesString` in `src/interfaces/libpq/fe-connect.c`.

use std::os::unix::ffi::OsStrExt;

use super::endpoint::DEFAULT_DIRECTORY;
use super::{Endpoint, Secret, Target};

/// Returns the password of the first line `host:port:database:user:password` that matches `target`.
///
/// `*` alone matches anything, a backslash makes `:` and `\` literal, `#` begins a comment line.
/// The text is bytes, because a comment in another encoding must not hide the lines around it.
pub fn find(text: &[u8], target: &Target) -> Option<Secret> {
    let port = target.endpoint.port().to_string();
    let wanted = [
        host(&target.endpoint),
        port.as_bytes(),
        target.database.as_bytes(),
        target.user.as_bytes(),
    ];
    text.split(|byte| *byte == b'\n')
        .filter(|line| !line.starts_with(b"#"))
        .find_map(|line| {
            wanted
                .into_iter()
                .try_fold(without_line_end(line), skip_field)
        })
        .map(unescape)
}

/// Returns the server's name in the file: the host as it was written, and `localhost` for the default socket.
fn host(endpoint: &Endpoint) -> &[u8] {
    let host = match endpoint {
        Endpoint::Unix { directory, .. } => directory.as_os_str().as_bytes(),
        Endpoint::Tcp { host, .. } => host.as_bytes(),
    };
    if host == DEFAULT_DIRECTORY.as_bytes() {
        b"localhost"
    } else {
        host
    }
}

fn without_line_end(mut line: &[u8]) -> &[u8] {
    while let Some(shorter) = line.strip_suffix(b"\r") {
        line = shorter;
    }
    line
}

/// Returns what follows the first field of `line`, if that field is `wanted` or matches anything. A colon that
/// `wanted` contains needs no backslash.
fn skip_field<'a>(line: &'a [u8], wanted: &[u8]) -> Option<&'a [u8]> {
    if let Some(rest) = line.strip_prefix(b"*:") {
        return Some(rest);
    }
    let mut line = line.iter();
    let mut wanted = wanted.iter();
    loop {
        let written = match line.next()? {
            b':' if wanted.as_slice().is_empty() => return Some(line.as_slice()),
            b'\\' => line.next()?,
            byte => byte,
        };
        if written != wanted.next()? {
            return None;
        }
    }
}

/// Returns the password, up to a colon without a backslash.
fn unescape(field: &[u8]) -> Secret {
    let mut password = Vec::with_capacity(field.len());
    let mut bytes = field.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b':' => break,
            b'\\' => password.push(*bytes.next().unwrap_or(byte)),
            _ => password.push(*byte),
        }
    }
    Secret::new(password)
}

#[cfg(test)]
mod tests;
