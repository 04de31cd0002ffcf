//! Reads what some clients must send before they are answered: a PROXY header, a token line. Bounded in
//! bytes and in time; does not know the answers.

use std::io;
use std::net::{IpAddr, TcpStream as Blocking};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time;
use tokio_util::sync::CancellationToken;

use super::accepted::Accepted;
use super::gate::Gate;
use super::refuse::{self, RefusalMethod};
use super::slots::Slot;
use crate::admit::{Reason, Token, proxy, token};

/// Time for header and token together. "It is recommended that the receiver waits at least 3 seconds"
/// (doc/proxy-protocol.txt of HAProxy, section 2), so that a lost packet can be retransmitted.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Most bytes of a client that are buffered.
const MOST: usize = proxy::MOST + token::LONGEST_LINE;

/// The token that clients must send, and how those that fail are refused.
#[derive(Clone, Debug)]
pub(super) struct Greeting {
    pub(super) gate: Gate,
    pub(super) token: Option<Arc<Token>>,
    pub(super) method: RefusalMethod,
    /// Sends admitted connections to the task that answers them.
    pub(super) batches: mpsc::Sender<Vec<Accepted>>,
}

/// What the admission of a connection still requires.
#[derive(Debug)]
pub(super) enum Stage {
    /// The peer must send a PROXY header; then the announced address is judged.
    Header(Slot),
    /// The connection is admitted for this reason, provided that it sends the token if one is required.
    Token(Slot, Reason),
}

/// A connection that still has to send something.
#[derive(Debug)]
pub(super) struct PendingConnection {
    pub(super) socket: OwnedFd,
    pub(super) peer: IpAddr,
    pub(super) stage: Stage,
}

impl Stage {
    /// Why the connection is refused if nothing can be read from it.
    const fn late(&self) -> Reason {
        match self {
            Self::Header(_) => Reason::HeaderLate,
            Self::Token(_, _) => Reason::TokenLate,
        }
    }
}

impl Greeting {
    /// Reads what the connection must send, then passes it on or refuses it; counts the outcome once.
    pub(super) async fn receive(self, pending: PendingConnection) {
        let PendingConnection {
            socket,
            mut peer,
            stage,
        } = pending;
        let Ok(mut read) = BufferedSocket::new(socket) else {
            return self.gate.count(stage.late(), peer);
        };
        let end = time::Instant::now() + TIMEOUT;
        let leave = CancellationToken::new();
        let outcome = tokio::select! {
            biased;
            outcome = self.admit(&mut read, &mut peer, stage, end, &leave) => outcome,
            () = leave.cancelled() => Err(Reason::NoSlot),
        };
        match outcome {
            Ok((slot, reason)) => {
                slot.mark_active();
                self.gate.count(reason, peer);
                if let Ok((socket, early)) = read.into_parts() {
                    let accepted = Accepted {
                        socket,
                        early,
                        // No answer may rest on a question sent before the greeting was complete.
                        arrived: Instant::now(),
                        slot,
                        pass: self.gate.pass(peer),
                    };
                    // Sending fails only while the daemon is stopping.
                    drop(self.batches.send(vec![accepted]).await);
                }
            }
            Err(reason) => {
                self.gate.count(reason, peer);
                if let Ok((socket, _)) = read.into_parts() {
                    refuse::end(self.method, socket);
                }
            }
        }
    }

    async fn admit(
        &self,
        read: &mut BufferedSocket,
        peer: &mut IpAddr,
        stage: Stage,
        end: time::Instant,
        leave: &CancellationToken,
    ) -> Result<(Slot, Reason), Reason> {
        let (slot, reason) = match stage {
            Stage::Header(slot) => {
                slot.mark_silent(leave);
                let header = time::timeout_at(end, read.header()).await;
                let announced = header.unwrap_or(Err(Reason::HeaderLate))?;
                *peer = announced.unwrap_or(*peer);
                self.gate.judge(*peer, slot.into_place(), Instant::now())?
            }
            Stage::Token(slot, reason) => (slot, reason),
        };
        if let Some(token) = &self.token {
            slot.mark_silent(leave);
            let sent = time::timeout_at(end, read.token(token)).await;
            sent.unwrap_or(Err(Reason::TokenLate))?;
        }
        Ok((slot, reason))
    }
}

/// A socket, and the bytes received on it that have not been used.
struct BufferedSocket {
    stream: TcpStream,
    bytes: Vec<u8>,
}

impl BufferedSocket {
    fn new(socket: OwnedFd) -> io::Result<Self> {
        Ok(Self {
            stream: TcpStream::from_std(Blocking::from(socket))?,
            bytes: Vec::new(),
        })
    }

    /// The socket, and the received bytes that follow the header and the token.
    fn into_parts(self) -> io::Result<(OwnedFd, Vec<u8>)> {
        Ok((self.stream.into_std()?.into(), self.bytes))
    }

    /// Reads the PROXY header; returns the address that it announces, if any.
    async fn header(&mut self) -> Result<Option<IpAddr>, Reason> {
        loop {
            match proxy::read(&self.bytes) {
                proxy::ProxyHeader::Complete { length, announced } => {
                    self.bytes.drain(..length);
                    return Ok(announced);
                }
                proxy::ProxyHeader::Broken => return Err(Reason::HeaderBroken),
                proxy::ProxyHeader::Incomplete => self.more().await.ok_or(Reason::HeaderLate)?,
            }
        }
    }

    /// Reads the line with the token.
    async fn token(&mut self, token: &Token) -> Result<(), Reason> {
        loop {
            match token.read(&self.bytes) {
                token::TokenLine::Right { length } => {
                    self.bytes.drain(..length);
                    return Ok(());
                }
                token::TokenLine::Wrong => return Err(Reason::TokenWrong),
                token::TokenLine::Incomplete => self.more().await.ok_or(Reason::TokenLate)?,
            }
        }
    }

    /// Waits for more bytes; `None` at the end of the stream, on an error, or if the buffer is full.
    async fn more(&mut self) -> Option<()> {
        let left = MOST.saturating_sub(self.bytes.len());
        let mut limited = (&mut self.stream).take(u64::try_from(left).unwrap_or(u64::MAX));
        let read = limited.read_buf(&mut self.bytes).await;
        read.is_ok_and(|count| count > 0).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::daemon::serve::slots::{Capacity, Reservation, Slots};

    #[test]
    fn a_connection_that_cannot_be_read_is_counted_by_what_it_had_to_send() {
        let slots = Slots::new(Capacity {
            total: 2,
            most_each: 2,
            reserved: Reservation::None,
        });
        let slot = || slots.for_trusted(slots.free_now().unwrap(), Ipv4Addr::LOCALHOST.into());
        assert_eq!(Stage::Header(slot()).late(), Reason::HeaderLate);
        let admitted = Stage::Token(slot(), Reason::Allowed);
        assert_eq!(admitted.late(), Reason::TokenLate);
    }
}
