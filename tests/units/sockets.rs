//! The sockets of the daemon and of the process for each check, and what is never written to a load balancer.

use pgsql_state::config::model::LONGEST_TIMEOUT;
use pgsql_state::daemon::serve::sockets::BACKLOG;

use crate::{UNITS, seconds, values};

#[test]
fn the_socket_is_the_state_port_and_never_fails_for_good() {
    is_a_socket_of_the_daemon("pgsql-state.socket", "5431", "state");
}

#[test]
fn every_other_socket_goes_to_the_same_daemon() {
    for (unit, port, name) in [
        ("pgsql-state-agent.socket", "5430", "agent-check"),
        ("pgsql-state-http.socket", "8008", "http"),
    ] {
        is_a_socket_of_the_daemon(unit, port, name);
        assert_eq!(values(unit, "Socket", "Service"), ["pgsql-state.service"]);
    }
}

fn is_a_socket_of_the_daemon(unit: &str, port: &str, name: &str) {
    for (key, value) in [
        ("ListenStream", port),
        ("FileDescriptorName", name),
        ("Accept", "no"),
        ("Backlog", &BACKLOG.to_string()),
        ("TriggerLimitIntervalSec", "0"),
    ] {
        assert_eq!(values(unit, "Socket", key), [value], "{unit} {key}");
    }
    assert_eq!(values(unit, "Install", "WantedBy"), ["sockets.target"]);
}

#[test]
fn a_process_for_each_check_is_an_alternative_that_ends() {
    let (socket, service) = ("pgsql-state-answer.socket", "pgsql-state-answer@.service");
    assert_eq!(values(socket, "Unit", "Conflicts"), ["pgsql-state.socket"]);
    assert_eq!(values("pgsql-state.socket", "Unit", "Conflicts"), [socket]);
    // Without an order the one would bind the port while the other still has it.
    assert_eq!(values(socket, "Unit", "After"), ["pgsql-state.socket"]);
    assert_eq!(values(socket, "Socket", "ListenStream"), ["5431"]);
    assert_eq!(values(socket, "Socket", "Accept"), ["yes"]);
    assert_eq!(values(socket, "Socket", "TriggerLimitIntervalSec"), ["0"]);
    assert_eq!(
        values(service, "Service", "ExecStart"),
        ["/usr/bin/pgsql-state answer"]
    );
    assert!(seconds(service, "RuntimeMaxSec") > LONGEST_TIMEOUT);
}

#[test]
fn no_error_text_is_written_to_a_load_balancer() {
    for unit in UNITS {
        let output = values(unit, "Service", "StandardOutput");
        // Without a setting of its own, errors go where the output goes.
        if output.contains(&"socket".into()) {
            assert_eq!(
                values(unit, "Service", "StandardError"),
                ["journal"],
                "{unit}"
            );
        }
    }
    let answer = "pgsql-state-answer@.service";
    assert_eq!(values(answer, "Service", "StandardOutput"), ["socket"]);
    assert_eq!(values(answer, "Service", "StandardInput"), ["socket"]);
}
