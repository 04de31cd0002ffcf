//! What an expectation makes of an answer (Configuration Manual, "http-check expect", "tcp-check expect").
//!
//! HAProxy takes PCRE or POSIX for its expressions. What they have and `regex` has not, references and a look
//! around, is not evaluated.

use regex::RegexBuilder;

use super::ServerOutcome;
use super::said::Said;
use crate::tools::lint::haproxy::check::{Expect, Matching};

/// Bytes of a compiled expression, which no expression for a role needs.
const MOST: usize = 1 << 20;

/// What became of an expectation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judged {
    /// It holds, and if it is the last one this is what becomes of the server.
    Met(ServerOutcome),
    /// It does not, and no further one is looked at.
    Failed(ServerOutcome),
    Unknown(&'static str),
}

/// Judges one expectation.
pub(super) fn judge(expect: &Expect, said: &Said) -> Judged {
    if expect.pattern.contains("%[") || expect.pattern.contains("${") {
        return Judged::Unknown("the check expects what a variable holds");
    }
    let met = match (expect.matching, said) {
        (Matching::Text, Said::Line(line)) => Ok(line.contains(&expect.pattern)),
        (Matching::Expression, Said::Line(line)) => {
            // A dollar matches in front of the last line's end too, by PCRE.
            let bare = line.trim_end_matches('\n');
            matches(&expect.pattern, line)
                .and_then(|whole| Ok(whole || matches(&expect.pattern, bare)?))
        }
        (Matching::Status, Said::Status(status)) => Ok(is_listed(&expect.pattern, *status)),
        (Matching::StatusExpression, Said::Status(status)) => {
            matches(&expect.pattern, &status.to_string())
        }
        (Matching::Text | Matching::Expression | Matching::Other, Said::Status(_)) => {
            Err("what stands in the body or head of an answer is not known")
        }
        (Matching::Bytes | Matching::Other, Said::Line(_) | Said::Status(_)) => {
            Err("the check expects bytes of a protocol by hand")
        }
        (Matching::Status | Matching::StatusExpression, Said::Line(_)) | (_, Said::Nothing) => {
            Ok(false)
        }
    };
    match met {
        Ok(met) if met != expect.negated => {
            Judged::Met(outcome(expect.ok_status.as_deref(), ServerOutcome::Up))
        }
        Ok(_) => Judged::Failed(outcome(expect.error_status.as_deref(), ServerOutcome::Down)),
        Err(why) => Judged::Unknown(why),
    }
}

/// What a status of a check does to a server.
fn outcome(status: Option<&str>, usual: ServerOutcome) -> ServerOutcome {
    match status {
        Some("L7OK" | "L6OK" | "L4OK") => ServerOutcome::Up,
        Some("L7OKC") => ServerOutcome::Draining,
        Some(_) => ServerOutcome::Down,
        None => usual,
    }
}

/// Whether `200,400-499` has a status.
fn is_listed(list: &str, status: u16) -> bool {
    list.split(',').any(|part| {
        let (low, high) = part.split_once('-').unwrap_or((part, part));
        let bounds = low.trim().parse::<u16>().ok().zip(high.trim().parse().ok());
        bounds.is_some_and(|(low, high)| (low..=high).contains(&status))
    })
}

fn matches(expression: &str, text: &str) -> Result<bool, &'static str> {
    let built = RegexBuilder::new(expression).size_limit(MOST).build();
    match built {
        Ok(expression) => Ok(expression.is_match(text)),
        Err(_) => Err("the expression has what is not evaluated here"),
    }
}
