//! Evaluates an expectation for an answer (Configuration Manual, "http-check expect", "tcp-check expect").
//!
//! HAProxy uses PCRE or POSIX expressions. Back-references and look-around, which the crate `regex` does not
//! support, are not evaluated.

use super::outcome::ServerOutcome;
use super::said::Said;
use crate::tools::lint::haproxy::check::{Expect, Matching};

/// The result of an expectation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judged {
    /// It is met; if it is the last one, the server gets this state.
    Met(ServerOutcome),
    /// It is not met, and no further expectation is evaluated.
    Failed(ServerOutcome),
    /// It cannot be evaluated; if it is not met, the server gets this state.
    Unknown(&'static str, ServerOutcome),
}

/// Judges one expectation.
pub(super) fn judge(expect: &Expect, said: &Said) -> Judged {
    let failed = outcome(expect.error_status.as_deref(), ServerOutcome::Down);
    if expect.pattern.contains("%[") || expect.pattern.contains("${") {
        return Judged::Unknown("the check expects the value of a variable", failed);
    }
    let met = match (expect.matching, said) {
        (Matching::Text, Said::Line(line)) => Ok(line.contains(&expect.pattern)),
        (Matching::Expression, Said::Line(line)) => {
            // In PCRE a dollar also matches before a newline at the end.
            let bare = line.trim_end_matches('\n');
            matches(expect, line).and_then(|whole| Ok(whole || matches(expect, bare)?))
        }
        (Matching::Status, Said::Status(status)) => Ok(is_listed(&expect.pattern, *status)),
        (Matching::StatusExpression, Said::Status(status)) => matches(expect, &status.to_string()),
        (Matching::Text | Matching::Expression | Matching::Other, Said::Status(_)) => {
            Err("the headers and the body of an answer are not known")
        }
        (Matching::Text | Matching::Expression, Said::Head(status)) => head(expect, *status),
        (Matching::Bytes | Matching::Other, Said::Line(_) | Said::Status(_) | Said::Head(_)) => {
            Err("the check expects bytes of a protocol")
        }
        (Matching::Status | Matching::StatusExpression, Said::Line(_) | Said::Head(_))
        | (_, Said::Nothing) => Ok(false),
    };
    match met {
        Ok(met) if met != expect.negated => {
            Judged::Met(outcome(expect.ok_status.as_deref(), ServerOutcome::Up))
        }
        Ok(_) => Judged::Failed(failed),
        Err(why) => Judged::Unknown(why, failed),
    }
}

/// Whether the bytes of an answer over HTTP match. Nothing but its first line is known.
fn head(expect: &Expect, status: u16) -> Result<bool, &'static str> {
    let reason = match status {
        200 => "OK",
        404 => "Not Found",
        _ => "Service Unavailable",
    };
    let line = |version: &str| format!("HTTP/{version} {status} {reason}\r\n");
    let matched = |line: String| match expect.matching {
        Matching::Text => Ok(line.contains(&expect.pattern)),
        Matching::Expression => matches(expect, &line),
        Matching::Bytes | Matching::Status | Matching::StatusExpression | Matching::Other => {
            Ok(false)
        }
    };
    let is_about_line = expect.pattern.trim_start_matches('^').starts_with("HTTP/");
    match (matched(line("1.0"))?, matched(line("1.1"))?) {
        (true, true) => Ok(true),
        (false, false) if is_about_line => Ok(false),
        (true | false, true | false) => Err("the headers and the body of an answer are not known"),
    }
}

/// The state that a status of a check gives to a server.
fn outcome(status: Option<&str>, usual: ServerOutcome) -> ServerOutcome {
    match status {
        Some("L7OK" | "L6OK" | "L4OK") => ServerOutcome::Up,
        Some("L7OKC") => ServerOutcome::Draining,
        Some(_) => ServerOutcome::Down,
        None => usual,
    }
}

/// Whether a list such as `200,400-499` contains a status.
fn is_listed(list: &str, status: u16) -> bool {
    list.split(',').any(|part| {
        let (low, high) = part.split_once('-').unwrap_or((part, part));
        let bounds = low.trim().parse::<u16>().ok().zip(high.trim().parse().ok());
        bounds.is_some_and(|(low, high)| (low..=high).contains(&status))
    })
}

fn matches(expect: &Expect, text: &str) -> Result<bool, &'static str> {
    match &expect.expression {
        Some(expression) => Ok(expression.is_match(text)),
        None => Err("the regular expression has a feature that is not evaluated"),
    }
}
