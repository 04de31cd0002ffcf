//! What is answered for a state under the operator's conditions. Fail-safe: the answer is a role only if the
//! role is proven.

use std::time::Duration;

use super::evidence::{Receiver, Replay, Replication, Standby};
use super::reason::{DownReason, LagReason};
use super::state::{ConnectionSlots, State};
use crate::base::units::Bytes;

/// The answer, independent of any protocol's spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// A primary that clients can reach.
    Production,
    /// A hot standby that meets every condition.
    Standby,
    /// A hot standby that fails a condition.
    Lagging(LagReason),
    /// Anything else.
    Down(DownReason),
}

/// What the operator has configured about the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// `[standby]`.
    pub conditions: Conditions,
    /// `answer.when_full`.
    pub when_full: WhenFull,
    /// `answer.when_read_only`.
    pub when_read_only: WhenReadOnly,
}

/// Conditions on the word for a standby; all off by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// `standby.max_lag`: most bytes of WAL known but not replayed.
    pub max_lag: Option<Bytes>,
    /// `standby.max_delay`: longest time that known WAL may wait for its replay.
    pub max_delay: Option<Duration>,
    /// `standby.require_streaming`.
    pub streaming: Streaming,
    /// The limits that replace those above for a standby that lags.
    pub enter: Enter,
    /// `standby.hold`: how long a standby that lags must meet them before it is a standby again.
    pub hold: Duration,
}

/// Limits for becoming a standby again; none is wider than the one it replaces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Enter {
    /// `standby.enter_lag`.
    pub max_lag: Option<Bytes>,
    /// `standby.enter_delay`.
    pub max_delay: Option<Duration>,
}

/// Whether a standby must stream from its primary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Streaming {
    /// A standby must stream.
    Required,
    /// A standby need not stream.
    #[default]
    Optional,
}

/// What to answer for a server that has no free connection slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenFull {
    /// The role: existing sessions are worth keeping.
    #[default]
    Keep,
    /// `down full`.
    Down,
}

/// What to answer for a primary on which transactions are read-only by default (`answer.when_read_only`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenReadOnly {
    /// The role: a client may still ask for a transaction that writes.
    #[default]
    Keep,
    /// `down read-only`, as libpq judges with `target_session_attrs=read-write`.
    Down,
}

impl Verdict {
    /// The reason for which the verdict is no role, as the state port spells it.
    #[must_use]
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Self::Production | Self::Standby => None,
            Self::Lagging(reason) => Some(reason.word()),
            Self::Down(reason) => Some(reason.word()),
        }
    }
}

impl Policy {
    /// Returns this policy with the limits for a standby that lags and is to become one again.
    #[must_use]
    pub fn to_enter(&self) -> Self {
        let Conditions {
            max_lag,
            max_delay,
            enter,
            ..
        } = self.conditions;
        let conditions = Conditions {
            max_lag: enter.max_lag.or(max_lag),
            max_delay: enter.max_delay.or(max_delay),
            ..self.conditions
        };
        Self {
            conditions,
            ..*self
        }
    }
}

impl Conditions {
    /// Whether a standby cannot be judged without its replication figures.
    #[must_use]
    pub fn any(&self) -> bool {
        self.limits_lag() || self.streaming == Streaming::Required
    }

    fn limits_lag(&self) -> bool {
        self.max_lag.is_some() || self.max_delay.is_some()
    }
}

/// Judges a state; `delay` is how long known WAL has waited, as [`super::DelayClock`] counts it.
#[must_use]
pub(super) fn judge(state: &State, delay: Option<Duration>, policy: &Policy) -> Verdict {
    match (state, policy.when_full) {
        (State::Down(reason), WhenFull::Keep | WhenFull::Down) => Verdict::Down(*reason),
        (
            State::Primary(ConnectionSlots::Full) | State::Standby(ConnectionSlots::Full, _),
            WhenFull::Down,
        ) => Verdict::Down(DownReason::Full),
        (State::Primary(ConnectionSlots::Free), WhenFull::Keep | WhenFull::Down)
        | (State::Primary(ConnectionSlots::Full), WhenFull::Keep) => Verdict::Production,
        (State::Standby(ConnectionSlots::Free, standby), WhenFull::Keep | WhenFull::Down)
        | (State::Standby(ConnectionSlots::Full, standby), WhenFull::Keep) => {
            match lag_reason(standby, delay, &policy.conditions) {
                Some(reason) => Verdict::Lagging(reason),
                None => Verdict::Standby,
            }
        }
    }
}

/// Returns the reason of the first condition that is not met. A condition that cannot be judged is not met: without
/// a WAL receiver a standby's own figures show no lag, however far the primary has gone on.
fn lag_reason(
    standby: &Standby,
    delay: Option<Duration>,
    conditions: &Conditions,
) -> Option<LagReason> {
    if !conditions.any() {
        return None;
    }
    let Some(replication) = &standby.replication else {
        return Some(LagReason::NotStreaming);
    };
    match replication.receiver {
        Receiver::Gone => return Some(LagReason::NotStreaming),
        Receiver::Hidden => return Some(LagReason::NoGrant),
        Receiver::Streaming { primary_end: _ } => {}
    }
    if conditions.limits_lag() && replication.replay == Replay::Paused {
        return Some(LagReason::Paused);
    }
    let within_lag = conditions
        .max_lag
        .is_none_or(|limit| replication.lag().is_some_and(|lag| lag <= limit));
    if !within_lag {
        return Some(LagReason::Behind);
    }
    let within_delay = conditions
        .max_delay
        .is_none_or(|limit| delay.is_some_and(|delay| delay <= limit));
    (!within_delay).then_some(LagReason::Delayed)
}

impl Replication {
    /// Returns the furthest end of WAL that this standby knows of.
    #[must_use]
    pub fn known_end(&self) -> Option<super::Lsn> {
        let primary_end = match self.receiver {
            Receiver::Streaming { primary_end } => primary_end,
            Receiver::Gone | Receiver::Hidden => None,
        };
        primary_end.max(self.received)
    }

    /// Returns the bytes of WAL known but not replayed; `None` if a position is missing.
    #[must_use]
    pub fn lag(&self) -> Option<Bytes> {
        Some(self.replayed?.behind(self.known_end()?))
    }
}

#[cfg(test)]
mod tests;
