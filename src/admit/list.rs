//! A list of networks, made for asking whether an address is in one of them; knows not what being in
//! it means.

use std::fmt;
use std::net::IpAddr;

use super::net::Net;

/// Networks, each as it was written and as it is looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessList {
    entries: Vec<ListEntry>,
    four: Ranges<u32>,
    six: Ranges<u128>,
}

/// One network of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListEntry {
    /// The network.
    pub net: Net,
    /// Where it comes from, where it was not written as it is: `@haproxy`, say.
    pub origin: Option<String>,
}

impl AccessList {
    /// A list of these networks.
    pub fn new(entries: impl IntoIterator<Item = ListEntry>) -> Self {
        let entries: Vec<ListEntry> = entries.into_iter().collect();
        let (mut four, mut six) = (Vec::new(), Vec::new());
        for entry in &entries {
            match entry.net.ends() {
                (IpAddr::V4(first), IpAddr::V4(last)) => four.push((first.into(), last.into())),
                (IpAddr::V6(first), IpAddr::V6(last)) => six.push((first.into(), last.into())),
                (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => {}
            }
        }
        Self {
            entries,
            four: Ranges::new(four),
            six: Ranges::new(six),
        }
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether an address, as [`canonical`](super::net::canonical) spells it, is in one of the
    /// networks. The time it takes grows with the logarithm of their number.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => self.four.contains(address.into()),
            IpAddr::V6(address) => self.six.contains(address.into()),
        }
    }

    /// The first entry whose network holds the address.
    #[must_use]
    pub fn entry(&self, address: IpAddr) -> Option<&ListEntry> {
        self.entries
            .iter()
            .find(|entry| entry.net.contains(address))
    }

    /// Its entries in their order.
    #[must_use]
    pub fn entries(&self) -> &[ListEntry] {
        &self.entries
    }

    /// Whether one of its networks alone covers all of `net`.
    #[must_use]
    pub fn covers(&self, net: Net) -> bool {
        self.entries.iter().any(|entry| entry.net.covers(net))
    }
}

impl From<Net> for ListEntry {
    fn from(net: Net) -> Self {
        Self { net, origin: None }
    }
}

impl fmt::Display for ListEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            Some(origin) => write!(f, "\"{}\" of {origin}", self.net),
            None => write!(f, "\"{}\"", self.net),
        }
    }
}

/// Disjoint ranges in ascending order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Ranges<T>(Vec<(T, T)>);

impl<T: Copy + Ord> Ranges<T> {
    fn new(mut ranges: Vec<(T, T)>) -> Self {
        ranges.sort_unstable();
        let mut disjoint: Vec<(T, T)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match disjoint.last_mut() {
                Some((_, end)) if first <= *end => *end = last.max(*end),
                Some(_) | None => disjoint.push((first, last)),
            }
        }
        Self(disjoint)
    }

    fn contains(&self, address: T) -> bool {
        let behind = self.0.partition_point(|(first, _)| *first <= address);
        let before = behind.checked_sub(1).and_then(|index| self.0.get(index));
        before.is_some_and(|(_, last)| address <= *last)
    }
}

#[cfg(test)]
mod tests;
