//! What the driver is told about a target, and what its refusals to log in mean; opens no socket.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::tls::TlsConnect;
use tokio_postgres::{Config, NoTls, config};

use super::classify::{self, Phase};
use super::passfile::{self, PassfileProblem, Password};
use super::refusal::{Refusal, Wire};
use super::session::Session;
use super::tls::Attempt;
use crate::role::Failure;
use crate::target::{ChannelBinding, Target};

/// Everything a login needs but the stream.
#[derive(Debug)]
pub struct Login {
    config: Config,
    ignored: Option<PassfileProblem>,
}

impl Login {
    /// Reads the password, where one is to be had.
    pub fn new(target: &Target) -> Result<Self, PassfileProblem> {
        let mut config = Config::new();
        config
            .user(&target.user)
            .dbname(&target.database)
            .application_name(&target.application_name)
            .channel_binding(match target.channel_binding {
                ChannelBinding::Disable => config::ChannelBinding::Disable,
                ChannelBinding::Prefer => config::ChannelBinding::Prefer,
                ChannelBinding::Require => config::ChannelBinding::Require,
            });
        if let Some(options) = &target.options {
            config.options(options);
        }
        let ignored = match passfile::password(target)? {
            Password::Known(password) => {
                config.password(password.expose());
                None
            }
            Password::Unknown => None,
            Password::FileIgnored(problem) => Some(problem),
        };
        Ok(Self { config, ignored })
    }

    /// Logs in over an open stream.
    pub async fn on<S>(&self, stream: S, attempt: &Attempt) -> Result<Session, Refusal>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut config = self.config.clone();
        attempt.configure(&mut config);
        let begun = Arc::new(AtomicBool::new(false));
        let outcome = match attempt {
            Attempt::Plain => start(&config, stream, NoTls).await,
            Attempt::Tls(encryption) => {
                let noting = Noting {
                    inner: encryption.connector::<S>(),
                    begun: Arc::clone(&begun),
                };
                start(&config, stream, noting).await
            }
        };
        outcome.map_err(|error| {
            let wire = match (attempt, begun.load(Ordering::Relaxed)) {
                (Attempt::Plain, _) => Wire::Plain,
                (Attempt::Tls(_), false) => Wire::Declined,
                (Attempt::Tls(_), true) => Wire::Encrypted,
            };
            let phase = match (config.get_ssl_mode(), wire) {
                (config::SslMode::Require, Wire::Declined) => Phase::BeforeTls,
                (_, Wire::Plain | Wire::Declined | Wire::Encrypted) => Phase::Login,
            };
            Refusal {
                wire,
                ..self.refused(&error, phase)
            }
        })
    }

    /// A refused login whose password file was not used is told with the reason for that.
    fn refused(&self, error: &tokio_postgres::Error, phase: Phase) -> Refusal {
        let mut refusal = Refusal::of(classify::driver(error, phase), error);
        if let (Failure::Auth, Some(problem)) = (refusal.failure, &self.ignored) {
            refusal.cause = format!("{}; {problem}", refusal.cause);
        }
        refusal
    }
}

async fn start<S, T>(config: &Config, stream: S, tls: T) -> Result<Session, tokio_postgres::Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    T: TlsConnect<S>,
    T::Stream: Send + 'static,
{
    let (client, connection) = config.connect_raw(stream, tls).await?;
    Ok(Session::start(client, connection))
}

/// Notes that the server agreed to TLS: the driver's error for one that does not has no type of its
/// own.
struct Noting<T> {
    inner: T,
    begun: Arc<AtomicBool>,
}

impl<S, T: TlsConnect<S>> TlsConnect<S> for Noting<T> {
    type Stream = T::Stream;
    type Error = T::Error;
    type Future = T::Future;

    fn connect(self, stream: S) -> Self::Future {
        self.begun.store(true, Ordering::Relaxed);
        self.inner.connect(stream)
    }
}
