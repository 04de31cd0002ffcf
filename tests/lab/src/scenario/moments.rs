//! From the journal of all hosts to the moments of a failover, and where a gap's time went; pure.

use std::time::Duration;

use crate::host::Host;
use crate::journal::{Line, lines};

/// An event of a failover, and what tells it: Pacemaker 2.1, PostgreSQL 15, HAProxy 2.6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    /// Pacemaker decided on something to do.
    Decided,
    /// An instance is being stopped: somebody decided before.
    Stopping,
    /// A host was fenced.
    Fenced,
    /// An instance left recovery and takes writes.
    Promoted,
    /// The client's HAProxy sends writers to a server.
    Routed,
}

fn event(line: &Line) -> Option<Event> {
    let says = |text: &str| line.says(text);
    match line.program.as_str() {
        "pacemaker-schedulerd" if says("Calculated transition") => Some(Event::Decided),
        "pacemaker-fenced" if says("Operation 'reboot'") && says(": OK") => Some(Event::Fenced),
        "postgres" if says("received fast shutdown request") => Some(Event::Stopping),
        "postgres" if says("archive recovery complete") => Some(Event::Promoted),
        "haproxy" if line.host == "client" && says("Server prod/") && says(" is UP") => {
            Some(Event::Routed)
        }
        _ => None,
    }
}

/// A time without an acknowledged row, since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// The last row before it.
    pub(crate) begin: Duration,
    /// The first row after it.
    pub(crate) end: Duration,
}

/// Where the time of a gap went. The parts add up to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Phases {
    /// Until Pacemaker decided to do something; with a planned move it had before the gap.
    pub(crate) detect: Duration,
    /// Until a host was fenced.
    pub(crate) fence: Duration,
    /// Until an instance took writes: stopping the old one, electing, promoting the new one.
    pub(crate) promote: Duration,
    /// Until the client's HAProxy sent writers there.
    pub(crate) route: Duration,
    /// Until the client was there.
    pub(crate) connect: Duration,
}

/// When a program of a host first said this, since 1970.
pub(super) fn told(journal: &str, host: Host, program: &str, text: &str) -> Option<Duration> {
    let mut lines = lines(journal);
    let line =
        lines.find(|line| line.host == host.name() && line.program == program && line.says(text));
    line?.at()
}

/// Tells the phases of a gap from the journal, a line of JSON each. What did not happen in the gap
/// takes no time.
pub(crate) fn phases(journal: &str, gap: Span) -> Phases {
    let events: Vec<(Duration, Event)> = lines(journal)
        .filter_map(|line| {
            let at = line.at()?;
            let event = event(&line)?;
            (gap.begin <= at && at <= gap.end).then_some((at, event))
        })
        .collect();
    let times = |wanted| {
        events
            .iter()
            .filter(move |(_, event)| *event == wanted)
            .map(|(at, _)| *at)
    };
    let mut now = gap.begin;
    let mut until = |moment: Option<Duration>| {
        let reached = moment.unwrap_or(now).max(now);
        let took = reached.saturating_sub(now);
        now = reached;
        took
    };
    Phases {
        detect: until(times(Event::Decided).chain(times(Event::Stopping)).min()),
        fence: until(times(Event::Fenced).max()),
        promote: until(times(Event::Promoted).max()),
        route: until(times(Event::Routed).max()),
        connect: until(Some(gap.end)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(at: u64, host: &str, program: &str, message: &str) -> String {
        format!(
            "{{\"__REALTIME_TIMESTAMP\":\"{}\",\"_HOSTNAME\":\"{host}\",\
             \"SYSLOG_IDENTIFIER\":\"{program}\",\"MESSAGE\":\"{message}\"}}\n",
            at * 1_000_000
        )
    }

    const GAP: Span = Span {
        begin: Duration::from_secs(10),
        end: Duration::from_secs(30),
    };

    #[test]
    fn the_parts_of_a_gap_add_up_to_it() {
        let journal = [
            line(9, "srv2", "pacemaker-schedulerd", "Calculated transition 1"),
            line(
                15,
                "srv2",
                "pacemaker-schedulerd",
                "Calculated transition 2",
            ),
            line(
                16,
                "srv2",
                "pacemaker-schedulerd",
                "Calculated transition 3",
            ),
            line(
                18,
                "srv2",
                "pacemaker-fenced",
                "Operation 'reboot' targeting srv1 by srv2: OK",
            ),
            line(
                25,
                "srv3",
                "postgres",
                "[1-1] LOG: archive recovery complete",
            ),
            line(26, "srv1", "haproxy", "Server prod/srv3 is UP, reason"),
            line(28, "client", "haproxy", "Server prod/srv3 is UP, reason"),
            line(31, "client", "haproxy", "Server prod/srv1 is UP, reason"),
            "no json".to_owned(),
        ]
        .concat();
        let seconds = Duration::from_secs;
        assert_eq!(
            phases(&journal, GAP),
            Phases {
                detect: seconds(5),
                fence: seconds(3),
                promote: seconds(7),
                route: seconds(3),
                connect: seconds(2),
            }
        );
    }

    #[test]
    fn the_first_line_of_a_program_on_a_host_is_found() {
        let journal = [
            line(1, "srv2", "corosync", "quorum lost"),
            line(2, "srv1", "haproxy", "quorum lost"),
            line(3, "srv1", "corosync", "quorum regained"),
            line(4, "srv1", "corosync", "quorum lost"),
            line(5, "srv1", "corosync", "quorum lost"),
        ]
        .concat();
        let seconds = |text| told(&journal, Host::Srv1, "corosync", text);
        assert_eq!(seconds("quorum lost"), Some(Duration::from_secs(4)));
        assert_eq!(seconds("quorum vanished"), None);
    }

    #[test]
    fn what_did_not_happen_takes_no_time() {
        let phases = phases("", GAP);
        assert_eq!(phases.connect, Duration::from_secs(20));
        assert_eq!(phases.fence, Duration::ZERO);
    }
}
