//! Ends a connection so that the answer arrives: sends the line and the end of the
//! stream in one segment, then discards the client's bytes. Does not know what the line means.
//!
//! Closing a socket with unread input sends RST, which may make the client lose the answer; keeping the
//! stream open makes HAProxy wait for its check's timeout.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, Shutdown, recv, send, shutdown};
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::time;

/// Time for an ordinary client to read the answer and close. One check after this time costs one system
/// call; registering every socket with the event loop costs three.
pub const FIRST_CHECK_DELAY: Duration = Duration::from_millis(5);

/// Time for a client that handles hundreds of connections to do so.
pub const SECOND_CHECK_DELAY: Duration = Duration::from_millis(25);

/// Longest time to wait for a client to close, before the daemon closes the connection.
const TIMEOUT: Duration = Duration::from_secs(1);

/// Most bytes discarded. A client that sends more than this to a port that expects no input has no claim
/// to an orderly close.
const MOST: usize = 64 << 10;

/// Sends the line and the end of the stream. `MSG_MORE` holds the bytes back until the half-close
/// (`tcp(7)`), so both leave in one segment.
pub fn send_and_finish(socket: impl AsFd, line: &[u8]) -> io::Result<()> {
    let sent = send(&socket, line, SendFlags::MORE | SendFlags::NOSIGNAL)?;
    shutdown(&socket, Shutdown::Write)?;
    if sent == line.len() {
        Ok(())
    } else {
        Err(io::ErrorKind::WriteZero.into())
    }
}

/// An answered connection that the client has not closed yet.
#[derive(Debug)]
pub struct Answered {
    socket: OwnedFd,
    left: usize,
}

impl Answered {
    /// Takes a socket on which [`send_and_finish`] has sent the answer.
    pub fn new(socket: OwnedFd) -> Self {
        Self { socket, left: MOST }
    }

    /// Discards what has arrived. True if the client has closed, failed or exceeded the limit of bytes; dropping this
    /// then closes the socket.
    pub fn is_done(&mut self) -> bool {
        match discard(&self.socket, &mut self.left) {
            Input::Ended => true,
            Input::Pending => false,
        }
    }

    /// Discards what the client sends until it closes, for a bounded time and a bounded number of
    /// bytes.
    pub async fn discard_input(self) {
        if let Ok(watched) = TcpStream::from_std(self.socket.into()) {
            // Whether the time is over or the input has ended, the socket is closed now.
            drop(time::timeout(TIMEOUT, until_ended(&watched, self.left)).await);
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
    /// The client has closed, the connection is broken, or the limit of bytes is reached.
    Ended,
    /// No more bytes have arrived yet.
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
