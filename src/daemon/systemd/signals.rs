//! Receives the signals that control a service, as one stream of commands; does not carry them out.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// A command that an administrator or systemd sends by signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceCommand {
    /// SIGHUP: reload the configuration.
    Reload,
    /// SIGTERM or SIGINT: stop.
    Stop,
}

/// Receives the commands.
#[derive(Debug)]
pub struct ServiceCommands {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl ServiceCommands {
    /// Installs the signal handlers; before this the signals end the process.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the next command.
    pub async fn next(&mut self) -> ServiceCommand {
        tokio::select! {
            _ = self.hangup.recv() => ServiceCommand::Reload,
            _ = self.terminate.recv() => ServiceCommand::Stop,
            _ = self.interrupt.recv() => ServiceCommand::Stop,
        }
    }
}
