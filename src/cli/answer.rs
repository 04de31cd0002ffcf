//! `pgsql-state answer`: answers one check on standard input and output, for `Accept=yes`, inetd and xinetd.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::fstat;
use rustix::io::ioctl_fionbio;
use rustix::net::sockopt::socket_type;
use rustix::stdio;

use super::exit::{Exit, complete, print};
use super::invocation;
use crate::answer::state_port::line;
use crate::daemon;
use crate::daemon::observe::once;
use crate::daemon::serve::half_close;
use crate::health::Depth;

pub(super) fn run(config: Option<&Path>) -> Exit {
    let outcome = keep_errors_from_the_client().and_then(|()| try_run(config));
    match outcome {
        Ok(()) => Exit::Success,
        Err(exit) => exit,
    }
}

fn try_run(config: Option<&Path>) -> Result<(), Exit> {
    let settings = invocation::load(config)?;
    complete(async {
        let client = match client() {
            None => None,
            Some(socket) => match daemon::admit_one(&settings.admission, socket).await {
                Ok(admitted) => Some(admitted.socket),
                Err(refusal) => {
                    Exit::Success.saying(&refusal.to_string());
                    return Ok(());
                }
            },
        };
        let (seen, refusal) = once(&daemon::observation_settings(&settings), Depth::Figures).await;
        let answer = line(seen.verdict, &settings.answer.words);
        let said = say(client, &answer).await;
        if let Some(refusal) = refusal {
            Exit::Success.saying(&format!("{}: {refusal}", settings.postgres.target));
        }
        said
    })?
}

/// Redirects standard error to `/dev/null` if it is the connection, as with inetd and xinetd. Error messages are not for
/// the client, and a load balancer would search them for a role: messages about the configuration contain
/// `answer.production`.
fn keep_errors_from_the_client() -> Result<(), Exit> {
    let (output, errors) = (stdio::stdout(), stdio::stderr());
    let same = match (fstat(output), fstat(errors)) {
        (Ok(output), Ok(errors)) => {
            (output.st_dev, output.st_ino) == (errors.st_dev, errors.st_ino)
        }
        (Err(_), _) | (_, Err(_)) => false,
    };
    if !same || socket_type(output).is_err() {
        return Ok(());
    }
    let nowhere = File::options().write(true).open("/dev/null");
    nowhere
        .and_then(|nowhere| Ok(stdio::dup2_stderr(nowhere)?))
        .map_err(|_| Exit::Failure)
}

/// Sends the answer. A socket is then closed as by the daemon; a pipe or terminal only gets the line.
async fn say(client: Option<OwnedFd>, answer: &str) -> Result<(), Exit> {
    let Some(socket) = client else {
        return print(answer);
    };
    half_close::send_and_finish(&socket, answer.as_bytes()).map_err(|_| Exit::Failure)?;
    tokio::time::sleep(half_close::FIRST_CHECK_DELAY).await;
    let mut client = half_close::Answered::new(socket);
    if !client.is_done() {
        client.discard_input().await;
    }
    Ok(())
}

/// Standard output, if it is a socket.
fn client() -> Option<OwnedFd> {
    let output = stdio::stdout();
    socket_type(output).ok()?;
    let socket = rustix::io::dup(output).ok()?;
    ioctl_fionbio(&socket, true).ok()?;
    Some(socket)
}
