//! Follows a check through its connections in one case (`tcpcheck_main` in `HAProxy`'s `tcpcheck.c`).

use super::case::Case;
use super::expect::{Judged, judge};
use super::outcome::ServerOutcome;
use super::said::{Asked, PATRONI, STATE, Said, said};
use crate::tools::lint::haproxy::check::{CheckKind, ConnectEncryption, Exchange, Sent};
use crate::tools::lint::haproxy::server::ServerLine;
use crate::tools::lint::haproxy::settings::ProxySettings;

/// The result so far.
#[derive(Clone, Copy, Debug)]
enum Passed {
    /// Every step was passed; the last one gives this state.
    Yes(ServerOutcome),
    /// A step may not have been passed, for this reason; the server then has the second state.
    Perhaps(&'static str, ServerOutcome),
}

/// The state that the check gives to a server.
pub(super) fn walk(check: &ProxySettings, server: &ServerLine, case: Case) -> ServerOutcome {
    let exchanges = match check.steps() {
        Some(steps) => steps.exchanges(),
        None => vec![Exchange::default()],
    };
    let mut passed = Passed::Yes(ServerOutcome::Up);
    for exchange in &exchanges {
        let next = connection(check, exchange, server, case);
        passed = match (passed, next) {
            (Passed::Yes(_), Err(failed)) => return failed,
            (Passed::Yes(_), Ok(next)) => next,
            // Whether it fails here or there, the state is the same.
            (Passed::Perhaps(_, failed), Err(other)) if failed == other => return failed,
            (Passed::Perhaps(why, _), Err(_)) => return ServerOutcome::Unknown(why),
            (Passed::Perhaps(why, failed), Ok(_)) => Passed::Perhaps(why, failed),
        };
    }
    match passed {
        Passed::Yes(outcome) => outcome,
        Passed::Perhaps(why, _) => ServerOutcome::Unknown(why),
    }
}

/// The result of one connection; the state of the server if it fails.
fn connection(
    check: &ProxySettings,
    exchange: &Exchange<'_>,
    server: &ServerLine,
    case: Case,
) -> Result<Passed, ServerOutcome> {
    let perhaps = |why| Ok(Passed::Perhaps(why, ServerOutcome::Down));
    let target = server.checked_at(exchange.connect);
    if target.is_elsewhere {
        return perhaps("the check goes to another address than the server's");
    }
    let is_http = check.check == CheckKind::Http;
    let is_own_port = target.port == server.address.port;
    if !is_http && exchange.expects.is_empty() {
        return match (case, is_own_port) {
            (Case::NoDaemon, false) => Err(ServerOutcome::Down),
            (Case::Down, true) => perhaps("a server that hangs still accepts connections"),
            (
                Case::Primary
                | Case::Standby
                | Case::Lagging
                | Case::Maintenance
                | Case::NotFound
                | Case::NoDaemon
                | Case::Down,
                _,
            ) => Ok(Passed::Yes(ServerOutcome::Up)),
        };
    }
    if let Some(why) = misunderstood(exchange, is_http, server, target.port) {
        return perhaps(why);
    }
    let answer = match asked(exchange, is_http, target.port) {
        Ok(asked) => said(asked, case),
        Err(_) if case == Case::NoDaemon && !is_own_port => Said::Nothing,
        Err(why) => return perhaps(why),
    };
    // `tcp-check` sees the bytes of an answer to a request by hand.
    let answer = match answer {
        Said::Status(status) if !is_http => Said::Head(status),
        answer @ (Said::Status(_) | Said::Line(_) | Said::Head(_) | Said::Nothing) => answer,
    };
    if answer == Said::Nothing {
        return Err(ServerOutcome::Down);
    }
    expectations(check, exchange, &answer)
}

/// Why the daemon does not understand what is sent to its port.
fn misunderstood(
    exchange: &Exchange<'_>,
    is_http: bool,
    server: &ServerLine,
    port: Option<u16>,
) -> Option<&'static str> {
    match port? {
        STATE if is_http => Some("port 5431 is the state port, which does not speak HTTP"),
        STATE if is_encrypted(exchange, server) => {
            Some("port 5431 is the state port, which does not speak TLS")
        }
        PATRONI if !is_http && exchange.only_listens() => {
            Some("port 8008 speaks HTTP, and says nothing without a request")
        }
        _ => None,
    }
}

/// Whether a connection of a check is encrypted. One that a line of the check opens has the server's settings only with
/// `default`.
fn is_encrypted(exchange: &Exchange<'_>, server: &ServerLine) -> bool {
    match exchange.connect.map(|connect| connect.encryption) {
        Some(ConnectEncryption::None) => false,
        Some(ConnectEncryption::Tls) => true,
        Some(ConnectEncryption::OfServer) | None => server.parameters.encrypts_check(),
    }
}

fn asked<'e>(
    exchange: &Exchange<'e>,
    is_http: bool,
    port: Option<u16>,
) -> Result<Asked<'e>, &'static str> {
    let (method, target) = match exchange.sent.as_slice() {
        _ if !is_http && exchange.only_listens() => return Ok(Asked::StatePort),
        [Sent::Text(text), ..] => by_hand(text).ok_or("the check sends data of its own")?,
        [Sent::Request(request), ..] => {
            let target = request.target().ok_or("the path is computed")?;
            (request.method(), target)
        }
        [Sent::Bytes(_) | Sent::Computed, ..] => return Err("the check sends data of its own"),
        [] => return Err("the check waits for an answer to no request"),
    };
    if target.split('?').next() == Some("/") && port != Some(PATRONI) {
        return Err("the answer to / depends on the program");
    }
    Ok(Asked::Request { method, target })
}

/// The method and the target of an HTTP request that is written by hand.
fn by_hand(text: &str) -> Option<(&str, &str)> {
    let mut words = text.split([' ', '\r', '\n']);
    let (method, target) = (words.next()?, words.next()?);
    let is_request = words.next()?.starts_with("HTTP/1.")
        && !method.is_empty()
        && method.chars().all(|c| c.is_ascii_uppercase());
    is_request.then_some((method, target))
}

/// Evaluates all expectations one after another against one answer.
fn expectations(
    check: &ProxySettings,
    exchange: &Exchange<'_>,
    answer: &Said,
) -> Result<Passed, ServerOutcome> {
    let not_found = check.drains_on_404 && *answer == Said::Status(404);
    if exchange.expects.is_empty() {
        // HAProxy adds `expect status 200-399`.
        return match answer {
            _ if not_found => Ok(Passed::Yes(ServerOutcome::Draining)),
            Said::Status(200..400) => Ok(Passed::Yes(ServerOutcome::Up)),
            Said::Status(_) | Said::Line(_) | Said::Head(_) | Said::Nothing => {
                Err(ServerOutcome::Down)
            }
        };
    }
    let mut passed = Passed::Yes(ServerOutcome::Up);
    for expect in &exchange.expects {
        let judged = if not_found {
            Judged::Met(ServerOutcome::Draining)
        } else {
            judge(expect, answer)
        };
        passed = match (passed, judged) {
            (Passed::Yes(_), Judged::Met(outcome)) => Passed::Yes(outcome),
            (Passed::Yes(_), Judged::Failed(outcome)) => return Err(outcome),
            (Passed::Yes(_), Judged::Unknown(why, failed)) => Passed::Perhaps(why, failed),
            (Passed::Perhaps(_, failed), Judged::Failed(other)) if failed == other => {
                return Err(failed);
            }
            (Passed::Perhaps(why, _), Judged::Failed(_)) => {
                return Err(ServerOutcome::Unknown(why));
            }
            (Passed::Perhaps(why, failed), Judged::Met(_) | Judged::Unknown(..)) => {
                Passed::Perhaps(why, failed)
            }
        };
    }
    // The state of the last expectation counts only if nothing is sent after it.
    match passed {
        Passed::Yes(_) if !exchange.ends_with_expect => Ok(Passed::Yes(ServerOutcome::Up)),
        passed @ (Passed::Yes(_) | Passed::Perhaps(..)) => Ok(passed),
    }
}
