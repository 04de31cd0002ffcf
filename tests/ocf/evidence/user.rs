//! A system that does not know the server's user, as while LDAP is down, or that does not answer who it is.

use std::process::Command;
use std::time::Duration;

use support::running::run;

use super::ends_with;
use crate::judge::{Judged, ensure};
use crate::program::Program;
use crate::rows::{caught_up, is, leads, write};
use crate::transition::{Pacemaker, Plan, variables};
use crate::world::World;
use crate::world::server::Seen;

/// What the user's names are in, for the agent alone.
#[derive(Clone, Copy, Debug)]
enum Names {
    /// Files in which nobody is but root.
    Lacking,
    /// Files that nobody can ever read to their end.
    Hanging,
}

const LACKING: &str = "echo root:x:0:0::/root:/bin/sh >\"$1\" && echo root:x:0: >\"$1.group\" \
    && mount --bind \"$1\" /etc/passwd && mount --bind \"$1.group\" /etc/group && shift && exec \"$@\"";

const HANGING: &str = "rm -f \"$1\" && mkfifo \"$1\" && mount --bind \"$1\" /etc/passwd \
    && mount --bind \"$1\" /etc/group && shift && exec \"$@\"";

/// Longest that an action may take that looks nobody up, beside what it has to do.
const AT_ONCE: Duration = Duration::from_secs(4);

impl Names {
    /// Plays everything that an agent does to a server that it knows.
    fn play(self) -> Judged {
        let mut unshare = Command::new("unshare");
        unshare.args(["--mount", "true"]);
        if run(unshare).is_err() {
            // Only root may mount a file.
            return Ok(());
        }
        let world = World::running(Program::Ours)?;
        let names = world.scratch().path().join("names").display().to_string();
        let script = match self {
            Self::Lacking => LACKING,
            Self::Hanging => HANGING,
        };
        let through = ["unshare", "--mount", "sh", "-c", script, "sh", &names];
        let act = |node: &'static str, action, status| {
            let ended = world.ask(node, action).through(&through).call()?;
            ends_with(&ended, status, &format!("{action} on {node}, {self:?}"))?;
            ensure(ended.took < AT_ONCE, || format!("{action}: {ended}"))
        };
        act("srv1", "monitor", 8)?;
        act("srv2", "monitor", 0)?;
        act("srv3", "stop", 0)?;
        is(&world, "srv3", Seen::Stopped)?;
        act("srv3", "start", 0)?;
        is(&world, "srv3", Seen::Standby)?;
        write(&world, "srv1", 2)?;
        caught_up(&world, "srv1", "1 2")?;
        act("srv1", "demote", 0)?;
        is(&world, "srv1", Seen::Standby)?;
        let plan = Plan::new().promote("srv2");
        let before = Pacemaker::of_running(&world).all_believed();
        let resource = world.cluster.resource();
        for node in ["srv1", "srv2", "srv3"] {
            let told = variables(resource, "pre", "promote", &plan, before);
            let ask = world.ask(node, "notify").through(&through);
            let told = told
                .iter()
                .fold(ask, |ask, (name, value)| ask.meta(name, value));
            ends_with(&told.call()?, 0, "notify")?;
            let position = world.cluster.private(node, "lsn_location");
            ensure(position.is_some(), || {
                format!("{node} has not said how far it is")
            })?;
        }
        act("srv2", "promote", 0)?;
        leads(&world, "srv2", "1 2", &["srv1", "srv3"])
    }
}

#[test]
fn a_server_whose_user_has_no_name_is_watched_stopped_started_demoted_and_promoted() -> Judged {
    Names::Lacking.play()
}

#[test]
fn a_look_up_that_does_not_end_holds_nothing_up() -> Judged {
    Names::Hanging.play()
}
