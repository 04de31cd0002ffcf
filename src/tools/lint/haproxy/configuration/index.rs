//! Finds sections by their names and by where they lead, so that a file with many sections is read in one pass.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::tools::lint::haproxy::proxy::Proxy;

/// The sections of a reading, by their numbers.
#[derive(Clone, Debug, Default)]
pub(in crate::tools::lint::haproxy) struct Index {
    named: HashMap<String, Vec<usize>>,
    /// By the section to which some of their sessions go.
    leading: HashMap<String, Vec<usize>>,
    /// Those that can lead to any section.
    open: Vec<usize>,
    /// The sections whose servers are tracked from others.
    tracked: HashSet<String>,
    /// The addresses on which all sections listen, and their servers.
    pub(in crate::tools::lint::haproxy) addresses: usize,
    /// The most steps that a check has.
    pub(in crate::tools::lint::haproxy) longest_check: usize,
}

impl Index {
    pub(super) fn of<'p>(
        proxies: &'p [Proxy],
        healthchecks: impl Iterator<Item = &'p super::ProxySettings>,
    ) -> Self {
        let mut index = Self::default();
        for (at, proxy) in proxies.iter().enumerate() {
            let named = index.named.entry(proxy.name.clone()).or_default();
            named.push(at);
            let targets: BTreeSet<Option<&str>> = proxy.settings.targets().collect();
            if targets.contains(&None) {
                index.open.push(at);
            }
            for target in targets.into_iter().flatten() {
                index.leading.entry(target.to_owned()).or_default().push(at);
            }
            let mut servers = proxy.servers.iter();
            let tracks = servers.by_ref().filter(|_| !proxy.settings.disabled);
            let tracks = tracks.filter_map(|server| {
                let track = server.parameters.track.as_ref()?;
                Some(track.value.split_once('/')?.0.to_owned())
            });
            index.tracked.extend(tracks);
            let addresses = proxy.servers.len().saturating_add(proxy.listens.len());
            index.addresses = index.addresses.saturating_add(addresses);
        }
        let settings = proxies.iter().map(|proxy| &proxy.settings);
        let checks = settings.chain(healthchecks);
        let steps = checks.map(|check| check.steps().map_or(0, |steps| steps.list.len()));
        index.longest_check = steps.max().unwrap_or(0);
        index
    }

    /// The sections of this name.
    pub(in crate::tools::lint::haproxy) fn named(&self, name: &str) -> &[usize] {
        self.named.get(name).map_or(&[], Vec::as_slice)
    }

    /// How many sections lead to the section of this name at most.
    pub(in crate::tools::lint::haproxy) fn count_leading_to(&self, name: &str) -> usize {
        let leading = self.leading.get(name).map_or(0, Vec::len);
        leading.saturating_add(self.open.len())
    }

    /// The sections that lead to the section of this name, in the order of the files.
    pub(in crate::tools::lint::haproxy) fn leading_to(&self, name: &str) -> BTreeSet<usize> {
        let leading = self.leading.get(name).into_iter().flatten();
        leading.chain(&self.open).copied().collect()
    }

    /// Whether servers elsewhere track those of the section of this name.
    pub(in crate::tools::lint::haproxy) fn is_tracked(&self, name: &str) -> bool {
        self.tracked.contains(name)
    }
}
