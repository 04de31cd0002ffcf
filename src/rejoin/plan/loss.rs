//! The WAL that a way back would throw away, and whether synchronous replication may have acknowledged it. Knows nothing of
//! what is done about it.

use std::collections::BTreeSet;

use crate::agent::decide::sync_rule::SyncRule;
use crate::agent::ocf::node::Node;
use crate::base::units::Bytes;
use crate::postgres::position::Position;

/// WAL that only this node has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// Where it begins.
    pub from: Position,
    /// Where it ends.
    pub to: Position,
    /// Its size.
    pub bytes: Bytes,
    /// Whether a client may have been told that it is safe.
    pub acknowledged: Acknowledged,
}

/// Whether commits in the WAL may have been acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acknowledged {
    /// Commits waited for no standby, so they were: asynchronous replication accepts their loss.
    Asynchronous,
    /// They were not: so many of the standbys that they waited for follow the new primary that what was acknowledged is
    /// there.
    Elsewhere,
    /// A standby may have acknowledged them that does not follow the new primary.
    PerhapsOnlyHere {
        /// What they waited for.
        rule: String,
        /// The standbys that do not follow.
        missing: Vec<String>,
    },
}

/// Judges by the rule of the former primary and the servers that are known to have what the new primary began with. A commit
/// that was acknowledged had reached so many members that any other so many share one with them (as in
/// [`SyncRule::needed`]).
#[must_use]
pub fn acknowledged(rule: Option<&SyncRule>, followers: Option<&BTreeSet<Node>>) -> Acknowledged {
    let Some(rule) = rule else {
        return Acknowledged::Asynchronous;
    };
    let followers: BTreeSet<&Node> = followers.into_iter().flatten().collect();
    let missing = rule.missing(&followers);
    let there = rule.members().count().saturating_sub(missing.len());
    if there >= rule.needed() {
        return Acknowledged::Elsewhere;
    }
    Acknowledged::PerhapsOnlyHere {
        rule: rule.to_string(),
        missing: missing.into_iter().map(str::to_owned).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str) -> Node {
        name.parse().unwrap()
    }

    fn judged(setting: &str, followers: &[&str]) -> Acknowledged {
        let nodes = ["srv1", "srv2", "srv3"].map(node).into();
        let rule = SyncRule::of(setting, &node("srv1"), &nodes).unwrap();
        let followers = followers.iter().copied().map(node).collect();
        acknowledged(rule.as_ref(), Some(&followers))
    }

    #[test]
    fn what_was_acknowledged_is_elsewhere_if_enough_members_follow() {
        for (setting, followers) in [
            ("ANY 1 (srv2)", &["srv2"][..]),
            ("ANY 1 (srv2, srv3)", &["srv2", "srv3"]),
            ("FIRST 1 (srv2, srv3)", &["srv3", "srv2"]),
            ("ANY 2 (srv2, srv3)", &["srv3"]),
            // Commits waited for more members than there are.
            ("ANY 3 (srv2, srv3)", &[]),
        ] {
            assert_eq!(
                judged(setting, followers),
                Acknowledged::Elsewhere,
                "{setting}"
            );
        }
    }

    #[test]
    fn a_member_that_does_not_follow_may_have_acknowledged() {
        for (setting, followers, missing) in [
            ("ANY 1 (srv2, srv3)", &["srv2"][..], &["srv3"][..]),
            ("FIRST 1 (srv2, srv3)", &["srv3"], &["srv2"]),
            ("ANY 2 (srv2, srv3)", &[], &["srv2", "srv3"]),
        ] {
            let judged = judged(setting, followers);
            let Acknowledged::PerhapsOnlyHere { missing: found, .. } = judged else {
                panic!("{setting}: {judged:?}");
            };
            assert_eq!(found, missing, "{setting}");
        }
    }

    #[test]
    fn without_a_rule_the_loss_was_accepted_and_without_an_answer_nobody_follows() {
        assert_eq!(judged("", &[]), Acknowledged::Asynchronous);
        let rule = SyncRule::of("srv2", &node("srv1"), &BTreeSet::new()).unwrap();
        let unknown = acknowledged(rule.as_ref(), None);
        assert!(matches!(unknown, Acknowledged::PerhapsOnlyHere { .. }));
    }
}
