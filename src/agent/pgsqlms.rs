//! The program `pgsqlms`: composes the request of Pacemaker, the server and the cluster that it concerns,
//! and the result that Pacemaker gets. Knows no action but by name.
//!
//! - [`action_lock`]: shows that an action is under way.
//! - [`environment`]: its arguments and its environment.
//! - [`call`](mod@call): makes one call, on any host.
//! - [`invocation`]: parses the request of a call.
//! - [`lenient_parameters`]: parses parameters for requests that must not fail because of a wrong one.
//! - [`flaw`]: what a probe reports of wrong parameters.
//! - [`run`]: selects the action.
//! - [`journal`]: writes the agent's log, and its exit reason.

pub mod action_lock;
pub mod call;
mod environment;
mod flaw;
mod invocation;
mod journal;
mod lenient_parameters;
mod run;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use rustix::system::uname;
use tracing::warn;

use crate::agent::local::{self, Instance};
use crate::agent::ocf::actions::Action;
use crate::agent::ocf::code::Code;
use crate::agent::ocf::node::Node;
use crate::agent::ocf::parameters::Parameters;
use crate::agent::pacemaker::{self, Pacemaker};
use crate::base::system_clock::OnSystemClock;
use crate::base::system_clock::SystemClock;
use crate::base::{Clock, Deadline};
use call::{AgentHost, CallOutcome, RunningSearch, call};
use environment::CallEnvironment;
use journal::Journal;

/// Runs the program, and returns the exit status for Pacemaker. A panic ends the program by a signal, which
/// Pacemaker treats as a failure.
pub fn main() -> ExitCode {
    let environment = CallEnvironment::read();
    let code = match environment.action.as_deref().and_then(Action::parse) {
        Some(action) => perform(action, &environment),
        None => usage(environment.action.as_deref()),
    };
    ExitCode::from(code.status())
}

fn perform(action: Action, environment: &CallEnvironment) -> Code {
    let journal = Journal::open(&environment.variables);
    let _lock = action_lock::hold(action, &environment.variables);
    let mut host = ThisHost::new(environment);
    let outcome = match call(action, &environment.variables, &mut host) {
        CallOutcome::Text(text) => return print(&text),
        CallOutcome::Ended(outcome) => outcome,
    };
    if let Some(reason) = &outcome.reason {
        journal.exit_reason(reason);
    }
    outcome.code
}

/// The host of a real call, with its server and its cluster.
struct ThisHost {
    cluster: Pacemaker,
    clock: SystemClock,
}

impl ThisHost {
    fn new(environment: &CallEnvironment) -> Self {
        let sbin = environment.variables.get("HA_SBIN_DIR");
        let sbin = pacemaker::sbin(sbin.map(String::as_str));
        Self {
            cluster: Pacemaker::new(sbin, environment.inherited.iter().cloned()),
            clock: SystemClock,
        }
    }
}

impl AgentHost for ThisHost {
    type Server = Instance;
    type Cluster = Pacemaker;

    fn data_directory_of_running(
        &self,
        search: &RunningSearch<'_>,
    ) -> Result<Option<PathBuf>, String> {
        local::data_directory_of_running(
            search.resource,
            search.node,
            search.pgdata,
            search.system_user,
            search.bindir,
        )
    }

    fn clock(&mut self) -> &mut dyn Clock {
        &mut self.clock
    }

    /// Pacemaker passes the name to every agent. In a call by hand the cluster is asked; if it does not answer, the
    /// host's name is used, which usually is that of its node.
    fn local_node(&mut self, deadline: Deadline) -> Result<Node, String> {
        let error = match self
            .cluster
            .local_node(deadline.leaving(deadline.left() / 2))
        {
            Ok(node) => return Ok(node),
            Err(error) => error,
        };
        let host = uname().nodename().to_string_lossy().into_owned();
        warn!("{error}; using the host's name, {host}, as the name of this node");
        host.parse()
            .map_err(|error| format!("cannot determine which node of the cluster this is: {error}"))
    }

    fn seams(
        &mut self,
        parameters: &Parameters,
        resource: &str,
        local: &Node,
    ) -> (Instance, &mut Pacemaker, &mut dyn Clock) {
        let server = Instance::new(parameters.clone(), resource).on(local);
        (server, &mut self.cluster, &mut self.clock)
    }
}

fn usage(action: Option<&str>) -> Code {
    let names: Vec<&str> = Action::ALL.iter().map(|action| action.name()).collect();
    let found = action.map_or("no action".into(), |action| format!("{action:?}"));
    let usage = format!("usage: pgsqlms {}\n", names.join("|"));
    let said = format!("{usage}It was called with {found}. See pgsqlms(7).\n");
    // There is nothing to do if standard error is a closed pipe.
    drop(io::stderr().write_all(said.as_bytes()));
    Code::Unimplemented
}

fn print(text: &str) -> Code {
    match io::stdout().write_all(text.as_bytes()) {
        Ok(()) => Code::Success,
        Err(_) => Code::Generic,
    }
}
