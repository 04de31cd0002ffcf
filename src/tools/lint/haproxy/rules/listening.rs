//! Where clients connect to, and whether anybody gets in while the cluster is well.

use super::finding;
use crate::tools::lint::haproxy::condition::Possible;
use crate::tools::lint::haproxy::pool::Pool;
use crate::tools::lint::haproxy::role::SessionOrigin;
use crate::tools::lint::haproxy::session_rules::Passes;
use crate::tools::lint::{Finding, Rule};

/// With more servers than this, not every number of them is tried.
const MOST: u64 = 64;

/// Another section that listens where writers connect to.
pub(super) fn shared(pool: &Pool<'_>) -> Option<Finding> {
    if pool.role != SessionOrigin::Writers {
        return None;
    }
    let entries = pool.entries.iter();
    let mut pairs = entries.flat_map(|entry| {
        let others = pool
            .proxies()
            .filter(move |other| !std::ptr::eq(*other, *entry));
        others.flat_map(move |other| {
            let own = entry.listens.iter();
            own.flat_map(move |own| other.listens.iter().map(move |theirs| (own, other, theirs)))
        })
    });
    let (own, other, _) = pairs.find(|(own, _, theirs)| own.is_shared_with(theirs))?;
    let name = other.name.escape_debug();
    let what = format!(
        "{name} listens on this address too, and the kernel, or for a Unix socket the order of the sections, chooses \
         between them, so writers get where {name} leads."
    );
    let remedy = "Bind each section to an address or a port of its own.";
    Some(finding(pool, Rule::SameBind, &own.place, what, remedy))
}

/// Rules that let nobody in while the cluster is well.
pub(super) fn closed(pool: &Pool<'_>) -> Option<Finding> {
    let all = pool.counted(pool.up(|_| true));
    // Of several servers one is the primary, which some checks for readers accept too.
    let (usual, when) = match pool.role {
        SessionOrigin::Writers => (vec![1], "one primary is up"),
        SessionOrigin::Readers => (
            vec![all.saturating_sub(1).max(1), all],
            "all standbys are up",
        ),
        SessionOrigin::Unknown => return None,
    };
    let mut usual = usual.into_iter();
    if all == 0
        || pool.entries.is_empty()
        || usual.any(|count| pool.can_be_reached(count) != Possible::No)
    {
        return None;
    }
    let what = format!("The rules for sessions let nobody in while {when}.");
    let remedy = "For writers reject only while several servers are up, `tcp-request connection reject if { \
                  nbsrv(NAME) gt 1 }` with this section's name; readers need no such rule.";
    Some(finding(
        pool,
        Rule::NobodyAccepted,
        &pool.proxy.place,
        what,
        remedy,
    ))
}

/// Rules that refuse readers because more servers are up: what a guard against two primaries does to standbys.
pub(super) fn refused_with_more(pool: &Pool<'_>) -> Option<Finding> {
    let sections = pool.entries.iter().copied().chain([pool.proxy]);
    let mut rules = sections.flat_map(|section| &section.settings.requests);
    if pool.role != SessionOrigin::Readers
        || pool.entries.is_empty()
        || closed(pool).is_some()
        || !rules.any(|rule| rule.verdict == Passes::Rejected)
    {
        return None;
    }
    let all = pool.counted(pool.up(|_| true));
    let can = |count: &u64| pool.can_be_reached(*count) != Possible::No;
    let fewer = (1..=all.min(MOST)).find(can)?;
    let more = (fewer..=all.min(MOST)).find(|count| !can(count))?;
    let what = format!(
        "The rules for sessions let readers in with {fewer} of the servers up, and nobody with {more}."
    );
    let remedy = "Readers need no guard against two primaries: remove the rule that counts their servers with `nbsrv`.";
    Some(finding(
        pool,
        Rule::NobodyAccepted,
        &pool.proxy.place,
        what,
        remedy,
    ))
}

#[cfg(test)]
mod tests {
    use crate::tools::lint::Rule;
    use crate::tools::lint::haproxy::rules::tests::{fires, quiet};

    #[test]
    fn sections_that_listen_where_writers_connect() {
        let rule = Rule::SameBind;
        let two = |first: &str, second: &str| {
            format!(
                "listen pg_rw\n bind {first}\n server a h:5432 check\nlisten pg_ro\n bind {second}\n server a h:5432 \
                 check\n"
            )
        };
        fires(rule, &two("10.0.0.1:5000", "10.0.0.1:5000"), &[2]);
        fires(rule, &two("*:5000", "0.0.0.0:4000,:5000"), &[2]);
        fires(rule, &two("*:5000", ":4990-5010"), &[2]);
        fires(
            rule,
            &two("10.0.0.1:5000", "10.0.0.1:5000").replace("pg_ro", "web\n mode http"),
            &[2],
        );
        fires(rule, &two("[::]:5000 v4v6", "*:5000"), &[2]);
        fires(rule, &two("*:5000", ":::5000"), &[2]);
        fires(rule, &two("/run/pg.sock", "unix@/run/pg.sock"), &[2]);
        fires(rule, &two("abns@pg", "abns@pg"), &[2]);
        quiet(rule, &two("*:5000", "[::]:5000 v6only"));
        quiet(rule, &two("/run/rw.sock", "/run/ro.sock"));
        quiet(rule, &two("10.0.0.1:5000", "10.0.0.1:5001"));
        quiet(rule, &two("10.0.0.1:5000", "10.0.0.2:5000"));
        quiet(rule, &two("*:5000", "10.0.0.2:5000"));
        quiet(rule, &two("*:5000 interface a", "*:5000 interface b"));
        quiet(
            rule,
            &two("*:5000", "*:5000").replace("bind", "disabled\n bind"),
        );
        quiet(rule, &two("*:5000", "*:5000").replace("pg_rw", "pg_ro2"));
    }

    #[test]
    fn rules_that_let_nobody_in() {
        let rule = Rule::NobodyAccepted;
        let pool = |name: &str, guard: &str| {
            format!(
                "listen {name}\n {guard}\n server a h:5432 check\n server b i:5432 check\n server c j:5432 check\n"
            )
        };
        let when = |condition: &str| format!("tcp-request connection reject{condition}");
        for condition in [
            "",
            " if { nbsrv(pg_rw) ge 1 }",
            " unless { nbsrv(pg_rw) gt 1 }",
        ] {
            fires(rule, &pool("pg_rw", &when(condition)), &[1]);
        }
        quiet(rule, &pool("pg_rw", &when(" if { nbsrv(pg_rw) gt 1 }")));
        quiet(rule, &pool("pg_rw", &when(" if { src 10.0.0.1 }")));
        fires(
            rule,
            &pool("pg_ro", &when(" if { nbsrv(pg_ro) gt 1 }")),
            &[1],
        );
        quiet(rule, &pool("pg_ro", &when(" if { nbsrv(pg_ro) lt 1 }")));
        fires(
            rule,
            &pool("pg_ro", &when(" if { nbsrv(pg_ro) gt 2 }")),
            &[1],
        );
        quiet(rule, &pool("pg_ro", &when(" if { nbsrv(pg_ro) lt 2 }")));
        quiet(rule, &pool("pg_ro", &when(" if { src 10.0.0.1 }")));
        let two = pool("pg_ro", &when(" if { nbsrv(pg_ro) gt 1 }"));
        fires(rule, &two.replace(" server c j:5432 check\n", ""), &[1]);
    }
}
