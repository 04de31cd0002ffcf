//! Whether another server of the same system is a primary too, and how that changes a verdict. Reads no
//! clock, and knows nothing of how the other servers were asked.
//!
//! A promotion begins a timeline above every timeline that the server knew. The primary with the lower timeline
//! therefore lacks what was written since, and what it accepts is lost when it is made a standby of the other.

use std::cmp::Ordering;
use std::time::Instant;

use super::details::Details;
use super::peer::{Claim, Peer};
use super::reason::DownReason;
use super::state::State;
use super::verdict::Verdict;

/// What becomes of a primary that sees another one with a newer timeline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TwoPrimaries {
    /// The other primary is reported, and the verdict stays.
    #[default]
    Report,
    /// The primary is `down two-primaries`.
    Yield,
}

/// Another primary of the same system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rival {
    /// The name of its node in `[cluster]`.
    pub node: String,
    /// The timeline that it writes.
    pub timeline: i64,
    /// How that timeline compares with this server's.
    pub standing: TimelineStanding,
    /// When it was last reported to be a primary.
    pub heard: Instant,
}

/// How the timeline of another primary compares with this server's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimelineStanding {
    /// The other primary's timeline is lower.
    Older,
    /// The timelines are equal: two servers were promoted from the same timeline, or one is a copy of the other. Which of the two
    /// cannot be determined.
    Same,
    /// The other primary's timeline is higher.
    Newer,
}

/// Remembers a primary with a newer timeline while its node is silent: this server still lacks what was written there, and
/// the guard matters most when the network is cut.
#[derive(Debug, Default)]
pub(super) struct Rivalry(Option<KnownRival>);

#[derive(Debug)]
struct KnownRival {
    system: String,
    rival: Rival,
}

impl Rivalry {
    /// Returns the other primary with the highest timeline. `own` is what this server reports about itself, or `None`
    /// if it was not asked.
    pub(super) fn judge(
        &mut self,
        moment: Instant,
        state: &State,
        own: Option<&Details>,
        peers: &[Peer],
    ) -> Option<Rival> {
        match (state, own.and_then(|own| Some((own, own.timeline?)))) {
            (State::Standby(_, _), _) => self.0 = None,
            // Without this server's own timeline there is nothing to compare: what was known is kept.
            (State::Down(_), _) | (State::Primary(_), None) => {}
            (State::Primary(_), Some((own, timeline))) => {
                let remembered = self.0.take();
                let remembered =
                    remembered.filter(|known| known.holds(moment, own, timeline, peers));
                let seen = peers
                    .iter()
                    .filter_map(|peer| seen(moment, own, timeline, peer));
                let all = seen.chain(remembered);
                self.0 = all.max_by_key(|known| known.rival.timeline);
            }
        }
        self.0.as_ref().map(|known| known.rival.clone())
    }
}

impl KnownRival {
    /// Whether the rival still counts because its node is silent. This server's own document says nothing of that node,
    /// whoever has passed it on.
    fn holds(&self, moment: Instant, own: &Details, timeline: i64, peers: &[Peer]) -> bool {
        let peer = peers.iter().find(|peer| peer.node == self.rival.node);
        let is_silent = peer.is_some_and(|peer| {
            let heard = peer.fresh(moment);
            heard.is_none_or(|heard| heard.server.instance.is(own))
        });
        is_silent && self.system == own.system_identifier && self.rival.timeline > timeline
    }
}

/// Returns the peer as a rival if a report that is fresh enough says that it is another primary of this system.
fn seen(moment: Instant, own: &Details, timeline: i64, peer: &Peer) -> Option<KnownRival> {
    let heard = peer.fresh(moment)?;
    let server = &heard.server;
    match server.claim {
        Claim::Primary => {}
        Claim::Standby => return None,
    }
    if server.instance.system != own.system_identifier || server.instance.is(own) {
        return None;
    }
    Some(KnownRival {
        system: own.system_identifier.clone(),
        rival: Rival {
            node: peer.node.clone(),
            timeline: server.timeline,
            standing: match server.timeline.cmp(&timeline) {
                Ordering::Less => TimelineStanding::Older,
                Ordering::Equal => TimelineStanding::Same,
                Ordering::Greater => TimelineStanding::Newer,
            },
            heard: heard.at,
        },
    })
}

/// Returns the verdict on a server beside this rival.
#[must_use]
pub(super) fn yield_to(verdict: Verdict, rival: Option<&Rival>, guard: TwoPrimaries) -> Verdict {
    match (verdict, guard, rival.map(|rival| rival.standing)) {
        (Verdict::Production, TwoPrimaries::Yield, Some(TimelineStanding::Newer)) => {
            Verdict::Down(DownReason::TwoPrimaries)
        }
        (
            Verdict::Production,
            TwoPrimaries::Yield,
            None | Some(TimelineStanding::Older | TimelineStanding::Same),
        )
        | (Verdict::Production, TwoPrimaries::Report, _)
        | (Verdict::Standby | Verdict::Lagging(_) | Verdict::Down(_), _, _) => verdict,
    }
}

#[cfg(test)]
mod tests;
