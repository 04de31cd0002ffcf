//! How a server is checked, and with which answers it is up in a block; knows no other lines of a block.
//!
//! Expressions are anchored at the beginning, so that a word never matches inside another answer. They are not anchored
//! at the end: `$` matches before the newline with some regular expression libraries and not with others.

use std::fmt::Write as _;

use super::choice::{HaproxyCheck, Profile};
use super::headers::ProxyHeaderUse;
use super::plan::{CheckTls, HaproxyPlan};
use super::text::Lines;
use super::version::Feature;
use crate::admit::Token;

/// Whose sessions a block forwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HaproxyPool {
    /// Writers, to the primary.
    Writers,
    /// Readers, to the standbys.
    Readers,
    /// Standbys, to the server whose WAL they need.
    Followers,
}

/// What happens to a standby that lags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lagging {
    /// It is down, like a server that is not a standby.
    Down,
    /// It gets no new sessions, because of its agent-check.
    Drained,
    /// It gets no new sessions, because of the check itself.
    NoNewSessions,
}

/// Shows the daemon's answer in the statistics and the log.
const TELL: &str = "on-error \"%[res.payload(0,0),cut_crlf]\"";

/// The lines of the check.
pub(super) fn rules(lines: &mut Lines, plan: &HaproxyPlan, pool: HaproxyPool) {
    match (plan.check, pool) {
        (HaproxyCheck::Http, HaproxyPool::Writers) => {
            head(lines, plan, "/primary");
            lines.put("http-check", "expect status 200");
        }
        (HaproxyCheck::Http, HaproxyPool::Readers) => http_readers(lines, plan),
        (HaproxyCheck::Http, HaproxyPool::Followers) => {
            lines.why(
                "No HTTP status distinguishes a primary that shuts down from one that is gone; the line of the state \
                 port does.",
            );
            text(lines, plan, pool);
        }
        (HaproxyCheck::Text | HaproxyCheck::Agent, _) => text(lines, plan, pool),
    }
}

/// The parameters of a server's line that the check needs; they precede all others.
pub(super) fn server(plan: &HaproxyPlan, pool: HaproxyPool) -> String {
    match (plan.check, pool) {
        (HaproxyCheck::Http, HaproxyPool::Writers | HaproxyPool::Readers) => {
            let port = plan.ports.numbers().http;
            let header = match plan.headers.http {
                ProxyHeaderUse::Sent => " check-send-proxy",
                ProxyHeaderUse::None => "",
            };
            format!("check port {port}{header}{}", encryption(plan))
        }
        (HaproxyCheck::Agent, HaproxyPool::Readers) => {
            format!(r#"check agent-check agent-send "{}ro\n""#, token_line(plan))
        }
        (HaproxyCheck::Agent, HaproxyPool::Writers | HaproxyPool::Followers)
        | (HaproxyCheck::Text, _)
        | (HaproxyCheck::Http, HaproxyPool::Followers) => "check".into(),
    }
}

/// The parameters of a check for a port with TLS.
fn encryption(plan: &HaproxyPlan) -> String {
    let Some(CheckTls {
        ca_file,
        certificate,
    }) = &plan.tls
    else {
        return String::new();
    };
    let certificate = certificate.as_ref();
    let certificate = certificate.map(|file| format!(" crt {file}"));
    let certificate = certificate.unwrap_or_default();
    format!(" check-ssl verify required ca-file {ca_file}{certificate}")
}

/// The parameters of `default-server` that the check needs; they follow its intervals.
pub(super) fn default_server(lines: &mut Lines, plan: &HaproxyPlan, pool: HaproxyPool) -> String {
    match (plan.check, pool) {
        (HaproxyCheck::Agent, HaproxyPool::Readers) => {
            lines.why(
                "The agent sets each standby's share of the readers, from 100% without lag down to 1% at its limit; \
                 with a smaller weight than 100 the percentage would be rounded. An agent that is gone changes \
                 nothing, so the check is needed too.",
            );
            let interval = match plan.profile {
                Profile::Classic | Profile::Safe => "1s",
                Profile::Fast => "300ms",
            };
            let port = plan.ports.numbers().agent;
            format!(" weight 100 agent-port {port} agent-inter {interval}")
        }
        (HaproxyCheck::Agent, HaproxyPool::Writers | HaproxyPool::Followers)
        | (HaproxyCheck::Text | HaproxyCheck::Http, _) => String::new(),
    }
}

/// The line that an agent-check sends first if there is a token.
fn token_line(plan: &HaproxyPlan) -> String {
    let line = |token: &Token| in_quotes(&secret(token)) + "\\n";
    plan.token.as_ref().map(line).unwrap_or_default()
}

/// Escapes a text for double quotes, in which environment variables are replaced (configuration.txt, section 2.2).
fn in_quotes(text: &str) -> String {
    escaped(text, &['\\', '"', '$'])
}

fn escaped(text: &str, special: &[char]) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        if special.contains(&character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// The token as text; a token is ASCII.
fn secret(token: &Token) -> String {
    String::from_utf8_lossy(token.reveal()).into_owned()
}

/// A request for the status of a path, with the token if there is one.
fn head(lines: &mut Lines, plan: &HaproxyPlan, path: &str) {
    let Some(token) = &plan.token else {
        lines.put("option", &format!("httpchk HEAD {path}"));
        return;
    };
    lines.why("The secret of admission.token_file: protect this file.");
    if plan.has(Feature::CheckStatus) {
        lines.put("option", "httpchk");
        lines.put("http-check", &send(plan, path));
    } else {
        let token = escaped(&secret(token), &['\\', '"', '\'', '#', ' ']);
        let header = format!(r"HTTP/1.0\r\nAuthorization:\ Bearer\ {token}");
        lines.put("option", &format!("httpchk HEAD {path} {header}"));
    }
}

/// The request as a rule. A header's value is a log format, in which `%` is special (section 8.2.4).
fn send(plan: &HaproxyPlan, path: &str) -> String {
    let header = |token: &Token| {
        let token = in_quotes(&secret(token)).replace('%', "%%");
        format!(" hdr Authorization \"Bearer {token}\"")
    };
    let header = plan.token.as_ref().map(header).unwrap_or_default();
    format!("send meth HEAD uri {path}{header}")
}

fn text(lines: &mut Lines, plan: &HaproxyPlan, pool: HaproxyPool) {
    let (production, standby) = (plan.words.production(), plan.words.standby());
    lines.put("option", "tcp-check");
    let port = plan.ports.numbers().state;
    match plan.headers.state {
        ProxyHeaderUse::Sent => {
            lines.why(
                "The daemon waits for a PROXY header from this host: admission.proxy_protocol.",
            );
            lines.put("tcp-check", &format!("connect port {port} send-proxy"));
        }
        ProxyHeaderUse::None => lines.put("tcp-check", &format!("connect port {port}")),
    }
    if let Some(token) = &plan.token {
        lines.why(
            "The secret of admission.token_file and a newline, in hexadecimal: protect this file.",
        );
        lines.put(
            "tcp-check",
            &format!("send-binary {}0a", hexadecimal(token.reveal())),
        );
    }
    // A negated rule waits for the end of the answer, so it comes last.
    match (pool, lagging(plan)) {
        (HaproxyPool::Writers, _) => expect(lines, plan, &format!("rstring ^{production}")),
        (HaproxyPool::Followers, _) => {
            lines.why("A primary that shuts down still sends its last WAL, up to the shutdown checkpoint.");
            expect(
                lines,
                plan,
                &format!("rstring ^({production}|down.shutting-down)"),
            );
        }
        (HaproxyPool::Readers, Lagging::Down) => {
            expect(lines, plan, &format!("rstring ^{standby}"));
        }
        (HaproxyPool::Readers, Lagging::Drained) => {
            lines.why("A standby that lags is drained by its agent: its sessions stay.");
            expect(lines, plan, &format!("rstring ^({standby}|lagging)"));
        }
        (HaproxyPool::Readers, Lagging::NoNewSessions) => {
            expect(lines, plan, &format!("rstring ^({standby}|lagging)"));
            lines.why("A standby that lags gets no new session and keeps those it has: NOLB in the statistics.");
            expect(lines, plan, "!rstring ^lagging error-status L7OKC");
        }
    }
}

fn http_readers(lines: &mut Lines, plan: &HaproxyPlan) {
    match lagging(plan) {
        Lagging::Down | Lagging::Drained => {
            head(lines, plan, "/replica");
            lines.put("http-check", "expect status 200");
        }
        Lagging::NoNewSessions => {
            let header = match plan.headers.http {
                ProxyHeaderUse::Sent => " send-proxy",
                ProxyHeaderUse::None => "",
            };
            // A connection with parameters of its own takes none from the server's line (Configuration Manual,
            // "http-check connect"). With "ssl" here, servers that only track another one would need a CA file.
            let like_the_server = plan.tls.as_ref().map_or("", |_| "default ");
            let port = plan.ports.numbers().http;
            let connect = format!("connect {like_the_server}port {port}{header}");
            lines.put("option", "httpchk");
            lines.put("http-check", &connect);
            lines.put("http-check", &send(plan, "/health"));
            lines.put("http-check", "expect status 200");
            lines.why(
                "A server that runs and is not a standby within its limits gets no new session and keeps those it \
                 has: NOLB in the statistics.",
            );
            lines.put("http-check", &connect);
            lines.put("http-check", &send(plan, "/replica"));
            lines.put("http-check", "expect status 200 error-status L7OKC");
        }
    }
}

fn expect(lines: &mut Lines, plan: &HaproxyPlan, rule: &str) {
    let tell = if plan.is_careful() && plan.has(Feature::CheckStatus) {
        TELL
    } else {
        ""
    };
    lines.put("tcp-check", &format!("expect {rule} {tell}"));
}

fn lagging(plan: &HaproxyPlan) -> Lagging {
    match (plan.profile, plan.check) {
        (Profile::Classic, HaproxyCheck::Text | HaproxyCheck::Http) => Lagging::Down,
        (Profile::Classic, HaproxyCheck::Agent) => Lagging::Drained,
        (Profile::Safe | Profile::Fast, check) => match (plan.has(Feature::CheckStatus), check) {
            (true, _) => Lagging::NoNewSessions,
            (false, HaproxyCheck::Agent) => Lagging::Drained,
            (false, HaproxyCheck::Text | HaproxyCheck::Http) => Lagging::Down,
        },
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        write!(text, "{byte:02x}").ok();
        text
    })
}
