//! How long Corosync waits for a host that is silent, by profile (`corosync.conf(5)`); writes nothing.

use std::time::Duration;

/// What is preferred: to notice a lost host soon, or to tolerate one that is silent for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TotemProfile {
    /// For hosts of their own, in a network of their own.
    Fast,
    /// Corosync's own defaults.
    Safe,
    /// For virtual machines that are paused for seconds, by a live migration or a snapshot.
    Patient,
}

/// The timers of the section `totem`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TotemTimers {
    /// `token`, for two nodes.
    pub token: Duration,
    /// `token_coefficient`: what each node beyond the second adds to it.
    pub token_coefficient: Duration,
    /// `consensus`: how long the nodes that are left wait for one another, once the token is lost.
    pub consensus: Duration,
    /// How long a link is silent before another one is used (`knet_ping_timeout`).
    pub link_timeout: Duration,
}

impl TotemProfile {
    /// The timers of a cluster of so many nodes.
    #[must_use]
    pub fn timers(self, nodes: usize) -> TotemTimers {
        let (token, token_coefficient) = match self {
            Self::Fast => (Duration::from_secs(1), Duration::ZERO),
            Self::Safe => (Duration::from_secs(3), Duration::from_millis(650)),
            Self::Patient => (Duration::from_secs(10), Duration::from_millis(650)),
        };
        let silence = silence(token, token_coefficient, nodes);
        TotemTimers {
            token,
            token_coefficient,
            consensus: silence * 6 / 5,
            link_timeout: silence / 2,
        }
    }

    /// What may be silent without being taken for lost, for a comment.
    pub(super) fn tolerates(self) -> &'static str {
        match self {
            Self::Fast => {
                "for hosts of their own with a network of their own. A virtual machine that is migrated live, or a switch \
                 that learns its paths anew, is silent for longer"
            }
            Self::Safe => {
                "which a busy host, or a switch that fails over, keeps to. A virtual machine that is migrated live may \
                 be silent for longer"
            }
            Self::Patient => "which a virtual machine that is migrated live or copied keeps to",
        }
    }
}

impl TotemTimers {
    /// How long a host may be silent before the others go on without it.
    #[must_use]
    pub fn silence(&self, nodes: usize) -> Duration {
        silence(self.token, self.token_coefficient, nodes)
    }

    /// From the loss of a host to the others' new membership, before anything is fenced.
    #[must_use]
    pub fn noticed(&self, nodes: usize) -> Duration {
        self.silence(nodes) + self.consensus
    }
}

/// The token's timeout as Corosync computes it, from three nodes on with the coefficient.
fn silence(token: Duration, token_coefficient: Duration, nodes: usize) -> Duration {
    let beyond = u32::try_from(nodes.saturating_sub(2)).unwrap_or(u32::MAX);
    token.saturating_add(token_coefficient.saturating_mul(beyond))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_host_is_noticed_after_the_token_and_the_consensus() {
        for (profile, nodes, silence, noticed) in [
            (TotemProfile::Safe, 2, 3000, 6600),
            (TotemProfile::Safe, 3, 3650, 8030),
            (TotemProfile::Safe, 5, 4950, 10890),
            (TotemProfile::Fast, 2, 1000, 2200),
            (TotemProfile::Fast, 5, 1000, 2200),
            (TotemProfile::Patient, 3, 10650, 23430),
        ] {
            let timers = profile.timers(nodes);
            assert_eq!(timers.silence(nodes), Duration::from_millis(silence));
            assert_eq!(timers.noticed(nodes), Duration::from_millis(noticed));
        }
    }
}
