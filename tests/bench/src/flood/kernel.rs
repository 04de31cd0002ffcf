//! What the kernel counted in this network namespace (`/proc/net/netstat`, `proc_net(5)`).

use std::fs;

use crate::error::Error;

const NETSTAT: &str = "/proc/net/netstat";

/// How often a connection found the queue of a listening socket full.
pub(super) fn listen_overflows() -> Result<u64, Error> {
    let text = fs::read_to_string(NETSTAT).map_err(Error::file(NETSTAT))?;
    figure(&text, "ListenOverflows").ok_or(Error::Form {
        what: "the kernel's counters",
        text,
    })
}

/// Lines come in pairs: names, then figures.
fn figure(netstat: &str, name: &str) -> Option<u64> {
    let mut lines = netstat.lines();
    while let (Some(names), Some(figures)) = (lines.next(), lines.next()) {
        let place = names.split_whitespace().position(|other| other == name);
        if let Some(place) = place {
            return figures.split_whitespace().nth(place)?.parse().ok();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_stands_below_its_name() {
        let text = "TcpExt: SyncookiesSent ListenOverflows\nTcpExt: 1 7\nIpExt: X\nIpExt: 2\n";
        assert_eq!(figure(text, "ListenOverflows"), Some(7));
        assert_eq!(figure(text, "X"), Some(2));
        assert_eq!(figure(text, "Y"), None);
    }
}
