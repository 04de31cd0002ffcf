//! Bounds the work on a configuration: how many steps a section takes is counted before any of them is done; judges
//! nothing.
//!
//! A step is a word of a rule that is evaluated once, for all outcomes of what is not known together, or other work that
//! takes about as long.

use super::configuration::Reading;
use super::proxy::Proxy;

/// The most steps for all sections of a configuration.
const MOST_STEPS: u64 = 50_000_000;

/// With more servers than this, not every number of them is tried (`pool::reach`).
const MOST_NUMBERS: usize = 66;

/// How many rules look at the check of each server, in each of its states.
const LOOKS_AT_CHECK: usize = 100;

/// How many pairs of addresses are compared in a step.
const PAIRS: usize = 16;

/// Whether a section is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    Evaluated,
    /// It takes more steps than are left.
    Beyond,
}

/// The steps that are left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget(u64);

impl Budget {
    pub(super) fn of(reading: &Reading) -> Self {
        Self(most_steps(reading))
    }

    /// Takes the steps of a section, if they are left.
    pub(super) fn take(&mut self, steps: u64) -> Extent {
        match self.0.checked_sub(steps) {
            Some(left) => {
                self.0 = left;
                Extent::Evaluated
            }
            None => Extent::Beyond,
        }
    }
}

/// The most steps for all sections of a reading: its share, because each is evaluated on its own.
pub(super) fn most_steps(reading: &Reading) -> u64 {
    let share = MOST_STEPS.checked_div(number(reading.readings));
    share.unwrap_or(MOST_STEPS)
}

/// The steps for a section, with those that lead to it.
pub(super) fn steps(proxy: &Proxy, reading: &Reading) -> u64 {
    let index = &reading.index;
    let leading = index.count_leading_to(&proxy.name);
    let servers = proxy.servers.len();
    let checks = index.longest_check.saturating_add(1);
    let checks = servers
        .saturating_mul(checks)
        .saturating_mul(LOOKS_AT_CHECK);
    let most = number(leading.saturating_add(checks));
    if most > most_steps(reading) {
        return most;
    }
    let entries = index.leading_to(&proxy.name).into_iter();
    let entries = entries.filter_map(|at| reading.proxies.get(at));
    // Each number of servers for the guard, a few for other rules, and both for what is said of criteria.
    let tries = servers.min(MOST_NUMBERS).saturating_add(4);
    let tries = number(tries.saturating_mul(2));
    let mut steps = most;
    for entry in entries.chain([proxy]) {
        let rules = entry.steps.saturating_add(proxy.steps);
        let pairs = entry.listens.len().saturating_mul(index.addresses);
        // To compare two addresses takes less than a step of a rule.
        let pairs = number(pairs.div_ceil(PAIRS));
        steps = steps
            .saturating_add(rules.saturating_mul(tries))
            .saturating_add(pairs);
    }
    steps
}

/// A count as a number of steps.
pub(super) fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::tools::lint::haproxy::{Configuration, SourceFile, findings, not_evaluated};
    use crate::tools::lint::haproxy::{Resolved, sections_judged};

    fn read(text: String) -> Configuration {
        let name = "x".to_owned();
        Configuration::read(&[SourceFile { name, text }]).unwrap()
    }

    /// A section for writers with this many rules, each with the same criteria, negated in all combinations.
    fn guarded(rules: u32, criteria: u32, guard: &str) -> String {
        let mut text = "listen pg_rw\n option httpchk GET /primary\n".to_owned();
        for rule in 0..rules {
            text.push_str(" tcp-request connection reject if");
            for criterion in 0..criteria {
                let not = if rule >> criterion & 1 == 1 { "!" } else { "" };
                write!(text, " {not}{{ src 10.0.0.{criterion} }}").unwrap();
            }
            text.push('\n');
        }
        text + guard + "\n server a h:5432 check port 8008\n server b i:5432 check port 8008\n"
    }

    fn not_evaluated_in(read: &Configuration) -> Vec<String> {
        let unknown = not_evaluated(read).into_iter();
        unknown.map(|unknown| unknown.section).collect()
    }

    #[test]
    fn the_combinations_of_many_criteria_cost_nothing_more() {
        let count = |rules| {
            let read = read(guarded(rules, 12, ""));
            let reading = &read.readings[0];
            steps(&reading.proxies[0], reading)
        };
        assert!(count(2000) < 2_000_000, "{}", count(2000));
        assert!(count(2000) < 21 * count(100));
        // With fewer rules than combinations some sessions are let through while two servers are up.
        for (rules, criteria, guard, found) in [
            (2000, 12, "", true),
            (255, 8, "", true),
            (256, 8, "", false),
            (
                255,
                8,
                " tcp-request connection reject if { nbsrv gt 1 }",
                false,
            ),
        ] {
            let read = read(guarded(rules, criteria, guard));
            let all = findings(&read, &Resolved::Unasked, None);
            let mut all = all.iter();
            let is_found = all.any(|finding| finding.rule.id() == "no-two-primaries-guard");
            assert_eq!(is_found, found, "{rules} {criteria} {guard}");
            assert!(not_evaluated_in(&read).is_empty());
        }
    }

    #[test]
    fn what_takes_too_many_steps_is_not_evaluated_and_the_rest_is() {
        let mut text =
            "listen pg_ro\n option httpchk GET /replica\n server a h:5432 check port 8008\n"
                .to_owned();
        text.push_str(
            "listen pg_rw\n option httpchk GET /primary\n server a h:5432 check port 8008\n",
        );
        for number in 0..4000 {
            writeln!(text, " acl x src 10.0.{number}.0/24").unwrap();
        }
        text.push_str(&" tcp-request connection reject if x\n".repeat(2000));
        let read = read(text);
        assert_eq!(not_evaluated_in(&read), ["pg_rw"]);
        assert_eq!(sections_judged(&read).len(), 2);
        let found = findings(&read, &Resolved::Unasked, None);
        assert!(found.iter().all(|found| found.sections == ["pg_ro"]));
    }

    #[test]
    fn readers_who_are_reached_in_too_many_ways_are_not_evaluated() {
        let pool = |name: &str, path: &str| {
            let mut text = format!("backend {name}\n option httpchk GET /{path}\n");
            for server in 0..9 {
                writeln!(text, " server s{server} h{server}:5432 check port 8008").unwrap();
            }
            text
        };
        let mut text = "frontend pg\n default_backend ro\n".to_owned();
        for number in 0..4 {
            // Many words that nothing gets to.
            let words = "1 ".repeat(50);
            for _ in 0..500 {
                writeln!(
                    text,
                    " use_backend rw{number} if {{ always_false }} {{ nbsrv(rw{number}) eq {words}}}"
                )
                .unwrap();
            }
        }
        text.push_str(&pool("ro", "replica"));
        for number in 0..4 {
            text.push_str(&pool(&format!("rw{number}"), "primary"));
        }
        assert_eq!(not_evaluated_in(&read(text)), ["ro"]);
    }

    #[test]
    fn sections_inherit_no_more_than_is_read() {
        let many = |rules: usize, sections: usize| {
            let rule = " tcp-request connection reject if { src 10.0.0.1 }\n";
            let mut text = format!("defaults\n{}", rule.repeat(rules));
            for number in 0..sections {
                writeln!(text, "backend b{number}").unwrap();
            }
            let name = "x".to_owned();
            Configuration::read(&[SourceFile { name, text }])
        };
        assert!(many(20, 1000).is_ok());
        let error = many(5000, 1000).unwrap_err().to_string();
        assert!(error.starts_with("x:"), "{error}");
        assert!(error.ends_with("than are read"), "{error}");
    }
}
