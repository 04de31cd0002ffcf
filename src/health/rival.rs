//! Whether another server of the same system is a primary too, and what that makes of a verdict. Knows no
//! clock, and nothing of how the others were asked.
//!
//! A promotion begins a timeline above every one that the server knew, so the primary with the lower one
//! lacks what was written since, and what it accepts is lost when it is made a standby of the other.

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
    /// That is told, and nothing else.
    #[default]
    Report,
    /// It is no longer told as one.
    Yield,
}

/// Another primary of the same system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rival {
    /// Its node, as `[cluster]` names it.
    pub node: String,
    /// The timeline that it writes.
    pub timeline: i64,
    /// How that stands to this server's.
    pub standing: TimelineStanding,
    /// When it was last heard to be a primary.
    pub heard: Instant,
}

/// How the timeline of another primary stands to this server's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimelineStanding {
    /// It is lower.
    Older,
    /// Two were promoted from the same timeline, or one is a copy of the other: nobody can tell which.
    Same,
    /// It is higher.
    Newer,
}

/// Remembers a primary with a newer timeline through its silence: what was written there does not come
/// here because nobody answers any more, and a network that is cut is when it matters most.
#[derive(Debug, Default)]
pub struct Rivalry(Option<KnownRival>);

#[derive(Debug)]
struct KnownRival {
    system: String,
    rival: Rival,
}

impl Rivalry {
    /// The primary beside this one with the highest timeline. `own` is what this server tells of itself,
    /// where it was asked.
    pub fn judge(
        &mut self,
        moment: Instant,
        state: &State,
        own: Option<&Details>,
        peers: &[Peer],
    ) -> Option<Rival> {
        match (state, own.and_then(|own| Some((own, own.timeline?)))) {
            (State::Standby(_, _), _) => self.0 = None,
            // There is nothing that others could be held against: what was known is.
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
    /// Whether it is still to be reckoned with, although it is silent.
    fn holds(&self, moment: Instant, own: &Details, timeline: i64, peers: &[Peer]) -> bool {
        let peer = peers.iter().find(|peer| peer.node == self.rival.node);
        let is_silent = peer.is_some_and(|peer| peer.fresh(moment).is_none());
        is_silent && self.system == own.system_identifier && self.rival.timeline > timeline
    }
}

/// The rival that a peer is, by a word that counts.
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

/// The verdict on a server beside this rival.
#[must_use]
pub fn give_way(verdict: Verdict, rival: Option<&Rival>, guard: TwoPrimaries) -> Verdict {
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
