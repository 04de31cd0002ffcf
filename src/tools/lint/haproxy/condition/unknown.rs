//! Criteria whose outcome is not known: each is supposed to hold and not to hold, in every combination.

use std::collections::BTreeSet;

/// Criteria on something other than the number of servers.
#[derive(Clone, Debug, Default)]
pub(in crate::tools::lint::haproxy) struct UnknownCriteria {
    criteria: Vec<String>,
    supposed: u32,
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
    /// With more criteria than this, every outcome counts as possible.
    const MOST: usize = 12;

    /// Whether `be` is true under at least one combination, and on what that depends.
    pub(in crate::tools::lint::haproxy) fn can(mut be: impl FnMut(&mut Self) -> bool) -> Possible {
        let mut unknown = Self::default();
        // Combinations of the criteria of which nothing is known, and whether it is true in one of each.
        let (mut seen, mut met) = (BTreeSet::new(), BTreeSet::new());
        loop {
            let known = unknown.criteria.len();
            unknown.drawn = 0;
            let is = be(&mut unknown);
            if unknown.criteria.len() > Self::MOST {
                return Possible::Yes;
            }
            if unknown.criteria.len() > known {
                // From the beginning, so that each combination has an outcome for each criterion.
                (seen, met, unknown.supposed) = (BTreeSet::new(), BTreeSet::new(), 0);
                continue;
            }
            let unforeseen = unknown.supposed & unknown.unforeseen();
            seen.insert(unforeseen);
            if is {
                met.insert(unforeseen);
            }
            unknown.supposed = unknown.supposed.saturating_add(1);
            if unknown.supposed >> unknown.criteria.len() > 0 {
                break;
            }
        }
        if met.is_empty() {
            return Possible::No;
        }
        if seen == met {
            return Possible::Yes;
        }
        let mut criteria = unknown.criteria.into_iter();
        let first = criteria.find(|criterion| !varies(criterion));
        first.map_or(Possible::Yes, Possible::DependsOn)
    }

    /// Whether a criterion is supposed to hold; a new one is first supposed not to.
    pub(in crate::tools::lint::haproxy) fn holds(&mut self, criterion: &str) -> bool {
        let criterion = if is_random(criterion) {
            // Each use of it has another value.
            self.drawn = self.drawn.saturating_add(1);
            &format!("{criterion} {}", self.drawn)
        } else {
            criterion
        };
        let at = self.criteria.iter().position(|known| known == criterion);
        let at = at.unwrap_or_else(|| {
            self.criteria.push(criterion.to_owned());
            self.criteria.len().saturating_sub(1)
        });
        at < Self::MOST && self.supposed >> at & 1 == 1
    }

    /// The bits of the criteria of which nothing is known.
    fn unforeseen(&self) -> u32 {
        let criteria = self.criteria.iter().enumerate();
        criteria.fold(0, |bits, (at, criterion)| {
            let bit = u32::try_from(at).ok().and_then(|at| 1_u32.checked_shl(at));
            bits | bit.filter(|_| !varies(criterion)).unwrap_or(0)
        })
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
