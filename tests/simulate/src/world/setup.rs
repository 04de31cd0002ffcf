//! What is configured before a history begins: as the guide has it, in the ways that it leaves open. Knows nothing of
//! what happens.

use std::collections::BTreeMap;

use fastrand::Rng;
use pgsql_state::health::TwoPrimaries;

use crate::clients::haproxy::{Pace, Replication};
use crate::pacemaker::Config;
use crate::postgres::sync::Rule;

/// The resource.
pub(crate) const RESOURCE: &str = "pgsqld";
/// Where its agent keeps which standbys commits wait for.
pub(crate) const SYNC_RULE: &str = "sync_rule-pgsqld";
/// Where it keeps the promotion scores.
pub(crate) const PROMOTION: &str = "master-pgsqld";
/// The mark that the keeper sets.
pub(crate) const MARK: &str = "died-pgsqld";
/// Its data directory.
pub(crate) const PGDATA: &str = "/var/lib/postgresql/15/main";

/// A cluster's configuration.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) nodes: usize,
    /// `synchronous_standby_names` at the beginning.
    pub(crate) rule: Rule,
    /// How HAProxy checks.
    pub(crate) pace: Pace,
    /// How standbys reach the primary.
    pub(crate) replication: Replication,
    /// `guard.two_primaries`.
    pub(crate) two_primaries: TwoPrimaries,
    /// `guard.quorum`.
    pub(crate) quorum_guard: bool,
    /// How many segments of WAL are kept.
    pub(crate) keep: u64,
    pub(crate) config: Config,
}

impl Setup {
    /// One of those that people have.
    pub(crate) fn choose(random: &mut Rng) -> Self {
        let count: u8 = [2, 3, 3, 3, 3, 4, 5][random.usize(0..7)];
        let nodes = usize::from(count);
        let all: Vec<usize> = (0..nodes).collect();
        let rule = match random.usize(0..10) {
            0..=5 => Rule::Any(1, all),
            6 if nodes > 3 => Rule::Any(2, all),
            6 | 7 => Rule::First(1, all),
            _ => Rule::Nobody,
        };
        let mut parameters: BTreeMap<String, String> = [
            ("bindir", "/usr/lib/postgresql/15/bin"),
            ("pgdata", PGDATA),
            ("pghost", "/var/run/postgresql"),
            ("pgport", "5434"),
        ]
        .map(|(name, value)| (name.into(), value.into()))
        .into();
        if random.usize(0..4) == 0 {
            parameters.insert("maxlag".into(), "16777216".into());
        }
        let config = Config {
            parameters,
            ..Config::of_the_guide(count)
        };
        // Drawn apart, so that the rest is what it was before there was this choice.
        let mut later = Rng::with_seed(random.clone().u64(..));
        Self {
            nodes,
            rule,
            pace: Pace::ALL[random.usize(0..3)],
            replication: match (random.bool(), later.u32(0..4)) {
                (_, 0) => Replication::Prod,
                (true, _) => Replication::Own,
                (false, _) => Replication::Direct,
            },
            two_primaries: if later.bool() {
                TwoPrimaries::Yield
            } else {
                TwoPrimaries::Report
            },
            quorum_guard: random.bool(),
            keep: random.u64(2..6),
            config,
        }
    }
}
