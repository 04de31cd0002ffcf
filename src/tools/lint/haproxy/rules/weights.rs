//! Servers with `weight 0`, which get no new session by `balance` (Configuration Manual, "weight").

use super::finding;
use crate::tools::lint::haproxy::pool::Pool;
use crate::tools::lint::haproxy::role::SessionOrigin;
use crate::tools::lint::haproxy::server::ServerLine;
use crate::tools::lint::haproxy::table::Case;
use crate::tools::lint::{Finding, Rule};

/// A server with `weight 0` that is at times the only one which could get new sessions.
pub(super) fn without_weight(pool: &Pool<'_>) -> Option<Finding> {
    // `use-server` reaches a server whatever its weight.
    if !pool.proxy.settings.choices.is_empty() {
        return None;
    }
    let servers = pool.proxy.servers.iter();
    let servers = servers.filter(|server| server.parameters.disabled.is_none());
    let (without, with): (Vec<&ServerLine>, Vec<_>) =
        servers.partition(|server| server.is_weightless());
    let first = *without.first()?;
    let (place, when) = match (pool.role, with.as_slice()) {
        (_, []) => (first, String::new()),
        (SessionOrigin::Writers, _) => {
            let mut judged = pool.judged();
            let server = judged.find(|server| {
                let mut without = without.iter();
                without.any(|other| std::ptr::eq(*other, *server))
            })?;
            let name = server.name.escape_debug();
            (server, format!(" while {name} is the primary"))
        }
        // The check of the only other server takes it away from readers while it is the primary.
        (SessionOrigin::Readers, [only])
            if only.count == 1
                && (only.is_checked() || only.parameters.track.is_some())
                && !pool.fate(only).is_up(Case::Primary) =>
        {
            let name = only.name.escape_debug();
            (first, format!(" while {name} is the primary"))
        }
        (SessionOrigin::Readers | SessionOrigin::Unknown, _) => return None,
    };
    let what = format!("With `weight 0` a server gets no new session, so nobody gets in{when}.");
    let remedy = "Write `weight 1` or more; to take a server out of use, write `disabled` or remove its line.";
    let weight = place.parameters.weight.as_ref();
    let place = weight.map_or(&place.place, |weight| &weight.place);
    Some(finding(pool, Rule::NobodyAccepted, place, what, remedy))
}

#[cfg(test)]
mod tests {
    use crate::tools::lint::Rule;
    use crate::tools::lint::haproxy::rules::tests::{fires, quiet};

    fn pool(name: &str, path: &str, first: &str, second: &str) -> String {
        format!(
            "listen {name}\n option httpchk GET /{path}\n server a h:5432 check port 8008 {first}\n server b i:5432 \
             check port 8008 {second}\n"
        )
    }

    #[test]
    fn servers_that_get_no_session_by_their_weight() {
        let rule = Rule::NobodyAccepted;
        for (name, path) in [("pg_rw", "primary"), ("pg_ro", "replica"), ("pg", "health")] {
            fires(rule, &pool(name, path, "weight 0", "weight 0"), &[3]);
            fires(rule, &pool(name, path, "weight 0", "weight 0 backup"), &[3]);
            fires(rule, &pool(name, path, "weight 0", "disabled"), &[3]);
            quiet(rule, &pool(name, path, "", "weight 1"));
            quiet(rule, &pool(name, path, "", "weight 0 disabled"));
        }
        let inherited = pool("pg", "health", "", "");
        let inherited = inherited.replace(" server a", " default-server weight 0\n server a");
        fires(rule, &inherited, &[3]);
        quiet(rule, &inherited.replace("8008", "8008 weight 10"));
    }

    #[test]
    fn a_server_without_weight_that_is_the_only_one_up() {
        let rule = Rule::NobodyAccepted;
        // The primary is the only server that writers have, and not one that readers have.
        fires(rule, &pool("pg_rw", "primary", "", "weight 0"), &[4]);
        fires(rule, &pool("pg_ro", "replica", "", "weight 0"), &[4]);
        quiet(rule, &pool("pg_ro", "read-only", "", "weight 0"));
        let more = " server c j:5432 check port 8008\n";
        let three = pool("pg_ro", "replica", "", "weight 0") + more;
        quiet(rule, &three);
        let chosen = " use-server b if TRUE\n";
        quiet(rule, &(pool("pg_rw", "primary", "", "weight 0") + chosen));
    }
}
