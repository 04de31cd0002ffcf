//! Servers whose WAL goes on where the primary's timeline does not: they can never follow it. A primary that crashed may
//! have written what nobody received, and nobody acknowledged.

use crate::cluster::Cluster;
use crate::error::Error;
use crate::host::Host;
use crate::lab::Lab;

/// The servers that went another way than the primary. Those that cannot be asked are not among them.
pub(super) fn forked(lab: &Lab) -> Result<Vec<Host>, Error> {
    let primary = Cluster::new(lab).primary()?;
    let on = lab.host(primary);
    let own = "SELECT pg_read_file('pg_wal/' || left(pg_walfile_name(pg_current_wal_lsn()), 8) || '.history', 0, 1000000, true)";
    let history = on.sql(own)?;
    let others = Host::SERVERS.into_iter().filter(|host| *host != primary);
    Ok(others
        .filter(|host| went_on(lab, *host, &history).unwrap_or(false))
        .collect())
}

fn went_on(lab: &Lab, host: Host, history: &str) -> Result<bool, Error> {
    let on = lab.host(host);
    let timeline = on.sql(TIMELINE)?;
    let Some(end) = end_of(history, &timeline) else {
        return Ok(false);
    };
    let beyond = format!("SELECT pg_last_wal_replay_lsn() > '{end}'");
    Ok(on.sql(&beyond)? == "t")
}

/// The timeline of what a standby has replayed: that of the newest file of its segment, of 16 MB. The control file knows
/// that of the last restart point, which may be an earlier one.
const TIMELINE: &str = "\
    WITH replayed AS (SELECT trunc((pg_last_wal_replay_lsn() - '0/0') / 16777216)::bigint AS segment) \
    SELECT max(('x' || left(name, 8))::bit(32)::bigint) FROM pg_ls_waldir(), replayed \
    WHERE pg_is_in_recovery() AND name ~ '^[0-9A-F]{24}$' \
    AND substr(name, 9) = upper(lpad(to_hex(segment / 256), 8, '0') || lpad(to_hex(segment % 256), 8, '0'))";

/// Where a timeline ended, by the primary's history: a line for each, with its number, its end and the reason
/// (PostgreSQL, `src/backend/access/transam/timeline.c`); pure.
fn end_of<'a>(history: &'a str, timeline: &str) -> Option<&'a str> {
    history.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        (words.next()? == timeline).then(|| words.next())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_tells_where_each_earlier_timeline_ended() {
        let history = "1\t0/4000110\tno recovery target specified\n\n2\t0/4082258\tno recovery target specified\n";
        assert_eq!(end_of(history, "2"), Some("0/4082258"));
        assert_eq!(end_of(history, "1"), Some("0/4000110"));
        assert_eq!(end_of(history, "3"), None);
        assert_eq!(end_of("", "1"), None);
    }
}
