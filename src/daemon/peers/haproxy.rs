//! Sends a command to HAProxy on its own socket (HAProxy Management Guide, "Unix Socket commands"). Does not parse
//! the answer.

use std::io;
use std::path::Path;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time;

/// Largest answer, in bytes: enough for thousands of servers.
const MOST: u64 = 4 << 20;

/// Sends one command and returns its output, cut off at 4 MiB; fails after `patience`.
pub async fn ask(socket: &Path, command: &str, patience: Duration) -> io::Result<String> {
    let asked = time::timeout(patience, exchange(socket, command)).await;
    asked.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

async fn exchange(socket: &Path, command: &str) -> io::Result<String> {
    let mut stream = UnixStream::connect(socket).await?;
    stream.write_all(format!("{command}\n").as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(MOST).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
