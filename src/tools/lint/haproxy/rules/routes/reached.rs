//! Whether the clients of a section reach servers for readers, with any numbers of servers up; reports nothing.

use std::collections::{BTreeSet, HashSet};

use crate::tools::lint::haproxy::budget::number;
use crate::tools::lint::haproxy::condition::{Combinations, Possible, UnknownCriteria};
use crate::tools::lint::haproxy::pool::{Pool, lets_through};
use crate::tools::lint::haproxy::pools::Pools;
use crate::tools::lint::haproxy::proxy::Proxy;
use crate::tools::lint::haproxy::role::SessionOrigin;

/// With more sections whose servers are counted than this, their numbers of servers are not told apart.
pub(in crate::tools::lint::haproxy) const MOST_COUNTED: usize = 4;

/// The clients of a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clients {
    All,
    /// Those who reach servers for writers while one of these is up, or all of them, and all others are.
    OfWriters,
}

/// Whether some of these clients of a section reach servers for readers.
pub(super) fn reached(
    entry: &Proxy,
    readers: &Pool<'_>,
    pools: &Pools<'_>,
    clients: Clients,
) -> bool {
    let writers = writers(entry, pools);
    let counted = counted(entry, &writers, readers, pools);
    let mut unknown = UnknownCriteria::default();
    let mut meant = Combinations::all();
    if clients == Clients::OfWriters {
        let mut others = meant;
        for usual in numbers(&counted, |section| section.usual.clone()) {
            for pool in &writers {
                let come = lets_through(entry, pool.proxy, &others, &usual, &mut unknown);
                others = others.without(&come);
            }
        }
        meant = Combinations::all().without(&others);
    }
    let mut numbers = numbers(&counted, |section| section.any.clone()).into_iter();
    numbers.any(|up| {
        let possible = unknown
            .clone()
            .or_more(|unknown| lets_through(entry, readers.proxy, &meant, &up, unknown));
        possible != Possible::No
    })
}

/// The sections for writers to which some of a section's clients go.
fn writers<'p>(entry: &Proxy, pools: &'p Pools<'p>) -> Vec<&'p Pool<'p>> {
    let is_entry = |pool: &Pool<'_>| std::ptr::eq(pool.proxy, entry);
    let targets: HashSet<Option<&str>> = entry.settings.targets().collect();
    let leads = |pool: &Pool<'_>| {
        targets.contains(&None) || targets.contains(&Some(pool.proxy.name.as_str()))
    };
    let pools = pools.tcp.iter();
    let writers = pools.filter(|pool| pool.role == SessionOrigin::Writers);
    writers
        .filter(|pool| leads(pool) || is_entry(pool))
        .collect()
}

/// How many steps it takes to follow the clients of a section, each time.
pub(super) fn steps(entry: &Proxy, readers: &Pool<'_>, pools: &Pools<'_>) -> u64 {
    let writers = writers(entry, pools);
    let counted = counted(entry, &writers, readers, pools);
    let tries = |of: fn(&Section<'_>) -> usize| {
        let numbers = counted.iter().map(|section| number(of(section)));
        numbers.fold(1, u64::saturating_mul)
    };
    let through = |pool: &Pool<'_>| entry.steps.saturating_add(pool.proxy.steps).max(1);
    let writers = writers.into_iter().map(through);
    let usual = tries(|section| section.usual.len());
    let usual = usual.saturating_mul(writers.fold(0, u64::saturating_add));
    let any = tries(|section| section.any.len());
    usual.saturating_add(any.saturating_mul(through(readers)))
}

/// A section whose servers are counted.
#[derive(Debug)]
struct Section<'p> {
    name: &'p str,
    /// The numbers of servers that count as up while nothing is wrong.
    usual: BTreeSet<u64>,
    /// The numbers that are tried.
    any: BTreeSet<u64>,
}

/// The sections whose servers the rules on the way count.
fn counted<'p>(
    entry: &'p Proxy,
    writers: &[&Pool<'p>],
    readers: &Pool<'p>,
    pools: &'p Pools<'p>,
) -> Vec<Section<'p>> {
    let behind = writers.iter().chain([&readers]).map(|pool| pool.proxy);
    let proxies = [entry].into_iter().chain(behind);
    let names = proxies.flat_map(|proxy| proxy.settings.counted(&proxy.name));
    let names: BTreeSet<&str> = names.collect();
    let sections = names.into_iter().filter_map(|name| {
        let mut tcp = pools.tcp.iter();
        let pool = tcp.find(|pool| pool.proxy.name == name)?;
        let most = pool.counted(pool.up(|_| true));
        // Readers are only reached while one of their servers is up.
        let least = u64::from(name == readers.proxy.name);
        let usual = match pool.role {
            SessionOrigin::Writers => BTreeSet::from([1, most]),
            SessionOrigin::Readers | SessionOrigin::Unknown => BTreeSet::from([most]),
        };
        let any = BTreeSet::from([least, 1, 2, most.saturating_sub(1).max(least), most]);
        let possible = |numbers: BTreeSet<u64>| numbers.into_iter().filter(|up| *up <= most);
        Some(Section {
            name,
            usual: possible(usual).collect(),
            any: possible(any).collect(),
        })
    });
    sections.take(MOST_COUNTED).collect()
}

/// These numbers of servers of each section, in every combination.
fn numbers<'p>(
    sections: &[Section<'p>],
    of: impl Fn(&Section<'p>) -> BTreeSet<u64>,
) -> Vec<Vec<(&'p str, u64)>> {
    let mut numbers: Vec<Vec<(&str, u64)>> = vec![Vec::new()];
    for section in sections {
        let longer = of(section).into_iter().flat_map(|up| {
            let known = numbers.iter().cloned();
            known.map(move |mut known| {
                known.push((section.name, up));
                known
            })
        });
        numbers = longer.collect();
    }
    numbers
}
