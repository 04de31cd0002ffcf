//! A question to HAProxy on its own socket (HAProxy Management Guide, "Unix Socket commands"). Knows nothing of
//! what is in the answer.

use std::io;
use std::path::Path;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time;

/// Largest answer: thousands of servers are within it.
const MOST: u64 = 4 << 20;

/// What one command prints.
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
