//! What is recorded. Each scenario begins with a whole cluster, and waits until Pacemaker has settled.

use super::session::Session;
use super::{hooked, plays};
use crate::error::Error;

/// The one of a lab that has just been started.
pub(super) const FIRST_START: &str = "first-start";

/// One scenario.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scenario {
    /// Its name, and its file's.
    pub(super) name: &'static str,
    /// What is done.
    pub(super) play: fn(&Session<'_>) -> Result<(), Error>,
}

const ALL: &[Scenario] = &[
    Scenario {
        name: FIRST_START,
        play: |session| session.since_the_beginning(),
    },
    Scenario {
        name: "switchover-and-back",
        play: plays::switchover_and_back,
    },
    Scenario {
        name: "postmaster-kill",
        play: |session| plays::kill(session, session.primary),
    },
    Scenario {
        name: "power-cut",
        play: plays::power_cut,
    },
    Scenario {
        name: "power-cut-standby",
        play: plays::power_cut_standby,
    },
    Scenario {
        name: "network-cut",
        play: plays::network_cut,
    },
    Scenario {
        name: "node-standby-and-back",
        play: |session| plays::node_standby(session, session.primary),
    },
    Scenario {
        name: "node-standby-and-back-of-a-standby",
        play: |session| plays::node_standby(session, session.standby),
    },
    Scenario {
        name: "postmaster-kill-standby",
        play: |session| plays::kill(session, session.standby),
    },
    Scenario {
        name: "resource-stopped-and-started",
        play: plays::resource_stopped,
    },
    Scenario {
        name: "cluster-stopped-and-started",
        play: plays::cluster_stopped,
    },
    Scenario {
        name: "refresh-of-the-primary",
        play: |session| plays::refresh(session, &format!("--node {}", session.primary)),
    },
    Scenario {
        name: "refresh-of-a-standby",
        play: |session| plays::refresh(session, &format!("--node {}", session.standby)),
    },
    Scenario {
        name: "refresh-of-all",
        play: |session| plays::refresh(session, ""),
    },
    Scenario {
        name: "maintenance",
        play: plays::maintenance,
    },
    Scenario {
        name: "maintenance-and-refresh",
        play: plays::maintenance_and_refresh,
    },
    Scenario {
        name: "ban-of-the-primary",
        play: |session| plays::ban(session, "--promoted"),
    },
    Scenario {
        name: "ban-of-a-node",
        play: |session| plays::ban(session, ""),
    },
    Scenario {
        name: "promote-fails",
        play: hooked::promote_fails,
    },
    Scenario {
        name: "demote-fails",
        play: hooked::demote_fails,
    },
    Scenario {
        name: "start-fails-on-a-standby",
        play: hooked::start_fails,
    },
    Scenario {
        name: "monitor-fails-on-a-standby",
        play: hooked::monitor_fails,
    },
    Scenario {
        name: "monitor-fails-on-the-primary",
        play: hooked::monitor_fails_on_the_primary,
    },
    Scenario {
        name: "stop-fails",
        play: hooked::stop_fails,
    },
    Scenario {
        name: "notify-fails",
        play: hooked::notify_fails,
    },
    Scenario {
        name: "score-changes-during-a-transition",
        play: hooked::score_changes,
    },
    Scenario {
        name: "veto-in-pre-demote",
        play: hooked::veto,
    },
    Scenario {
        name: "moved-elsewhere-during-a-move",
        play: hooked::moved_elsewhere,
    },
];

/// The scenarios of these names, or all that can be recorded at any time.
pub(super) fn chosen(names: &[String]) -> Result<Vec<Scenario>, Error> {
    if names.is_empty() {
        let later = ALL.iter().filter(|scenario| scenario.name != FIRST_START);
        return Ok(later.copied().collect());
    }
    let find = |name: &String| {
        let found = ALL.iter().find(|scenario| scenario.name == name);
        found.copied().ok_or_else(|| {
            let known: Vec<&str> = ALL.iter().map(|scenario| scenario.name).collect();
            Error::Unfit(format!(
                "there is no recording {name:?}; there are {}",
                known.join(", ")
            ))
        })
    };
    names.iter().map(find).collect()
}
