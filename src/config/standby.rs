//! Reads `[standby]`, `answer.when_full` and `answer.when_read_only`: the operator's conditions on an answer.

use std::ops::RangeInclusive;
use std::time::Duration;

use toml::de::DeValue;

use super::document::TomlDocument;
use super::keys::{
    ENTER_DELAY, ENTER_LAG, HOLD, Key, MAX_DELAY, MAX_LAG, REQUIRE_STREAMING, WHEN_FULL,
    WHEN_READ_ONLY,
};
use super::problem::Wrong;
use super::values;
use crate::base::units::{Bytes, show_duration};
use crate::health::{Conditions, Enter, Policy, Streaming, WhenFull, WhenReadOnly};

/// Longest `hold`. With a longer one, administrators would not suspect this setting when a standby that has caught up
/// stays out of service.
const LONGEST_HOLD: Duration = Duration::from_secs(3600);

const ANY: RangeInclusive<Duration> = Duration::ZERO..=Duration::MAX;

/// Reads the conditions as one policy.
pub(super) fn policy(file: &mut TomlDocument<'_>) -> Policy {
    let full = [("keep", WhenFull::Keep), ("down", WhenFull::Down)];
    let when_full = file.read(WHEN_FULL, |value| values::choice(value, &full));
    let read_only = [("keep", WhenReadOnly::Keep), ("down", WhenReadOnly::Down)];
    let when_read_only = file.read(WHEN_READ_ONLY, |value| values::choice(value, &read_only));
    Policy {
        conditions: conditions(file),
        when_full: when_full.unwrap_or_default(),
        when_read_only: when_read_only.unwrap_or_default(),
    }
}

fn conditions(file: &mut TomlDocument<'_>) -> Conditions {
    let delay = |value: &DeValue<'_>| values::duration(value, ANY);
    let max_lag = file.read(MAX_LAG, values::size);
    if max_lag == Some(Bytes(0)) {
        warn_of_zero(file, MAX_LAG);
    }
    let max_delay = file.read(MAX_DELAY, delay);
    if max_delay == Some(Duration::ZERO) {
        warn_of_zero(file, MAX_DELAY);
    }
    let enter = Enter {
        max_lag: file.read(ENTER_LAG, values::size),
        max_delay: file.read(ENTER_DELAY, delay),
    };
    within(
        file,
        ENTER_LAG,
        enter.max_lag,
        (MAX_LAG, max_lag),
        Bytes::to_string,
    );
    let shown = |delay: &Duration| show_duration(*delay);
    within(
        file,
        ENTER_DELAY,
        enter.max_delay,
        (MAX_DELAY, max_delay),
        shown,
    );
    let streaming = file.read(REQUIRE_STREAMING, |value| {
        values::switch(value, Streaming::Optional, Streaming::Required)
    });
    let hold = file.read(HOLD, |value| {
        values::duration(value, Duration::ZERO..=LONGEST_HOLD)
    });
    let conditions = Conditions {
        max_lag,
        max_delay,
        streaming: streaming.unwrap_or_default(),
        enter,
        hold: hold.unwrap_or_default(),
    };
    if !conditions.hold.is_zero() && !conditions.any() {
        let wrong = Wrong::warning(
            "no condition is set after which a standby would have to wait",
            "set max_lag, max_delay or require_streaming, or leave it out",
        );
        file.note_wherever(HOLD, wrong);
    }
    conditions
}

/// Refuses a limit for entering that is wider than the limit it replaces: a standby could meet it and lag at the
/// same time.
fn within<V: PartialOrd>(
    file: &mut TomlDocument<'_>,
    key: Key,
    enter: Option<V>,
    (leave_key, leave): (Key, Option<V>),
    shown: impl Fn(&V) -> String,
) {
    let (Some(enter), name) = (enter, leave_key.name) else {
        return;
    };
    let wrong = match leave {
        Some(leave) if enter <= leave => return,
        Some(leave) => Wrong::new(
            format!("this exceeds {}, above which a standby lags", shown(&leave)),
            format!("write at most the value of {name}"),
        ),
        None => Wrong::new(
            "there is no limit above which a standby lags",
            format!("set {name} too, or leave this out"),
        ),
    };
    file.note_wherever(key, wrong);
}

fn warn_of_zero(file: &mut TomlDocument<'_>, key: Key) {
    let wrong = Wrong::warning(
        "zero is not \"off\": every write makes the standby lag for a moment",
        "leave it out for no limit",
    );
    file.note_wherever(key, wrong);
}
