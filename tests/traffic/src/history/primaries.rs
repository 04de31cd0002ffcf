//! Who was seen to be the primary and when: never two at once, and how long none; pure.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{History, Operation, Server, Told, Violation};

/// A time in which a client lacked something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Silence {
    /// How long.
    pub length: Duration,
    /// From when.
    pub begin: Duration,
}

/// What proves that a server was a primary: an answer of one, or an acknowledgement. It was one somewhere between the
/// first byte of the question and the last one of the answer.
#[derive(Clone, Copy)]
struct Proof {
    sent: Duration,
    ended: Duration,
}

/// A host that writes a timeline: without a break, since every promotion begins a new one.
struct Reign<'a> {
    host: &'a str,
    timeline: i64,
    /// It was a primary at the latest then.
    first: Duration,
    /// And at least until then.
    last: Duration,
}

/// The pairs of hosts that were primaries at once: neither began after the other was seen for the last time.
pub fn two_at_once(history: &History) -> Vec<Violation> {
    let mut reigns: BTreeMap<(&str, i64), Reign<'_>> = BTreeMap::new();
    for (host, timeline, proof) in proofs(history) {
        let reign = reigns.entry((host, timeline)).or_insert_with(|| Reign {
            host,
            timeline,
            first: proof.ended,
            last: proof.sent,
        });
        reign.first = reign.first.min(proof.ended);
        reign.last = reign.last.max(proof.sent);
    }
    let mut reigns: Vec<Reign<'_>> = reigns.into_values().collect();
    reigns.sort_by_key(|reign| reign.first);
    let mut found = Vec::new();
    for (index, one) in reigns.iter().enumerate() {
        for other in reigns.iter().skip(index + 1) {
            let both = other.first <= one.last && one.first <= other.last;
            if one.host != other.host && both {
                let from = one.first.max(other.first);
                found.push(Violation::TwoPrimaries {
                    one: (one.host.to_owned(), one.timeline),
                    other: (other.host.to_owned(), other.timeline),
                    from,
                    length: one.last.min(other.last).saturating_sub(from),
                });
            }
        }
    }
    found
}

/// The longest time in which a client was told nothing that `counts`, from its first statement to its last.
pub fn longest_silence(history: &History, client: &str, counts: impl Fn(&Told) -> bool) -> Silence {
    let own = || {
        let all = history.operations.iter();
        all.filter(|operation| operation.client == client)
    };
    let first = own().map(|operation| operation.sent).min();
    let last = own().map(moment).max();
    let (Some(first), Some(last)) = (first, last) else {
        return Silence::default();
    };
    let heard = own().filter_map(|operation| operation.told.as_ref());
    let mut heard: Vec<Duration> = heard
        .filter(|(_, told)| counts(told))
        .map(|(at, _)| *at)
        .collect();
    heard.push(last);
    heard.sort_unstable();
    let mut begin = first;
    let mut longest = Silence::default();
    for at in heard {
        let length = at.saturating_sub(begin);
        longest = longest.max(Silence { length, begin });
        begin = at;
    }
    longest
}

fn moment(operation: &Operation) -> Duration {
    operation
        .told
        .as_ref()
        .map_or(operation.sent, |(at, _)| *at)
}

fn proofs(history: &History) -> impl Iterator<Item = (&str, i64, Proof)> {
    history.operations.iter().filter_map(|operation| {
        let (ended, told) = operation.told.as_ref()?;
        let Server { host, writes } = told.server()?;
        let proof = Proof {
            sent: operation.sent,
            ended: *ended,
        };
        Some((host.as_str(), (*writes)?, proof))
    })
}
