//! The answer to one request, up to the moment the server is ready for the next; knows nothing of
//! what was asked.

use postgres_protocol::message::backend::Message;

use super::error::WireError;
use super::messages::Messages;
use super::request::Request;
use super::row::Row;
use super::server_error::ServerError;

impl Messages {
    /// Puts a request and returns the rows of its answer.
    ///
    /// When this fails otherwise than by an error that leaves the session alive, or is given up, the
    /// connection is good for nothing more: what is on the way would be taken for a later answer.
    pub async fn ask(&mut self, request: &Request) -> Result<Vec<Row>, WireError> {
        // A server that has let go may have said why, and that can still be read; the broken way to it
        // shows there too.
        drop(self.send(request.bytes()).await);
        self.answer().await
    }

    /// Puts a request whose answer is one row.
    pub async fn ask_one(&mut self, request: &Request) -> Result<Row, WireError> {
        let mut rows = self.ask(request).await?;
        match (rows.pop(), rows.is_empty()) {
            (Some(row), true) => Ok(row),
            (None, _) | (Some(_), false) => Err(WireError::unexpected("one row")),
        }
    }

    async fn answer(&mut self) -> Result<Vec<Row>, WireError> {
        let mut rows = Vec::new();
        let mut error = None;
        loop {
            match self.receive().await {
                Ok(
                    Message::ParseComplete | Message::BindComplete | Message::CommandComplete(_),
                ) => {}
                Ok(Message::DataRow(body)) => rows.push(Row::new(body)),
                Ok(Message::ErrorResponse(body)) => {
                    let said = ServerError::read(&body);
                    if said.ends_session() {
                        return Err(said.into());
                    }
                    error.get_or_insert(said);
                }
                Ok(Message::ReadyForQuery(_)) => break,
                Ok(_) => return Err(WireError::unexpected("an answer")),
                Err(end) => return Err(error.map_or(end, WireError::from)),
            }
        }
        error.map_or(Ok(rows), |error| Err(error.into()))
    }
}
