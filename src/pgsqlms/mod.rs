//! The program `pgsqlms`, composed: what Pacemaker asks for, the server and the cluster that it is done with,
//! and what Pacemaker is told of it. Knows no recipe but by name.
//!
//! - [`surroundings`]: its arguments and its environment.
//! - [`invocation`]: what they ask for.
//! - [`leniency`]: what is done with parameters that are wrong.
//! - [`flaw`]: what a probe makes of them.
//! - [`run`]: which recipe that is.
//! - [`journal`]: what it says meanwhile, and where.

mod flaw;
mod invocation;
mod journal;
mod leniency;
mod run;
mod surroundings;

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use rustix::system::uname;
use tracing::warn;

use crate::agent::actions::Action;
use crate::agent::code::Code;
use crate::agent::node::Node;
use crate::agent::scores::Attributes;
use crate::instance::{self, Instance};
use crate::pacemaker::{self, Pacemaker};
use crate::recipes::{Clock, Deadline, Ending, Hands};
use crate::system_clock::OnSystemClock;
use crate::system_clock::SystemClock;
use invocation::{Invocation, Request};
use journal::Journal;
use surroundings::Surroundings;

/// Runs the program, and ends with the status that Pacemaker is told. A panic ends it by a signal, which
/// Pacemaker takes for a failure.
pub fn main() -> ExitCode {
    let surroundings = Surroundings::read();
    let code = match surroundings.action.as_deref().and_then(Action::parse) {
        Some(action) => perform(action, &surroundings),
        None => usage(surroundings.action.as_deref()),
    };
    ExitCode::from(code.status())
}

fn perform(action: Action, surroundings: &Surroundings) -> Code {
    let journal = Journal::open(&surroundings.variables);
    let running = |resource: &Attributes, node: Option<&Node>, pgdata: Option<&Path>| {
        instance::place_of_running(resource.resource(), node, pgdata)
    };
    let ending = match Invocation::read(action, &surroundings.variables, &running) {
        Ok(Request::Text(text)) => return print(&text),
        Ok(Request::Task(invocation)) => do_task(*invocation, surroundings),
        Err(error) => Ending::because(error.code(action), error.to_string()),
    };
    if let Some(reason) = &ending.reason {
        journal.exit_reason(reason);
    }
    ending.code
}

/// The one place where the recipes get their hands: this host's server and this host's cluster.
fn do_task(invocation: Invocation, surroundings: &Surroundings) -> Ending {
    let deadline = Deadline::of_operation(SystemClock.now(), invocation.timeout);
    for warning in &invocation.warnings {
        warn!("{warning}");
    }
    let sbin = surroundings.variables.get("HA_SBIN_DIR");
    let sbin = sbin.filter(|folder| !folder.is_empty());
    let sbin = Path::new(sbin.map_or(pacemaker::SBIN, String::as_str));
    let mut cluster = Pacemaker::new(sbin, surroundings.environment.iter().cloned());
    let local = match local(&invocation, &cluster, deadline) {
        Ok(local) => local,
        Err(ending) => return ending,
    };
    let resource = invocation.attributes.resource();
    let mut server = Instance::new(invocation.parameters.clone(), resource).on(&local);
    let hands = Hands {
        server: &mut server,
        cluster: &mut cluster,
        clock: &mut SystemClock,
        deadline,
    };
    run::run(invocation, local, hands)
}

/// The node that this runs on. Pacemaker tells every agent; by hand, the cluster is asked, and where there is
/// none, a host is mostly called as its node.
fn local(invocation: &Invocation, cluster: &Pacemaker, deadline: Deadline) -> Result<Node, Ending> {
    if let Some(node) = &invocation.node {
        return Ok(node.clone());
    }
    let error = match cluster.local_node(deadline.leaving(deadline.left() / 2)) {
        Ok(node) => return Ok(node),
        Err(error) => error,
    };
    let host = uname().nodename().to_string_lossy().into_owned();
    warn!("{error}; this node is taken to be called {host} as its host");
    host.parse().map_err(|error| {
        Ending::failed(format!(
            "which node of the cluster this is cannot be found out: {error}"
        ))
    })
}

fn usage(action: Option<&str>) -> Code {
    let names: Vec<&str> = Action::ALL.iter().map(|action| action.name()).collect();
    let found = action.map_or("no action".into(), |action| format!("{action:?}"));
    let usage = format!("usage: pgsqlms {}\n", names.join("|"));
    let said = format!("{usage}It was called with {found}. See pgsqlms(7).\n");
    // Nobody reads a closed pipe.
    drop(io::stderr().write_all(said.as_bytes()));
    Code::Unimplemented
}

fn print(text: &str) -> Code {
    match io::stdout().write_all(text.as_bytes()) {
        Ok(()) => Code::Success,
        Err(_) => Code::Generic,
    }
}
