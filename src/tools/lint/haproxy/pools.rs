//! The sections of a configuration that lead to `PostgreSQL`; knows no rule.

use super::budget::Budget;
use super::configuration::Reading;
use super::pool::Pool;
use super::proxy::Proxy;
use super::recognise::{is_postgres, is_postgres_over_http};
use super::role::{SessionOrigin, of_name};
use super::settings::Mode;

/// All sections that lead to `PostgreSQL`: what is judged, listed and explained comes from here.
#[derive(Clone, Debug)]
pub(super) struct Pools<'a> {
    /// Those in `mode tcp`, in the order of the files.
    pub(super) tcp: Vec<Pool<'a>>,
    /// Those in `mode http`, in which no client of `PostgreSQL` is served.
    pub(super) http: Vec<&'a Proxy>,
}

impl<'a> Pools<'a> {
    pub(super) fn of(reading: &'a Reading) -> Self {
        let proxies = || {
            let proxies = reading.proxies.iter();
            proxies.filter(|proxy| !proxy.settings.disabled && proxy.forwards())
        };
        let tcp = proxies().filter(|proxy| proxy.settings.mode == Mode::Tcp);
        let mut budget = Budget::of(reading);
        let tcp = tcp
            .map(|proxy| Pool::gathered(proxy, reading, &mut budget))
            .filter(|pool| is_postgres(pool) && !pool.is_only_tracked())
            .map(Pool::with_role);
        Self {
            tcp: tcp.collect(),
            http: proxies()
                .filter(|proxy| proxy.settings.mode == Mode::Http)
                .filter(|proxy| is_postgres_over_http(proxy))
                .collect(),
        }
    }

    /// The name of each, and whose sessions it is for.
    pub(super) fn names(&self) -> Vec<(String, SessionOrigin)> {
        let tcp = self.tcp.iter();
        let tcp = tcp.map(|pool| (pool.proxy.name.clone(), pool.role));
        let http = self.http.iter();
        let http = http.map(|proxy| (proxy.name.clone(), of_name(&proxy.name)));
        tcp.chain(http).collect()
    }
}
