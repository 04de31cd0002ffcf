//! A stream of messages: sends and receives whole messages in order.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Waker};

use bytes::{Buf, Bytes, BytesMut};
use postgres_protocol::message::backend::{Header, Message};
use postgres_protocol::message::frontend;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::error::WireError;
use super::server_error::ErrorResponse;

/// Most bytes that a server may send during a login, more than any expected login takes.
const LOGIN: usize = 64 << 10;

/// Bytes of the input buffer, enough for the whole answer to a check's question.
const INPUT_CAPACITY: usize = 1024;

/// The tag of `FunctionCallResponse`, which the library does not know.
const FUNCTION_CALL_RESPONSE: u8 = b'V';

/// Bytes of a message's tag and length.
const HEADER: usize = 5;

/// A message from the server.
pub(super) enum Incoming {
    /// A message that the library knows.
    Message(Message),
    /// The body of a `FunctionCallResponse`: one value with its length.
    FunctionResult(Bytes),
}

/// The transport of messages: a socket, or TLS over a socket.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Stream for S {}

/// Both directions of one connection.
pub struct Messages {
    stream: Box<dyn Stream>,
    input: BytesMut,
    allowance: Allowance,
}

/// How many bytes of messages are accepted before the next request: all of them together, since a server could send any
/// number of short ones.
struct Allowance {
    given: usize,
    left: usize,
}

impl Allowance {
    fn of(bytes: usize) -> Self {
        Self {
            given: bytes,
            left: bytes,
        }
    }

    /// Whether a message may be read that announces this length.
    fn admits(&self, length: usize) -> Result<(), WireError> {
        if length > self.left {
            return Err(WireError::TooLong(self.given));
        }
        Ok(())
    }

    fn spend(&mut self, length: usize) {
        self.left = self.left.saturating_sub(length);
    }
}

impl Messages {
    /// Makes the messages of a stream on which no message has been sent.
    pub fn over(stream: impl Stream) -> Self {
        Self {
            stream: Box::new(stream),
            input: BytesMut::with_capacity(INPUT_CAPACITY),
            allowance: Allowance::of(LOGIN),
        }
    }

    /// Accepts this many bytes from now on.
    pub(super) fn allow(&mut self, bytes: usize) {
        self.allowance = Allowance::of(bytes);
    }

    /// Sends whole messages.
    pub async fn send(&mut self, messages: &[u8]) -> Result<(), WireError> {
        self.stream.write_all(messages).await?;
        Ok(self.stream.flush().await?)
    }

    /// Receives the next message of an answer; skips messages that a server may send at any time.
    pub(super) async fn receive(&mut self) -> Result<Incoming, WireError> {
        loop {
            let incoming = self.next().await?;
            let unasked = matches!(
                incoming,
                Incoming::Message(
                    Message::NoticeResponse(_)
                        | Message::ParameterStatus(_)
                        | Message::NotificationResponse(_)
                )
            );
            if !unasked {
                return Ok(incoming);
            }
        }
    }

    /// Receives the next message of a login; an error of the server ends the login.
    pub async fn receive_in_login(&mut self) -> Result<Message, WireError> {
        match self.receive().await? {
            Incoming::Message(Message::ErrorResponse(body)) => {
                Err(ErrorResponse::read(&body).into())
            }
            Incoming::Message(message) => Ok(message),
            Incoming::FunctionResult(_) => Err(WireError::unexpected("a step of the login")),
        }
    }

    async fn next(&mut self) -> Result<Incoming, WireError> {
        loop {
            if let Some(message) = self.whole()? {
                return Ok(message);
            }
            self.input.reserve(INPUT_CAPACITY);
            if self.stream.read_buf(&mut self.input).await? == 0 {
                return Err(WireError::Closed);
            }
        }
    }

    /// Takes the first message from the input, if it is complete.
    fn whole(&mut self) -> Result<Option<Incoming>, WireError> {
        let broken = |error: io::Error| WireError::Protocol(error.to_string());
        let Some(header) = Header::parse(&self.input).map_err(broken)? else {
            return Ok(None);
        };
        // The length counts itself and not the tag.
        let length = usize::try_from(header.len()).unwrap_or(usize::MAX);
        self.allowance.admits(length)?;
        if self.input.len() <= length {
            return Ok(None);
        }
        self.allowance.spend(length + 1);
        if header.tag() != FUNCTION_CALL_RESPONSE {
            let message = Message::parse(&mut self.input).map_err(broken)?;
            return Ok(message.map(Incoming::Message));
        }
        let mut message = self.input.split_to(length + 1).freeze();
        message.advance(HEADER);
        Ok(Some(Incoming::FunctionResult(message)))
    }

    /// Sends `Terminate` without waiting: a server logs a client that disappears from a TLS session.
    pub fn terminate(&mut self) {
        let mut goodbye = BytesMut::new();
        frontend::terminate(&mut goodbye);
        let mut context = Context::from_waker(Waker::noop());
        let mut stream = Pin::new(&mut self.stream);
        // Five bytes fit unless the stream is broken or its buffer full, and then they would not be read.
        if stream
            .as_mut()
            .poll_write(&mut context, &goodbye)
            .is_ready()
        {
            let _flushed_or_broken = stream.as_mut().poll_flush(&mut context);
        }
    }
}

impl fmt::Debug for Messages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Messages")
            .field("unread", &self.input.len())
            .finish_non_exhaustive()
    }
}
