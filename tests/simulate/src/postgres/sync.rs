//! Which standbys commits wait for (PostgreSQL manual, `synchronous_standby_names`). Knows no commit.

use std::fmt;

use pgsql_state::health::SyncState;

/// `synchronous_standby_names`, of names of nodes by their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Empty: commits wait for nobody.
    Nobody,
    /// `ANY k (…)`.
    Any(usize, Vec<usize>),
    /// `FIRST k (…)`.
    First(usize, Vec<usize>),
}

/// A standby that streams, and what it has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Has {
    pub(crate) node: usize,
    pub(crate) flushed: u64,
}

impl Rule {
    /// Whether a commit that ends at a position is acknowledged, with these standbys.
    pub(crate) fn is_met(&self, end: u64, streaming: &[Has]) -> bool {
        match self {
            Self::Nobody => true,
            Self::Any(count, members) => {
                let have = members.iter().filter(|member| {
                    let has = |one: &Has| one.node == **member && one.flushed >= end;
                    streaming.iter().any(has)
                });
                have.count() >= *count
            }
            Self::First(count, members) => {
                let there = members
                    .iter()
                    .filter_map(|member| streaming.iter().find(|one| one.node == *member));
                let first: Vec<&Has> = there.take(*count).collect();
                first.len() == *count && first.iter().all(|one| one.flushed >= end)
            }
        }
    }

    /// `pg_stat_replication.sync_state` of a standby.
    pub(crate) fn state(&self, node: usize, streaming: &[Has]) -> SyncState {
        match self {
            Self::Any(_, members) if members.contains(&node) => SyncState::Quorum,
            Self::First(count, members) if members.contains(&node) => {
                let is_there = |member: &&usize| streaming.iter().any(|one| one.node == **member);
                let mut first = members.iter().filter(is_there).take(*count);
                if first.any(|one| *one == node) {
                    SyncState::Sync
                } else {
                    SyncState::Potential
                }
            }
            Self::Nobody | Self::Any(_, _) | Self::First(_, _) => SyncState::Async,
        }
    }

    /// Whether enough of the members are seen that each acknowledged row is with one of them, beside a primary
    /// that may be a member itself.
    pub(crate) fn is_certain(&self, primary: usize, seen: &[usize]) -> bool {
        let others = |members: &[usize]| -> (usize, usize) {
            let others: Vec<usize> = members
                .iter()
                .filter(|one| **one != primary)
                .copied()
                .collect();
            let there = others.iter().filter(|one| seen.contains(one)).count();
            (others.len(), there)
        };
        match self {
            Self::Nobody => true,
            Self::Any(count, members) | Self::First(count, members) => {
                let (all, there) = others(members);
                there + count > all
            }
        }
    }

    /// With the names of nodes.
    pub(crate) fn text(&self, names: &[String]) -> String {
        let list = |members: &[usize]| {
            let names: Vec<&str> = members.iter().map(|one| names[*one].as_str()).collect();
            names.join(", ")
        };
        match self {
            Self::Nobody => String::new(),
            Self::Any(count, members) => format!("ANY {count} ({})", list(members)),
            Self::First(count, members) => format!("FIRST {count} ({})", list(members)),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = (1..=9).map(|number| format!("srv{number}")).collect();
        f.write_str(&self.text(&names))
    }
}
