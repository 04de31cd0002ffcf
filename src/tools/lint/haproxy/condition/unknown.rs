//! Criteria whose outcome is not known: each holds in half of the combinations of their outcomes.

use super::combinations::{Combinations, MOST_CRITERIA};

/// Criteria on something other than the number of servers.
#[derive(Clone, Debug, Default)]
pub(in crate::tools::lint::haproxy) struct UnknownCriteria {
    criteria: Vec<(String, Combinations)>,
    /// How many random values were drawn for one session.
    drawn: usize,
}

/// Whether something is possible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tools::lint::haproxy) enum Possible {
    No,
    Yes,
    /// It depends on this criterion, of whose outcome nothing is known.
    DependsOn(String),
}

impl Possible {
    /// Whether one of two things is possible.
    pub(in crate::tools::lint::haproxy) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::DependsOn(criterion), _) | (_, Self::DependsOn(criterion)) => {
                Self::DependsOn(criterion)
            }
            (Self::No, Self::No) => Self::No,
        }
    }
}

/// Fetches whose value differs between sessions or changes with time, so that a criterion on them sometimes holds and
/// sometimes does not.
const VARYING: &[&str] = &[
    "date",
    "date_us",
    "dst",
    "dst_is_local",
    "dst_port",
    "hour",
    "payload",
    "payload_lv",
    "rand",
    "rdp_cookie",
    "src",
    "src_is_local",
    "src_port",
    "uuid",
    "wait_end",
];

/// The same for fetches whose names begin so.
const VARYING_FAMILIES: &[&str] = &["fc_", "fe_", "nbsrv", "req.", "req_", "sc", "src_", "ssl_"];

impl UnknownCriteria {
    /// Whether something is possible that happens in the combinations which `when` finds, and on what that depends.
    pub(in crate::tools::lint::haproxy) fn can(
        when: impl FnOnce(&mut Self) -> Combinations,
    ) -> Possible {
        Self::default().or_more(when)
    }

    /// The same if these criteria are known already.
    pub(in crate::tools::lint::haproxy) fn or_more(
        mut self,
        when: impl FnOnce(&mut Self) -> Combinations,
    ) -> Possible {
        let met = when(&mut self);
        if self.criteria.len() > MOST_CRITERIA {
            return Possible::Yes;
        }
        if met.is_empty() {
            return Possible::No;
        }
        // What varies has each outcome at some time, whatever those are of which nothing is known.
        let criteria = self.criteria.iter().enumerate();
        let varying = criteria.filter(|(_, (criterion, _))| varies(criterion));
        let at_some_time = varying.fold(met, |met, (at, _)| met.either_way(at));
        if at_some_time.is_all() {
            return Possible::Yes;
        }
        let mut criteria = self.criteria.into_iter().map(|(criterion, _)| criterion);
        let first = criteria.find(|criterion| !varies(criterion));
        first.map_or(Possible::Yes, Possible::DependsOn)
    }

    /// In which of the combinations `within` a criterion holds.
    pub(in crate::tools::lint::haproxy) fn holds(
        &mut self,
        criterion: &str,
        within: &Combinations,
    ) -> Combinations {
        let criterion = if is_random(criterion) {
            // Each use of it has another value.
            self.drawn = self.drawn.saturating_add(1);
            &format!("{criterion} {}", self.drawn)
        } else {
            criterion
        };
        let mut known = self.criteria.iter();
        if let Some((_, holds)) = known.find(|(known, _)| known == criterion) {
            return holds.and(within);
        }
        let holds = Combinations::of(self.criteria.len());
        // With one too many, nothing else is told apart.
        if self.criteria.len() <= MOST_CRITERIA {
            let criterion = criterion.to_owned();
            self.criteria.push((criterion, holds.clone()));
        }
        holds.and(within)
    }
}

fn is_random(criterion: &str) -> bool {
    matches!(fetch(criterion), "rand" | "uuid")
}

fn fetch(criterion: &str) -> &str {
    criterion.split([' ', '(', ',']).next().unwrap_or_default()
}

fn varies(criterion: &str) -> bool {
    let fetch = fetch(criterion);
    // Predefined ACLs have names in capitals: LOCALHOST, REQ_CONTENT.
    let is_predefined = !criterion.contains(' ') && fetch.chars().all(|c| !c.is_lowercase());
    is_predefined
        || VARYING.contains(&fetch)
        || VARYING_FAMILIES
            .iter()
            .any(|family| fetch.starts_with(family))
}
