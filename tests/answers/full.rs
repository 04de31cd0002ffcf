//! Servers whose connection slots are all taken by ordinary users: `answer.when_full` says what that
//! means, and a role that cannot get in to ask is never guessed.

use support::postgres::{MONITOR, SUPERUSER, Slots};
use support::{Daemon, Postgres, Trouble, until_ok};

use crate::{FOR_A_WHILE, SECONDS, TIMEOUT, answer, asking, keep_saying};

/// Slots for sessions of ordinary users: `max_connections` without the superuser's three.
const SLOTS: usize = 5;

const KEEP: &str = "[answer]\nwhen_full = \"keep\"\n";
const DOWN: &str = "[answer]\nwhen_full = \"down\"\n";

#[test]
fn a_full_server_keeps_its_role_for_those_who_are_in() -> Result<(), Trouble> {
    for role in [SUPERUSER, MONITOR] {
        let server = small()?;
        let daemon = asking(&server.conninfo(role))?.config(KEEP).start()?;
        assert_eq!(answer(&daemon)?, "production");
        let slots = fill_around(&server, &daemon)?;
        keep_saying("production", FOR_A_WHILE, [&daemon])?;
        drop(slots);
    }
    Ok(())
}

#[test]
fn a_full_server_may_be_down_until_there_is_room() -> Result<(), Trouble> {
    for role in [SUPERUSER, MONITOR] {
        let server = small()?;
        let daemon = asking(&server.conninfo(role))?.config(DOWN).start()?;
        assert_eq!(answer(&daemon)?, "production");
        let slots = fill_around(&server, &daemon)?;
        daemon.wait_for(2 * TIMEOUT, "down full")?;
        keep_saying("down full", FOR_A_WHILE, [&daemon])?;
        drop(slots);
        daemon.wait_for(2 * TIMEOUT, "production")?;
    }
    Ok(())
}

/// A superuser's reserved slots let it in to ask.
#[test]
fn a_daemon_started_beside_a_full_server_asks_as_superuser() -> Result<(), Trouble> {
    let server = small()?;
    let slots = server.fill_slots()?;
    assert_eq!(slots.count(), SLOTS);
    for (when_full, expected) in [(KEEP, "production"), (DOWN, "down full")] {
        let daemon = asking(&server.conninfo(SUPERUSER))?
            .config(when_full)
            .start()?;
        assert_eq!(answer(&daemon)?, expected);
        keep_saying(expected, FOR_A_WHILE, [&daemon])?;
    }
    Ok(())
}

/// An ordinary role stays outside, so that nothing proves which role the server has.
#[test]
fn a_daemon_started_beside_a_full_server_is_let_in_later() -> Result<(), Trouble> {
    let server = small()?;
    for when_full in [KEEP, DOWN] {
        let slots = server.fill_slots()?;
        assert_eq!(slots.count(), SLOTS);
        let daemon = asking(&server.conninfo(MONITOR))?
            .config(when_full)
            .start()?;
        assert_eq!(answer(&daemon)?, "down full");
        keep_saying("down full", FOR_A_WHILE, [&daemon])?;
        drop(slots);
        daemon.wait_for(2 * TIMEOUT, "production")?;
    }
    Ok(())
}

fn small() -> Result<Postgres, Trouble> {
    let connections = (SLOTS + 3).to_string();
    Postgres::primary()
        .setting("max_connections", &connections)
        .start()
}

/// Takes every slot but the one of the daemon's shared session; a fresh connection of the daemon may
/// hold one more at the moment.
fn fill_around(server: &Postgres, daemon: &Daemon) -> Result<Vec<Slots>, Trouble> {
    let mut taken = Vec::new();
    until_ok(SECONDS, "every slot to be taken", || {
        // Checks come meanwhile, as they would.
        answer(daemon).map_err(|trouble| trouble.to_string())?;
        taken.push(server.fill_slots().map_err(|trouble| trouble.to_string())?);
        let count: usize = taken.iter().map(Slots::count).sum();
        (count == SLOTS - 1)
            .then_some(())
            .ok_or(format!("{count} are"))
    })?;
    Ok(taken)
}
