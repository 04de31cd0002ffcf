//! Reads what strace noted below Pacemaker's executor: which actions of the agent there were, and how many
//! processes each started; pure.
//!
//! The postmaster counts as one process of the action that started it; what it starts itself does not.

use std::collections::BTreeMap;

/// A call of the agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Counted {
    /// The action; of a notification, also which.
    pub(super) action: String,
    /// Processes that it and its children started.
    pub(super) forks: usize,
}

/// What is known of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Known {
    /// It is a call of the agent.
    Call(String),
    /// It is a server: what it starts is its own affair.
    Server,
}

/// The calls that a trace tells, in the order of their processes.
pub(super) fn read(trace: &str) -> Vec<Counted> {
    let mut parents: BTreeMap<u32, u32> = BTreeMap::new();
    let mut threads: Vec<u32> = Vec::new();
    let mut known: BTreeMap<u32, Known> = BTreeMap::new();
    // A call that another process interrupts is noted in two parts.
    let mut unfinished: BTreeMap<u32, &str> = BTreeMap::new();
    for line in trace.lines() {
        let Some((pid, rest)) = line.split_once(' ') else {
            continue;
        };
        let Ok(pid) = pid.parse::<u32>() else {
            continue;
        };
        let rest = rest.trim_start();
        if let Some(begin) = rest.strip_suffix(" <unfinished ...>") {
            unfinished.insert(pid, begin);
        }
        let begin = if rest.starts_with("<... ") {
            unfinished.remove(&pid).unwrap_or_default()
        } else {
            rest
        };
        if let Some(what) = executed(begin) {
            known.insert(pid, what);
        }
        let is_fork = ["fork(", "vfork(", "clone(", "clone3("]
            .iter()
            .any(|call| begin.starts_with(call));
        if let Some(child) = result(rest).filter(|_| is_fork) {
            parents.insert(child, pid);
            if begin.contains("CLONE_THREAD") || rest.contains("CLONE_THREAD") {
                threads.push(child);
            }
        }
    }
    let mut calls: BTreeMap<u32, Counted> = BTreeMap::new();
    for (pid, what) in &known {
        if let Known::Call(action) = what {
            let action = action.clone();
            calls.insert(*pid, Counted { action, forks: 0 });
        }
    }
    for (child, parent) in &parents {
        let owner = call_of(*parent, &parents, &known);
        if let Some(call) = owner.and_then(|owner| calls.get_mut(&owner))
            && !threads.contains(child)
        {
            call.forks += 1;
        }
    }
    calls.into_values().collect()
}

/// What a process becomes by `execve("PATH", ["WORD", …], ["VARIABLE", …]`.
fn executed(call: &str) -> Option<Known> {
    let call = call.strip_prefix("execve(\"")?;
    let (path, rest) = call.split_once('"')?;
    let (words, variables) = rest.split_once("], [").unwrap_or((rest, ""));
    if path.ends_with("/pgsqlms") {
        let words: Vec<&str> = words.split('"').skip(1).step_by(2).collect();
        return Some(Known::Call(name(words.get(1)?, variables)));
    }
    // `postgres -C` prints a setting, and is no server.
    (path.ends_with("/postgres") && !words.contains("\"-C\"")).then_some(Known::Server)
}

/// The lab's monitor of a primary comes every 15 s, that of a standby every 16 s, and a probe once.
fn name(action: &str, variables: &str) -> String {
    let variable = |name: &str| {
        let begin = format!("\"OCF_RESKEY_CRM_meta_{name}=");
        let (_, rest) = variables.split_once(begin.as_str())?;
        rest.split('"').next()
    };
    match action {
        "notify" => format!(
            "notify, {}-{}",
            variable("notify_type").unwrap_or("?"),
            variable("notify_operation").unwrap_or("?")
        ),
        "monitor" => match variable("interval") {
            Some("15000") => "monitor of a primary".into(),
            Some("16000") => "monitor of a standby".into(),
            Some(_) | None => "probe".into(),
        },
        other => other.into(),
    }
}

/// The number that a call returned.
fn result(line: &str) -> Option<u32> {
    let (_, result) = line.rsplit_once(" = ")?;
    result.split_whitespace().next()?.parse().ok()
}

/// The call of the agent that a process belongs to.
fn call_of(pid: u32, parents: &BTreeMap<u32, u32>, known: &BTreeMap<u32, Known>) -> Option<u32> {
    let mut now = pid;
    // No process is its own ancestor; a number that was used twice might make it look so.
    for _ in 0..=parents.len() {
        match known.get(&now) {
            Some(Known::Call(_)) => return Some(now),
            Some(Known::Server) => return None,
            None => now = *parents.get(&now)?,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGENT: &str = "/usr/lib/ocf/resource.d/heartbeat/pgsqlms";

    fn call(pid: u32, action: &str, variables: &str) -> String {
        format!(
            "{pid} execve(\"{AGENT}\", [\"{AGENT}\", \"{action}\"], [\"OCF_ROOT=/usr/lib/ocf\", {variables}]) = 0\n"
        )
    }

    #[test]
    fn forks_count_for_the_call_that_they_descend_from() {
        let trace = [
            "7 vfork( <unfinished ...>\n".to_owned(),
            call(20, "monitor", "\"OCF_RESKEY_CRM_meta_interval=15000\""),
            "7 <... vfork resumed>) = 20\n".to_owned(),
            "20 clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7) = 21\n"
                .to_owned(),
            "21 execve(\"/usr/bin/psql\", [\"psql\"], []) = 0\n".to_owned(),
            "21 clone(child_stack=0x7, flags=CLONE_VM|CLONE_THREAD, tls=0x7) = 22\n".to_owned(),
            "22 fork() = 23\n".to_owned(),
            "7 fork() = 30\n".to_owned(),
        ]
        .concat();
        assert_eq!(
            read(&trace),
            [Counted {
                action: "monitor of a primary".into(),
                forks: 2
            }]
        );
    }

    #[test]
    fn a_server_is_one_process_whatever_it_starts() {
        let notify = "\"OCF_RESKEY_CRM_meta_notify_type=pre\", \"OCF_RESKEY_CRM_meta_notify_operation=demote\"";
        let trace = [
            call(20, "start", ""),
            "20 fork() = 21\n".to_owned(),
            "21 execve(\"/bin/postgres\", [\"postgres\", \"-D\", \"d\"], []) = 0\n".to_owned(),
            "21 fork() = 22\n".to_owned(),
            "22 fork() = 23\n".to_owned(),
            call(40, "notify", notify),
            "40 fork() = 41\n".to_owned(),
            "41 execve(\"/bin/postgres\", [\"postgres\", \"-C\", \"port\"], []) = 0\n".to_owned(),
            "41 fork() = 42\n".to_owned(),
        ]
        .concat();
        let counted = |action: &str, forks| Counted {
            action: action.into(),
            forks,
        };
        assert_eq!(
            read(&trace),
            [counted("start", 1), counted("notify, pre-demote", 2)]
        );
    }
}
