//! Finds the server whose checks decide about a server: itself, or the end of its chain of `track`.

use std::collections::BTreeSet;

use super::Pool;
use crate::tools::lint::haproxy::configuration::Reading;
use crate::tools::lint::haproxy::proxy::Proxy;
use crate::tools::lint::haproxy::server::ServerLine;
use crate::tools::lint::haproxy::settings::ProxySettings;

/// The longest chain of `track` that is followed.
const TRACKED: u8 = 8;

/// A server with checks of its own.
#[derive(Clone, Copy, Debug)]
pub(in crate::tools::lint::haproxy) struct Source<'a> {
    pub(in crate::tools::lint::haproxy) server: &'a ServerLine,
    /// `None` if the `healthcheck` section that it names does not exist.
    pub(in crate::tools::lint::haproxy) check: Option<&'a ProxySettings>,
}

impl<'a> Pool<'a> {
    /// The server whose checks decide; `None` if the tracked server does not exist.
    pub(in crate::tools::lint::haproxy) fn source(
        &self,
        server: &'a ServerLine,
    ) -> Option<Source<'a>> {
        let (mut proxy, mut server) = (self.proxy, server);
        for _ in 0..=TRACKED {
            let Some(track) = &server.parameters.track else {
                let check = check_of(self.reading, proxy, server);
                return Some(Source { server, check });
            };
            let (section, name) = match track.value.split_once('/') {
                Some((section, name)) => (section, name),
                None => (proxy.name.as_str(), track.value.as_str()),
            };
            proxy = self.with_servers(section)?;
            server = proxy.server(name)?;
        }
        None
    }
}

impl<'a> Pool<'a> {
    /// The section whose servers are those that this section's servers track, all of them and no others: the servers of
    /// both are up together, so that `nbsrv` of either counts the same.
    pub(in crate::tools::lint::haproxy) fn tracked(&self) -> Option<&'a Proxy> {
        let servers = &self.proxy.servers;
        let tracks = servers.iter().map(|server| {
            let track = server.parameters.track.as_ref()?;
            track.value.split_once('/')
        });
        let tracks: BTreeSet<(&str, &str)> = tracks.collect::<Option<_>>()?;
        let (section, _) = tracks.first()?;
        let other = self.with_servers(section)?;
        let is_whole = tracks.iter().all(|(name, _)| name == section)
            && tracks.len() == servers.len()
            && tracks.len() == other.servers.len()
            && servers
                .iter()
                .chain(&other.servers)
                .all(ServerLine::is_active);
        is_whole.then_some(other)
    }

    /// Whether nobody reaches it, and its checks are for servers of other sections that track its own.
    pub(in crate::tools::lint::haproxy) fn is_only_tracked(&self) -> bool {
        self.entries.is_empty() && self.reading.index.is_tracked(&self.proxy.name)
    }

    /// The section of this name that has servers.
    fn with_servers(&self, name: &str) -> Option<&'a Proxy> {
        let named = self.reading.index.named(name).iter();
        let mut named = named.filter_map(|at| self.reading.proxies.get(*at));
        named.find(|proxy| !proxy.servers.is_empty())
    }
}

/// The check that a section, or a `healthcheck` section, has for a server.
fn check_of<'a>(
    reading: &'a Reading,
    proxy: &'a Proxy,
    server: &ServerLine,
) -> Option<&'a ProxySettings> {
    match &server.parameters.healthcheck {
        Some(name) => reading.healthchecks.get(&name.value),
        None => Some(&proxy.settings),
    }
}
