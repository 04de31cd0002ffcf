//! How the state port ends a connection so that the answer arrives: the line and the end of the
//! stream in one segment, then the client's bytes read away. Knows nothing of what the line says.
//!
//! Closing a socket with unread input sends RST, and a client may lose the answer to it; keeping the
//! stream open makes HAProxy wait for its check's timeout.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, Shutdown, recv, send, shutdown};
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::time;

/// Time for an ordinary client to read the answer and close. Looking once after that costs one system
/// call; having the event loop watch every socket costs three.
pub const FIRST_LOOK: Duration = Duration::from_millis(5);

/// Time for one that has hundreds of connections to attend to.
pub const SECOND_LOOK: Duration = Duration::from_millis(25);

/// How long a client that does not close is read from before it is closed upon.
const PATIENCE: Duration = Duration::from_secs(1);

/// Most bytes read away; a client that sends more than this to a port that reads nothing is not owed
/// an orderly end.
const MOST: usize = 64 << 10;

/// Sends the line and the end of the stream. `MSG_MORE` holds the bytes back until the half-close
/// (`tcp(7)`), so both leave in one segment.
pub fn say(socket: impl AsFd, line: &[u8]) -> io::Result<()> {
    let sent = send(&socket, line, SendFlags::MORE | SendFlags::NOSIGNAL)?;
    shutdown(&socket, Shutdown::Write)?;
    if sent == line.len() {
        Ok(())
    } else {
        Err(io::ErrorKind::WriteZero.into())
    }
}

/// A client that was answered and has not closed yet.
#[derive(Debug)]
pub struct Answered {
    socket: OwnedFd,
    left: usize,
}

impl Answered {
    /// A client to which [`say`] has said everything.
    pub fn new(socket: OwnedFd) -> Self {
        Self { socket, left: MOST }
    }

    /// Reads away what has come; true where there is nothing left to wait for, and dropping this closes.
    pub fn is_done(&mut self) -> bool {
        match discard(&self.socket, &mut self.left) {
            Input::Ended => true,
            Input::Pending => false,
        }
    }

    /// Reads away what the client sends until it closes, for a bounded time and a bounded number of
    /// bytes.
    pub async fn read_away(self) {
        if let Ok(watched) = TcpStream::from_std(self.socket.into()) {
            // Time over or input ended: either way the socket is closed now.
            drop(time::timeout(PATIENCE, until_ended(&watched, self.left)).await);
        }
    }
}

async fn until_ended(socket: &TcpStream, mut left: usize) {
    while socket.readable().await.is_ok() {
        let ended = socket.try_io(Interest::READABLE, || match discard(socket, &mut left) {
            Input::Ended => Ok(()),
            Input::Pending => Err(io::ErrorKind::WouldBlock.into()),
        });
        if ended.is_ok() {
            return;
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Input {
    /// Closed, broken, or more than is owed.
    Ended,
    /// Nothing more for now.
    Pending,
}

fn discard(socket: impl AsFd, left: &mut usize) -> Input {
    let mut buffer = [0_u8; 512];
    loop {
        match recv(&socket, &mut buffer[..], RecvFlags::empty()) {
            Ok((0, _)) => return Input::Ended,
            Ok((read, _)) => *left = left.saturating_sub(read),
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => return Input::Pending,
            Err(_) => return Input::Ended,
        }
        if *left == 0 {
            return Input::Ended;
        }
    }
}
