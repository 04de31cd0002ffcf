//! One connection from connect to close, or to its next question, without blocking; knows no clock but
//! the moment it began.

use std::io;
use std::time::Instant;

use rustix::event::epoll::{self, EventData, EventFlags};
use rustix::fd::{AsFd, OwnedFd};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SendFlags, SocketFlags, SocketType, connect, send, socket_with};

use super::Endpoint;
use super::endpoint::Stream;

/// More than any contender answers, so that one read empties the socket.
const ROOM: usize = 4096;

/// What became of a connection after an event.
pub(super) enum Step {
    /// More is to come.
    Pending,
    /// The right answer is whole.
    Answered,
    /// Refused, reset, or ended with anything but the right answer.
    Failed,
}

/// A connection under way.
pub(super) struct Exchange {
    socket: OwnedFd,
    /// When its client began to connect, or to ask again.
    pub(super) began: Instant,
    request_sent: bool,
    answer: Vec<u8>,
}

impl Exchange {
    /// Begins to connect, and has `epoll` report it as `slot`.
    ///
    /// `answer` is the buffer of the connection before, so that no check costs an allocation.
    pub(super) fn begin(
        endpoint: &Endpoint,
        epoll: impl AsFd,
        slot: u64,
        mut answer: Vec<u8>,
    ) -> io::Result<Self> {
        let began = Instant::now();
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let socket = socket_with(AddressFamily::INET, SocketType::STREAM, flags, None)?;
        match connect(&socket, &endpoint.address) {
            Ok(()) | Err(Errno::INPROGRESS) => (),
            Err(error) => return Err(error.into()),
        }
        let request_sent = endpoint.request.is_empty();
        let interest = if request_sent {
            EventFlags::IN
        } else {
            EventFlags::OUT
        };
        epoll::add(
            epoll,
            &socket,
            EventData::new_u64(slot),
            interest | EventFlags::RDHUP,
        )?;
        answer.clear();
        Ok(Self {
            socket,
            began,
            request_sent,
            answer,
        })
    }

    /// Does what the events allow.
    pub(super) fn proceed(
        &mut self,
        events: EventFlags,
        endpoint: &Endpoint,
        epoll: impl AsFd,
        slot: u64,
    ) -> Step {
        if !self.request_sent && events.contains(EventFlags::OUT) {
            return match self.send_request(endpoint, epoll, slot) {
                Ok(()) => Step::Pending,
                Err(_) => Step::Failed,
            };
        }
        let mut room = [0; ROOM];
        let read = match rustix::io::read(&self.socket, &mut room) {
            Ok(read) => read,
            Err(Errno::AGAIN | Errno::INTR) => return Step::Pending,
            Err(_) => return Step::Failed,
        };
        self.answer.extend(room.iter().take(read));
        // A half-close that epoll already reported has everything before it in the socket, so a read
        // that left room has reached the end: one system call less for each answer.
        let stream = if read == 0 || (events.contains(EventFlags::RDHUP) && read < ROOM) {
            Stream::Closed
        } else {
            Stream::Open
        };
        let whole = endpoint.end.is_reached(&self.answer, stream);
        match (whole, stream, self.answer.starts_with(endpoint.expected)) {
            (false, Stream::Open, _) => Step::Pending,
            (true, _, true) => Step::Answered,
            (true, _, false) | (false, Stream::Closed, _) => Step::Failed,
        }
    }

    /// Asks again on the same connection, whose answer was whole.
    pub(super) fn again(&mut self, endpoint: &Endpoint) -> io::Result<()> {
        self.began = Instant::now();
        self.answer.clear();
        self.send(endpoint)
    }

    /// Closes, and gives the buffer back for the next connection.
    pub(super) fn close(self) -> Vec<u8> {
        self.answer
    }

    fn send_request(&mut self, endpoint: &Endpoint, epoll: impl AsFd, slot: u64) -> io::Result<()> {
        self.send(endpoint)?;
        self.request_sent = true;
        let interest = EventFlags::IN | EventFlags::RDHUP;
        epoll::modify(epoll, &self.socket, EventData::new_u64(slot), interest)?;
        Ok(())
    }

    fn send(&self, endpoint: &Endpoint) -> io::Result<()> {
        let sent = send(&self.socket, endpoint.request, SendFlags::NOSIGNAL)?;
        if sent < endpoint.request.len() {
            return Err(io::ErrorKind::WriteZero.into());
        }
        Ok(())
    }
}
