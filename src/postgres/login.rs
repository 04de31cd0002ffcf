//! Logs in over an open stream, and classifies a refusal of the login; opens no socket.

use std::time::Duration;

use bytes::BytesMut;
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend;

use super::classify::{self, Phase};
use super::passfile::{self, PassfileProblem, Password};
use super::presets::{self, Presets};
use super::refusal::{Refusal, Wire};
use super::session::Session;
use super::tls::{Attempt, Opened};
use super::wire::authenticate::{Credentials, authenticate};
use super::wire::{Messages, Stream, WireError};
use crate::health::Failure;
use crate::postgres::conninfo::{Secret, Target};

/// Everything that a login needs except the stream.
#[derive(Debug)]
pub struct Login<'a> {
    target: &'a Target,
    /// The time limit of each statement of the session.
    limit: Duration,
    password: Option<Secret>,
    ignored: Option<PassfileProblem>,
    entry: SessionPurpose,
}

/// The purpose of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionPurpose {
    /// Questions to a database.
    Database,
    /// Commands of the replication protocol, without a database.
    Replication,
}

impl<'a> Login<'a> {
    /// Reads the password, if there is one. The server ends each statement of the session after `limit`.
    pub fn new(
        target: &'a Target,
        limit: Duration,
        entry: SessionPurpose,
    ) -> Result<Self, PassfileProblem> {
        let (password, ignored) = match passfile::password(target)? {
            Password::Known(password) => (Some(password), None),
            Password::Unknown => (None, None),
            Password::FileIgnored(problem) => (None, Some(problem)),
        };
        Ok(Self {
            target,
            limit,
            password,
            ignored,
            entry,
        })
    }

    /// Logs in over an open stream.
    pub(super) async fn on(
        &self,
        stream: impl Stream,
        attempt: &Attempt,
        presets: Presets,
    ) -> Result<Session, Refusal> {
        let Opened {
            mut messages,
            wire,
            end_point,
        } = attempt
            .open(stream)
            .await
            .map_err(|(error, wire)| self.refused(&error, wire))?;
        let credentials = Credentials {
            user: &self.target.user,
            password: self.password.as_ref().map(Secret::expose),
            allowed: &self.target.require_auth,
            channel_binding: self.target.channel_binding,
            end_point: end_point.as_deref(),
        };
        match self.start(&mut messages, &credentials, presets).await {
            Ok(()) => Ok(Session::over(messages, presets)),
            Err(error) => Err(self.refused(&error, wire)),
        }
    }

    /// The start-up phase (PostgreSQL manual, "Message Flow", "Start-up").
    async fn start(
        &self,
        messages: &mut Messages,
        credentials: &Credentials<'_>,
        presets: Presets,
    ) -> Result<(), WireError> {
        let options = self.target.options.as_deref();
        let settings = presets::startup(presets, self.limit);
        let entry = match self.entry {
            SessionPurpose::Database => ("database", self.target.database.as_str()),
            SessionPurpose::Replication => ("replication", "true"),
        };
        let parameters = [
            ("user", self.target.user.as_str()),
            entry,
            ("application_name", &self.target.application_name),
        ];
        let parameters = parameters
            .into_iter()
            .chain(options.map(|options| ("options", options)))
            .chain(settings.iter().map(|(name, value)| (*name, value.as_str())));
        let mut hello = BytesMut::new();
        frontend::startup_message(parameters, &mut hello).map_err(WireError::Unencodable)?;
        messages.send(&hello).await?;
        authenticate(messages, credentials).await?;
        loop {
            match messages.receive_in_login().await {
                Ok(Message::BackendKeyData(_)) => {}
                Ok(Message::ReadyForQuery(_)) => return Ok(()),
                Ok(_) => return Err(WireError::unexpected("the end of the start-up")),
                Err(error) => return Err(error),
            }
        }
    }

    /// Makes the refusal of a login; if the password file was not used, the cause says why.
    fn refused(&self, error: &WireError, wire: Wire) -> Refusal {
        let mut refusal = Refusal::of(classify::wire(error, Phase::Login), error);
        if let (Failure::Auth, Some(problem)) = (refusal.failure, &self.ignored) {
            refusal.cause = format!("{}; {problem}", refusal.cause);
        }
        let code = match error {
            WireError::Server(response) => response.code,
            WireError::Io(_)
            | WireError::Closed
            | WireError::NoTls
            | WireError::Auth(_)
            | WireError::Unencodable(_)
            | WireError::Protocol(_)
            | WireError::TooLong(_) => None,
        };
        Refusal {
            code,
            wire,
            ..refusal
        }
    }
}
