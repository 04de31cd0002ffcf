//! Notifies systemd (`sd_notify(3)`) and feeds its watchdog; does nothing when not run by systemd. Does not know
//! what the status line means.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::{self, MissedTickBehavior};
use tracing::warn;

use super::heartbeat::Heartbeats;

/// Reports that the service answers. This does not depend on PostgreSQL: a daemon that waited for it would be
/// killed by the start timeout just when it has to answer `down`.
pub fn ready() {
    send(&[NotifyState::Ready]);
}

/// Feeds the watchdog once; for a service that consists of a single loop.
pub fn alive() {
    send(&[NotifyState::Watchdog]);
}

/// Reports that the service reloads its configuration; `Type=notify-reload` requires the time with it.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => send(&[NotifyState::Reloading, now]),
        Err(_) => send(&[NotifyState::Reloading]),
    }
}

/// Reports that the service is stopping.
pub fn stopping() {
    send(&[NotifyState::Stopping]);
}

/// Sets the status line of `systemctl status`.
pub fn status(line: &str) {
    send(&[NotifyState::Status(line)]);
}

/// Feeds the watchdog of `WatchdogSec=` as long as every loop keeps turning; does not return.
pub async fn feed_watchdog(mut heartbeats: Heartbeats) {
    let Some(limit) = sd_notify::watchdog_enabled() else {
        return std::future::pending().await;
    };
    // Three checks within the limit, so that one late turn of a loop does no harm.
    let mut tick = time::interval((limit / 3).max(Duration::from_millis(1)));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if heartbeats.all_beat() {
            send(&[NotifyState::Watchdog]);
        }
    }
}

fn send(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        warn!("cannot notify systemd: {error}");
    }
}
