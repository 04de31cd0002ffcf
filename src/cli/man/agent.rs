//! pgsqlms(7): the resource agent, from the tables that it parses, advertises and answers by.
//!
//! - [`decisions`]: what it does in each state.
//! - [`conduct`]: the same as a table; what it does at a change of roles, and what it tells the cluster.
//! - [`surroundings`]: what it needs, reads and leaves behind.

mod conduct;
pub(super) mod decisions;
mod surroundings;

use super::page::Page;
use crate::agent::ocf::actions::{ADVERTISED, Action, Advertised};
use crate::agent::ocf::code::{Code, StatusSeverity};
use crate::agent::ocf::parameters::{Default, OnChange, PARAMETERS};

pub(super) fn page() -> String {
    let mut page = Page::new(
        "pgsqlms",
        "7",
        "resource agent for PostgreSQL in streaming replication under Pacemaker",
    );
    page.section("SYNOPSIS")
        .text("`ocf:pgsql-state:pgsqlms`")
        .paragraph("`/usr/lib/ocf/resource.d/pgsql-state/pgsqlms` ACTION");
    page.section("DESCRIPTION")
        .text(
            "`pgsqlms` starts, stops, watches, promotes and demotes one PostgreSQL server a node, of version 10 to 18, \
             for Pacemaker 2.0 to 3.0. Its resource is a promotable clone with `notify=true`: one primary and its \
             standbys. Every server starts as a standby; the cluster promotes one that lacks nothing of what the \
             others have, and nothing of what an earlier primary had.",
        )
        .paragraph(
            "It takes the place of PAF's `ocf:heartbeat:pgsqlms`: parameters, scores and attributes are the same. \
             `/usr/share/doc/pgsql-state/docs/guide/moving-from-paf.md` has every difference, \
             `/usr/share/doc/pgsql-state/docs/guide/pacemaker.md` the commands for a cluster's life.",
        )
        .paragraph(
            "It writes nothing into PostgreSQL's configuration but the file that makes a standby, keeps no daemon \
             running and does not need that of `pgsql-state`(8).",
        );
    parameters(&mut page);
    actions(&mut page);
    conduct::states(&mut page);
    exit_statuses(&mut page);
    conduct::changes(&mut page);
    conduct::scores(&mut page);
    conduct::attributes(&mut page);
    surroundings::configuration(&mut page);
    surroundings::files(&mut page);
    surroundings::environment(&mut page);
    page.section("SEE ALSO").text(
        "`pgsql-state`(8), `pgsql-state.toml`(5), `crm_mon`(8), `crm_resource`(8), `crm_attribute`(8), \
         `attrd_updater`(8), `crm_simulate`(8), `pcs`(8), `crm`(8)",
    );
    page.finish()
}

fn parameters(page: &mut Page) {
    page.section("PARAMETERS").text(
        "None is required. One that is empty, or `0`, is not set. Those that say which server it is restart it \
         when they change; the others hold from the next action on, or from the next start where only that \
         reads them. In the place of one that is wrong every action but `start` takes its default, and the log says \
         so; in the place of `pgdata` and `datadir`, the directory of the server that was started for the resource on \
         this node, if that runs.",
    );
    for declared in &PARAMETERS {
        let default = match declared.default {
            Default::Is("") => "empty".into(),
            Default::Is(value) => format!("`{value}`"),
            Default::Pgdata("") => "what `pgdata` is".into(),
            Default::Pgdata(behind) => format!("`PGDATA{behind}`"),
        };
        let on_change = match declared.on_change {
            OnChange::Reload => "",
            OnChange::Restart => " A change restarts the server.",
        };
        page.item(
            &format!("`{}` ({default})", declared.name),
            &format!("{}{on_change}", declared.long),
        );
    }
}

fn actions(page: &mut Page) {
    page.section("ACTIONS").text(
        "With the times that are advertised. Pacemaker takes 20 s for what an administrator does not say, which is \
         too short: give each operation its own. Every action ends a little before its time is over, and says \
         what it waited for.",
    );
    for advertised in &ADVERTISED {
        page.item(&times(advertised), meaning(advertised.action));
    }
    page.item(
        &format!("`{}`", Action::Status.name()),
        meaning(Action::Status),
    );
}

/// An action as it is configured.
fn times(advertised: &Advertised) -> String {
    let name = advertised.action.name();
    let timeout = advertised.timeout.as_secs();
    match advertised.repeated {
        None => format!("`{name}` timeout={timeout}s"),
        Some(repeated) => format!(
            "`{name}` interval={}s timeout={timeout}s role={}",
            repeated.interval.as_secs(),
            repeated.role.name()
        ),
    }
}

fn meaning(action: Action) -> &'static str {
    match action {
        Action::Start => "starts the server as a standby, whatever it was",
        Action::Stop => {
            "stops it, with no more force than it takes and with all that it takes: a stop that fails would have \
             the host fenced"
        }
        Action::Monitor => {
            "tells what it is. The two intervals have to differ, or Pacemaker takes both monitors for one"
        }
        Action::Status => "the same as `monitor`, for people",
        Action::Promote => {
            "makes a standby the primary, if nobody is further and nothing is lost by it"
        }
        Action::Demote => {
            "makes a primary a standby: a stop and a start, so give it the time of both"
        }
        Action::Notify => "takes note of a change of roles before and after it, as told below",
        Action::Reload => {
            "says what is wrong with the parameters, the clone and the server's configuration, in the log and as the exit \
             reason, and succeeds: every action reads the parameters anew, and a reload that failed would have Pacemaker \
             stop the server, on every node at once"
        }
        Action::ReloadAgent => "the same, by the name that it has since Pacemaker 2.1",
        Action::ValidateAll => {
            "looks at the parameters, the clone and the server's configuration, and says in one sentence what is \
             wrong; what it is not told of the clone it passes over. `start` does the same, and fails. A monitor tells of \
             parameters and clone only where it is the first one on a node and nothing runs; nothing else does, so that \
             a mistake in writing never stops a server that runs, and never hides one"
        }
        Action::MetaData => "describes the agent in XML",
        Action::Methods => "names the actions",
    }
}

fn exit_statuses(page: &mut Page) {
    page.section("EXIT STATUS").text(
        "What Pacemaker does about a status that it did not expect: after a soft error it recovers the server, here \
         or elsewhere; after a hard one it keeps the resource away from the node; after a fatal one it stops the \
         resource on all of them. A failed `stop` has the node fenced, whatever its status.",
    );
    for code in Code::ALL {
        let severity = match code.severity() {
            StatusSeverity::Soft => "soft",
            StatusSeverity::Hard => "hard",
            StatusSeverity::Fatal => "fatal",
        };
        page.item(
            &format!("`{}` ({severity})", code.status()),
            code_meaning(code),
        );
    }
}

fn code_meaning(code: Code) -> &'static str {
    match code {
        Code::Success => "it went well; of a monitor: a standby runs",
        Code::Generic => "it failed, and may be tried again; the exit reason says why",
        Code::Args => "a parameter or a setting is wrong on this node",
        Code::Unimplemented => "there is no such action",
        Code::Permission => "a file may not be used",
        Code::Installed => {
            "something is not there: the data directory, a program, `notify=true`, a Pacemaker that is new enough"
        }
        Code::Configured => {
            "a parameter is wrong on every node; the agent does not use it, since it would stop healthy servers"
        }
        Code::NotRunning => "of a monitor: the server is stopped, cleanly",
        Code::RunningPromoted => "of a monitor: a primary runs",
        Code::FailedPromoted => "of a monitor: a primary has crashed",
    }
}
