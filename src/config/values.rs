//! Reads one TOML value as one typed value.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use toml::de::{DeArray, DeValue};

use super::problem::{Wrong, quote};
use crate::base::units::{Bytes, Rate, parse_duration, show_duration};

pub(super) fn text<'v>(value: &'v DeValue<'_>, hint: &str) -> Result<&'v str, Wrong> {
    let wrong = || must_be("a string in quotes", value, hint);
    value.as_str().ok_or_else(wrong)
}

pub(super) fn array<'v, 'i>(value: &'v DeValue<'i>) -> Result<&'v DeArray<'i>, Wrong> {
    let wrong = || must_be("an array", value, "put it in brackets, as in [\"...\"]");
    value.as_array().ok_or_else(wrong)
}

/// Reads the absolute path of a file, as in `example`.
pub(super) fn path(value: &DeValue<'_>, example: &str) -> Result<PathBuf, Wrong> {
    let hint = format!("write the file's absolute path, as in \"{example}\"");
    let text = text(value, &hint)?;
    if text.starts_with('/') {
        Ok(text.into())
    } else {
        let message = format!("{} is not an absolute path", quote(text));
        Err(Wrong::new(message, hint))
    }
}

/// Reads the absolute path of a file that holds a secret. Other text is not shown: it may be the secret itself.
pub(super) fn secret_path(value: &DeValue<'_>, example: &str) -> Result<PathBuf, Wrong> {
    let hint = format!("write the absolute path of a file that contains it, as in \"{example}\"");
    let text = text(value, &hint)?;
    if text.starts_with('/') {
        Ok(text.into())
    } else {
        Err(Wrong::new("this is not an absolute path", hint))
    }
}

/// Reads a duration of at least `limits.start()` and at most `limits.end()`.
pub(super) fn duration(
    value: &DeValue<'_>,
    limits: RangeInclusive<Duration>,
) -> Result<Duration, Wrong> {
    let hint = "write a number and a unit, as in \"500ms\" or \"2s\"";
    let text = text(value, hint)?;
    let duration = parse_duration(text)
        .map_err(|_| Wrong::new(format!("{} is not a duration", quote(text)), hint))?;
    let (least, most) = (*limits.start(), *limits.end());
    if duration < least {
        let hint = format!("write at least \"{}\"", show_duration(least));
        return Err(Wrong::new(format!("{} is too short", quote(text)), hint));
    }
    if duration > most {
        let hint = format!("write at most \"{}\"", show_duration(most));
        return Err(Wrong::new(format!("{} is too long", quote(text)), hint));
    }
    Ok(duration)
}

pub(super) fn size(value: &DeValue<'_>) -> Result<Bytes, Wrong> {
    let hint = "write a whole number and a unit of B, kB, MB, GB or TB, as in \"16MB\"";
    let text = text(value, hint)?;
    let wrong = |_| Wrong::new(format!("{} is not a size", quote(text)), hint);
    text.parse().map_err(wrong)
}

/// Reads one word of a closed set and returns what it means.
pub(super) fn choice<V: Copy>(value: &DeValue<'_>, choices: &[(&str, V)]) -> Result<V, Wrong> {
    let words: Vec<String> = choices
        .iter()
        .map(|(word, _)| format!("\"{word}\""))
        .collect();
    let hint = match words.split_last() {
        Some((last, others)) => format!("write {} or {last}", others.join(", ")),
        None => String::new(),
    };
    let text = text(value, &hint)?;
    let found = choices.iter().find(|(word, _)| *word == text);
    found.map(|(_, meaning)| *meaning).ok_or_else(|| {
        Wrong::new(
            format!("{} is not one of the allowed words", quote(text)),
            hint,
        )
    })
}

pub(super) fn rate(value: &DeValue<'_>) -> Result<Rate, Wrong> {
    let hint = "write a whole number above zero a second, as in \"50/s\"";
    let text = text(value, hint)?;
    let wrong = |_| Wrong::new(format!("{} is not a rate", quote(text)), hint);
    text.parse().map_err(wrong)
}

/// Reads `false` as `no` and `true` as `yes`.
pub(super) fn switch<V>(value: &DeValue<'_>, no: V, yes: V) -> Result<V, Wrong> {
    match value.as_bool() {
        Some(false) => Ok(no),
        Some(true) => Ok(yes),
        None => Err(must_be(
            "true or false",
            value,
            "write true or false, without quotes",
        )),
    }
}

/// Reads a whole number that `accept` takes.
pub(super) fn number<V>(
    value: &DeValue<'_>,
    accept: impl FnOnce(u32) -> Option<V>,
    limits: &str,
) -> Result<V, Wrong> {
    let hint = format!("write a whole number {limits}, without quotes");
    let integer = value.as_integer();
    let integer = integer.ok_or_else(|| must_be("a whole number", value, &hint))?;
    let number = u32::from_str_radix(integer.as_str(), integer.radix()).ok();
    number
        .and_then(accept)
        .ok_or_else(|| Wrong::new(format!("{integer} is out of range"), hint))
}

pub(super) fn address(value: &DeValue<'_>) -> Result<SocketAddr, Wrong> {
    let hint = "write an IP address and a port, as in \"0.0.0.0:5431\" or \"[::]:5431\"";
    let text = text(value, hint)?;
    text.parse().map_err(|_| {
        if text.starts_with(['/', '@']) || text.starts_with("unix:") {
            return Wrong::new(
                format!("{} is the path of a Unix socket, but checks come over TCP", quote(text)),
                hint,
            );
        }
        // The standard library reads a zone only as a number, as in "[fe80::1%2]:5431".
        if text.contains('%') {
            let hint = "write the number of the interface (ip link shows it), as in \"[fe80::1%2]:5431\", or have \
                        systemd bind the socket";
            return Wrong::new(
                format!("{} has a zone that is not a number", quote(text)),
                hint,
            );
        }
        Wrong::new(format!("{} is not a socket address", quote(text)), hint)
    })
}

pub(super) fn must_be(what: &str, value: &DeValue<'_>, hint: &str) -> Wrong {
    let found = match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a decimal point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    };
    Wrong::new(format!("this must be {what}, not {found}"), hint)
}
