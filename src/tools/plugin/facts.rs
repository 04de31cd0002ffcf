//! The facts about a server that a plugin judges, independent of their source.

use std::time::Duration;

use crate::answer::document::{self, SenderRow, SlotRow};
use crate::base::units::Bytes;
use crate::health::{Conditions, Receiver, Replication, Share, State, Verdict};

/// Facts about one server.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckFacts {
    /// The answer of the state port.
    pub verdict: Verdict,
    /// The state of the instance.
    pub state: State,
    /// How long received WAL has waited for its replay.
    pub delay: Option<Duration>,
    /// Its WAL senders; `None` if they were not asked for or not reported.
    pub senders: Option<Senders>,
    /// Its replication slots; `None` if they were not asked for or not reported.
    pub slots: Option<Vec<SlotRow>>,
}

/// The WAL senders of a server, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Senders {
    /// Senders in the state `streaming`.
    pub streaming: u32,
    /// Senders in another state, such as a standby that catches up or a backup.
    pub otherwise: u32,
    /// Senders whose state is hidden from roles without `pg_monitor`.
    pub hidden: u32,
}

impl Senders {
    /// Counts rows of `pg_stat_replication`.
    #[must_use]
    pub fn count(rows: &[SenderRow]) -> Self {
        let mut senders = Self::default();
        for row in rows {
            let counted = match row.state.as_deref() {
                Some("streaming") => &mut senders.streaming,
                Some(_) => &mut senders.otherwise,
                None => &mut senders.hidden,
            };
            *counted = counted.saturating_add(1);
        }
        senders
    }

    /// Counts the rows of a JSON array. No text means that there are no rows; `None` if the text is no such array.
    #[must_use]
    pub fn read(text: Option<&str>) -> Option<Self> {
        document::rows(text).map(|rows: Vec<SenderRow>| Self::count(&rows))
    }
}

impl CheckFacts {
    /// The replication figures of a standby that streams from its primary. Without a stream the standby cannot
    /// know how far the primary is, and its own figures show no lag; then the result is `None`.
    #[must_use]
    pub fn streaming(&self) -> Option<Replication> {
        let replication = match &self.state {
            State::Standby(_, standby) => standby.replication?,
            State::Primary(_) | State::Down(_) => return None,
        };
        match replication.receiver {
            Receiver::Streaming { primary_end: _ } => Some(replication),
            Receiver::Gone | Receiver::Hidden => None,
        }
    }

    /// The lag in bytes of WAL, if it is known.
    #[must_use]
    pub fn lag(&self) -> Option<Bytes> {
        self.streaming()?.lag()
    }

    /// The share of readers that HAProxy's agent-check gives this server.
    #[must_use]
    pub fn share(&self, conditions: &Conditions) -> Share {
        Share::of(self.lag(), self.delay, conditions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senders_are_counted_by_their_state() {
        let rows = r#"[{"state": "streaming"}, {"state": "backup"}, {"state": null}, {"state": "streaming"}]"#;
        let counted = Senders {
            streaming: 2,
            otherwise: 1,
            hidden: 1,
        };
        assert_eq!(Senders::read(Some(rows)), Some(counted));
        assert_eq!(Senders::read(None), Some(Senders::default()));
        for wrong in ["", "{}", "[7]", r#"[{"state": 7}]"#] {
            assert_eq!(Senders::read(Some(wrong)), None, "{wrong}");
        }
    }
}
