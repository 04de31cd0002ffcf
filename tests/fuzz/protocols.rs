//! What must hold for whatever load balancers ask over HTTP and of the agent, and whatever the server is.
//! The first line of an input is the server, the second is what is asked.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use pgsql_state::answer::agent_check::{line, question};
use pgsql_state::config::{Dialect, HttpOptions, MetricNames, Strictness};

use pgsql_state::answer::http::Facts;

use pgsql_state::answer::http::Reply;

use pgsql_state::answer::http::plan;
use pgsql_state::answer::metrics::{Exposition, Metrics, MetricsFormat};

use pgsql_state::health::role_words::{PRIMARY_WORDS, STANDBY_WORDS};
use pgsql_state::health::{Conditions, DownReason, RoleWords, Share, SyncState, Verdict, View};
use pgsql_state::tools::plugin::document;
use serde_json::Value;

use crate::checks::server::Server;

/// Paths that answer 200 whatever the server is.
const ALWAYS: [&str; 5] = ["liveness", "patroni", "state", "metrics", "healthz"];

/// Made once: it is not what is looked at.
static METRICS: LazyLock<Arc<Metrics>> = LazyLock::new(|| Metrics::new(Vec::new()));

/// The first line, and the rest.
fn parts(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let (first, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
    (first, rest.strip_prefix(b"\n").unwrap_or(rest))
}

/// A request, `METHOD PATH?QUERY`, in every dialect.
pub(crate) fn request(bytes: &[u8]) {
    let (seed, request) = parts(bytes);
    let server = Server::of(seed);
    let request = String::from_utf8_lossy(request);
    let (method, target) = request.split_once(' ').unwrap_or((request.as_ref(), "/"));
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    for dialect in [Dialect::Patroni, Dialect::Xinetd, Dialect::Cnpg] {
        for strictness in [Strictness::Strict, Strictness::Lenient] {
            let options = HttpOptions {
                dialect,
                strictness,
                ..HttpOptions::default()
            };
            let reply = reply(method, path, query, options, &server);
            let reads = ["GET", "HEAD", "OPTIONS"].contains(&method);
            assert_eq!(reply.status == 405, !reads, "{method}");
            if strictness == Strictness::Lenient {
                assert!(![400, 404].contains(&reply.status), "{target}");
            }
            tells_nothing_untrue(method, path, &reply, &server);
        }
    }
}

fn reply(method: &str, path: &str, query: &str, options: HttpOptions, server: &Server) -> Reply {
    let facts = Facts {
        verdict: server.verdict,
        state: &server.state,
        delay: server.delay,
        transactions: None,
        ordered: server.ordered,
        quorum: None,
        rival: None,
        sync: server.sync,
        contacts: &[],
        details: server.details.as_ref(),
        age: Duration::ZERO,
        uptime: Duration::ZERO,
        words: &RoleWords::default(),
    };
    match plan(method, path, query, options) {
        Ok(plan) => {
            let metrics_as = Exposition {
                form: MetricsFormat::OpenMetrics,
                names: MetricNames::PatronisToo,
            };
            plan.reply(&facts, &METRICS, metrics_as)
        }
        Err(reply) => reply,
    }
}

fn tells_nothing_untrue(method: &str, path: &str, reply: &Reply, server: &Server) {
    let success = reply.status < 300;
    let down = matches!(server.verdict, Verdict::Down(_));
    if success && down {
        let always = ALWAYS.iter().any(|word| path.contains(word));
        assert!(always, "{method} {path} of {:?}", server.verdict);
    }
    if reply.status == 206 {
        assert_eq!(server.verdict, Verdict::Standby);
    }
    if method != "GET" && success {
        assert_eq!(reply.body, "");
    }
    match reply.content_type {
        "" => assert_eq!(reply.body, ""),
        "application/json" => document_is_true(path, &reply.body, server),
        _ if path == "/metrics" => {}
        _ => names_no_role_but(server.verdict, &reply.body),
    }
}

fn document_is_true(path: &str, body: &str, server: &Server) {
    let document: Value = serde_json::from_str(body).unwrap();
    if path == "/state" {
        names_no_role_but(server.verdict, document["answer"].as_str().unwrap());
        let read = document::read(body.as_bytes()).unwrap();
        assert_eq!(read.verdict, server.verdict, "{body}");
        return;
    }
    let role = match server.verdict {
        Verdict::Production => Some("primary"),
        Verdict::Standby | Verdict::Lagging(_) => Some("replica"),
        Verdict::Down(_) => None,
    };
    assert_eq!(document.get("role").and_then(Value::as_str), role, "{body}");
}

fn names_no_role_but(verdict: Verdict, text: &str) {
    let true_word = match verdict {
        Verdict::Production => "production",
        Verdict::Standby => "standby",
        Verdict::Lagging(_) | Verdict::Down(_) => "",
    };
    let text = text.to_lowercase();
    for word in PRIMARY_WORDS.iter().chain(&STANDBY_WORDS) {
        assert!(!text.contains(word) || *word == true_word, "{text}");
    }
}

/// What a client of the agent says, in whatever pieces.
pub(crate) fn agent(bytes: &[u8]) {
    let (seed, said) = parts(bytes);
    let server = Server::of(seed);
    for usual in View::ALL {
        let asked = question::asked(said, usual);
        let heard = (0..=said.len()).find(|end| question::is_whole(&said[..*end]));
        if let Some(end) = heard {
            assert!(end <= question::MOST);
            assert_eq!(question::asked(&said[..end], usual), asked);
        }
        let Some(view) = asked else {
            continue;
        };
        let conditions = Conditions {
            max_lag: server.max_lag,
            ..Conditions::default()
        };
        let share = Share::of(server.max_lag, server.delay, &conditions);
        let answer = line(view, server.verdict, server.ordered, share, server.sync);
        assert!(answer.ends_with('\n') && answer.matches('\n').count() == 1);
        assert!(answer.is_ascii());
        let wanted = match view {
            View::ReadWrite => Verdict::Production,
            View::ReadOnly | View::ReadOnlySync => Verdict::Standby,
        };
        let waited_for = matches!(server.sync, Some(SyncState::Sync | SyncState::Quorum));
        let is_wanted = server.verdict == wanted && (view != View::ReadOnlySync || waited_for);
        assert_eq!(answer.contains("ready"), is_wanted, "{answer}");
        names_no_role_but(Verdict::Down(DownReason::Internal), &answer);
    }
}
