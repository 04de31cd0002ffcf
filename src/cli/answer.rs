//! `pgsql-state answer`: one check on standard input and output, for `Accept=yes`, inetd and xinetd.

use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::io::ioctl_fionbio;
use rustix::net::sockopt::socket_type;
use rustix::stdio;

use super::exit::{Exit, print, runtime};
use super::surroundings;
use crate::answer::line::line;
use crate::observe::once;
use crate::serve::half_close;

pub(super) fn run(config: Option<&Path>) -> Exit {
    match try_run(config) {
        Ok(()) => Exit::Success,
        Err(exit) => exit,
    }
}

fn try_run(config: Option<&Path>) -> Result<(), Exit> {
    let settings = surroundings::load(config)?;
    runtime()?.block_on(async {
        let (seen, refusal) = once(&surroundings::terms(&settings)).await;
        let answer = line(seen.verdict, &settings.answer.words);
        let said = say(&answer).await;
        // Standard error is the client itself in the psql one-liner's unit; here it is the log.
        if let Some(refusal) = refusal {
            Exit::Success.saying(&format!("{}: {refusal}", settings.postgres.target));
        }
        said
    })
}

/// On a socket the line is ended as the daemon ends it; a pipe or a terminal just gets it.
async fn say(answer: &str) -> Result<(), Exit> {
    let Some(socket) = client() else {
        return print(answer);
    };
    half_close::say(&socket, answer.as_bytes()).map_err(|_| Exit::Failure)?;
    half_close::read_away(socket).await;
    Ok(())
}

/// Standard output, where it is a socket.
fn client() -> Option<OwnedFd> {
    let output = stdio::stdout();
    socket_type(output).ok()?;
    let socket = rustix::io::dup(output).ok()?;
    ioctl_fionbio(&socket, true).ok()?;
    Some(socket)
}
