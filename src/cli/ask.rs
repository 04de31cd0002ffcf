//! `pgsql-state ask`: asks several daemons at the same time, and prints answers as `nc --recv-only` would.

use std::io::{self, ErrorKind};
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;
use thiserror::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time;

use super::exit::{Exit, complete, print};
use crate::admit::Token;
use crate::base::json::line_by_line;
use crate::base::terminal;
use crate::base::units;
use crate::config;
use crate::tools::doctor::daemons::{Silence, SilenceKind};

/// The default state port.
pub(super) const STATE_PORT: u16 = 5431;

/// Most bytes of an answer that are read; the daemon's answers are shorter.
const MOST: u64 = 512;

/// Arguments of `ask`.
#[derive(Debug, clap::Args)]
pub(super) struct Ask {
    /// Daemons to ask; the default port is 5431
    #[arg(required = true, value_name = "HOST[:PORT]")]
    hosts: Vec<String>,
    /// A file with the token that the daemons require
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Exit with 0 only if every answer begins with this word
    #[arg(long, value_name = "WORD")]
    expect: Option<String>,
    /// Print an array of JSON objects instead of lines
    #[arg(long)]
    json: bool,
    /// How long to wait for each answer
    #[arg(long, value_name = "DURATION", default_value = "3s", value_parser = units::parse_duration)]
    timeout: Duration,
}

pub(super) fn run(ask: &Ask) -> Exit {
    match try_run(ask) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn try_run(ask: &Ask) -> Result<Exit, Exit> {
    let token = ask.token_file.as_deref().map(token).transpose()?;
    let places: Vec<_> = ask
        .hosts
        .iter()
        .map(|host| address(host))
        .collect::<Result<_, _>>()
        .map_err(|error| Exit::Usage.because(&error))?;
    let answers = complete(async {
        let ask_one = |place: (String, u16)| {
            let (token, timeout) = (token.clone(), ask.timeout);
            tokio::spawn(async move { answer_of(place, token.as_ref(), timeout).await })
        };
        let tasks: Vec<_> = places.into_iter().map(ask_one).collect();
        let mut answers = Vec::new();
        for task in tasks {
            let answer = task.await.map_err(|error| error.to_string());
            answers.push(answer.and_then(|answer| answer.map_err(|silence| silence.why)));
        }
        answers
    })?;
    let pairs = || ask.hosts.iter().zip(&answers);
    if ask.json {
        let list: Vec<_> = pairs().map(HostAnswer::from).collect();
        print(&line_by_line(&list))?;
    } else {
        print(&lines(pairs()))?;
    }
    let fine = answers
        .iter()
        .all(|answer| is_as(answer, ask.expect.as_deref()));
    Ok(if fine { Exit::Success } else { Exit::Failure })
}

/// Reads the token of a file; warns of one that everyone may read, as `check-config` does.
fn token(path: &Path) -> Result<Token, Exit> {
    let said = |said: &str| format!("pgsql-state: --token-file: {said}");
    let read = config::token(path).map_err(|error| Exit::Usage.saying(&said(&error)));
    let (token, warning) = read?;
    if let Some(warning) = warning {
        Exit::Success.saying(&said(&warning));
    }
    Ok(token)
}

/// What `--json` prints of a host.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum HostAnswer<'a> {
    Answered { host: &'a str, answer: &'a str },
    Silent { host: &'a str, error: &'a str },
}

impl<'a> From<(&'a String, &'a Result<String, String>)> for HostAnswer<'a> {
    fn from((host, answer): (&'a String, &'a Result<String, String>)) -> Self {
        match answer {
            Ok(answer) => Self::Answered { host, answer },
            Err(error) => Self::Silent { host, error },
        }
    }
}

fn lines<'a>(pairs: impl Iterator<Item = (&'a String, &'a Result<String, String>)>) -> String {
    pairs
        .map(|(host, answer)| match answer {
            Ok(answer) => format!("{host}: {answer}\n"),
            Err(error) => format!("{host}: no answer ({error})\n"),
        })
        .collect()
}

fn is_as(answer: &Result<String, String>, expected: Option<&str>) -> bool {
    match (answer, expected) {
        (Ok(answer), Some(expected)) => answer.split(' ').next() == Some(expected),
        (Ok(_), None) => true,
        (Err(_), _) => false,
    }
}

/// A text that is no host with a port.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("\"{0}\" is not HOST or HOST:PORT; a port is a number from 1 to 65535")]
struct AddressError(String);

/// Parses `HOST`, `HOST:PORT`, `[V6]`, `[V6]:PORT`, or a bare IPv6 address.
fn address(text: &str) -> Result<(String, u16), AddressError> {
    let wrong = || AddressError(terminal::shown(text));
    let (host, port) = match text.rsplit_once(':') {
        Some(_) if text.ends_with(']') => (text, STATE_PORT),
        Some((host, _)) if host.contains(':') && !host.ends_with(']') => (text, STATE_PORT),
        Some((host, port)) => {
            let port: NonZeroU16 = port.parse().map_err(|_| wrong())?;
            (host, port.get())
        }
        None => (text, STATE_PORT),
    };
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    if bare.is_empty() {
        return Err(wrong());
    }
    Ok((bare.to_owned(), port))
}

/// Returns one daemon's answer, or the reason for which there is none.
pub(super) async fn answer_of(
    (host, port): (String, u16),
    token: Option<&Token>,
    timeout: Duration,
) -> Result<String, Silence> {
    let silence = |kind, why| Err(Silence { kind, why });
    let mut bytes = Vec::new();
    let read = time::timeout(timeout, read(&host, port, token, &mut bytes)).await;
    let said = shown(&bytes);
    match read {
        Ok(Ok(())) if said.is_empty() => {
            let why = format!("closed without an answer{}", token_hint(token));
            silence(SilenceKind::Closed, why)
        }
        Ok(Ok(())) => Ok(said),
        Ok(Err(error)) if error.kind() == ErrorKind::ConnectionRefused => {
            silence(SilenceKind::Refused, error.to_string())
        }
        Ok(Err(error)) => silence(SilenceKind::Other, error.to_string()),
        Err(_) if bytes.is_empty() => {
            let timeout = units::show_duration(timeout);
            let why = format!("nothing within {timeout}{}", token_hint(token));
            silence(SilenceKind::Late, why)
        }
        // The daemon ends the connection after its line.
        Err(_) => {
            let timeout = units::show_duration(timeout);
            let why = format!("no end of the answer within {timeout}, only \"{said}\"");
            silence(SilenceKind::Other, why)
        }
    }
}

/// A possible reason for which a daemon does not answer. Its own configuration decides, so the hint names the key there.
fn token_hint(token: Option<&Token>) -> &'static str {
    match token {
        None => "; it may require the token in its admission.token_file",
        Some(_) => "; the token may differ from that in its admission.token_file",
    }
}

/// Sends the token, if there is one, and reads to the end of the stream, as `nc` does.
async fn read(host: &str, port: u16, token: Option<&Token>, bytes: &mut Vec<u8>) -> io::Result<()> {
    let mut stream = TcpStream::connect((host, port)).await?;
    if let Some(token) = token {
        stream.write_all(&[token.reveal(), b"\n"].concat()).await?;
    }
    stream.take(MOST).read_to_end(bytes).await?;
    Ok(())
}

/// The first line, made safe for a terminal. Characters that would move the cursor are escaped and not removed, so that no
/// text can turn into the word for a role.
fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let line = text.lines().next().unwrap_or_default();
    let mut shown = String::new();
    for c in line.chars() {
        if c == ' ' || c.is_ascii_graphic() {
            shown.push(c);
        } else {
            shown.extend(c.escape_debug());
        }
    }
    shown
}

#[cfg(test)]
mod tests;
