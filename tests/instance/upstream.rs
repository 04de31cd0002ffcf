//! Whether a standby finds the primary that it has its WAL from.

use std::fs;
use std::time::{Duration, Instant};

use pgsql_state::agent::actions::Server;
use pgsql_state::agent::actions::server::{NodeAnswer, Whom as Asked};
use pgsql_state::agent::ocf::node::Node;
use pgsql_state::base::Deadline;
use pgsql_state::base::system_clock::OnSystemClock;
use support::postgres::Mode;
use support::{Postgres, Whom};

use crate::{Held, primary, soon, wait_for_stream};

#[test]
fn a_standby_finds_the_primary_that_it_streams_from_and_no_other_server() {
    let mut primary = primary();
    let standby = primary.standby().start().unwrap();
    wait_for_stream(&primary).unwrap();
    let mut held = Held::of(&standby);
    for whom in [Asked::Sender, Asked::Configured] {
        assert!(held.instance.primary_answers(whom, soon()).unwrap());
    }
    primary.stop(Mode::Fast).unwrap();
    for whom in [Asked::Sender, Asked::Configured] {
        assert!(!held.instance.primary_answers(whom, soon()).unwrap());
    }
    // What answers there is a standby itself.
    fs::write(primary.data_dir().join("standby.signal"), "").unwrap();
    primary.start().unwrap();
    wait_for_stream(&primary).unwrap();
    for whom in [Asked::Sender, Asked::Configured] {
        assert!(!held.instance.primary_answers(whom, soon()).unwrap());
    }
}

#[test]
fn a_primary_is_found_also_where_the_standby_is_not_connected_to_it() {
    let primary = primary();
    // A slot that is not there ends the WAL receiver, and no other begins. It is connected for a moment, so its end
    // is waited for.
    let standby = primary
        .standby()
        .setting("primary_slot_name", "gone")
        .setting("wal_retrieve_retry_interval", "1h")
        .start()
        .unwrap();
    support::until(crate::SECONDS, "the WAL receiver to end", || {
        let refused = standby
            .log()
            .contains("replication slot \"gone\" does not exist");
        let none = "SELECT count(*) = 0 FROM pg_stat_get_wal_receiver() WHERE pid IS NOT NULL";
        refused && standby.query(none).is_ok_and(|none| none == "t")
    })
    .unwrap();
    let mut held = Held::of(&standby);
    let sender = held.instance.primary_answers(Asked::Sender, soon());
    assert!(!sender.unwrap());
    let configured = held.instance.primary_answers(Asked::Configured, soon());
    assert!(configured.unwrap());
}

#[test]
fn a_primary_that_says_nothing_is_waited_for_no_longer_than_allowed() {
    let mut primary = primary();
    let standby = primary.standby().start().unwrap();
    wait_for_stream(&primary).unwrap();
    let mut held = Held::of(&standby);
    primary.freeze(Whom::Everyone).unwrap();
    let begin = Instant::now();
    let deadline = Deadline::after(Duration::from_millis(700));
    let sender = held.instance.primary_answers(Asked::Sender, deadline);
    assert!(!sender.unwrap());
    assert!(begin.elapsed() < Duration::from_secs(5));
    primary.thaw().unwrap();
}

#[test]
fn whom_to_ask_is_read_from_the_configuration_where_the_standby_lets_nobody_in() {
    let primary = primary();
    let standby = primary.standby().start().unwrap();
    wait_for_stream(&primary).unwrap();
    let mut held = Held::of(&standby);
    let rules = standby.data_dir().join("pg_hba.conf");
    fs::write(rules, "local all all reject\n").unwrap();
    standby.query("SELECT pg_reload_conf()").unwrap();
    support::until(crate::SECONDS, "the reload", || {
        standby.query("SELECT 1").is_err()
    })
    .unwrap();
    let deadline = Deadline::after(Duration::from_secs(2));
    let sender = held.instance.primary_answers(Asked::Sender, deadline);
    assert!(sender.is_err());
    let configured = held.instance.primary_answers(Asked::Configured, soon());
    assert!(configured.unwrap());
}

#[test]
fn the_server_on_another_node_is_asked_at_the_port_of_the_resource() {
    let addresses = support::ports::alike(2).unwrap();
    let (address, beside) = (addresses[0], addresses[1]);
    let mut primary = Postgres::primary().tcp(address).start().unwrap();
    let standby = primary.standby().tcp(beside).start().unwrap();
    wait_for_stream(&primary).unwrap();
    let mut held = Held::of(&standby);
    let node: Node = address.ip().to_string().parse().unwrap();
    let ask = |held: &mut Held| {
        let deadline = Deadline::after(Duration::from_secs(5));
        held.instance.server_on(&node, deadline).unwrap()
    };
    assert_eq!(ask(&mut held), NodeAnswer::Primary);
    // Whatever it refuses, it is there.
    let rules = primary.data_dir().join("pg_hba.conf");
    fs::write(rules, "local all all trust\n").unwrap();
    primary.reload().unwrap();
    assert_eq!(ask(&mut held), NodeAnswer::Undetermined);
    primary.freeze(Whom::Everyone).unwrap();
    assert_eq!(ask(&mut held), NodeAnswer::Undetermined);
    primary.thaw().unwrap();
    primary.stop(Mode::Fast).unwrap();
    assert_eq!(ask(&mut held), NodeAnswer::NoPrimary);
    let unknown: Node = "no-such-host.invalid".parse().unwrap();
    let asked = held.instance.server_on(&unknown, soon());
    assert_eq!(asked.unwrap(), NodeAnswer::NoPrimary);
}
