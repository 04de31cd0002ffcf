//! `pgsql-state check-config`: reports every problem in a configuration, with its line, or explains how one address
//! is treated.
//!
//! - `certificate`: a certificate that does not identify this host to the other nodes.
//! - `named`: the files that it names.
//! - `hidden`: those that the daemon's unit hides from it.
//! - `user`, `readable`: the daemon's user, and those files that it may not read.
//! - `interfaces`: addresses of interfaces that this host does not have.
//! - `memory`: whether the installed unit gives the memory that connections may take.
//! - `socket`: a socket that any user could put there.
//! - `quorum`: whether the quorum's unit writes the file that the daemon reads.

mod certificate;
mod hidden;
mod interfaces;
mod memory;
mod named;
mod quorum;
mod readable;
mod socket;
mod user;

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use super::exit::{Exit, print};
use super::own_addresses::own_addresses;
use super::{invocation, unit};
use crate::admit::explain::explain;
use crate::admit::net::canonical;
use crate::admit::{ClientTrust, Quotas};
use crate::config::{Admission, DEFAULT_PATH, Problem, ProblemReport};
use user::DaemonUser;

/// Arguments of `check-config`.
#[derive(Debug, clap::Args)]
pub(super) struct CheckConfig {
    /// The file [default: /etc/pgsql-state/pgsql-state.toml]
    file: Option<PathBuf>,
    /// Show whether a client with this address is answered, and which rule decides
    #[arg(long, value_name = "ADDRESS")]
    explain: Option<IpAddr>,
    /// The user of the daemon, which has to be able to read the files [default: if root asks, the user of
    /// pgsql-state.service]
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
}

pub(super) fn run(arguments: &CheckConfig) -> Exit {
    match check(arguments) {
        Ok(()) => Exit::Success,
        Err(exit) => exit,
    }
}

fn check(arguments: &CheckConfig) -> Result<(), Exit> {
    let file = arguments.file.as_deref();
    let origin = file
        .unwrap_or(Path::new(DEFAULT_PATH))
        .display()
        .to_string();
    let said = |status: Exit, problems: Vec<Problem>| {
        let report = ProblemReport::new(origin.clone(), problems);
        status.saying(&report.to_string())
    };
    let user = DaemonUser::choose(arguments.user.as_deref())?;
    let loaded = match &user {
        None => invocation::read(file),
        Some((user, home)) => invocation::read_as(file, &user.name, home),
    };
    let settings = invocation::told(loaded.map(|mut loaded| {
        if memory::is_given(unit::ROOT.as_ref(), &loaded.settings) {
            // What the shipped unit gives does not matter here.
            loaded
                .warnings
                .leave_out("admission.max_connections", "MemoryMax");
        }
        loaded
    }))?;
    let named = named::files(&settings);
    let mut warnings = hidden::warnings(&named);
    warnings.extend(socket::warning(&settings));
    warnings.extend(quorum::warning(unit::ROOT.as_ref(), &settings.guard));
    let (https, own) = (settings.https.as_ref(), own_addresses());
    warnings.extend(certificate::warning(https, &settings.cluster, &own));
    let folder = Path::new(interfaces::FOLDER);
    warnings.extend(interfaces::warnings(folder, &settings.listen));
    if !warnings.is_empty() {
        said(Exit::Success, warnings);
    }
    if let Some((user, _)) = &user {
        let problems = readable::problems(file, &named, user);
        if !problems.is_empty() {
            return Err(said(Exit::Config, problems));
        }
    }
    match arguments.explain {
        None => print(&format!("good; asks {}\n", settings.postgres.target)),
        Some(address) => print(&explanation(&settings.admission, address)),
    }
}

/// The access rule for the address, then the limits if they apply, then what the client must send first.
fn explanation(admission: &Admission, address: IpAddr) -> String {
    let mut lines = vec![explain(&admission.rules, address)];
    let address = canonical(address);
    if admission.rules.judge(address) == ClientTrust::Untrusted {
        let Quotas {
            total,
            per_client,
            burst,
        } = admission.quotas;
        lines.push(format!(
            "limits: {per_client}/s, {burst} at once, {} connections open; \
             all untrusted clients together {total}/s",
            admission.max_per_client.get()
        ));
    }
    let peers = &admission.header_peers;
    if peers.everywhere.contains(address) {
        lines.push(
            "first: a PROXY header; the rules then apply to the address that it announces"
                .to_owned(),
        );
    }
    for (port, list) in &peers.by_port {
        if list.contains(address) {
            lines.push(format!(
                "first, on port {port}: a PROXY header; the rules then apply to the address that it announces"
            ));
        }
    }
    if admission.token.is_some() {
        lines.push("first: a line with the token".to_owned());
    }
    lines.join("\n") + "\n"
}
