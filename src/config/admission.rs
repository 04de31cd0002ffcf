//! Reads `[admission]`: lists, limits, slots, and what clients must send first.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::ops::Range;

use toml::de::{DeArray, DeValue};

use super::connection_cost::{ConnectionCost, Encryption};
use super::document::TomlDocument;
use super::keys::{
    ALLOW, BURST, DENY, Key, MAX_CONNECTIONS, MAX_PER_CLIENT, PER_CLIENT, PROXY_PROTOCOL, REFUSE,
    TOKEN_FILE, TOTAL, TRUSTED,
};
use super::model::{Admission, ClusterSettings, Connections, HeaderPeers, Https, Listen, Refuse};
use super::problem::{Wrong, quote};
use super::values;
use crate::admit::{AccessList, ListEntry, Net, NetError, Quotas, Rules};

/// Stands in a list for the nodes of `[cluster]`.
const HAPROXY: &str = "@haproxy";

/// A larger burst is a mistake.
const MOST_BURST: u32 = 1_000_000;

/// Reads the table `[admission]`.
pub(super) fn admission(
    file: &mut TomlDocument<'_>,
    listen: &Listen,
    cluster: &ClusterSettings,
    https: Option<&Https>,
) -> Admission {
    let defaults = Admission::default();
    let allow = list(file, ALLOW, cluster);
    let deny = list(file, DENY, cluster);
    let trusted = list(file, TRUSTED, cluster);
    for (span, entry) in &trusted {
        if let Some(wrong) = never_trusted(entry, &allow, &deny) {
            file.note(TRUSTED, span.clone(), wrong);
        }
    }
    // A value that cannot be read is another mistake, which is noted already.
    let is_unset = file.value(TRUSTED).is_none_or(|value| {
        value
            .get_ref()
            .as_array()
            .is_some_and(|list| list.is_empty())
    });
    if is_unset && !cluster.nodes.is_empty() {
        let wrong = Wrong::warning(
            "no address is trusted, so other clients may use up the limits and keep the load balancers from their answers",
            "where HAProxy runs on the nodes of [cluster]: trusted = [\"@haproxy\"]",
        );
        file.note_wherever(TRUSTED, wrong);
    }
    let quotas = quotas(file, defaults.quotas);
    let header_peers = header_peers(file, cluster);
    let rules = Rules {
        deny: plain(deny),
        allow: plain(allow),
        trusted: plain(trusted),
    };
    let max_connections = connections(file, MAX_CONNECTIONS).unwrap_or(defaults.max_connections);
    if max_connections.get() == 1 && !rules.trusted.is_empty() {
        let wrong = Wrong::warning(
            "the only slot is reserved for trusted clients, so other clients are never answered",
            "write at least 2",
        );
        file.note_wherever(MAX_CONNECTIONS, wrong);
    }
    let listen = listen.with_peers(cluster);
    if let Some(wrong) = memory_warning(max_connections, &listen, Encryption::of(https)) {
        file.note_wherever(MAX_CONNECTIONS, wrong);
    }
    let refuse = [
        ("close", Refuse::Close),
        ("reset", Refuse::Reset),
        ("drop", Refuse::Drop),
    ];
    Admission {
        rules,
        quotas,
        max_connections,
        max_per_client: connections(file, MAX_PER_CLIENT).unwrap_or(defaults.max_per_client),
        refuse: file
            .read(REFUSE, |value| values::choice(value, &refuse))
            .unwrap_or_default(),
        header_peers,
        token_file: file.read(TOKEN_FILE, |value| {
            values::secret_path(value, "/etc/pgsql-state/token")
        }),
        token: None,
    }
}

/// Returns a warning if the ports may have more connections than the shipped unit gives memory for. A socket that systemd
/// passes and `[listen]` does not have is not known here.
fn memory_warning(connections: Connections, listen: &Listen, http: Encryption) -> Option<Wrong> {
    let ConnectionCost { megabytes, .. } = ConnectionCost::of(connections, listen, http);
    let shipped = ConnectionCost::SHIPPED.megabytes;
    (megabytes > shipped).then(|| {
        let message = format!(
            "this many connections on each port may take {megabytes} MB, and pgsql-state.service has MemoryMax={shipped}M \
             as it is shipped"
        );
        let most = ConnectionCost::most_in_shipped(listen, http);
        let hint =
            format!("raise it as pgsql-state generate systemd does, or write at most {most}");
        Wrong::warning(message, hint)
    })
}

/// The entries of a list, each with the place in the file from which it comes.
type Placed = Vec<(Range<usize>, ListEntry)>;

fn plain(placed: Placed) -> AccessList {
    AccessList::new(placed.into_iter().map(|(_, entry)| entry))
}

fn list(file: &mut TomlDocument<'_>, key: Key, cluster: &ClusterSettings) -> Placed {
    let written = file.read_each(key, |value| written(value, cluster));
    let placed = written
        .unwrap_or_default()
        .into_iter()
        .flat_map(|(span, entries)| entries.into_iter().map(move |entry| (span.clone(), entry)));
    let placed: Placed = placed.collect();
    for (span, wrong) in overlaps(&placed) {
        file.note(key, span, wrong);
    }
    placed
}

/// Returns the entries that one text of a list stands for.
fn written(value: &DeValue<'_>, cluster: &ClusterSettings) -> Result<Vec<ListEntry>, Wrong> {
    let hint = "write an address or a network, as in \"10.20.30.51\" or \"10.20.30.0/24\"";
    let text = values::text(value, hint)?;
    if text == HAPROXY {
        if cluster.nodes.is_empty() {
            return Err(Wrong::new(
                format!("\"{HAPROXY}\" stands for the nodes of [cluster], which has none"),
                "list them: nodes = [ { name = \"srv1\", address = \"10.20.30.51\" } ]",
            ));
        }
        let entries = cluster.nodes.iter().map(|node| ListEntry {
            net: node.address.into(),
            origin: Some(format!("{HAPROXY} ({})", node.name)),
        });
        return Ok(entries.collect());
    }
    let net: Net = text.parse().map_err(|error| match error {
        NetError::Unreadable(_) => Wrong::new(
            format!("{} is neither an address nor a network", quote(text)),
            hint,
        ),
        NetError::HostBits { network, host, .. } => Wrong::new(
            format!("{} has host bits set", quote(text)),
            format!("write \"{network}\" for the network, or \"{host}\" for the one address"),
        ),
    })?;
    Ok(vec![net.into()])
}

/// Returns a warning for each entry that an earlier or wider one makes superfluous.
fn overlaps(placed: &Placed) -> Vec<(Range<usize>, Wrong)> {
    let superfluous = placed
        .iter()
        .enumerate()
        .filter_map(|(index, (span, entry))| {
            let (_, other) = placed.iter().enumerate().find_map(|(at, pair)| {
                let wider = pair.1.net.covers(entry.net);
                let earlier = at < index || !entry.net.covers(pair.1.net);
                (at != index && wider && earlier).then_some(pair)
            })?;
            let message = format!("{entry} adds nothing to {other}, which covers it");
            let wrong = Wrong::warning(message, "keep one of the two");
            Some((span.clone(), wrong))
        });
    superfluous.collect()
}

/// Returns a warning if another list, which is applied first, refuses clients that this entry would trust.
fn never_trusted(entry: &ListEntry, allow: &Placed, deny: &Placed) -> Option<Wrong> {
    let covered_by = |list: &Placed| {
        let found = list.iter().find(|(_, other)| other.net.covers(entry.net));
        found.map(|(_, other)| other.to_string())
    };
    if let Some(other) = covered_by(deny) {
        return Some(Wrong::warning(
            format!("{entry} is refused all the same: {other} of admission.deny covers it"),
            "remove it from one of the two lists",
        ));
    }
    let touched = deny.iter().find(|(_, other)| entry.net.covers(other.net));
    if let Some((_, other)) = touched {
        return Some(Wrong::warning(
            format!("a part of {entry} is refused all the same: {other} of admission.deny"),
            "keep it if that is intended",
        ));
    }
    (!allow.is_empty() && covered_by(allow).is_none()).then(|| {
        Wrong::warning(
            format!("{entry} is refused, at least in part: admission.allow does not cover it"),
            "add it to admission.allow too",
        )
    })
}

fn quotas(file: &mut TomlDocument<'_>, defaults: Quotas) -> Quotas {
    let rate = |file: &mut TomlDocument<'_>, key| file.read(key, values::rate).map(|rate| rate.0);
    let quotas = Quotas {
        total: rate(file, TOTAL).unwrap_or(defaults.total),
        per_client: rate(file, PER_CLIENT).unwrap_or(defaults.per_client),
        burst: burst(file).unwrap_or(defaults.burst),
    };
    if quotas.total < quotas.per_client {
        let wrong = Wrong::warning(
            format!(
                "one client may have {}/s, but all clients together only {}/s",
                quotas.per_client, quotas.total
            ),
            "write a total above per_client",
        );
        file.note_wherever(TOTAL, wrong);
    }
    quotas
}

fn burst(file: &mut TomlDocument<'_>) -> Option<NonZeroU32> {
    let limits = format!("from 1 to {MOST_BURST}");
    let fits = |number| NonZeroU32::new(number).filter(|number| number.get() <= MOST_BURST);
    file.read(BURST, |value| values::number(value, fits, &limits))
}

fn connections(file: &mut TomlDocument<'_>, key: Key) -> Option<Connections> {
    let limits = format!("from 1 to {}", Connections::MOST);
    file.read(key, |value| {
        values::number(value, Connections::new, &limits)
    })
}

/// Reads one list for every socket, or a table with a list for each port.
fn header_peers(file: &mut TomlDocument<'_>, cluster: &ClusterSettings) -> HeaderPeers {
    let Some(by_port) = file
        .value(PROXY_PROTOCOL)
        .and_then(|value| value.get_ref().as_table())
    else {
        return HeaderPeers {
            everywhere: plain(list(file, PROXY_PROTOCOL, cluster)),
            by_port: BTreeMap::new(),
        };
    };
    let mut peers = HeaderPeers::default();
    for (port, value) in by_port {
        let entries = values::array(value.get_ref()).and_then(|array| entries(array, cluster));
        match (port.get_ref().parse(), entries) {
            (Ok(port), Ok(entries)) => {
                peers.by_port.insert(port, AccessList::new(entries));
            }
            (Err(_), _) => {
                let message = format!("{} is not a port", quote(port.get_ref()));
                let hint = "write the port of a socket before each list, as in { 5431 = [\"10.20.30.51\"] }";
                file.note(PROXY_PROTOCOL, port.span(), Wrong::new(message, hint));
            }
            (Ok(_), Err(wrong)) => file.note(PROXY_PROTOCOL, value.span(), wrong),
        }
    }
    peers
}

fn entries(array: &DeArray<'_>, cluster: &ClusterSettings) -> Result<Vec<ListEntry>, Wrong> {
    let entries = array
        .iter()
        .map(|item| written(item.get_ref(), cluster))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(entries.concat())
}
