//! Reads the smaller tables of the file, and warns about settings that are legal but hardly intended.

use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::time::Duration;

use super::document::TomlDocument;
use super::keys::{
    AGENT, CONNINFO, DIALECT, DOCUMENTS, GRACE, HTTP, Key, MAX_AGE, PATRONI_NAMES, STATE, STRICT,
    TIMEOUT, VIEW,
};
use super::model::{Answer, DEFAULT_TIMEOUT, LONGEST, LONGEST_TIMEOUT, Listen, ServiceSettings};
use super::problem::Wrong;
use super::role_words::words;
use super::values;

use crate::base::units::show_duration;
use crate::config::{Dialect, Documents, HttpOptions, MetricNames, Strictness};
use crate::health::View;

const ANY_WAIT: RangeInclusive<Duration> = Duration::ZERO..=LONGEST;

/// Reads `[postgres] conninfo` with `parse`, which gets "" if the file does not set it: missing parameters
/// may come from elsewhere.
pub(super) fn target<T, E: Error>(
    file: &mut TomlDocument<'_>,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Option<T> {
    let hint = "write it as libpq reads it, as in \"host=/var/run/postgresql port=5432\"";
    if file.value(CONNINFO).is_some() {
        return file.read(CONNINFO, |value| {
            parse(values::text(value, hint)?).map_err(|error| Wrong::of(&error, ""))
        });
    }
    let parsed = parse("");
    let wrong = parsed.map_err(|error| file.note_wherever(CONNINFO, Wrong::of(&error, "")));
    wrong.ok()
}

/// Reads `[postgres] timeout`.
pub(super) fn timeout(file: &mut TomlDocument<'_>) -> Duration {
    let limits = Duration::from_millis(1)..=LONGEST_TIMEOUT;
    let timeout = file.read(TIMEOUT, |value| values::duration(value, limits));
    timeout.unwrap_or(DEFAULT_TIMEOUT)
}

/// Reads `[listen]`.
pub(super) fn listen(file: &mut TomlDocument<'_>) -> Listen {
    let mut taken = Vec::new();
    let state = addresses(file, STATE, &mut taken);
    let http = addresses(file, HTTP, &mut taken);
    let agent = addresses(file, AGENT, &mut taken);
    let defaults = Listen::default();
    Listen {
        state: state.unwrap_or(defaults.state),
        http: http.unwrap_or(defaults.http),
        agent: agent.unwrap_or(defaults.agent),
    }
}

/// Reads the addresses of one protocol; `taken` are all addresses read so far.
fn addresses(
    file: &mut TomlDocument<'_>,
    key: Key,
    taken: &mut Vec<SocketAddr>,
) -> Option<Vec<SocketAddr>> {
    let mut found = Vec::new();
    for (span, address) in file.read_each(key, values::address)? {
        if let Some(other) = taken.iter().find(|other| share(**other, address)) {
            let message = format!("\"{other}\" and \"{address}\" cannot both be bound");
            let hint = "keep one of the two; [::] takes IPv4 too";
            file.note(key, span, Wrong::new(message, hint));
            continue;
        }
        if address.port() == 0 {
            let wrong = Wrong::warning(
                "with port 0 the system chooses a port that no load balancer can know",
                "write a port, as in \"[::]:5431\"",
            );
            file.note(key, span.clone(), wrong);
        }
        if let Some(wrong) = without_interface(address) {
            file.note(key, span, wrong);
        }
        taken.push(address);
        found.push(address);
    }
    Some(found)
}

/// A warning about a link-local address that names no interface. Which interfaces there are is not known here.
fn without_interface(address: SocketAddr) -> Option<Wrong> {
    match address {
        SocketAddr::V6(v6) if v6.ip().is_unicast_link_local() && v6.scope_id() == 0 => {
            let message = format!(
                "\"{address}\" is an address of one link and names no interface, so it cannot be bound"
            );
            let hint = format!(
                "write the number of the interface (ip link shows it), as in \"[{}%2]:{}\"",
                v6.ip(),
                v6.port()
            );
            Some(Wrong::warning(message, hint))
        }
        SocketAddr::V4(_) | SocketAddr::V6(_) => None,
    }
}

/// Reads `[http]` without its TLS.
pub(super) fn http(file: &mut TomlDocument<'_>) -> HttpOptions {
    let dialects = [
        ("patroni", Dialect::Patroni),
        ("xinetd", Dialect::Xinetd),
        ("cnpg", Dialect::Cnpg),
    ];
    let dialect = file.read(DIALECT, |value| values::choice(value, &dialects));
    let strictness = file.read(STRICT, |value| {
        values::switch(value, Strictness::Lenient, Strictness::Strict)
    });
    let readers = [
        ("all", Documents::ForAll),
        ("trusted", Documents::ForTrusted),
    ];
    let documents = file.read(DOCUMENTS, |value| values::choice(value, &readers));
    HttpOptions {
        dialect: dialect.unwrap_or_default(),
        strictness: strictness.unwrap_or_default(),
        documents: documents.unwrap_or_default(),
    }
}

/// Reads `[metrics]`.
pub(super) fn metrics(file: &mut TomlDocument<'_>) -> MetricNames {
    let names = file.read(PATRONI_NAMES, |value| {
        values::switch(value, MetricNames::Own, MetricNames::PatronisToo)
    });
    names.unwrap_or_default()
}

/// Reads `[agent_check]`.
pub(super) fn view(file: &mut TomlDocument<'_>) -> View {
    let views = View::ALL.map(|view| (view.word(), view));
    let view = file.read(VIEW, |value| values::choice(value, &views));
    view.unwrap_or_default()
}

/// Reads `[answer]` except `when_full` and `when_read_only`.
pub(super) fn answer(file: &mut TomlDocument<'_>, timeout: Duration) -> Answer {
    let max_age = file.read(MAX_AGE, |value| values::duration(value, ANY_WAIT));
    let max_age = max_age.unwrap_or_default();
    if max_age > timeout {
        let shown = show_duration(timeout);
        let wrong = Wrong::warning(
            format!("an answer may be older than the time limit of a question, which is {shown}"),
            "leave it out: checks that come together share one question anyway",
        );
        file.note_wherever(MAX_AGE, wrong);
    }
    Answer {
        words: words(file),
        max_age,
    }
}

/// Reads `[service]`.
pub(super) fn service(file: &mut TomlDocument<'_>) -> ServiceSettings {
    let grace = file.read(GRACE, |value| values::duration(value, ANY_WAIT));
    grace.map_or_else(ServiceSettings::default, |grace| ServiceSettings { grace })
}

/// Whether only one of two addresses can be bound: a socket on `[::]` takes IPv4 too.
fn share(one: SocketAddr, other: SocketAddr) -> bool {
    let (one, other) = (without_mapping(one), without_mapping(other));
    let covers = |wide: SocketAddr, narrow: SocketAddr| {
        wide.ip().is_unspecified() && (wide.is_ipv6() || narrow.is_ipv4())
    };
    let same_port = one.port() == other.port() && one.port() != 0;
    same_port && (one == other || covers(one, other) || covers(other, one))
}

/// Returns the IPv4 address that an IPv6 address like `::ffff:10.0.0.1` means; another address as it is.
fn without_mapping(address: SocketAddr) -> SocketAddr {
    match address.ip().to_canonical() {
        ip @ IpAddr::V4(_) => SocketAddr::new(ip, address.port()),
        IpAddr::V6(_) => address,
    }
}
