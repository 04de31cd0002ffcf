//! A list of networks with a fast test whether an address is in one of them; does not know what membership
//! means.

use std::fmt;
use std::net::IpAddr;

use super::net::Net;

/// Networks: the entries as written, and sorted ranges for lookup.
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
    /// The configured name from which it was derived, such as `@haproxy`; `None` if the network itself was written.
    pub origin: Option<String>,
}

impl AccessList {
    /// Creates a list of these networks.
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

    /// Whether the list has no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether an address in [`canonical`](super::net::canonical) form is in one of the
    /// networks. The time grows with the logarithm of their number.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => self.four.contains(address.into()),
            IpAddr::V6(address) => self.six.contains(address.into()),
        }
    }

    /// The first entry whose network contains the address.
    #[must_use]
    pub fn entry(&self, address: IpAddr) -> Option<&ListEntry> {
        self.entries
            .iter()
            .find(|entry| entry.net.contains(address))
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
