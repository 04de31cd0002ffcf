//! The files of the folder `systemd/`. They are installed with the program, and generated units differ from them
//! only in what a plan changes.

pub(super) const SERVICE: &str = include_str!("../../../../systemd/pgsql-state.service");
pub(super) const STATE_SOCKET: &str = include_str!("../../../../systemd/pgsql-state.socket");
pub(super) const HTTP_SOCKET: &str = include_str!("../../../../systemd/pgsql-state-http.socket");
pub(super) const AGENT_SOCKET: &str = include_str!("../../../../systemd/pgsql-state-agent.socket");
pub(super) const ANSWER_SOCKET: &str =
    include_str!("../../../../systemd/pgsql-state-answer.socket");
pub(super) const ANSWER_SERVICE: &str =
    include_str!("../../../../systemd/pgsql-state-answer@.service");
pub(super) const SYSUSERS: &str = include_str!("../../../../systemd/pgsql-state.sysusers");
pub(super) const TCP: &str = include_str!("../../../../systemd/drop-ins/tcp.conf");
pub(super) const REQUIRE_PEER: &str = include_str!("../../../../systemd/drop-ins/requirepeer.conf");
pub(super) const PEERS: &str = include_str!("../../../../systemd/drop-ins/peers.conf");
pub(super) const SLOTS: &str = include_str!("../../../../systemd/drop-ins/slots.conf");
pub(super) const QUORUM: &str = include_str!("../../../../systemd/pgsql-state-quorum.service");

/// The path of the program in these units.
pub(super) const PROGRAM: &str = "/usr/bin/pgsql-state";
