//! Every row of the table of decisions.
//!
//! - [`positions`]: where the servers stand.
//! - [`requirements`]: what a method needs.

mod positions;
mod requirements;

use std::path::PathBuf;

use super::obstacle::ServerSide;
use super::*;
use crate::agent::decide::sync_rule::SyncRule;
use crate::base::units::Bytes;
use crate::health::Lsn;
use crate::postgres::control::{HintBits, example};
use crate::postgres::position::Position;
use crate::postgres::timeline::Timeline;
use crate::postgres::wal::History;
use crate::rejoin::facts::*;

fn at(timeline: u32, lsn: u64) -> Position {
    Position {
        timeline: Timeline(timeline),
        lsn: Lsn(lsn),
    }
}

/// The second timeline of the primary began here.
const FORK: u64 = 0x0500_0100;

fn control(state: ClusterState) -> Control {
    example::control(state)
}

/// A former primary of timeline 1 that was shut down, and a primary that was promoted from all its WAL.
fn facts() -> RejoinFacts {
    let wal = (3..=9).map(|number| {
        format!(
            "{:08X}{:08X}{number:08X}",
            if number < 5 { 1 } else { 2 },
            0
        )
    });
    RejoinFacts {
        local: OwnFacts {
            datadir: "/var/lib/postgresql/15/main".into(),
            server: LocalServer::Stopped,
            manager: ServerManager::Nobody,
            major: Ok(15),
            control: Ok(control(ClusterState::ShutDown)),
            backup_label: BackupFile::Absent,
            earlier: Earlier::None,
            end: Some(at(1, FORK)),
            history: History::alone(Timeline(1)),
            archive: WalArchive::None,
            directory: DirectoryFacts::default(),
            beside: FolderAbove::Writable,
            room: Bytes(1 << 40),
            rule: None,
        },
        primary: Ok(PrimaryFacts {
            server: "srv2 port 5432".into(),
            system_identifier: example::SYSTEM,
            major: 15,
            segment: 16 << 20,
            end: at(2, 0x0900_0000),
            history: History::parse(Timeline(2), "1\t0/5000100\tno recovery target specified\n")
                .unwrap(),
            hint_bits: HintBits::Logged,
            full_page_writes: FullPageWrites::On,
            client: Ok(ClientFacts {
                role: "rejoin".into(),
                checkpoint_timeline: Timeline(2),
                missing_grants: Vec::new(),
                wal: Some(wal.collect()),
                size: Bytes(1 << 30),
                tablespaces: [].into(),
                followers: [].into(),
            }),
        }),
        last_page: LastPage::Same,
        common_checkpoint: CommonCheckpoint::NotNeeded,
    }
}

/// The same after a crash with WAL that the primary does not have.
fn parted() -> RejoinFacts {
    let mut facts = facts();
    facts.local.control = Ok(control(ClusterState::Production));
    facts.local.end = Some(at(1, FORK + 80));
    facts.common_checkpoint = CommonCheckpoint::Found {
        redo: at(1, 0x0400_0028),
    };
    facts
}

fn primary(facts: &mut RejoinFacts) -> &mut PrimaryFacts {
    facts.primary.as_mut().unwrap()
}

fn client(facts: &mut RejoinFacts) -> &mut ClientFacts {
    primary(facts).client.as_mut().unwrap()
}

const ANY: RejoinRequest = RejoinRequest {
    method: None,
    discard: Discard::Refused,
};

fn only(method: Method) -> RejoinRequest {
    RejoinRequest {
        method: Some(method),
        ..ANY
    }
}

fn decided(facts: &RejoinFacts) -> Option<Method> {
    plan(facts, ANY).decision
}

fn of(facts: &RejoinFacts, method: Method) -> Vec<Obstacle> {
    let methods = plan(facts, ANY).methods;
    let found = methods.into_iter().find(|one| one.method == method);
    found.unwrap().obstacles
}

/// Changes the facts and expects that nothing is done, for one reason.
fn refused(change: impl Fn(&mut RejoinFacts)) -> Obstacle {
    for mut facts in [facts(), parted()] {
        change(&mut facts);
        for request in [
            ANY,
            only(Method::AsIs),
            only(Method::Rewind),
            only(Method::Copy),
        ] {
            assert_eq!(plan(&facts, request).decision, None);
        }
    }
    let mut facts = facts();
    change(&mut facts);
    let refusals = plan(&facts, ANY).refusals;
    let [refusal] = &refusals[..] else {
        panic!("{refusals:?}");
    };
    refusal.clone()
}
