//! Writes pgsqlms(7), the page of the resource agent, from the tables that the agent itself uses.
//!
//! - [`decisions`]: describes what each action does in each state.
//! - [`conduct`]: that as a table; changes of roles, promotion scores and attributes.
//! - [`requirements`]: requirements on PostgreSQL, files and environment.

mod conduct;
pub(super) mod decisions;
mod requirements;

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
            "`pgsqlms` starts, stops, monitors, promotes and demotes one PostgreSQL server per node, of version 12 to 18, \
            for Pacemaker 2.0 to 3.0. Its resource is a promotable clone with `notify=true`: one primary and its \
            standbys. Every server starts as a standby; the cluster promotes one that lacks no WAL that the \
            others have, and none that an earlier primary had.",
        )
        .paragraph(
            "It replaces PAF's `ocf:heartbeat:pgsqlms`: parameters, scores and attributes are the same. \
            `/usr/share/doc/pgsql-state/docs/guide/moving-from-paf.md` lists all differences, \
            `/usr/share/doc/pgsql-state/docs/guide/pacemaker.md` the commands for operating a cluster.",
        )
        .paragraph(
            "Of PostgreSQL's configuration it writes only the file that makes a server a standby. It has no daemon, and does \
            not need that of `pgsql-state`(8).",
        );
    parameters(&mut page);
    actions(&mut page);
    conduct::states(&mut page);
    exit_statuses(&mut page);
    conduct::changes(&mut page);
    conduct::scores(&mut page);
    conduct::attributes(&mut page);
    requirements::configuration(&mut page);
    requirements::files(&mut page);
    requirements::environment(&mut page);
    page.section("SEE ALSO").text(
        "`pgsql-state`(8), `pgsql-state.toml`(5), `crm_mon`(8), `crm_resource`(8), `crm_attribute`(8), \
         `attrd_updater`(8), `crm_simulate`(8), `pcs`(8), `crm`(8)",
    );
    page.finish()
}

fn parameters(page: &mut Page) {
    page.section("PARAMETERS").text(
        "No parameter is required. One that is empty, or `0`, counts as not set. A change of a parameter that identifies the \
        server restarts it; other changes take effect with the next action, or with the next start if only that \
        reads them. Every action but `start` replaces a wrong parameter with its default, and logs that; \
        it replaces wrong `pgdata` and `datadir` with the directory of the server that was started for the resource on \
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
        "The timeouts are those in the agent's metadata. Pacemaker's default is 20 s, which is too short: configure a timeout \
        for each operation. Every action ends a little before its timeout, and reports what it waited for.",
    );
    for advertised in &ADVERTISED {
        page.item(&times(advertised), meaning(advertised.action));
    }
    page.item(
        &format!("`{}`", Action::Status.name()),
        meaning(Action::Status),
    );
}

/// An action with its timeout, interval and role, as in Pacemaker's configuration.
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
        Action::Start => "starts the server as a standby, whatever its last role was",
        Action::Stop => {
            "stops the server, gently if possible and by force if necessary: after a failed stop Pacemaker would fence \
            the host"
        }
        Action::Monitor => {
            "reports the state of the server. The two intervals must differ, or Pacemaker treats both monitors as one"
        }
        Action::Status => "the same as `monitor`, for administrators",
        Action::Promote => {
            "makes a standby the primary, if no other server is ahead and no acknowledged commit is lost"
        }
        Action::Demote => {
            "makes a primary a standby: a stop and a start, so its timeout must be the sum of both"
        }
        Action::Notify => "runs before and after a change of roles, as described below",
        Action::Reload => {
            "reports mistakes in the parameters, the clone and the server's configuration, in the log and as the exit \
            reason, and succeeds: every action reads the parameters again, and after a failed reload Pacemaker would \
            stop the server, on all nodes at the same time"
        }
        Action::ReloadAgent => "the same as `reload`, under its name since Pacemaker 2.1",
        Action::ValidateAll => {
            "checks the parameters, the clone and the server's configuration, and reports in one sentence what is \
            wrong; properties of the clone that it is not given are not checked. `start` checks the same, and fails. A monitor checks \
            parameters and clone only if it is the first one on a node and no server runs; no other action does, so that \
            a mistake in the configuration never stops a server that runs, and never hides one"
        }
        Action::MetaData => "describes the agent in XML",
        Action::Methods => "names the actions",
    }
}

fn exit_statuses(page: &mut Page) {
    page.section("EXIT STATUS").text(
        "Pacemaker's reaction to a status that it did not expect: after a soft error it recovers the server, on this node \
        or on another; after a hard one it bans the resource from the node; after a fatal one it stops the \
        resource on all nodes. After a failed `stop` it fences the node, whatever the status.",
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
        Code::Success => "the action succeeded; of a monitor: a standby runs",
        Code::Generic => "the action failed, and may be tried again; the exit reason says why",
        Code::Args => "a parameter or a setting is wrong on this node",
        Code::Unimplemented => "there is no such action",
        Code::Permission => "a file cannot be accessed",
        Code::Installed => {
            "something is missing: the data directory, a program, `notify=true`, a recent enough Pacemaker"
        }
        Code::Configured => {
            "a parameter is wrong on every node; the agent does not use this status, because it would stop healthy servers"
        }
        Code::NotRunning => "of a monitor: the server was shut down cleanly, and is stopped",
        Code::RunningPromoted => "of a monitor: a primary runs",
        Code::FailedPromoted => "of a monitor: a primary has crashed",
    }
}
