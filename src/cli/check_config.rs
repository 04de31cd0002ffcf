//! `pgsql-state check-config`: reports every problem in a configuration, with its line, or explains how one address
//! is treated.
//!
//! - `hidden`: files that the daemon's unit hides from it.
//! - `socket`: a socket that any user could put there.

mod hidden;
mod socket;

use std::net::IpAddr;
use std::path::Path;

use super::exit::{Exit, print};
use super::invocation;
use crate::admit::explain::explain;
use crate::admit::net::canonical;
use crate::admit::{ClientTrust, Quotas};
use crate::config::{Admission, DEFAULT_PATH, ProblemReport};

pub(super) fn run(file: Option<&Path>, explained: Option<IpAddr>) -> Exit {
    let outcome = invocation::load(file).and_then(|settings| {
        let mut found = hidden::warnings(&settings);
        found.extend(socket::warning(&settings));
        if !found.is_empty() {
            let origin = file.unwrap_or(Path::new(DEFAULT_PATH)).display();
            let report = ProblemReport::new(origin.to_string(), found);
            Exit::Success.saying(&report.to_string());
        }
        match explained {
            None => print(&format!("good; asks {}\n", settings.postgres.target)),
            Some(address) => print(&explanation(&settings.admission, address)),
        }
    });
    match outcome {
        Ok(()) => Exit::Success,
        Err(exit) => exit,
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
