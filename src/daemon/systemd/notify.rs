//! Datagrams to systemd (`sd_notify(3)`) and the feeding of its watchdog; outside systemd they go
//! nowhere. Knows nothing of what the status says.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::{self, MissedTickBehavior};
use tracing::warn;

use super::heartbeat::Heartbeats;

/// The service answers; sent whatever PostgreSQL does, since a daemon that waited for it would be
/// killed by the start timeout just when it must say `down`.
pub fn ready() {
    send(&[NotifyState::Ready]);
}

/// The service has turned once more; for one that is nothing but a loop.
pub fn alive() {
    send(&[NotifyState::Watchdog]);
}

/// The service reads its configuration again; `Type=notify-reload` needs the time with it.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => send(&[NotifyState::Reloading, now]),
        Err(_) => send(&[NotifyState::Reloading]),
    }
}

/// The service stops.
pub fn stopping() {
    send(&[NotifyState::Stopping]);
}

/// One line for `systemctl status`.
pub fn status(line: &str) {
    send(&[NotifyState::Status(line)]);
}

/// Feeds the watchdog of `WatchdogSec=` for ever, while every pulse beats.
pub async fn feed_watchdog(mut pulses: Heartbeats) {
    let Some(limit) = sd_notify::watchdog_enabled() else {
        return std::future::pending().await;
    };
    // Three looks in the time allowed, so that one late turn of a loop is forgiven.
    let mut tick = time::interval((limit / 3).max(Duration::from_millis(1)));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if pulses.all_beat() {
            send(&[NotifyState::Watchdog]);
        }
    }
}

fn send(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        warn!("cannot notify systemd: {error}");
    }
}
