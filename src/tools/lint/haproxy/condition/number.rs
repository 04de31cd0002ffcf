//! Evaluates criteria on numbers of servers: `nbsrv(name)`, with the converters of arithmetic behind it (Configuration
//! Manual, "Converters").

use super::Counted;

/// A value, and whether it is a boolean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Value {
    number: i64,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Number,
    Boolean,
}

/// Evaluates `nbsrv(name),sub(1) gt 0` and the like; `None` for anything else.
pub(super) fn criterion(words: &[String], counted: Counted<'_>) -> Option<bool> {
    let mut words = words.iter().map(String::as_str);
    let value = expression(words.next().unwrap_or_default(), counted)?;
    let mut compare: fn(i64, i64) -> bool = |value, other| value == other;
    // The patterns of a boolean are ignored, unless it is compared as a number.
    let mut compared = value.kind == Kind::Number;
    while let Some(word) = words.next() {
        match word {
            "-m" => match words.next() {
                Some("found") => return Some(true),
                Some("bool") => return Some(value.number != 0),
                Some("int") => compared = true,
                Some(_) | None => return None,
            },
            "--" | "-i" | "-n" => {}
            "eq" => compare = |value, other| value == other,
            "ge" => compare = |value, other| value >= other,
            "gt" => compare = |value, other| value > other,
            "le" => compare = |value, other| value <= other,
            "lt" => compare = |value, other| value < other,
            _ if !compared => {}
            pattern => {
                if meets(value.number, pattern, compare)? {
                    return Some(true);
                }
            }
        }
    }
    // A boolean needs no pattern; a number without one never matches.
    Some(!compared && value.number != 0)
}

/// The section whose servers an expression counts.
pub(super) fn section<'e>(text: &'e str, here: &'e str) -> Option<&'e str> {
    let mut parts = parts(text).into_iter();
    match (call(parts.next()?), parts.next()) {
        (("nbsrv", ""), _) => Some(here),
        (("nbsrv", name), _) | (("str", name), Some("nbsrv")) => Some(name),
        (_, Some(_) | None) => None,
    }
}

/// A fetch with its converters.
fn expression(text: &str, counted: Counted<'_>) -> Option<Value> {
    let mut parts = parts(text).into_iter().peekable();
    let first = call(parts.next()?);
    let number = match first {
        ("nbsrv", "") => counted.number(counted.here)?,
        ("nbsrv", name) => counted.number(name)?,
        ("str", name) => {
            parts.next_if_eq(&"nbsrv")?;
            counted.number(name)?
        }
        ("int", number) => number.parse().ok()?,
        _ => return None,
    };
    let mut value = Value {
        number,
        kind: Kind::Number,
    };
    for converter in parts {
        value = converted(value, call(converter))?;
    }
    Some(value)
}

fn converted(value: Value, (name, argument): (&str, &str)) -> Option<Value> {
    let number = value.number;
    let other = || argument.parse::<i64>().ok();
    let boolean = |holds: bool| Value {
        number: i64::from(holds),
        kind: Kind::Boolean,
    };
    let number = match name {
        "add" => number.saturating_add(other()?),
        "sub" => number.saturating_sub(other()?),
        "mul" => number.saturating_mul(other()?),
        // Division by zero gives the greatest number, and nothing of it remains.
        "div" => number.checked_div(other()?).unwrap_or(i64::MAX),
        "mod" => number.checked_rem(other()?).unwrap_or(0),
        "neg" => number.saturating_neg(),
        "and" => number & other()?,
        "or" => number | other()?,
        "xor" => number ^ other()?,
        "cpl" => !number,
        "bool" => return Some(boolean(number != 0)),
        "not" => return Some(boolean(number == 0)),
        "even" => return Some(boolean(number & 1 == 0)),
        "odd" => return Some(boolean(number & 1 == 1)),
        _ => return None,
    };
    Some(Value {
        number,
        kind: Kind::Number,
    })
}

/// Splits an expression at each comma outside parentheses.
fn parts(text: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    text.split(|c| {
        match c {
            '(' => depth = depth.saturating_add(1),
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    })
    .collect()
}

/// A name and its argument.
fn call(text: &str) -> (&str, &str) {
    match text.split_once('(') {
        Some((name, argument)) => (name, argument.strip_suffix(')').unwrap_or(argument).trim()),
        None => (text, ""),
    }
}

/// Whether a number matches a value, `1`, or a range, `0:1`, `2:`.
fn meets(number: i64, pattern: &str, compare: fn(i64, i64) -> bool) -> Option<bool> {
    let Some((low, high)) = pattern.split_once(':') else {
        return Some(compare(number, pattern.parse().ok()?));
    };
    let bound = |text: &str, open: i64| {
        if text.is_empty() {
            return Some(open);
        }
        text.parse().ok()
    };
    let (low, high) = (bound(low, i64::MIN)?, bound(high, i64::MAX)?);
    Some((low..=high).contains(&number))
}
