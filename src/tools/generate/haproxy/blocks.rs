//! The listen blocks: their addresses, what they reject, and their servers; knows no check.

use std::net::IpAddr;

use super::check::{HaproxyPool, default_server, rules, server};
use super::choice::{Profile, ReplicationPath};
use super::pace::CheckPace;
use super::places::Bind;
use super::plan::HaproxyPlan;
use super::preamble::Start;
use super::text::{Lines, SectionText};
use crate::tools::generate::nodes::fallback_name;

const WHY_REFUSED: &str = "While two servers claim to be the primary, neither gets new sessions.";

/// The name of a limit on what clients send that is too high to be reached.
const NO_LIMIT: &str = "no-limit";

/// The block for writers.
pub(super) fn prod(plan: &HaproxyPlan, common: &Lines) -> SectionText {
    let mut section = SectionText::new("listen prod");
    let lines = section.lines();
    lines.add(common);
    bind(lines, plan, plan.ports.numbers().read_write);
    if plan.replication == ReplicationPath::Prod {
        lines.why(&format!(
            "Standbys come here too: primary_conninfo = '{} application_name=NODE'. A primary that takes \
             longer than a check to shut down loses them before they have all of its WAL, and a switchover \
             may fail: `--replication own` has a block for them that waits.",
            reached(plan, plan.ports.numbers().read_write)
        ));
    }
    guard(lines, plan, HaproxyPool::Writers);
    rules(lines, plan, HaproxyPool::Writers);
    lines.why("Sessions with a former primary are closed, so that no writer stays there.");
    servers(lines, plan, HaproxyPool::Writers);
    section
}

/// The block for readers.
pub(super) fn stdby(plan: &HaproxyPlan, common: &Lines) -> SectionText {
    let mut section = SectionText::new("listen stdby");
    let lines = section.lines();
    lines.add(common);
    bind(lines, plan, plan.ports.numbers().read_only);
    lines.put("balance", "leastconn");
    let limit = limit(lines, plan, HaproxyPool::Readers);
    limit.put(lines);
    rules(lines, plan, HaproxyPool::Readers);
    if plan.is_careful() {
        lines
            .why("Sessions are not closed: a standby that lags or is promoted still serves reads.");
    }
    servers(lines, plan, HaproxyPool::Readers);
    if plan.is_careful() {
        lines.why("Without a standby readers go to the primary, which has the checks of prod.");
        let port = plan.ports.numbers().postgres;
        for node in &plan.nodes {
            let (name, place) = (fallback_name(node), place(node.address, port));
            lines.put(
                "server",
                &format!("{name} {place} backup track prod/{}", node.name),
            );
        }
    }
    section
}

/// The block for standbys, which receive WAL from the primary; `None` if they connect another way.
pub(super) fn replication(plan: &HaproxyPlan, common: &Lines) -> Option<SectionText> {
    if plan.replication != ReplicationPath::Own {
        return None;
    }
    let mut section = SectionText::new("listen replication");
    let lines = section.lines();
    lines.add(common);
    let port = plan.ports.numbers().replication;
    bind(lines, plan, port);
    lines.why(&format!(
        "Standbys come here: primary_conninfo = '{} application_name=NODE'.",
        reached(plan, port)
    ));
    guard(lines, plan, HaproxyPool::Followers);
    rules(lines, plan, HaproxyPool::Followers);
    servers(lines, plan, HaproxyPool::Followers);
    Some(section)
}

/// The statistics page, as in the three-node example.
pub(super) fn stats(plan: &HaproxyPlan) -> SectionText {
    let mut section = SectionText::new("listen stats");
    let lines = section.lines();
    lines.put("mode", "http");
    lines.put("log", "global");
    bind(lines, plan, plan.ports.numbers().stats);
    lines.put("option", "httplog");
    lines.put("stats", "enable");
    lines.put("stats", "uri /");
    lines.put("timeout connect", "15s");
    lines.put("timeout client", "15s");
    lines.put("timeout server", "15s");
    section
}

fn bind(lines: &mut Lines, plan: &HaproxyPlan, port: u16) {
    lines.put("bind", &format!("{}:{port}", plan.bind));
}

/// The connection parameters with which a program on the same host reaches a block.
fn reached(plan: &HaproxyPlan, port: u16) -> String {
    let host = match plan.bind {
        Bind::Everywhere => "127.0.0.1".to_owned(),
        Bind::At(address) => address.to_string(),
    };
    format!("host={host} port={port}")
}

/// Whether sessions with a server that is marked down are closed.
fn ends_sessions(plan: &HaproxyPlan, pool: HaproxyPool) -> bool {
    match (pool, plan.profile) {
        (HaproxyPool::Readers, Profile::Safe | Profile::Fast) => false,
        (HaproxyPool::Readers, Profile::Classic)
        | (HaproxyPool::Writers | HaproxyPool::Followers, _) => true,
    }
}

/// The filter that makes HAProxy close a session that it ends while it connects; `Needless` if it does so anyway.
#[derive(Clone, Copy, Debug)]
enum Limit {
    Needless,
    Named(&'static str),
}

impl Limit {
    /// Puts the rule that applies the filter to a session, before any rule that accepts sessions.
    fn put(self, lines: &mut Lines) {
        match self {
            Self::Needless => {}
            Self::Named(name) => {
                lines.put(
                    "tcp-request",
                    &format!("content set-bandwidth-limit {name}"),
                );
            }
        }
    }
}

/// Puts the filter of a block, with its reason. With a filter on what clients send, HAProxy examines a session whose
/// server's side was closed (`process_stream()` runs the analysers of the request then).
fn limit(lines: &mut Lines, plan: &HaproxyPlan, pool: HaproxyPool) -> Limit {
    if !ends_sessions(plan, pool) || !plan.version.keeps_ended_sessions() {
        return Limit::Needless;
    }
    lines.why(&format!(
        "HAProxy {} never closes a session that on-marked-down ends while it connects, and its client waits. A \
         filter on what clients send prevents this; this limit is too high to be reached.",
        plan.version
    ));
    lines.put(
        "filter",
        &format!("bwlim-in {NO_LIMIT} default-limit 1g default-period 1s"),
    );
    Limit::Named(NO_LIMIT)
}

/// Rejects sessions while more than one server would get them, or before all servers have been checked.
fn guard(lines: &mut Lines, plan: &HaproxyPlan, pool: HaproxyPool) {
    let block = match pool {
        HaproxyPool::Writers => "prod",
        HaproxyPool::Readers => "stdby",
        HaproxyPool::Followers => "replication",
    };
    let limit = limit(lines, plan, pool);
    let several = format!("nbsrv({block}) gt 1");
    let refuse = |lines: &mut Lines| {
        lines.put(
            "tcp-request",
            &format!("connection reject if {{ {several} }}"),
        );
    };
    match Start::of(plan) {
        Start::Unguarded => limit.put(lines),
        Start::Down => {
            lines.why(WHY_REFUSED);
            refuse(lines);
            limit.put(lines);
        }
        Start::Kept => {
            lines.why(&format!(
                "{WHY_REFUSED} After a start this applies until all but one have been checked. One gap remains with \
                 HAProxy {}: if no server is the primary then, and the last one to finish its first check is a \
                 standby, writers reach it until it has.",
                plan.version
            ));
            refuse(lines);
            limit.put(lines);
        }
        Start::Held => {
            let end = CheckPace::of(plan.profile).all_seen();
            lines.why(&format!(
                "HAProxy {} counts a server as up until its first check: sessions of the first {} s wait until all \
                 have been checked.",
                plan.version,
                end.as_secs()
            ));
            let last = end.as_millis().saturating_sub(1);
            lines.put(
                "acl",
                &format!("starting date(0,ms),sub(proc.started) 0:{last}"),
            );
            lines.why(WHY_REFUSED);
            lines.put("acl", &format!("several {several}"));
            lines.put("tcp-request", &format!("inspect-delay {}s", end.as_secs()));
            lines.put("tcp-request", "content reject if !starting several");
            limit.put(lines);
            lines.put("tcp-request", "content accept if !starting");
            lines.put("tcp-request", "content reject if WAIT_END several");
        }
    }
}

fn servers(lines: &mut Lines, plan: &HaproxyPlan, pool: HaproxyPool) {
    let rhythm = CheckPace::of(plan.profile).parameters();
    let ends = if ends_sessions(plan, pool) {
        " on-marked-down shutdown-sessions"
    } else {
        ""
    };
    let check = default_server(lines, plan, pool);
    lines.put("default-server", &format!("{rhythm}{check}{ends}"));
    let start = match Start::of(plan) {
        Start::Down => {
            lines.why("Down until it has passed its checks. Not on default-server: HAProxy refuses it for servers \
                       that track.");
            " init-state fully-down"
        }
        Start::Unguarded | Start::Kept | Start::Held => "",
    };
    let (check, port) = (server(plan, pool), plan.ports.numbers().postgres);
    for node in &plan.nodes {
        let (name, place) = (&node.name, place(node.address, port));
        lines.put("server", &format!("{name} {place} {check}{start}"));
    }
}

/// An address and a port in the form that every version accepts: the port follows the last colon
/// (Configuration Manual, "server").
fn place(address: IpAddr, port: u16) -> String {
    format!("{address}:{port}")
}
