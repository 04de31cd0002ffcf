//! The signals a service is sent, as one stream of orders; knows nothing of what follows them.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// What the administrator, or systemd for him, wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceCommand {
    /// SIGHUP: read the configuration again.
    Reload,
    /// SIGTERM or SIGINT: finish and end.
    Stop,
}

/// Receives orders.
#[derive(Debug)]
pub struct ServiceCommands {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl ServiceCommands {
    /// Takes over the signals; before this they end the process.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the next order.
    pub async fn next(&mut self) -> ServiceCommand {
        tokio::select! {
            _ = self.hangup.recv() => ServiceCommand::Reload,
            _ = self.terminate.recv() => ServiceCommand::Stop,
            _ = self.interrupt.recv() => ServiceCommand::Stop,
        }
    }
}
