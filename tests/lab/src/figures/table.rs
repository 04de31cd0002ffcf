//! The tables of what the agents cost; pure.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::time::Duration;

use super::calls::Call;
use super::forks::Counted;
use crate::agent::Agent;

/// What an agent cost, in all rounds.
#[derive(Clone, Debug)]
pub(super) struct Cost {
    pub(super) agent: Agent,
    /// A monitor of a primary.
    pub(super) primary: Vec<Call>,
    /// A monitor of a standby.
    pub(super) standby: Vec<Call>,
    /// All that was traced.
    pub(super) calls: Vec<Counted>,
}

impl Cost {
    /// Of one that has not been measured yet.
    pub(super) fn of(agent: Agent) -> Self {
        Self {
            agent,
            primary: Vec::new(),
            standby: Vec::new(),
            calls: Vec::new(),
        }
    }

    fn forks(&self, action: &str) -> String {
        let of_action = self.calls.iter().filter(|call| call.action == action);
        let mut forks: Vec<usize> = of_action.map(|call| call.forks).collect();
        forks.sort_unstable();
        match (forks.first(), forks.get(forks.len() / 2), forks.last()) {
            (Some(least), Some(median), Some(most)) if least < most => {
                format!("{median} ({least} to {most})")
            }
            (_, Some(median), _) => median.to_string(),
            _ => "-".into(),
        }
    }
}

/// Times first, then forks.
pub(super) fn table(costs: &[Cost]) -> String {
    let mut out = String::from(
        "| monitor of | agent | time ms, median | each | processor ms, median | each |\n|---|---|---|---|---|---|\n",
    );
    for cost in costs {
        monitors(&mut out, "a primary", cost.agent, &cost.primary);
    }
    for cost in costs {
        monitors(&mut out, "a standby", cost.agent, &cost.standby);
    }
    let actions = costs.iter().flat_map(|cost| &cost.calls);
    let actions: BTreeSet<&str> = actions.map(|call| call.action.as_str()).collect();
    if actions.is_empty() {
        out.push('\n');
        return out;
    }
    out.push_str("\n| processes that it starts |");
    for cost in costs {
        write!(out, " {} |", cost.agent.label()).ok();
    }
    out.push_str("\n|---|");
    out.push_str(&"---|".repeat(costs.len()));
    out.push('\n');
    for action in actions {
        write!(out, "| {action} |").ok();
        for cost in costs {
            write!(out, " {} |", cost.forks(action)).ok();
        }
        out.push('\n');
    }
    out.push('\n');
    out
}

fn monitors(out: &mut String, role: &str, agent: Agent, calls: &[Call]) {
    let times = figures(calls.iter().map(|call| call.time));
    let cpus = figures(calls.iter().map(|call| call.cpu));
    writeln!(out, "| {role} | {} | {times} | {cpus} |", agent.label()).ok();
}

/// The median and all, in milliseconds.
fn figures(times: impl Iterator<Item = Duration>) -> String {
    let shown = |time: &Duration| format!("{:.1}", time.as_secs_f64() * 1000.0);
    let times: Vec<Duration> = times.collect();
    let all: Vec<String> = times.iter().map(shown).collect();
    let mut sorted = times;
    sorted.sort_unstable();
    let median = sorted.get(sorted.len() / 2).map(shown).unwrap_or_default();
    format!("{median} | {}", all.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_stand_side_by_side() {
        let call = |time| Call {
            time: Duration::from_millis(time),
            cpu: Duration::from_micros(1500),
        };
        let counted = |forks| Counted {
            action: "start".into(),
            forks,
        };
        let mut paf = Cost::of(Agent::Paf);
        paf.primary = vec![call(200), call(300), call(250)];
        paf.calls = vec![counted(9), counted(7), counted(7)];
        let text = table(&[paf, Cost::of(Agent::Own)]);
        let has = |line: &str| text.lines().any(|found| found == line);
        assert!(
            has("| a primary | PAF | 250.0 | 200.0 300.0 250.0 | 1.5 | 1.5 1.5 1.5 |"),
            "{text}"
        );
        assert!(has("| start | 7 (7 to 9) | - |"), "{text}");
    }
}
