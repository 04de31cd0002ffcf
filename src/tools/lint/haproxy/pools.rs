//! The sections of a configuration that lead to `PostgreSQL`; knows no rule.

use super::configuration::Configuration;
use super::pool::Pool;
use super::proxy::Mode;
use super::recognise::is_postgres;

/// All of them, in the order of the files.
pub(super) fn pools(configuration: &Configuration) -> Vec<Pool<'_>> {
    let proxies = configuration.proxies.iter();
    let candidates = proxies.filter(|proxy| {
        proxy.settings.mode == Mode::Tcp && !proxy.settings.disabled && !proxy.servers.is_empty()
    });
    candidates
        .map(|proxy| Pool::gathered(proxy, configuration))
        .filter(is_postgres)
        .map(Pool::with_role)
        .collect()
}
