//! A stream of messages: whole ones in order, and nothing of what they are for.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Waker};

use bytes::BytesMut;
use postgres_protocol::message::backend::{Header, Message};
use postgres_protocol::message::frontend;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::error::WireError;
use super::server_error::ServerError;

/// More than any message that is asked for here; a peer that announces more is none of ours.
const LONGEST: usize = 64 << 10;

/// Room for everything that a question is answered with.
const ROOM: usize = 1024;

/// What messages travel over: a socket, or TLS over one.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Stream for S {}

/// Both directions of one connection.
pub struct Messages {
    stream: Box<dyn Stream>,
    input: BytesMut,
}

impl Messages {
    /// Over a stream on which no message has been sent.
    pub fn over(stream: impl Stream) -> Self {
        Self {
            stream: Box::new(stream),
            input: BytesMut::with_capacity(ROOM),
        }
    }

    /// Sends whole messages.
    pub async fn send(&mut self, messages: &[u8]) -> Result<(), WireError> {
        self.stream.write_all(messages).await?;
        Ok(self.stream.flush().await?)
    }

    /// The next message that answers; what a server may send at any moment is left out.
    pub async fn receive(&mut self) -> Result<Message, WireError> {
        loop {
            let message = self.next().await?;
            let unasked = matches!(
                message,
                Message::NoticeResponse(_)
                    | Message::ParameterStatus(_)
                    | Message::NotificationResponse(_)
            );
            if !unasked {
                return Ok(message);
            }
        }
    }

    /// Like [`Self::receive`], where an error is the end.
    pub async fn receive_no_error(&mut self) -> Result<Message, WireError> {
        match self.receive().await {
            Ok(Message::ErrorResponse(body)) => Err(ServerError::read(&body).into()),
            answer => answer,
        }
    }

    async fn next(&mut self) -> Result<Message, WireError> {
        loop {
            if let Some(message) = self.whole()? {
                return Ok(message);
            }
            self.input.reserve(ROOM);
            if self.stream.read_buf(&mut self.input).await? == 0 {
                return Err(WireError::Closed);
            }
        }
    }

    fn whole(&mut self) -> Result<Option<Message>, WireError> {
        let broken = |error: std::io::Error| WireError::Form(error.to_string());
        if let Some(header) = Header::parse(&self.input).map_err(broken)? {
            let length = usize::try_from(header.len());
            if length.is_ok_and(|length| length > LONGEST) {
                return Err(WireError::Form("a message is too long".into()));
            }
        }
        Message::parse(&mut self.input).map_err(broken)
    }

    /// Says goodbye without waiting: a server logs a client that vanishes from a TLS session.
    pub fn terminate(&mut self) {
        let mut goodbye = BytesMut::new();
        frontend::terminate(&mut goodbye);
        let mut context = Context::from_waker(Waker::noop());
        let mut stream = Pin::new(&mut self.stream);
        // Five bytes fit unless the stream is broken or stuffed, and then nobody reads them.
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
