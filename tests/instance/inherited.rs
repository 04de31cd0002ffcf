//! Defaults that the agent's sessions inherit from the server: none keeps it from what it asks and does.

use pgsql_state::agent::actions::server::CommitProof;
use pgsql_state::agent::actions::{Server, Shutdown};
use pgsql_state::agent::decide::state::{RoleSource, ServerState};
use support::Mode;
use support::postgres::SUPERUSER;

use crate::{Held, add, primary, soon, wait_for_stream};

const SERIALIZABLE: &str = "default_transaction_isolation = serializable";

#[test]
fn a_standby_of_serializable_transactions_is_started_and_seen() {
    let standby = primary().standby().create().unwrap();
    add(&standby, "postgresql.conf", SERIALIZABLE);
    let mut held = Held::of(&standby);
    held.instance.start(soon()).unwrap();
    assert!(matches!(
        held.state(),
        ServerState::Standby(RoleSource::Said(Some(_)))
    ));
    held.instance.traces(soon()).unwrap();
    held.instance.stop(Shutdown::Orderly, soon()).unwrap();
}

/// What waits is waited for by no proof, neither a standby that never answers nor somebody who writes.
#[test]
fn a_primary_commits_a_proof_whatever_a_transaction_is_by_default() {
    let mut primary = primary();
    add(
        &primary,
        "postgresql.conf",
        &format!(
            "{SERIALIZABLE}\ndefault_transaction_deferrable = on\ndefault_transaction_read_only = on\n\
             synchronous_commit = remote_apply\nsynchronous_standby_names = 'nobody'"
        ),
    );
    let _standby = primary.standby().name("srv2").start().unwrap();
    wait_for_stream(&primary).unwrap();
    primary.reload().unwrap();
    let mut writer = primary.connect(SUPERUSER).unwrap();
    let begun = "BEGIN READ WRITE; SELECT pg_catalog.pg_logical_emit_message(true, 'test', '')";
    writer.batch_execute(begun).unwrap();
    let mut held = Held::of(&primary);
    assert_eq!(held.state(), ServerState::Primary(RoleSource::Said(None)));
    let proof = held.instance.prove(&"srv2".parse().unwrap(), soon());
    assert_eq!(proof.unwrap(), CommitProof::Given);
    drop(writer);
    primary.stop(Mode::Fast).unwrap();
}
