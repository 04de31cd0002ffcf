//! The sections `global` and `defaults`, which apply to every block; knows no block.

use super::choice::Profile;
use super::pace::{CheckPace, SPREAD, time};
use super::plan::HaproxyPlan;
use super::text::{Lines, SectionText};
use super::version::Feature;
use crate::tools::generate::comment::comment;

/// How `HAProxy` keeps writers from a server that it has not checked yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// Not at all: writers can reach such a server.
    Unguarded,
    /// While several servers count as up, all of them are refused, and a reload keeps what was known.
    Kept,
    /// Sessions wait until each server was checked once.
    Held,
    /// Servers are down until they were checked.
    Down,
}

impl Start {
    pub(super) fn of(plan: &HaproxyPlan) -> Self {
        if !plan.is_careful() {
            Self::Unguarded
        } else if plan.has(Feature::InitState) {
            Self::Down
        } else if plan.has(Feature::ProcessVariables) {
            Self::Held
        } else {
            Self::Kept
        }
    }
}

/// The file that keeps the state of the servers over a reload.
const SERVER_STATE: &str = "/run/haproxy/server-state";

/// The section `global`.
pub(super) fn global(plan: &HaproxyPlan) -> SectionText {
    let mut section = SectionText::new("global");
    let lines = section.lines();
    lines.put("log", "/dev/log local0");
    lines.put("user", "haproxy");
    lines.put("group", "haproxy");
    lines.put("maxconn", "4000");
    lines.put(
        "stats",
        &format!("socket {} mode 660 level admin", plan.admin_socket),
    );
    lines.add(&start(plan));
    section
}

/// The lines of `global` that the blocks rely on, as comments.
pub(super) fn needed_globally(plan: &HaproxyPlan) -> String {
    let start = start(plan).as_comment();
    if start.is_empty() {
        return String::new();
    }
    let why = "The blocks below rely on these lines in the section global:";
    comment("", why) + &start
}

fn start(plan: &HaproxyPlan) -> Lines {
    let mut lines = Lines::default();
    if plan.is_careful() {
        lines.why(
            "After a start every server is checked at once, not spread over the time between two checks.",
        );
        lines.put("max-spread-checks", &SPREAD.as_millis().to_string());
    }
    match Start::of(plan) {
        Start::Unguarded | Start::Down => {}
        Start::Kept => {
            lines.why(&format!(
                "HAProxy {} counts a server as up until its first check. With the states in this file a server that \
                 was down stays down over a reload. In [Service] of haproxy.service, remove the file at a start, \
                 when it is outdated, and write it before a reload:",
                plan.version
            ));
            lines.quote(&format!("ExecStartPre=-/bin/rm -f {SERVER_STATE}"));
            lines.quote(&format!(
                "ExecReload=/bin/sh -c \"echo show servers state | socat stdio {} >{SERVER_STATE}\"",
                plan.admin_socket
            ));
            lines.put("server-state-file", SERVER_STATE);
        }
        Start::Held => {
            lines.why("The time at which this process started; writers wait until each server has been checked.");
            lines.put("set-var", "proc.started date(0,ms)");
        }
    }
    lines
}

/// The section `defaults`.
pub(super) fn defaults(plan: &HaproxyPlan) -> SectionText {
    let mut section = SectionText::new("defaults");
    section.lines().add(&common(plan));
    section
}

/// The lines that every block with servers needs.
pub(super) fn common(plan: &HaproxyPlan) -> Lines {
    let mut lines = Lines::default();
    lines.put("mode", "tcp");
    lines.put("log", "global");
    lines.put("option", "tcplog");
    match plan.profile {
        Profile::Classic => {
            lines.put("retries", "3");
            lines.put("maxconn", "2000");
            lines.put("timeout connect", "10s");
            lines.put("timeout client", "10m");
            lines.put("timeout server", "10m");
        }
        Profile::Safe | Profile::Fast => careful(&mut lines, plan),
    }
    lines.why("Only for checks: a later answer does not count.");
    lines.put("timeout check", &time(CheckPace::of(plan.profile).timeout));
    lines
}

fn careful(lines: &mut Lines, plan: &HaproxyPlan) {
    lines.why("Each change of a server's state is logged with the reason.");
    lines.put("option", "log-health-checks");
    lines.why("Clients that connect and send nothing, such as monitors, are not logged.");
    lines.put("option", "dontlognull");
    lines.put("maxconn", "2000");
    lines
        .why("A server that failed after its last check is tried once more, and then another one.");
    lines.put("retries", "2");
    lines.put("option", "redispatch");
    lines.put("timeout connect", "3s");
    lines.why(
        "Pools keep sessions idle for hours, and a statement may take as long: idle sessions are not closed.",
    );
    lines.put("timeout client", "1d");
    lines.put("timeout server", "1d");
    lines.why("The kernel detects lost peers instead.");
    lines.put("option", "clitcpka");
    lines.put("option", "srvtcpka");
    if plan.has(Feature::KeepalivePace) {
        lines.put("clitcpka-idle", "60s");
        lines.put("clitcpka-intvl", "10s");
        lines.put("clitcpka-cnt", "3");
        lines.put("srvtcpka-idle", "60s");
        lines.put("srvtcpka-intvl", "10s");
        lines.put("srvtcpka-cnt", "3");
    } else {
        lines.why(&format!(
            "HAProxy {} has no clitcpka-idle (2.3): set net.ipv4.tcp_keepalive_time, two hours by default.",
            plan.version
        ));
    }
    lines.why("After one side has closed a session, the other side has this long to close it.");
    lines.put("timeout client-fin", "5s");
    lines.put("timeout server-fin", "5s");
    if Start::of(plan) == Start::Kept {
        lines.put("load-server-state-from-file", "global");
    }
}
