//! What a plugin knows of a server, whoever told it.

use std::time::Duration;

use serde_json::Value;

use crate::base::units::Bytes;
use crate::health::{Conditions, Receiver, Replication, Share, State, Verdict};

/// What is known of a server.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckFacts {
    /// What the state port answers.
    pub verdict: Verdict,
    /// What the instance is.
    pub state: State,
    /// How long known WAL has waited for its replay.
    pub delay: Option<Duration>,
    /// Its WAL senders, where they were asked for and told.
    pub senders: Option<Senders>,
}

/// The WAL senders of a server, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Senders {
    /// Those in the state `streaming`.
    pub streaming: u32,
    /// Those in another: a standby that catches up, a backup.
    pub otherwise: u32,
    /// Those whose state is hidden from roles without `pg_monitor`.
    pub hidden: u32,
}

impl Senders {
    /// Counts rows of `pg_stat_replication`, an array of objects; none where it is no such array.
    #[must_use]
    pub fn count(rows: &Value) -> Option<Self> {
        let mut senders = Self::default();
        for row in rows.as_array()? {
            let counted = match row.get("state")? {
                Value::String(state) if state == "streaming" => &mut senders.streaming,
                Value::String(_) => &mut senders.otherwise,
                Value::Null => &mut senders.hidden,
                Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                    return None;
                }
            };
            *counted = counted.saturating_add(1);
        }
        Some(senders)
    }

    /// The same from a text, which is missing where there are none.
    #[must_use]
    pub fn read(rows: Option<&str>) -> Option<Self> {
        match rows {
            None => Some(Self::default()),
            Some(rows) => Self::count(&serde_json::from_str(rows).ok()?),
        }
    }
}

impl CheckFacts {
    /// The figures of a standby that its primary tells how far it is: without word from there its own
    /// figures say that it is level, however far the primary went on.
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

    /// How far behind it is, where that is known.
    #[must_use]
    pub fn lag(&self) -> Option<Bytes> {
        self.streaming()?.lag()
    }

    /// The part of the readers that a load balancer's agent gives it.
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
