//! Reads the answer to one request, until the server is ready for the next; knows nothing of
//! the question.

use postgres_protocol::message::backend::Message;

use super::error::WireError;
use super::messages::{Incoming, Messages};
use super::request::Request;
use super::row::Row;
use super::server_error::ErrorResponse;

impl Messages {
    /// Sends a request and passes the rows of its answer to `take` as they come; they count only if this succeeds. No
    /// more bytes are accepted than the request says.
    ///
    /// If this is given up, or fails otherwise than by an error that leaves the session alive, the
    /// connection must not be used again: the rest of the answer would be taken for that of a later request.
    pub async fn ask(
        &mut self,
        request: &Request,
        take: impl FnMut(Row) + Send,
    ) -> Result<(), WireError> {
        // A server that has closed the connection may have sent the reason, which can still be read; reading fails too
        // if the connection is broken.
        drop(self.send(request.bytes()).await);
        self.allow(request.most());
        self.answer(take).await
    }

    /// Sends a request whose answer is one row.
    pub async fn ask_one(&mut self, request: &Request) -> Result<Row, WireError> {
        let (mut first, mut more) = (None, false);
        self.ask(request, |row| match first {
            None => first = Some(row),
            Some(_) => more = true,
        })
        .await?;
        first
            .filter(|_| !more)
            .ok_or_else(|| WireError::unexpected("one row"))
    }

    async fn answer(&mut self, mut take: impl FnMut(Row)) -> Result<(), WireError> {
        let mut error = None;
        loop {
            match self.receive().await {
                Ok(Incoming::FunctionResult(value)) => take(Row::of_function(value)),
                Ok(Incoming::Message(Message::DataRow(body))) => take(Row::new(&body)),
                Ok(Incoming::Message(
                    Message::ParseComplete
                    | Message::BindComplete
                    | Message::RowDescription(_)
                    | Message::CommandComplete(_),
                )) => {}
                Ok(Incoming::Message(Message::ErrorResponse(body))) => {
                    let response = ErrorResponse::read(&body);
                    if response.ends_session() {
                        return Err(response.into());
                    }
                    error.get_or_insert(response);
                }
                Ok(Incoming::Message(Message::ReadyForQuery(_))) => break,
                Ok(Incoming::Message(_)) => return Err(WireError::unexpected("an answer")),
                Err(end) => return Err(error.map_or(end, WireError::from)),
            }
        }
        error.map_or(Ok(()), |error| Err(error.into()))
    }
}
